"""The page on which a catalogue manager sets whom a procedure's reminders tell, and when."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from workflows import ladder, permissions
from workflows.actors import Actor, actor_for
from workflows.catalogue.ladders import CLOCKS, LEVELS, RUNGS, NotChanged, change_ladder, sentence
from workflows.folding import fold
from workflows.models import Procedure

CITY, OWN, NONE = "city", "own", "none"
FOUND = 20
_MODES = {
    CITY: pgettext_lazy("ladder", "As the city"),
    OWN: pgettext_lazy("ladder", "Own rule"),
    NONE: pgettext_lazy("ladder", "Left out"),
}
_CITY_LEAVES_OUT = pgettext_lazy("ladder", "As the city: left out")


class RungForm(forms.Form):
    """One rung: as the city has it, by a rule of its own, or left out."""

    mode = forms.ChoiceField(label=gettext_lazy("Rule"))
    hours = forms.DecimalField(label=gettext_lazy("Working hours"), required=False, localize=True)
    percent = forms.DecimalField(
        label=gettext_lazy("or share left (per cent)"), required=False, localize=True
    )
    to = forms.MultipleChoiceField(
        label=gettext_lazy("Who is told"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, clock: str, rung: str, changes: dict[str, Any], data: Any = None) -> None:
        section = changes.get(clock, {})
        given = section.get(rung, ladder.DEFAULT[clock][rung]) or {}
        mode = CITY if rung not in section else NONE if section[rung] is None else OWN
        share = given.get("share")
        first = {
            "mode": mode,
            "hours": given.get("hours"),
            "percent": None if share is None else Decimal(f"{share * 100:g}"),
            "to": given.get("to", []),
        }
        super().__init__(data, prefix=f"{clock}-{rung}", initial=first)
        self.clock, self.rung, self.label = clock, rung, RUNGS[rung]
        modes = [mode for mode in _MODES if mode != NONE or rung in ladder.MAY_BE_LEFT_OUT]
        words = _MODES | ({} if ladder.DEFAULT[clock][rung] else {CITY: _CITY_LEAVES_OUT})
        self._choices("mode", [(mode, words[mode]) for mode in modes])
        self._choices("to", [(level, LEVELS[level]) for level in ladder.levels(clock)])
        # One of two ways to say how soon; the only way to say how long after.
        self.fields["hours"].required = rung != ladder.DUE_SOON
        if rung not in ladder.BY_HOURS:
            del self.fields["hours"]
        if rung != ladder.DUE_SOON:
            del self.fields["percent"]

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 told to the type checker
        field.choices = choices

    def change(self) -> dict[str, Any]:
        """What this rung changes of the city's ladder, as data; nothing where it changes nothing.

        Who changed a line and forgot to say that it is a rule of its own meant it.
        """
        given = self.cleaned_data
        if given["mode"] == CITY and not set(self.changed_data) - {"mode"}:
            return {}
        if given["mode"] == NONE:
            return {self.rung: None}
        rule: dict[str, Any] = {"to": given["to"]}
        if given.get("hours") is not None:
            rule["hours"] = float(given["hours"])
        if given.get("percent") is not None:
            rule["share"] = float(given["percent"]) / 100
        return {self.rung: rule}


@login_required
@never_cache
@require_http_methods(["GET"])
def procedures(request: HttpRequest) -> HttpResponse:
    """Find a procedure; those whose reminders differ from the city's stand first."""
    _actor(request)
    text = request.GET.get("q", "").strip().replace("\x00", "")
    rows = Procedure.objects.order_by("code").defer("search_key")
    rows = (
        rows.filter(Q(code__startswith=text) | Q(search_key__contains=fold(text)))
        if text
        else rows.exclude(ladder={})
    )
    return render(request, "catalogue/reminders.html", {"rows": rows[:FOUND], "q": text})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def reminders(request: HttpRequest, code: str) -> HttpResponse:
    """The rungs of one procedure, a line each; a POST sets them all."""
    by = _actor(request)
    procedure = get_object_or_404(Procedure, code=code)
    data = request.POST if request.method == "POST" else None
    stored = procedure.ladder if not ladder.faults(procedure.ladder) else {}
    lines = [
        RungForm(clock, rung, stored, data) for clock in CLOCKS for rung in ladder.DEFAULT[clock]
    ]
    valid = [line.is_valid() for line in lines] if data is not None else [False]
    if all(valid) and _take(code, lines, by):
        messages.success(request, _("The reminders of this procedure are set."))
        return redirect("catalogue:reminders", code=code)
    sections = [(CLOCKS[c], [line for line in lines if line.clock == c]) for c in CLOCKS]
    context = {"procedure": procedure, "sections": sections, "lines": lines if data else []}
    return render(request, "catalogue/ladder.html", context, status=422 if data else 200)


def _take(code: str, lines: list[RungForm], by: Actor) -> bool:
    """Whether the ladder was changed; what is wrong with it stands at its rung."""
    changes: dict[str, dict[str, Any]] = {}
    for line in lines:
        if change := line.change():
            changes.setdefault(line.clock, {}).update(change)
    try:
        change_ladder(code, changes, by=by, at=timezone.now())
    except NotChanged as refused:
        by_place = {f"{line.clock}.{line.rung}": line for line in lines}
        for fault in refused.faults:
            by_place[fault.place].add_error("to" if "told" in fault.code else None, sentence(fault))
        if not refused.faults:
            raise PermissionDenied from None
        return False
    return True


def _actor(request: HttpRequest) -> Actor:
    """Raises: PermissionDenied."""
    user = request.user
    actor = actor_for(user.pk or 0, str(user), timezone.localdate())
    if not permissions.may(actor, "change_ladder"):
        raise PermissionDenied
    return actor
