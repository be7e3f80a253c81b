"""Periods of figures: local days, both ends included, and the calendar months in them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
TICK = timedelta(microseconds=1)
"""Late is after the limit: what time causes counts one tick after the moment it passed."""


class PeriodError(ValueError):
    """A period that cannot be: it ends before it begins, or its moment lies outside it."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the start of the day `since` (None: from the beginning) to the moment `as_of`."""

    since: date | None
    until: date
    as_of: datetime

    @property
    def after_whole_days(self) -> datetime:
        """The start of the day that `as_of` lies inside; days before it count whole."""
        return day_start(local_day(self.as_of + TICK))


def period(since: date | None, until: date | None, as_of: datetime) -> Period:
    """The period from `since` to `until` (None: the day of `as_of`), read as of `as_of`.

    Raises: PeriodError if it ends before it begins or `as_of` lies outside it.
    """
    if as_of.tzinfo is None:
        raise PeriodError("the moment of a reading needs an offset")
    as_of = as_of.astimezone(UTC)
    on = local_day(as_of)
    last = until or on
    if since is not None and last < since:
        raise PeriodError(f"the period ends ({last}) before it begins ({since})")
    if on > last or (since is not None and on < since):
        raise PeriodError(f"the moment {local(as_of)} lies outside the period")
    return Period(since, last, as_of)


def local(at: datetime) -> str:
    """A moment as people there write it, ISO 8601 with offset."""
    return at.astimezone(LOCAL).isoformat()


def local_day(at: datetime) -> date:
    """The local day a moment lies in."""
    return at.astimezone(LOCAL).date()


def day_start(on: date) -> datetime:
    """The first moment of a local day."""
    return datetime.combine(on, time.min, LOCAL).astimezone(UTC)


def day_end(on: date) -> datetime:
    """The last microsecond of a local day."""
    return day_start(on + timedelta(days=1)) - TICK


def month_start(on: date) -> date:
    """The first day of the month of a day."""
    return on.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def months(first: date, last: date) -> Iterator[date]:
    """The first days of the months from that of `first` to that of `last`, both included."""
    month = month_start(first)
    while month <= last:
        yield month
        month = next_month(month)
