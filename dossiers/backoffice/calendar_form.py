"""The form by which a calendar is amended; what can stand is told by the catalogue."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossiers.errors import SENTENCES, Refusal
from dossiers.reading.calendars import weekday_names
from workflows.catalogue.amendment import (
    Amendment,
    AmendmentFault,
    DayOff,
    Kind,
    Swap,
    WeekFrom,
    intervals,
    read,
)
from workflows.models import CalendarDay

DAYS = range(7)
_HOURS = "08:00-12:00, 13:30-17:30"
_NO_SOURCE: dict[str, Any] = {"required": SENTENCES["amendment_no_source"]}


def _day(label: Any, **more: Any) -> forms.DateField:
    attributes = {"inputmode": "numeric", "placeholder": "dd/mm/yyyy", "autocomplete": "off"}
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%d/%m/%Y", "%Y-%m-%d"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs=attributes),
        **more,
    )


class AmendForm(forms.Form):
    """Swapped days, days off, closures, hours of the week, entries taken back, with one source."""

    swap_off = _day(_("Working day that is off"))
    swap_worked = _day(_("Day off that is worked instead"))
    day_from = _day(_("First day"))
    day_until = _day(_("Last day"))
    day_kind = forms.ChoiceField(
        label=_("What it is"),
        required=False,
        choices=[
            (Kind.CLOSED.value, pgettext_lazy("calendar day", "The office is closed")),
            (Kind.HOLIDAY.value, pgettext_lazy("calendar day", "Public holiday")),
            (Kind.MADE_UP.value, pgettext_lazy("calendar day", "Day off in lieu")),
        ],
    )
    day_name = forms.CharField(label=_("Name"), required=False, max_length=200)
    day_hours = forms.CharField(
        label=_("Open all the same"),
        required=False,
        max_length=120,
        help_text=_("Hours like 08:00-10:00; empty: closed all day."),
    )
    week_since = _day(_("From this day on"))
    removed = forms.MultipleChoiceField(
        label=_("Take back"), required=False, widget=forms.CheckboxSelectMultiple
    )
    source = forms.CharField(
        label=_("Source"),
        error_messages=_NO_SOURCE,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The act or dispatch with its number; of a storm: who ordered the closure."),
    )
    unconfirmed = forms.BooleanField(
        label=_("Not confirmed yet"),
        required=False,
        help_text=_("Promises that cross these days say that they may move."),
    )

    def __init__(self, data: Any, own: list[CalendarDay], week: list[str]) -> None:
        super().__init__(data)
        fields = cast(Any, self.fields)
        for day, name in zip(DAYS, weekday_names(), strict=True):
            fields[f"week_{day}"] = forms.CharField(
                label=name, required=False, max_length=120, initial=week[day].replace("–", "-")
            )
        fields["week_0"].help_text = __("Intervals like %(hours)s; empty: closed.") % {
            "hours": _HOURS
        }
        fields["removed"].choices = [(day.on.isoformat(), _choice(day)) for day in own]

    @property
    def week(self) -> list[Any]:
        """The fields of the weekdays, Monday first."""
        return [self[f"week_{day}"] for day in DAYS]

    def amendment(self, calendar: str, agency: str) -> Amendment | None:
        """What was typed; None with the faults at their fields."""
        given = self.cleaned_data
        try:
            return Amendment(
                calendar=calendar,
                agency=agency,
                source=given["source"],
                swaps=_swaps(given),
                days=_days_off(given),
                week=_week(given),
                removed=tuple(date.fromisoformat(day) for day in given["removed"]),
            )
        except AmendmentFault as fault:
            place = fault.field if fault.field in self.fields else None
            self.add_error(place, Refusal(fault.code, **fault.facts).sentence)
            return None

    def show(self, refusal: Refusal) -> None:
        """Put a refusal's sentence at the field it is about."""
        places = {
            "source": "source",
            "swaps": "swap_off",
            "days": "day_from",
            "week": "week_since",
            "removed": "removed",
        }
        place = next((places[name] for name in refusal.fields if name in places), None)
        self.add_error(place, refusal.sentence)


def _choice(day: CalendarDay) -> str:
    name = f" · {day.name}" if day.name else ""
    return f"{day.on:%d/%m/%Y} · {day.get_kind_display()}{name}"


def _swaps(given: dict[str, Any]) -> tuple[Swap, ...]:
    off, worked = given["swap_off"], given["swap_worked"]
    if off is None and worked is None:
        return ()
    if off is None or worked is None:
        missing = "swap_off" if off is None else "swap_worked"
        raise AmendmentFault("swap_half", missing)
    return (Swap(off=off, worked=worked, confirmed=not given["unconfirmed"]),)


def _days_off(given: dict[str, Any]) -> tuple[DayOff, ...]:
    first = given["day_from"]
    if first is None:
        return ()
    said = {
        "on": first.isoformat(),
        "until": (given["day_until"] or first).isoformat(),
        "kind": given["day_kind"],
        "name": given["day_name"],
        "hours": [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in _hours(given, "day_hours")],
        "confirmed": not given["unconfirmed"],
    }
    try:
        return tuple(read({"days": [said]}).days)
    except AmendmentFault as fault:
        raise AmendmentFault("days_out_of_order", "day_until") from fault


def _week(given: dict[str, Any]) -> WeekFrom | None:
    since = given["week_since"]
    if since is None:
        return None
    hours = {day: _hours(given, f"week_{day}") for day in DAYS}
    return WeekFrom(since=since, hours={day: spans for day, spans in hours.items() if spans})


def _hours(given: dict[str, Any], name: str) -> Any:
    return intervals(given[name], name)
