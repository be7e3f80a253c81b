"""What a legal clock is made of: moments, held in UTC, and stretches between two of them.

Shared by the clock and by whoever explains it; also how both are written as plain values. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

Stops = tuple[tuple[datetime, datetime], ...]


class ClockError(ValueError):
    """A verb that the clock's state does not allow; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def utc(moment: datetime) -> datetime:
    """The same moment in UTC, where moments compare exactly.

    Raises: ClockError for a naive datetime.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ClockError("naive", f"{moment!r} has no time zone")
    return moment.astimezone(UTC)


def known(moment: datetime | None) -> datetime:
    """A moment that the clock's state needs. Raises: ClockError where it is missing."""
    if moment is None:
        raise ClockError("no_moment", "the clock lacks a moment that its state needs")
    return moment


def written(stops: Stops) -> list[list[str]]:
    """Stretches as plain values."""
    return [[since.isoformat(), to.isoformat()] for since, to in stops]


def read(stored: Iterable[Any]) -> Stops:
    """The stretches that `written` described."""
    return tuple((_read(since), _read(to)) for since, to in stored)


def _read(moment: str | datetime) -> datetime:
    return utc(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)
