"""The form by which a catalogue manager decides one limit; what is allowed the catalogue says."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.catalogue.limits import Decision
from workflows.catalogue.open_limits import OpenLimit
from workflows.timelimit import DEFAULT_RULES, Begins, Ends, Rule, Unit

UNITS = [
    ("", _("Choose")),
    (Unit.WORKING_HOUR.value, _("working hours")),
    (Unit.WORKING_DAY.value, _("working days")),
    (Unit.CALENDAR_DAY.value, _("calendar days")),
    (Unit.MONTH.value, _("months")),
]
RULES = [
    ("", _("As the law counts this unit")),
    ("same_moment same_hour", _("From the moment of receipt, to the same hour")),
    ("same_moment close_of_day", _("From the moment of receipt, to the close of the last day")),
    ("next_working_day same_hour", _("From the next working day, to the same hour")),
    ("next_working_day close_of_day", _("From the next working day, to the close of the last day")),
]
_MOVED = {True: "moved", False: "not_moved"}


class LimitForm(forms.Form):
    """Amount, unit, rule of counting and the source of one decision."""

    amount = forms.CharField(
        label=_("Amount"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    unit = forms.ChoiceField(label=pgettext_lazy("time limit", "Unit"), choices=UNITS)
    rule = forms.ChoiceField(label=_("How it is counted"), choices=RULES, required=False)
    cutoff = forms.TimeField(
        label=_("Last hour of a day"),
        required=False,
        input_formats=["%H:%M"],
        help_text=_("What is received later counts as received on the next working day."),
        widget=forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric"}),
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The act and its article, or the decision with its number."),
    )

    @classmethod
    def of(cls, limit: OpenLimit, data: Any = None) -> LimitForm:
        """The form of one limit, filled with what stands."""
        rule = Rule.from_json(limit.rule) if limit.rule else None
        first = {
            "amount": limit.amount.replace(".", ","),
            "unit": limit.unit,
            "rule": _words(rule, limit.unit),
            "cutoff": rule.cutoff if rule else None,
            "source": limit.row.source if limit.row.decided_by_person else "",
        }
        return cls(data, prefix=f"limit-{limit.row.pk}", initial=first)

    def decision(self, limit: OpenLimit) -> Decision:
        """What was given, as a line of a sheet of decisions."""
        given = self.cleaned_data
        cutoff: time | None = given["cutoff"]
        words = [given["rule"], _kept(limit, given["unit"])]
        if cutoff is not None:
            words.append(f"cutoff={cutoff:%H:%M}")
        return Decision(
            code=limit.row.procedure.code,
            channel=limit.row.channel.code if limit.row.channel else "",
            case=limit.row.case_key,
            amount=given["amount"],
            unit=given["unit"],
            rule=" ".join(word for word in words if word),
            source=given["source"],
        )


def _words(rule: Rule | None, unit: str) -> str:
    """The choice that says the rule; the empty one where it is the unit's own."""
    if rule is None:
        return ""
    default = DEFAULT_RULES[Unit(unit)]
    if (rule.begins, rule.ends) == (default.begins, default.ends):
        return ""
    return f"{Begins(rule.begins).value} {Ends(rule.ends).value}"


def _kept(limit: OpenLimit, unit: str) -> str:
    """Whether a last day off moves: the form does not ask, so what a sheet decided stays."""
    if not limit.rule or limit.unit != unit:
        return ""
    return _MOVED[bool(limit.rule.get("moved", True))]
