"""What another limit would have done to a procedure's last quarter, for catalogue managers.

The page writes nothing and has an address of its own for every question, so that it can be sent on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy
from django.views.decorators.http import require_GET

from dossiers.backoffice.access import actor_of, staff
from dossiers.reading import counter
from dossiers.reading import what_if as reading
from dossiers.reading.limits import limit_words
from workflows import permissions
from workflows.backoffice.forms import RULES, UNITS
from workflows.catalogue.limits import Undecidable, read_limit
from workflows.models import Channel, Procedure
from workflows.timelimit import TimeLimit

RESULTS = ("early", "on_time", "late", "without_limit")


class WhatIfForm(forms.Form):
    """The other limit, as a decision writes one, and which dossiers to try it on."""

    procedure = forms.CharField(widget=forms.HiddenInput)
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
        widget=forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric"}),
    )
    channel = forms.ChoiceField(label=_("Handed in"), required=False)

    def limit(self) -> TimeLimit | None:
        """The limit asked about; what is wrong with it stands at its field."""
        given = self.cleaned_data
        hour: time | None = given["cutoff"]
        words = [given["rule"], f"cutoff={hour:%H:%M}" if hour else ""]
        try:
            return read_limit(given["amount"], given["unit"], " ".join(filter(None, words)))
        except Undecidable as refused:
            self.add_error(refused.field if refused.field in self.fields else None, str(refused))
            return None


@dataclass(frozen=True)
class ResultLine:
    """One result: how many it was, how many it would have been, and the difference."""

    key: str
    label: str
    was: int
    would: int

    @property
    def difference(self) -> int:
        """More (or fewer) than it was."""
        return self.would - self.was


@staff()
@require_GET
def what_if(request: HttpRequest) -> HttpResponse:
    """Choose a procedure and another limit; see what the last quarter would have been."""
    if not permissions.may(actor_of(request), "decide_limits"):
        raise PermissionDenied
    on = timezone.localdate()
    code = request.GET.get("procedure", "").replace("\x00", "")
    procedure = Procedure.objects.filter(code=code).first()
    text = request.GET.get("find", "").strip()
    context: dict[str, Any] = {
        "text": text,
        "found": counter.find_procedures(text, on) if text and procedure is None else None,
        "procedure": procedure,
        "quarter": reading.quarter_before(on),
    }
    status = 200
    if procedure is not None:
        form = _form(request, procedure)
        context["form"] = form
        if form.is_bound and form.is_valid() and (limit := form.limit()) is not None:
            context |= _answer(procedure, limit, form.cleaned_data["channel"], on)
        status = 422 if form.errors else 200
    return render(request, "backoffice/what_if.html", context, status=status)


def _form(request: HttpRequest, procedure: Procedure) -> WhatIfForm:
    asked = request.GET if "amount" in request.GET else None
    form = WhatIfForm(asked, initial={"procedure": procedure.code, "unit": "working_day"})
    channels = [(one.code, counter.channel_name(one)) for one in Channel.objects.all()]
    field: Any = form.fields["channel"]
    field.choices = [("", _("every channel")), *channels]
    return form


def _answer(procedure: Procedure, limit: TimeLimit, channel: str, on: date) -> dict[str, Any]:
    first, last = reading.quarter_before(on)
    found = reading.what_if(procedure.code, limit, first, last, channel=channel)
    labels = {
        "early": pgettext("result", "Early"),
        "on_time": pgettext("result", "On time"),
        "late": pgettext("result", "Late"),
        "without_limit": pgettext("result", "Without limit"),
    }
    lines = [
        ResultLine(key, labels[key], found.was.get(key, 0), found.would.get(key, 0))
        for key in RESULTS
        if found.was.get(key) or found.would.get(key) or key != "without_limit"
    ]
    changed = [(one, labels[one.result], labels[one.would]) for one in found.changed]
    return {
        "answer": found,
        "limit": limit_words(limit),
        "lines": lines,
        "late": next(line for line in lines if line.key == "late"),
        "changed": changed,
    }
