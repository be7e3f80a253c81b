"""The editor: steps are added, ordered, joined and taken away in forms. Every act saves the draft;
the drawing and the findings of the checker stand beside it at once."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from workflows import editing
from workflows.backoffice.access import definition_of, manager, sitter
from workflows.backoffice.step_editor import StepEditor
from workflows.backoffice.who_fields import Data
from workflows.catalogue import life, shown, step_words
from workflows.catalogue.refusals import Refused
from workflows.folding import fold
from workflows.graph import Kind
from workflows.models import Definition

_ROLES = {
    Kind.ASSIGN: "unit_head",
    Kind.CHECK: "unit_head",
    Kind.SIGN: "approver",
    Kind.ISSUE: "archive_clerk",
    Kind.DELIVER: "clerk",
}
_MOVES = {"up": -1, "down": 1}


class AddForm(forms.Form):
    """A new step: what it is called, what is done in it, after which one."""

    name = forms.CharField(label=_("Name in Vietnamese"), max_length=500)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind, words) for kind, words in step_words.KINDS.items() if kind != Kind.RECEIVE],
    )
    after = forms.ChoiceField(label=_("After"))

    def __init__(self, data: Any, body: Data) -> None:
        steps = body["steps"]
        last = steps[-2 if len(steps) > 1 else -1]["key"]
        super().__init__(data, prefix="add", initial={"kind": Kind.PROCESS, "after": last})
        self.fields["after"].choices = [  # type: ignore[attr-defined]
            (one["key"], one["name"]["vi"]) for one in steps
        ]

    def step(self, body: Data) -> Data:
        """The step given, with a key made from its name."""
        given = self.cleaned_data
        key = re.sub(r"[^a-z0-9]+", "-", fold(given["name"])).strip("-")[:50] or "step"
        step: Data = {
            "key": editing.free_key(body, key),
            "kind": given["kind"],
            "name": {"vi": given["name"].strip()},
            "outcomes": [],
        }
        if given["kind"] != Kind.AUTOMATIC:
            step["who"] = {"role": _ROLES.get(given["kind"], "officer"), "agency": "answering"}
        return step


class WholeForm(forms.Form):
    """What is said of the definition as a whole."""

    source = forms.CharField(
        label=_("Source"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The act and its article, or the decision with its number."),
    )
    start = forms.ChoiceField(label=_("Begins with"))

    def __init__(self, data: Any, body: Data) -> None:
        first = {"source": body.get("source", ""), "start": body["start"]}
        super().__init__(data, prefix="whole", initial=first)
        choices = [(one["key"], one["name"]["vi"]) for one in body["steps"]]
        if body["start"] not in dict(choices):
            choices.append((body["start"], body["start"]))
        self.fields["start"].choices = choices  # type: ignore[attr-defined]


@manager
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The steps of a draft in their order; an act at a time."""
    row = _draft(pk)
    if request.method != "POST":
        return _page(request, row)
    act = request.POST.get("act", "")
    try:
        if act == "add":
            return _add(request, row)
        if act == "whole":
            return _whole(request, row)
        body = _acted(row.body, act, request.POST.get("step", ""))
        _save(request, row, body)
    except Refused as refused:
        return _refused(request, row, refused)
    return redirect("catalogue:definition-edit", pk=pk)


@manager
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One step with all its fields."""
    row = _draft(pk)
    try:
        kept = editing.step(row.body, key)
    except editing.NoSuchStep:
        if request.method != "POST":
            raise Http404 from None
        messages.error(request, gettext("Somebody took this step away meanwhile."))
        return redirect("catalogue:definition-edit", pk=pk)
    if request.method != "POST":
        return _step_page(request, row, key, StepEditor(row.body, kept))
    editor = StepEditor(row.body, kept, request.POST)
    if not editor.is_valid():
        return _step_page(request, row, key, editor, status=422)
    given = editor.given()
    try:
        _save(request, row, editing.replace_step(row.body, key, given))
    except editing.KeyTaken:
        editor.step.add_error("key", gettext("Another step bears this key."))
        return _step_page(request, row, key, editor, status=422)
    except Refused as refused:
        return _step_refused(request, row, key, editor, refused)
    messages.success(request, gettext("Saved. The findings below are of what stands now."))
    return redirect("catalogue:definition-step", pk=pk, key=given["key"])


def _add(request: HttpRequest, row: Definition) -> HttpResponse:
    form = AddForm(request.POST, row.body)
    if not form.is_valid():
        return _page(request, row, add=form, status=422)
    fresh = form.step(row.body)
    try:
        _save(request, row, editing.add_step(row.body, fresh, form.cleaned_data["after"]))
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, _draft(row.pk), add=form, status=409)
    return redirect("catalogue:definition-step", pk=row.pk, key=fresh["key"])


def _whole(request: HttpRequest, row: Definition) -> HttpResponse:
    form = WholeForm(request.POST, row.body)
    if not form.is_valid():
        return _page(request, row, whole=form, status=422)
    try:
        _save(request, row, {**row.body, **form.cleaned_data})
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, _draft(row.pk), whole=form, status=409)
    return redirect("catalogue:definition-edit", pk=row.pk)


def _acted(body: Data, act: str, key: str) -> Data:
    try:
        if act in _MOVES:
            return editing.move_step(body, key, _MOVES[act])
        if act == "remove" and len(body["steps"]) > 1:
            return editing.remove_step(body, key)
    except editing.NoSuchStep:
        raise Refused("changed_meanwhile") from None
    return body


def _save(request: HttpRequest, row: Definition, body: Data) -> None:
    life.revise(
        row.pk, body, seen=request.POST.get("seen", ""), by=sitter(request), at=timezone.now()
    )


def _draft(pk: int) -> Definition:
    """The draft. Raises: Http404 for what can no longer be changed."""
    row = definition_of(pk)
    if not row.is_open:
        raise Http404
    return row


def _page(
    request: HttpRequest,
    row: Definition,
    *,
    add: AddForm | None = None,
    whole: WholeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "row": row,
        "shown": shown.shown(row, timezone.localdate()),
        "add": add or AddForm(None, row.body),
        "whole": whole or WholeForm(None, row.body),
        "may_edit": True,
        "tab": "edit",
    }
    return render(request, "catalogue/definition_edit.html", context, status=status)


def _step_page(
    request: HttpRequest,
    row: Definition,
    key: str,
    editor: StepEditor,
    *,
    status: int = 200,
    conflict: bool = False,
) -> HttpResponse:
    whole = shown.shown(row, timezone.localdate())
    steps = list(whole.steps)
    place = next(index for index, one in enumerate(steps) if one.key == key)
    context = {
        "row": row,
        "shown": whole,
        "one": steps[place],
        "before": steps[place - 1] if place else None,
        "after": steps[place + 1] if place + 1 < len(steps) else None,
        "editor": editor,
        "conflict": conflict,
        "may_edit": True,
        "tab": "edit",
    }
    return render(request, "catalogue/definition_step.html", context, status=status)


def _step_refused(
    request: HttpRequest, row: Definition, key: str, editor: StepEditor, refused: Refused
) -> HttpResponse:
    """What was typed stays in the form; beside it stands the step as the other person left it."""
    fresh = _draft(row.pk)
    if refused.code != "changed_meanwhile":
        editor.step.add_error(None, refused.sentence)
        return _step_page(request, fresh, key, editor, status=422)
    try:
        editing.step(fresh.body, key)
    except editing.NoSuchStep:
        messages.error(request, gettext("Somebody took this step away meanwhile."))
        return _page(request, fresh, status=409)
    return _step_page(request, fresh, key, editor, status=409, conflict=True)


def _refused(request: HttpRequest, row: Definition, refused: Refused) -> HttpResponse:
    messages.error(request, refused.sentence)
    return redirect(reverse("catalogue:definition-edit", args=[row.pk]))
