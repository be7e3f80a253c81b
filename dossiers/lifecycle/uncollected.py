"""A result that nobody collects: when the applicant is reminded, counted from its conclusion."""

from __future__ import annotations

from datetime import datetime, timedelta

AFTER_DAYS = (7, 15, 30)
"""Calendar days from the conclusion to each reminder."""


def after(concluded_at: datetime, number: int) -> datetime:
    """The moment of the reminder of this number, from 0."""
    return concluded_at + timedelta(days=AFTER_DAYS[number])


def following(concluded_at: datetime, reminded_at: datetime) -> datetime | None:
    """The moment of the reminder after the one of `reminded_at`; None after the last."""
    moments = (after(concluded_at, number) for number in range(len(AFTER_DAYS)))
    return next((moment for moment in moments if moment > reminded_at), None)
