"""Delays to explain and apologies to write: what will probably be late, what is late without a
letter; one by one, or a selection with one reason. And letters for the counter to hand over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from dossiers.backoffice.access import actor_of, staff
from dossiers.backoffice.forms import BatchApologyForm
from dossiers.lifecycle.in_batch import Outcome, draft_apologies
from dossiers.reading import apologising, letters
from dossiers.reading.to_explain import to_explain
from workflows.models import Role

MOST_CHOSEN = 200


@staff(Role.UNIT_HEAD, Role.OFFICER)
@require_http_methods(["GET", "POST"])
def to_write(request: HttpRequest) -> HttpResponse:
    """What may be apologised for; a POST drafts a letter for each one chosen, with one reason.

    What is refused is listed and stops no other.
    """
    actor, at = actor_of(request), timezone.now()
    form = BatchApologyForm(request.POST if request.method == "POST" else None)
    outcomes: list[Outcome] = []
    chosen = list(dict.fromkeys(request.POST.getlist("dossier")))[:MOST_CHOSEN]
    if request.method == "POST" and not chosen:
        messages.error(request, _("Choose at least one dossier."))
    elif request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        codes = [code.replace("\x00", "") for code in chosen]
        outcomes = draft_apologies(
            codes, reason=given["reason"], text=given["text"], by=actor, at=at
        )
        if all(outcome.refusal is None for outcome in outcomes):
            _say_drafted(request, len(outcomes))
            return redirect("backoffice:apologies")
    context = {
        "to_explain": to_explain(actor, at),
        "foreseen": apologising.foreseen(actor, at),
        "owed": apologising.owed(actor, at),
        "form": form,
        "chosen": chosen,
        "drafted": [outcome for outcome in outcomes if outcome.refusal is None],
        "refused": [outcome for outcome in outcomes if outcome.refusal is not None],
        "now": at,
    }
    failed = request.method == "POST" and not context["drafted"]
    return render(request, "backoffice/apologies.html", context, status=422 if failed else 200)


@staff(Role.CLERK)
@require_GET
def to_hand_over(request: HttpRequest) -> HttpResponse:
    """The letters that could not be delivered: to call, to print, to hand over and to note."""
    context = {"letters": letters.to_hand_over(actor_of(request)), "now": timezone.now()}
    return render(request, "backoffice/letters.html", context)


def _say_drafted(request: HttpRequest, number: int) -> None:
    sentence = ngettext(
        "%(count)s letter is drafted and waits to be signed.",
        "%(count)s letters are drafted and wait to be signed.",
        number,
    )
    messages.success(request, sentence % {"count": number})
