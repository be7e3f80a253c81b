"""Repeated lateness on the board: the records, each with its cases, and noting what was done."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from dossiers.backoffice.access import actor_of, staff
from dossiers.backoffice.forms import NoteForm, show_refusal
from dossiers.backoffice.workplace import BOARD_ROLES
from dossiers.errors import Missing, NotAllowed, NotNow, Refusal
from dossiers.lifecycle.repeating import RULE, note_repeated_lateness
from dossiers.reading import repeated as reading

_STATUS = {NotAllowed: 403, Missing: 404, NotNow: 409}


@staff(*BOARD_ROLES)
@require_GET
def records(request: HttpRequest) -> HttpResponse:
    """Those that wait for a note, and those dealt with."""
    actor, at = actor_of(request), timezone.now()
    context = {
        "waiting": reading.lines(actor, noted=False),
        "noted": reading.lines(actor, noted=True),
        "rule": RULE,
        "now": at,
    }
    return render(request, "backoffice/repeated.html", context)


@staff(*BOARD_ROLES)
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record with its cases; a POST notes what was done."""
    actor, at = actor_of(request), timezone.now()
    found = reading.whole(actor, pk, at)
    if found is None:
        raise Http404
    form: forms.Form = NoteForm(request.POST if request.method == "POST" else None)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        try:
            note_repeated_lateness(pk, note=form.cleaned_data["note"], by=actor, at=at)
        except Refusal as refusal:
            show_refusal(form, refusal)
            status = _STATUS.get(type(refusal), 422)
        else:
            messages.success(request, _("What was done is noted."))
            return redirect("backoffice:repeated")
    context = {
        "record": found.line,
        "cases": found.cases,
        "form": form,
        "may_note": reading.may_note(actor) and found.line.noted_at is None,
        "now": at,
    }
    return render(request, "backoffice/repeated_record.html", context, status=status)
