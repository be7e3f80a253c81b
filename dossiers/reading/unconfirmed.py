"""Whether a promised day rests on days that nobody has confirmed: the one place that knows.

Asked at the counter before receiving, on the dossier's page, on the tracking page and on the
receipt. Days off are announced late in the year: a promise that reaches into a year of which the
calendar knows no day at all is as uncertain as one that crosses a day marked unconfirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from notifications import wording
from workflows.models import Calendar, CalendarDay


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The days on the way to a promise that are not confirmed, and the years not announced."""

    days: Sequence[CalendarDay] = ()
    years: Sequence[int] = ()

    def __bool__(self) -> bool:
        return bool(self.days or self.years)

    @property
    def sentence(self) -> str:
        """What the reader is told; empty where everything is certain."""
        return " ".join([*self._of_days(), *self._of_years()])

    def _of_days(self) -> list[str]:
        if not self.days:
            return []
        named = ", ".join(
            wording.plain_date(day.on) + (f" ({day.name})" if day.name else "") for day in self.days
        )
        sentence = _("On the way lie days off that are not confirmed yet: %(days)s.")
        return [sentence % {"days": named} + " " + _("The promised day may move.")]

    def _of_years(self) -> list[str]:
        sentence = _(
            "The days off of %(year)s have not been announced yet; the promised day may move."
        )
        return [sentence % {"year": year} for year in self.years]


CERTAIN = Unconfirmed()


def crosses_unconfirmed(
    calendar: Calendar, since: datetime | None, until: datetime | None
) -> Unconfirmed:
    """What is not certain between two moments by this calendar (its base counts too); one query."""
    if since is None or until is None or since >= until:
        return CERTAIN
    tz = ZoneInfo(calendar.tz)
    first, last = since.astimezone(tz).date(), until.astimezone(tz).date()
    calendars = [pk for pk in (calendar.base_id, calendar.pk) if pk is not None]
    known = list(
        CalendarDay.objects.filter(
            calendar__in=calendars,
            on__range=(date(first.year, 1, 1), date(last.year, 12, 31)),
        ).only("on", "name", "kind", "confirmed", "calendar_id")
    )
    days = [day for day in known if first <= day.on <= last and not day.confirmed]
    announced = {day.on.year for day in known}
    # Without any day of any year nobody keeps days off in this calendar: nothing to be announced.
    years = [year for year in range(first.year, last.year + 1) if year not in announced]
    return Unconfirmed(sorted(days, key=lambda day: day.on), years if announced else ())
