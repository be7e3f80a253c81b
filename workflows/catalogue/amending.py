"""Amending a calendar: what it would be, whether that can stand, and writing it.

`plan` only reads and reckons: it gives the calendar before and after, and every calendar that rests
on it. `write` puts a plan into the rows and keeps the amendment. Neither knows a dossier: running
clocks are moved by whoever confirms (`dossiers.lifecycle.recalendar`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from workflows.catalogue.amendment import Amendment, AmendmentFault, DayOff, Kind, Swap, WeekFrom
from workflows.catalogue.calendar_rows import Rows, days_off, swapped, week_hours
from workflows.catalogue.locking import one_at_a_time
from workflows.models import (
    NATIONAL,
    Agency,
    Calendar,
    CalendarDay,
    CalendarHours,
)
from workflows.models import Amendment as AmendmentRow
from workflows.models.calendar import layer
from workflows.openings import differing
from workflows.worktime import HoursError, WorkingCalendar

_SWAPPED = (Kind.SWAPPED_OFF, Kind.SWAPPED_WORKED)


@dataclass(frozen=True, slots=True)
class Change:
    """A calendar that counts otherwise after an amendment: the amended one, or one upon it."""

    calendar: Calendar
    before: WorkingCalendar
    after: WorkingCalendar


@dataclass(frozen=True, slots=True)
class Plan:
    """What an amendment would do. `agency` is set where its own calendar would be made first;
    `first_on` and `last_on` are as in the amendment's row."""

    amendment: Amendment
    calendar: Calendar
    agency: Agency | None
    days: tuple[CalendarDay, ...]
    hours: tuple[CalendarHours, ...]
    removed: tuple[date, ...]
    changes: tuple[Change, ...]
    differs: tuple[date, ...]
    first_on: date | None
    last_on: date | None

    @property
    def counts_otherwise(self) -> bool:
        """Whether an hour of any day differs: else only names, sources or confirmations do."""
        return self.first_on is not None


def owner_path(amendment: Amendment) -> str | None:
    """The place in the tree of the agency whose own calendar it is; None for the national one.

    Raises: AmendmentFault (no such calendar or agency).
    """
    calendar, agency = _target(amendment)
    if agency is None:
        agency = Agency.objects.filter(calendar=calendar).order_by("path").first()
    return None if calendar.code == NATIONAL or agency is None else agency.path


def plan(amendment: Amendment) -> Plan:
    """What the amendment would make of its calendar. Writes nothing.

    Raises: AmendmentFault.
    """
    calendar, agency = _target(amendment)
    rows = Rows.of(calendar)
    _check_dates(amendment)
    bare = _without(rows, amendment)
    _check_days_off(amendment, bare)
    _check_swaps(amendment, bare, rows)
    days = [*days_off(amendment), *swapped(amendment)]
    for day in days:
        day.calendar = calendar
    hours = week_hours(amendment)
    after = rows.amended(days, hours, amendment.removed)
    changes = _changes(calendar, rows, after)
    differs, open_ended = _differs(changes[0], amendment, days)
    if not differs and not open_ended and not _says_more(amendment, rows, days):
        raise AmendmentFault("amendment_nothing")
    week = amendment.week
    since = None if week is None or not open_ended else week.since
    first_on = min([*differs, *([since] if since else [])], default=None)
    return Plan(
        amendment=amendment,
        calendar=calendar,
        agency=agency,
        days=tuple(days),
        hours=tuple(hours),
        removed=tuple(amendment.removed),
        changes=tuple(changes),
        differs=tuple(differs),
        first_on=first_on,
        last_on=None if open_ended else max(differs, default=None),
    )


def write(planned: Plan, *, post_id: int | None, at: datetime) -> AmendmentRow:
    """Put the plan into the rows, in the caller's transaction; the calendar's version goes up.

    Nobody else changes the catalogue until it ends: `plan` again after `one_at_a_time`.
    """
    calendar = planned.calendar
    if calendar.pk is None:
        calendar.save()
    if planned.agency is not None:
        Agency.objects.filter(pk=planned.agency.pk).update(calendar=calendar)
    replaced = [day.on for day in planned.days]
    CalendarDay.objects.filter(calendar=calendar, on__in=[*planned.removed, *replaced]).delete()
    for day in planned.days:
        day.calendar = calendar
    for row in planned.hours:
        row.calendar = calendar
    CalendarDay.objects.bulk_create(planned.days)
    if planned.hours:
        since = planned.hours[0].since
        CalendarHours.objects.filter(calendar=calendar, since=since).delete()
        CalendarHours.objects.bulk_create(planned.hours)
    calendar.version += 1
    calendar.save(update_fields=["version"])
    return AmendmentRow.objects.create(
        calendar=calendar,
        at=at,
        post_id=post_id,
        source=_source(planned.amendment)[:500],
        changes=planned.amendment.to_json(),
        first_on=planned.first_on,
        last_on=planned.last_on,
    )


def alone() -> None:
    """Keep others from changing the catalogue until the transaction ends."""
    one_at_a_time()


def _target(amendment: Amendment) -> tuple[Calendar, Agency | None]:
    """The calendar meant; an agency without one of its own gets it with this amendment."""
    found = Calendar.objects.select_related("base")
    if not amendment.agency:
        calendar = found.filter(code=amendment.calendar or NATIONAL).first()
        if calendar is None:
            raise AmendmentFault("amendment_no_calendar", "calendar")
        return calendar, None
    agency = Agency.objects.filter(code=amendment.agency).first()
    if agency is None:
        raise AmendmentFault("amendment_no_calendar", "agency")
    if agency.calendar_id is not None:
        return found.get(pk=agency.calendar_id), None
    national = found.filter(code=NATIONAL).first()
    if national is None:
        raise AmendmentFault("amendment_no_calendar", "agency")
    own = Calendar(
        code=f"agency-{agency.code}"[:40],
        name=agency.name[:200],
        base=national,
        tz=national.tz,
        version=1,
    )
    return own, agency


def _check_dates(amendment: Amendment) -> None:
    """No date twice, and every entry with its source."""
    dates = [day.on for day in amendment.days]
    for swap in amendment.swaps:
        if swap.off == swap.worked:
            raise AmendmentFault("swap_same_day", "swaps", day=swap.off)
        dates += [swap.off, swap.worked]
    twice = next((day for day in dates if dates.count(day) > 1), None)
    if twice is not None:
        raise AmendmentFault("amendment_day_twice", "days", day=twice)
    entries: list[DayOff | Swap | WeekFrom] = [*amendment.days, *amendment.swaps]
    if amendment.week is not None:
        entries.append(amendment.week)
    wanting = any(not amendment.sourced(entry.source) for entry in entries)
    if wanting or (amendment.removed and not amendment.sourced("")):
        raise AmendmentFault("amendment_no_source", "source")


def _without(rows: Rows, amendment: Amendment) -> WorkingCalendar:
    """The calendar without the entries that this amendment takes back or puts anew."""
    given = [day.on for day in amendment.days]
    for swap in amendment.swaps:
        given += [day.on for day in rows.days if day.on in (swap.off, swap.worked)]
    kept = rows.amended((), week_hours(amendment), [*amendment.removed, *given])
    known = {day.on for day in rows.days}
    missing = next((day for day in amendment.removed if day not in known), None)
    if missing is not None:
        raise AmendmentFault("amendment_not_there", "removed", day=missing)
    return kept.working()


def _check_days_off(amendment: Amendment, bare: WorkingCalendar) -> None:
    for day in amendment.days:
        if not bare.is_working_day(day.on):
            raise AmendmentFault("amendment_off_already", "days", day=day.on)
        if day.hours:
            try:
                WorkingCalendar({}, {day.on: day.hours}, bare.tz)
            except HoursError:
                raise AmendmentFault("amendment_overlap", "days") from None


def _check_swaps(amendment: Amendment, bare: WorkingCalendar, rows: Rows) -> None:
    kinds = {day.on: day.kind for day in rows.days if day.on not in amendment.removed}
    for swap in amendment.swaps:
        wanted = {swap.off: Kind.SWAPPED_OFF, swap.worked: Kind.SWAPPED_WORKED}
        for day, kind in wanted.items():
            if kinds.get(day, kind) != kind:
                raise AmendmentFault("swap_taken", "swaps", day=day)
        # A swap that is known already is put anew whole, or it is another one's half.
        if (swap.off in kinds) != (swap.worked in kinds):
            taken = swap.off if swap.off in kinds else swap.worked
            raise AmendmentFault("swap_taken", "swaps", day=taken)
        if not bare.is_working_day(swap.off):
            raise AmendmentFault("swap_off_not_worked", "swaps", day=swap.off)
        if bare.is_working_day(swap.worked):
            raise AmendmentFault("swap_worked_already", "swaps", day=swap.worked)
        if rows.base is not None and swap.worked in rows.base.days:
            raise AmendmentFault("swap_taken", "swaps", day=swap.worked)


def _changes(calendar: Calendar, before: Rows, after: Rows) -> list[Change]:
    """The calendar itself, then those that rest on it."""
    changes = [Change(calendar, before.working(), after.working())]
    if calendar.pk is None:
        return changes
    lower = (layer(before.hours, before.days), layer(after.hours, after.days))
    for upper in Calendar.objects.filter(base=calendar).order_by("pk"):
        rows = Rows.of(upper)
        was, will = (replace(rows, base=base).working() for base in lower)
        if was != will:
            upper.base = calendar
            changes.append(Change(upper, was, will))
    return changes


def _differs(
    change: Change, amendment: Amendment, days: Sequence[CalendarDay]
) -> tuple[list[date], bool]:
    """The single days whose hours differ, and whether the week does from its day on."""
    named = {*amendment.removed, *(day.on for day in days)}
    week = amendment.week
    if week is None:
        return differing(change.before, change.after, named), False
    sample = [week.since + timedelta(days=n) for n in range(366)]
    open_ended = bool(differing(change.before, change.after, set(sample) - named))
    return differing(change.before, change.after, named), open_ended


def _says_more(amendment: Amendment, rows: Rows, days: Sequence[CalendarDay]) -> bool:
    """Whether names, sources or confirmations change where no hour does."""
    known = {day.on: day for day in rows.days}
    said = ("kind", "name", "source", "confirmed", "hours")
    for day in days:
        old = known.get(day.on)
        if old is None or any(getattr(old, name) != getattr(day, name) for name in said):
            return True
    return bool(amendment.removed)


def _source(amendment: Amendment) -> str:
    """The sources named, each once."""
    own = [*(day.source for day in amendment.days), *(swap.source for swap in amendment.swaps)]
    if amendment.week is not None:
        own.append(amendment.week.source)
    return "; ".join(dict.fromkeys(filter(None, [amendment.source, *own])))
