"""The forms by which dossiers are moved to another version, and a period is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dossiers.lifecycle.versions import NO_COUNTERPART
from workflows import graph
from workflows.catalogue.step_words import in_language

CHOOSE, NONE = "", "-"
ALL, SELECTED = "all", "selected"


class MoveForm(forms.Form):
    """Which dossiers, what becomes of each step, and why."""

    which = forms.ChoiceField(
        label=_("Which dossiers"),
        choices=[(ALL, _("all of them")), (SELECTED, _("those chosen in the list"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The decision with its number; it stands in the record of every dossier."),
    )

    def __init__(
        self,
        data: Any,
        *,
        before: graph.Definition,
        after: graph.Definition,
        suggested: Mapping[str, str],
        standing: Mapping[str, int],
    ) -> None:
        super().__init__(data, initial={"which": ALL})
        self.steps = [
            (step.key, in_language(step), standing.get(step.key, 0)) for step in before.steps
        ]
        steps = [(step.key, in_language(step)) for step in after.steps]
        for key, name, count in self.steps:
            nothing = [] if count else [(NONE, _("has no counterpart"))]
            self.fields[f"to-{key}"] = forms.ChoiceField(
                label=name,
                required=False,
                choices=[(CHOOSE, _("Choose")), *nothing, *steps],
                initial=suggested.get(key, CHOOSE),
            )

    @property
    def mapped(self) -> list[tuple[forms.BoundField, int]]:
        """The field of each step, with how many dossiers stand there."""
        return [(self[f"to-{key}"], count) for key, _name, count in self.steps]

    def clean(self) -> dict[str, Any]:
        """Every step must be said: what is left open is told at its field."""
        given = super().clean() or {}
        for key, _name, _count in self.steps:
            if given.get(f"to-{key}") == CHOOSE and f"to-{key}" not in self.errors:
                self.add_error(f"to-{key}", gettext("Say what becomes of this step."))
        return given

    def mapping(self) -> dict[str, str]:
        """What each step of the old version becomes."""
        given = {key: self.cleaned_data[f"to-{key}"] for key, _name, _count in self.steps}
        return {key: NO_COUNTERPART if to == NONE else to for key, to in given.items()}


def _within_reach(day: date) -> date:
    """No calendar reckons further."""
    if not 2000 <= day.year <= 2100:
        raise forms.ValidationError(gettext("Give a day between 2000 and 2100."))
    return day


def _day() -> forms.DateInput:
    return forms.DateInput(format="%d/%m/%Y", attrs={"inputmode": "numeric", "autocomplete": "off"})


class PeriodForm(forms.Form):
    """From which day to which, both included."""

    since = forms.DateField(label=_("From"), input_formats=["%d/%m/%Y"], widget=_day())
    until = forms.DateField(
        label=pgettext_lazy("period", "To"), input_formats=["%d/%m/%Y"], widget=_day()
    )

    def clean_since(self) -> date:
        return _within_reach(self.cleaned_data["since"])

    def clean_until(self) -> date:
        return _within_reach(self.cleaned_data["until"])

    @classmethod
    def of(cls, data: Any, today: date) -> PeriodForm:
        """What was given, else the last ninety days."""
        if "since" in data:
            return cls(data)
        first = today - timedelta(days=89)
        return cls({"since": f"{first:%d/%m/%Y}", "until": f"{today:%d/%m/%Y}"})

    def clean(self) -> dict[str, Any]:
        """The first day is not after the last."""
        given = super().clean() or {}
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            self.add_error("until", gettext("The last day lies before the first."))
        return given
