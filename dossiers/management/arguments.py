"""Dates and moments as commands of the command line take them."""

from __future__ import annotations

import argparse
from datetime import date, datetime

from dossiers.statistics.periods import day_end


def a_date(text: str) -> date:
    """A calendar date, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date (YYYY-MM-DD)") from None


def a_moment(text: str) -> datetime:
    """An ISO 8601 moment with offset; a bare date means its end, local time."""
    try:
        if "T" not in text.upper() and " " not in text:
            return day_end(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is not an ISO 8601 moment") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} needs an offset, like +07:00")
    return moment
