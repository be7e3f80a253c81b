"""What will probably be late, and which new day can be kept: the normal time of the steps that are
left, as the definition gives it, held against the working time there is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from workflows import routing
from workflows.graph import Definition, Step
from workflows.worktime import WorkingCalendar

FORESEEN_WITHIN = timedelta(hours=16)
"""How near the limit must be before one may apologise beforehand: two working days of 8 hours."""

APOLOGISE_WITHIN = timedelta(hours=8)
"""A letter owed is in time within one working day of the limit (61/2018/NĐ-CP art. 19.9 wants it
the day before; afterwards this is the default)."""

LEAST_TIME = timedelta(hours=8)
"""A new appointment leaves at least one working day."""

UNFINISHED = 0.25
"""The part of its share that a step not finished is counted with at least, however long it took."""

_HOUR = 3_600_000_000
_NONE = timedelta(0)


def normal_time(
    definition: Definition,
    step: str,
    facts: Mapping[str, Any],
    worth: timedelta | None,
    *,
    used: timedelta = _NONE,
) -> timedelta:
    """The working time that the steps from `step` to the end normally take, each by its share.

    `worth` is what the whole limit is worth (for shares in per cent). `used` is what the step under
    way has had already: it takes what its share still has, but, unfinished, at least a quarter.
    """
    try:
        road = routing.road(definition, step, facts)
    except routing.NoWay:
        return _NONE
    shares = [_share(one, worth) for one in road]
    return sum(shares[1:], max(shares[0] - used, shares[0] * UNFINISHED))


def near(limit_at: datetime | None, calendar: WorkingCalendar, at: datetime) -> bool:
    """Whether the limit lies ahead, within the working time in which one may foresee it missed."""
    return limit_at is not None and at <= limit_at <= calendar.add(at, FORESEEN_WITHIN)


def may_apologise(
    *,
    missed: bool,
    running: bool,
    limit_at: datetime | None,
    calendar: WorkingCalendar,
    at: datetime,
) -> bool:
    """Whether a letter of apology has its cause: the limit was `missed`, or runs and is near."""
    return missed or (running and near(limit_at, calendar, at))


def probably_late(needed: timedelta, left: timedelta) -> bool:
    """Whether what is left to do normally takes more working time than is left."""
    return needed > left


def appointment(
    calendar: WorkingCalendar, at: datetime, limit_at: datetime | None, needed: timedelta
) -> datetime:
    """The day that can be promised anew at `at`: the close of the working day on which `needed` has
    run, and at least one working day after now and after the limit."""
    earliest = calendar.add(at if limit_at is None else max(at, limit_at), LEAST_TIME)
    moment = max(earliest, calendar.add(at, needed))
    return calendar.close(moment.astimezone(calendar.tz).date())


def _share(step: Step, worth: timedelta | None) -> timedelta:
    hours = None if worth is None else Fraction(worth // timedelta(microseconds=1), _HOUR)
    share = None if step.share is None else step.share.hours(hours)
    return _NONE if share is None else timedelta(microseconds=int(share * _HOUR))
