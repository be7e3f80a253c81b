"""Layers of opening hours put together to one working calendar: what is national below, what an
agency decides above it.

Hours of the week hold from a day on, so that an amendment never rewrites the days before it. Pure:
rows come in as values, a `WorkingCalendar` goes out, the same for what stands and for a preview.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from itertools import pairwise

from workflows.worktime import Interval, WorkingCalendar

Hours = tuple[Interval, ...]

_HORIZON = timedelta(days=30 * 366)
"""How long after the last change of weekly hours days are still told one by one: no limit lasts
longer."""
_ONE_DAY = timedelta(days=1)
_WEEKDAYS = range(5)


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of the weekdays (0 is Monday) from a day on; None: since ever."""

    since: date | None
    hours: Mapping[int, Hours]


@dataclass(frozen=True, slots=True)
class Layer:
    """One calendar's own rows. A day without hours of its own (None) is worked like a weekday."""

    weeks: Sequence[Week] = ()
    days: Mapping[date, Hours | None] = field(default_factory=dict)


def calendar_of(layers: Sequence[Layer], tz: tzinfo) -> WorkingCalendar:
    """The working calendar of these layers, the lowest first; a higher one stands over it.

    Raises: HoursError (overlapping, reversed or empty intervals).
    """
    sorted_layers = [(_in_order(layer.weeks), layer) for layer in layers]
    weeks = [weeks for weeks, _layer in sorted_layers]
    changes = sorted({week.since for of in weeks for week in of if week.since is not None})
    first = _week_on(weeks, None)
    exceptions: dict[date, Hours] = {}
    for since, until in pairwise([*changes, *(last + _HORIZON for last in changes[-1:])]):
        week = _week_on(weeks, since)
        for day in _days(since, until):
            hours = week.get(day.weekday(), ())
            if hours != first.get(day.weekday(), ()):
                exceptions[day] = hours
    for _weeks, layer in sorted_layers:
        for day, own in layer.days.items():
            exceptions[day] = _usual(_week_on(weeks, day)) if own is None else own
    return WorkingCalendar(first, exceptions, tz)


def differing(before: WorkingCalendar, after: WorkingCalendar, days: Iterable[date]) -> list[date]:
    """Those of `days` on which the hours are not the same."""
    return sorted(day for day in set(days) if before.hours(day) != after.hours(day))


def _in_order(weeks: Sequence[Week]) -> list[Week]:
    return sorted(weeks, key=lambda week: week.since or date.min)


def _week_on(weeks: Sequence[Sequence[Week]], on: date | None) -> Mapping[int, Hours]:
    """The hours of the week that hold on a day, of the highest layer that says any."""
    for of_layer in reversed(weeks):
        place = bisect_right([week.since or date.min for week in of_layer], on or date.min)
        if place:
            return of_layer[place - 1].hours
    return {}


def _usual(week: Mapping[int, Hours]) -> Hours:
    """A Saturday worked in return is worked like the weekday it stands for."""
    return next((week[weekday] for weekday in _WEEKDAYS if week.get(weekday)), ())


def _days(since: date, until: date) -> Iterable[date]:
    return (since + n * _ONE_DAY for n in range((until - since).days))
