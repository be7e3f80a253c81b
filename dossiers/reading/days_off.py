"""The days that a stretch of a clock crossed without counting them, and those with other hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dossiers.models import ClockRow
from dossiers.reading.timeleft import LOCAL
from dossiers.stretches import Stretch, in_rows
from notifications import wording
from workflows.models import CalendarDay

_SATURDAY = 5


def rows(row: ClockRow | None) -> QuerySet[CalendarDay]:
    """The dates, from the clock's beginning to its limit and promise, on which its calendar differs
    from its weeks."""
    moments = [] if row is None else [row.started_at, row.limit_at, row.promised_at]
    days = [moment.astimezone(LOCAL).date() for moment in moments if moment is not None]
    if row is None or not days:
        return CalendarDay.objects.none()
    calendars = [row.calendar.base_id, row.calendar_id]
    return CalendarDay.objects.filter(calendar__in=calendars, on__range=(min(days), max(days)))


def named(row: ClockRow, days: Iterable[CalendarDay]) -> list[CalendarDay]:
    """Each of these dates once: what the agency decides stands over what is national."""
    own = sorted(days, key=lambda day: (day.on, day.calendar_id == row.calendar_id))
    return list({day.on: day for day in own}.values())


def name_of(day: CalendarDay) -> str:
    """The day's name, and that it is not certain yet."""
    name = day.name or str(day.get_kind_display())
    return name if day.confirmed else _("%(day)s, not confirmed yet") % {"day": name}


def crossed(one: Stretch, days: Sequence[CalendarDay]) -> str:
    """Which days were not counted and why; which were worked in exchange or in part."""
    return " \u00b7 ".join(part for part in (_off(one, days), _own_hours(one, days)) if part)


def _off(one: Stretch, days: Sequence[CalendarDay]) -> str:
    names = {day.on: name_of(day) for day in days}
    why: dict[str, list[date]] = defaultdict(list)
    for day in one.days_off:
        usual = _("weekend") if day.weekday() >= _SATURDAY else _("closed")
        why[names.get(day, usual)].append(day)
    if not why:
        return ""
    parts = [
        f"{', '.join(wording.days(*row) for row in in_rows(found))} ({name})"
        for name, found in why.items()
    ]
    return _("Not counted: %(days)s") % {"days": "; ".join(parts)}


def _own_hours(one: Stretch, days: Sequence[CalendarDay]) -> str:
    if one.from_at is None or one.to_at is None:
        return ""
    first, last = (edge.astimezone(LOCAL).date() for edge in (one.from_at, one.to_at))
    found = [
        f"{wording.days(day.on, day.on)} ({name_of(day)})"
        for day in days
        if first <= day.on <= last and day.on not in one.days_off
    ]
    text = ngettext("Hours of its own: %(days)s", "Hours of their own: %(days)s", len(found) or 1)
    return text % {"days": "; ".join(found)} if found else ""
