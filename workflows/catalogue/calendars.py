"""The national working calendar put into the database, from the file shipped: the hours common in
the north, the days off and the swapped days of 2019 to 2026, each with its source, and those of
2027 that can be reckoned before they are announced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any

from django.db import transaction

from workflows.catalogue.shipped import read_json
from workflows.models import NATIONAL, Calendar, CalendarDay, CalendarHours

HOURS = ((time(8), time(12)), (time(13, 30), time(17, 30)))
WORKING_WEEK = range(5)
_KINDS = {
    "holiday": CalendarDay.Kind.HOLIDAY,
    "made_up": CalendarDay.Kind.MADE_UP,
    "swapped": CalendarDay.Kind.SWAPPED_OFF,
}
_UNSEEN = frozenset({"pub", "due"})
"""Marks years that rest on announcements which nobody of us has read, or that are still to come: a
person confirms them."""


@transaction.atomic
def load_national_calendar() -> Calendar:
    """Put in the national calendar, or the days it lacks; what is there stays as it is."""
    calendar, _created = Calendar.objects.get_or_create(
        code=NATIONAL, defaults={"name": "Lịch làm việc chung"}
    )
    if not calendar.hours.exists():
        CalendarHours.objects.bulk_create(
            CalendarHours(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
            for weekday in WORKING_WEEK
            for opens, closes in HOURS
        )
    known = set(calendar.days.values_list("on", flat=True))
    missing = [day for day in _days(calendar) if day.on not in known]
    if missing:
        CalendarDay.objects.bulk_create(missing)
        calendar.version += 1
        calendar.save(update_fields=["version"])
    return calendar


def _days(calendar: Calendar) -> Iterator[CalendarDay]:
    shipped = read_json("days-off.json")
    for year in shipped["years"]:
        yield from _of_year(calendar, year, shipped["sources"])


def _of_year(
    calendar: Calendar, year: dict[str, Any], sources: dict[str, str]
) -> Iterator[CalendarDay]:
    source = "; ".join(sources[name] for name in year["sources"] if name != "pub")[:500]
    confirmed = _UNSEEN.isdisjoint(year["sources"])
    for day in year["days_off"]:
        yield CalendarDay(
            calendar=calendar,
            on=date.fromisoformat(day["date"]),
            kind=_KINDS[day["kind"]],
            name=day["name"],
            source=source,
            confirmed=confirmed,
        )
    for day in year["worked_weekend_days"]:
        # Off in the year before this file begins: that day is not in it.
        instead = date.fromisoformat(day["in_place_of"])
        yield CalendarDay(
            calendar=calendar,
            on=date.fromisoformat(day["date"]),
            kind=CalendarDay.Kind.SWAPPED_WORKED,
            name=f"Làm bù ngày {instead:%d/%m/%Y}",
            source=source,
            confirmed=confirmed,
        )
