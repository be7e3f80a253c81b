"""The rows of a calendar as an amendment finds and leaves them, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from workflows.catalogue.amendment import Amendment, AmendmentFault, Kind
from workflows.models import Calendar, CalendarDay, CalendarHours
from workflows.models.calendar import layer
from workflows.openings import Layer, calendar_of
from workflows.worktime import HoursError, WorkingCalendar


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one calendar and of the one it rests on."""

    hours: tuple[CalendarHours, ...]
    days: tuple[CalendarDay, ...]
    base: Layer | None
    tz: ZoneInfo

    @classmethod
    def of(cls, calendar: Calendar) -> Rows:
        """As they are stored; none of a calendar that is not."""
        own = calendar.pk
        return cls(
            hours=tuple(CalendarHours.objects.filter(calendar_id=own)) if own else (),
            days=tuple(CalendarDay.objects.filter(calendar_id=own)) if own else (),
            base=None if calendar.base is None else _layer_of(calendar.base),
            tz=ZoneInfo(calendar.tz),
        )

    def amended(
        self,
        days: Sequence[CalendarDay],
        hours: Sequence[CalendarHours],
        removed: Iterable[date],
    ) -> Rows:
        """These rows with an amendment put in."""
        gone = {*removed, *(day.on for day in days)}
        since = {row.since for row in hours}
        return replace(
            self,
            hours=(*(row for row in self.hours if row.since not in since), *hours),
            days=(*(day for day in self.days if day.on not in gone), *days),
        )

    def layers(self) -> list[Layer]:
        """The lower layer, if there is one, and these rows over it."""
        own = layer(self.hours, self.days)
        return [own] if self.base is None else [self.base, own]

    def working(self) -> WorkingCalendar:
        """The calendar of these rows. Raises: AmendmentFault (overlapping, no open hours)."""
        try:
            working = calendar_of(self.layers(), self.tz)
        except HoursError:
            raise AmendmentFault("amendment_overlap", "week") from None
        if not any(working.weekly_hours.values()):
            raise AmendmentFault("amendment_no_hours", "week")
        return working


def days_off(amendment: Amendment) -> list[CalendarDay]:
    """The rows of the days off and closures given, of no calendar yet."""
    return [
        CalendarDay(
            on=day.on,
            kind=day.kind,
            name=day.name[:200],
            source=amendment.sourced(day.source)[:500],
            confirmed=day.confirmed,
            hours=[[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in day.hours],
        )
        for day in amendment.days
    ]


def swapped(amendment: Amendment) -> list[CalendarDay]:
    """Both days of each swap, each naming the other."""
    rows = []
    for swap in amendment.swaps:
        for on, kind, name in (
            (swap.off, Kind.SWAPPED_OFF, f"Hoán đổi với ngày {swap.worked:%d/%m/%Y}"),
            (swap.worked, Kind.SWAPPED_WORKED, f"Làm bù ngày {swap.off:%d/%m/%Y}"),
        ):
            row = CalendarDay(on=on, kind=kind, name=swap.name or name, confirmed=swap.confirmed)
            row.source = amendment.sourced(swap.source)[:500]
            rows.append(row)
    return rows


def week_hours(amendment: Amendment) -> list[CalendarHours]:
    """The rows of the week given. Raises: AmendmentFault (no open hours)."""
    week = amendment.week
    if week is None:
        return []
    if not any(week.hours.values()):
        raise AmendmentFault("amendment_no_hours", "week")
    return [
        CalendarHours(
            since=week.since,
            weekday=weekday,
            opens=opens,
            closes=closes,
        )
        for weekday, spans in sorted(week.hours.items())
        for opens, closes in spans
    ]


def _layer_of(calendar: Calendar) -> Layer:
    return layer(
        CalendarHours.objects.filter(calendar=calendar),
        CalendarDay.objects.filter(calendar=calendar),
    )
