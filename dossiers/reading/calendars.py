"""Working calendars for those who keep them: which there are, one year of one, its amendments."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from dossiers.models import Recount
from notifications import wording
from workflows.models import (
    NATIONAL,
    Agency,
    Amendment,
    Calendar,
    CalendarDay,
    CalendarHours,
)
from workflows.models.calendar import layer
from workflows.openings import Hours

WEEKDAYS = range(7)


@dataclass(frozen=True, slots=True)
class Listed:
    """One calendar of the list. `agencies` are those that keep it; `recount` its last one."""

    calendar: Calendar
    agencies: tuple[str, ...]
    days: int
    unconfirmed: int
    last: Amendment | None
    recount: Recount | None


@dataclass(frozen=True, slots=True)
class WeekShown:
    """The hours of the week from a day on (None: since ever), Monday first; empty is closed."""

    since: date | None
    hours: tuple[str, ...]
    own: bool


@dataclass(frozen=True, slots=True)
class DayShown:
    """One day that differs from its week. `own` is False for a day of the national calendar."""

    day: CalendarDay
    hours: str
    own: bool


@dataclass(frozen=True, slots=True)
class YearShown:
    """A calendar's year."""

    calendar: Calendar
    agency: Agency | None
    year: int
    years: tuple[int, ...]
    weeks: tuple[WeekShown, ...]
    days: tuple[DayShown, ...]
    working_days: int
    amendments: tuple[Amendment, ...]


def calendars(year: int) -> list[Listed]:
    """Every calendar, the national one first, with its days of the year; five queries."""
    kept: dict[int, list[str]] = defaultdict(list)
    rows = Agency.objects.exclude(calendar=None).values_list("calendar_id", "name")
    for pk, name in rows.order_by("sort_key"):
        kept[pk].append(name)
    counts: Counter[int] = Counter()
    uncertain: Counter[int] = Counter()
    for pk, confirmed in CalendarDay.objects.filter(on__year=year).values_list(
        "calendar_id", "confirmed"
    ):
        counts[pk] += 1
        uncertain[pk] += not confirmed
    last = {row.calendar_id: row for row in Amendment.objects.order_by("pk")}
    recounts = {row.amendment_id: row for row in Recount.objects.all()}
    found = Calendar.objects.select_related("base").order_by("code")
    listed = []
    for one in sorted(found, key=lambda one: (one.code != NATIONAL, one.name)):
        amendment = last.get(one.pk)
        recount = None if amendment is None else recounts.get(amendment.pk)
        names = tuple(kept[one.pk])
        numbers = counts[one.pk], uncertain[one.pk]
        listed.append(Listed(one, names, *numbers, amendment, recount))
    return listed


def find(code: str) -> Calendar | None:
    """The calendar of this code."""
    return Calendar.objects.select_related("base").filter(code=code).first()


def year_of(calendar: Calendar, year: int) -> YearShown:
    """One year of a calendar: its weeks, the days that differ, its amendments."""
    both = [pk for pk in (calendar.base_id, calendar.pk) if pk is not None]
    days = CalendarDay.objects.filter(calendar__in=both, on__year=year)
    own = {day.on for day in days if day.calendar_id == calendar.pk}
    shown = [day for day in days if day.calendar_id == calendar.pk or day.on not in own]
    known = CalendarDay.objects.filter(calendar__in=both).dates("on", "year")
    first, last = date(year, 1, 1), date(year + 1, 1, 1)
    amendments = Amendment.objects.filter(Q(calendar=calendar) | Q(calendar=calendar.base_id))
    return YearShown(
        calendar=calendar,
        agency=Agency.objects.filter(calendar=calendar).order_by("path").first(),
        year=year,
        years=tuple(sorted({on.year for on in known} | {year})),
        weeks=tuple(_weeks(calendar)),
        days=tuple(
            DayShown(day, _spans(calendar, day), day.calendar_id == calendar.pk)
            for day in sorted(shown, key=lambda day: day.on)
        ),
        working_days=calendar.working().working_days_between(first, last),
        amendments=tuple(
            amendments.select_related("calendar", "post", "recount").order_by("-pk")[:20]
        ),
    )


def hours_text(hours: Hours) -> str:
    """`08:00–12:00, 13:30–17:30`; empty for closed."""
    return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in hours)


def _weeks(calendar: Calendar) -> Iterable[WeekShown]:
    """The weeks that hold, the agency's own before the national ones."""
    for one in (calendar, calendar.base):
        if one is None:
            continue
        rows = CalendarHours.objects.filter(calendar=one)
        for week in layer(rows, ()).weeks:
            texts = tuple(hours_text(week.hours.get(day, ())) for day in WEEKDAYS)
            yield WeekShown(week.since, texts, one is calendar)


def _spans(calendar: Calendar, day: CalendarDay) -> str:
    return hours_text(calendar.working().hours(day.on))


def weekday_names() -> Sequence[str]:
    """Monday to Sunday in the reader's language."""
    monday = date(2026, 1, 5)
    return [wording.weekday(monday.replace(day=5 + n)) for n in WEEKDAYS]
