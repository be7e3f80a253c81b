"""Looking at a definition before it is in force: two versions side by side, and a dry run."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from workflows import graph, trying
from workflows.backoffice.access import definition_of, may_edit, reader, sitter
from workflows.catalogue import difference_words, shown, step_words
from workflows.models import NATIONAL, Calendar, Definition, Limit
from workflows.timelimit import TimeLimit

PACES = [
    ("50", _("half of each share")),
    ("100", _("all of each share")),
    ("150", _("one and a half times each share")),
]
STUCK = {
    "no_way_on": _("No condition holds: nothing comes after this step."),
    "outcome_closed": _("The condition of this outcome does not hold."),
    "returned_too_often": _("This outcome has gone back as often as it may."),
    "unknown_outcome": _("This step has no such outcome."),
    "unknown_step": _("The outcome leads to a step that is not there."),
    "not_optional": _("This step cannot be left out."),
    "loop_without_person": _("The steps run in a circle without a person deciding."),
}


@reader
@require_GET
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """This version beside another one of its procedure: the one before it unless one is named."""
    row = definition_of(pk)
    others = Definition.objects.filter(procedure=row.procedure_id or 0).exclude(pk=row.pk)
    others = others.order_by("-version")
    named = _other(request, row, list(others.defer("body")))
    other = None if named is None else definition_of(named.pk)
    context: dict[str, Any] = {
        "row": row,
        "others": others.defer("body"),
        "other": other,
        "may_edit": may_edit(sitter(request)),
        "tab": "compare",
    }
    if other is not None:
        before, after = (other, row) if other.version < row.version else (row, other)
        names = shown.names_for(row)
        context |= {
            "before": before,
            "after": after,
            "compared": difference_words.compared(before.graph(), after.graph(), names),
            "drawings": [
                (one, shown.drawn(one, one.graph(), names, f"flow-{one.pk}"))
                for one in (before, after)
            ],
        }
    return render(request, "catalogue/definition_compare.html", context)


class TryForm(forms.Form):
    """When the imagined dossier is received, what it says, and how fast it is worked on."""

    on = forms.DateField(
        label=_("Received on"),
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(
            format="%d/%m/%Y", attrs={"inputmode": "numeric", "autocomplete": "off"}
        ),
    )
    hour = forms.TimeField(
        label=_("At"),
        input_formats=["%H:%M"],
        widget=forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric"}),
    )
    pace = forms.ChoiceField(label=_("Each step uses"), choices=PACES)

    def __init__(self, data: Any, asked: tuple[str, ...]) -> None:
        super().__init__(data)
        self.asked = asked
        for name in asked:
            self.fields[f"fact-{name}"] = forms.CharField(
                label=name, required=False, max_length=200
            )

    def clean_on(self) -> date:
        """No calendar reckons further."""
        on: date = self.cleaned_data["on"]
        if not 2000 <= on.year <= 2100:
            raise forms.ValidationError(gettext("Give a day between 2000 and 2100."))
        return on

    @property
    def facts_asked(self) -> list[forms.BoundField]:
        return [self[f"fact-{name}"] for name in self.asked]

    def imagined(self) -> trying.Imagined:
        """What was given."""
        given = self.cleaned_data
        at = datetime.combine(given["on"], given["hour"], timezone.get_default_timezone())
        facts: dict[str, Any] = {}
        for name in self.asked:
            _put(facts, name.split("."), _value(given[f"fact-{name}"]))
        return trying.Imagined(at, facts, int(given["pace"]))


@reader
@require_GET
def dry_run(request: HttpRequest, pk: int) -> HttpResponse:
    """An imagined dossier walks through, choice by choice; the choices stand in the address."""
    row = definition_of(pk)
    parsed = row.graph()
    asked = trying.asked_for(parsed)
    given = request.GET if "on" in request.GET else _first(timezone.localdate())
    form = TryForm(given, asked)
    context: dict[str, Any] = {
        "row": row,
        "form": form,
        "may_edit": may_edit(sitter(request)),
        "tab": "try",
    }
    if form.is_valid():
        chosen = [one for one in request.GET.getlist("chosen") if one][: trying.MOST_WALKED]
        context |= _walked(row, parsed, form.imagined(), chosen)
    return render(request, "catalogue/definition_try.html", context)


def _walked(
    row: Definition, parsed: graph.Definition, imagined: trying.Imagined, chosen: list[str]
) -> dict[str, Any]:
    calendar = Calendar.objects.select_related("base").get(code=NATIONAL).working()
    limit = _limit(row)
    walk = trying.walk(parsed, imagined, chosen, calendar, limit)
    names = shown.names_for(row)
    lines = [
        {
            "name": step_words.in_language(one.step),
            "who": "" if one.step.who is None else names.who(one.step.who),
            "passed": one,
            "outcome": gettext("left out")
            if one.is_left_out
            else ("" if one.outcome is None else step_words.label(one.outcome)),
            "choices": _choices(parsed, one),
        }
        for one in walk.passed
    ]
    return {
        "walk": walk,
        "lines": lines,
        "chosen": chosen[: len(walk.chosen)],
        "earlier": chosen[: len(walk.chosen) - 1] if walk.chosen else [],
        "stuck": STUCK.get(walk.stuck, walk.stuck),
        "limit": limit,
    }


def _choices(parsed: graph.Definition, waiting: trying.Passed) -> list[tuple[str, str, str]]:
    """What can be chosen at the step that waits: key, words, where it leads."""
    found = [
        (choice.key, step_words.label(choice), step_words.ways(parsed, choice.ways))
        for choice in waiting.choices
    ]
    usual = next((choice for choice in waiting.choices if not choice.returns), None)
    if usual is not None and waiting.step.optional:
        leads = step_words.ways(parsed, usual.ways)
        found.append((trying.LEFT_OUT, gettext("Leave it out"), leads))
    return found


def _limit(row: Definition) -> TimeLimit | None:
    """The procedure's limit for every channel, else the first that is decided."""
    if row.procedure is None:
        return None
    edition = row.procedure.editions.order_by("-number").first()
    rows = Limit.objects.filter(edition=edition, limit__isnull=False)
    found = rows.order_by("channel__position", "case_key", "pk").first()
    return None if found is None or found.limit is None else TimeLimit.from_json(found.limit)


def _other(request: HttpRequest, row: Definition, others: list[Definition]) -> Definition | None:
    asked = request.GET.get("with", "")
    if asked:
        found = next((one for one in others if str(one.pk) == asked), None)
        if found is None:
            raise Http404
        return found
    earlier = [one for one in others if one.version < row.version]
    return next(iter(earlier or others), None)


def _first(today: date) -> dict[str, str]:
    return {"on": f"{today:%d/%m/%Y}", "hour": f"{time(8, 30):%H:%M}", "pace": "100"}


def _value(text: str) -> Any:
    """A number, true, false or null as such; anything else is text."""
    written = text.strip()
    if not written:
        return None
    try:
        found = json.loads(written.replace(",", "."))
    except ValueError:
        return written
    return found if isinstance(found, bool | int | float) else written


def _put(facts: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        inner = facts.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        facts = inner
    facts[path[-1]] = value
