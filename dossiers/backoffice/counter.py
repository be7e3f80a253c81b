"""The counter: find the procedure, fill in, see the promised day, receive; guidance instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from dossiers.backoffice.access import actor_of, dossier_of, staff
from dossiers.backoffice.counter_lists import agencies_of
from dossiers.backoffice.forms import show_refusal
from dossiers.backoffice.forms_between import ReceiveForm, when
from dossiers.backoffice.given import lines_of, missing, number, papers_given, parties_given
from dossiers.errors import Conflict, Refusal
from dossiers.lifecycle import intake, submission
from dossiers.lifecycle.intake import Promise
from dossiers.models import Dossier, Paper, Party, Status
from dossiers.reading import counter as reading
from dossiers.reading.limits import limit_words
from dossiers.reading.unconfirmed import CERTAIN, crosses_unconfirmed
from notifications import wording
from workflows.actors import Actor, Held
from workflows.models import PaperItem, Role

AT_COUNTER = "counter"


@staff(Role.CLERK)
@require_http_methods(["GET", "POST"])
def counter(request: HttpRequest) -> HttpResponse:
    """The counter's one page: search, form, receipt with the promised day."""
    at = timezone.now()
    actor = actor_of(request)
    held = _post(actor, request)
    given = request.POST if request.method == "POST" else request.GET
    code = given.get("procedure", "").replace("\x00", "")
    asked = reading.asked(code, timezone.localdate(at))
    if asked is None:
        return _page(request, at, held, None)
    if request.method != "POST":
        return _page(request, at, held, asked, _form(asked, held, None))
    form = _form(asked, held, request.POST)
    if "look" in request.POST:
        return _page(request, at, held, asked, _unjudged(form, asked, held), given=request.POST)
    if "guidance" in request.POST:
        return _guide(request, at, held, asked, form)
    if "refuse" in request.POST:
        return _refuse(request, at, held, asked, form)
    return _receive(request, at, held, asked, form)


@staff(Role.CLERK)
@require_GET
def procedures(request: HttpRequest) -> HttpResponse:
    """What the search finds, as a part of the page."""
    at = timezone.now()
    found = reading.find_procedures(request.GET.get("q", ""), timezone.localdate(at))
    text = request.GET.get("q", "").strip()
    return render(request, "backoffice/counter_found.html", {"found": found, "q": text})


@staff(Role.CLERK)
@require_GET
def received(request: HttpRequest, code: str) -> HttpResponse:
    """What was received: code, promised day, look-up code, the receipt to print."""
    dossier = dossier_of(request, code)
    clock = dossier.clocks.filter(kind="dossier").select_related("calendar").first()
    people = {party.role: party for party in dossier.parties.all()}
    context = {
        "dossier": dossier,
        "clock": clock,
        "uncertain": CERTAIN
        if clock is None
        else crosses_unconfirmed(clock.calendar, dossier.received_at, clock.promised_at),
        "submitter": people.get(Party.Role.SUBMITTER) or people.get(Party.Role.HOLDER),
        "holder": people.get(Party.Role.HOLDER),
    }
    return render(request, "backoffice/counter_received.html", context)


def _post(actor: Actor, request: HttpRequest) -> Held:
    """The counter one sits at: the first, or the one asked for."""
    posts = actor.holding(Role.CLERK)
    wanted = request.POST.get("at") or request.GET.get("at")
    return next((held for held in posts if str(held.agency_id) == wanted), posts[0])


def _form(asked: reading.Asked, held: Held, data: QueryDict | None) -> ReceiveForm:
    own = asked.own_offer(held.agency_id)
    first = {
        "procedure": asked.procedure.code,
        "idempotency_key": uuid4().hex,
        "channel": AT_COUNTER,
        "answering_agency": own.agency_id if own else _only(asked.offers),
    }
    form = ReceiveForm(data, initial=first)
    fields: Any = form.fields
    fields["case"].choices = [("", _("Choose"))] + [(case.key, case.name) for case in asked.cases]
    fields["case"].required = bool(asked.cases)
    fields["answering_agency"].choices = [("", _("Choose"))] + [
        (offer.agency_id, offer.agency.name) for offer in asked.offers
    ]
    fields["answering_agency"].required = len(asked.offers) > 1
    fields["channel"].choices = [
        (channel.code, reading.channel_name(channel)) for channel in asked.channels
    ]
    return form


def _only(offers: Sequence[Any]) -> int | None:
    return offers[0].agency_id if len(offers) == 1 else None


def _unjudged(form: ReceiveForm, asked: reading.Asked, held: Held) -> ReceiveForm:
    """The same form with what was typed, but nothing found wrong with it yet."""
    fresh = _form(asked, held, None)
    for name in form.fields:
        if name in form.data:
            fresh.initial[name] = form.data.get(name)
    return fresh


def _page(
    request: HttpRequest,
    at: datetime,
    held: Held,
    asked: reading.Asked | None,
    form: ReceiveForm | None = None,
    given: QueryDict | None = None,
    status: int = 200,
) -> HttpResponse:
    on = timezone.localdate(at)
    text = request.GET.get("q", "").strip()
    context: dict[str, Any] = {
        "now": at,
        "q": text,
        "held": held,
        "counts": reading.counts([held.agency_id], at),
        "counters": reading.receivers(agencies_of(actor_of(request))),
        "found": reading.find_procedures(text, on) if text and asked is None else None,
        "asked": asked,
    }
    if asked is not None and form is not None:
        context |= _question(asked, form, held, given, at)
    return render(request, "backoffice/counter.html", context, status=status)


def _question(
    asked: reading.Asked, form: ReceiveForm, held: Held, given: QueryDict | None, at: datetime
) -> dict[str, Any]:
    """What the form and the receipt beside it show."""
    case, channel = _case(asked, form), _channel(asked, form)
    promise, closed = _promise(asked, form, held, at)
    fee = asked.fee_of(channel)
    return {
        "form": form,
        "promise": promise,
        "promise_weekday": "" if promise is None else _weekday(promise.limit_at),
        "promise_limit": "" if promise is None else limit_words(promise.limit),
        "uncertain": CERTAIN
        if promise is None
        else crosses_unconfirmed(promise.offered.calendar, at, promise.limit_at),
        "closed": closed,
        "fee": fee,
        "offer": asked.own_offer(held.agency_id) or next(iter(asked.offers), None),
        "choose_agency": len(asked.offers) > 1,
        "hand_in": lines_of(asked, PaperItem.Kind.HAND_IN, case, given),
        "show": lines_of(asked, PaperItem.Kind.SHOW, case, given),
        "looked_up": asked.papers_of(PaperItem.Kind.LOOKED_UP, case),
        "notes": asked.papers_of(PaperItem.Kind.NOTE, case),
        "paper_forms": Paper.Form.choices,
    }


def _weekday(moment: datetime) -> str:
    return wording.weekday(timezone.localdate(moment))


def _promise(
    asked: reading.Asked, form: ReceiveForm, held: Held, at: datetime
) -> tuple[Promise | None, Refusal | None]:
    """The day that would be promised now; or why nothing can be."""
    answering = form["answering_agency"].value()
    try:
        return (
            intake.promise(
                procedure=asked.procedure.code,
                channel=_channel(asked, form),
                receiving_agency=held.agency_id,
                answering_agency=number(answering),
                case=_case(asked, form),
                at=at,
            ),
            None,
        )
    except Refusal as refusal:
        return None, refusal


def _case(asked: reading.Asked, form: ReceiveForm) -> str:
    """The case chosen so far, if it is one of the procedure's."""
    value = form["case"].value()
    return next((case.key for case in asked.cases if case.key == value), "")


def _channel(asked: reading.Asked, form: ReceiveForm) -> str:
    value = form["channel"].value()
    return next((one.code for one in asked.channels if one.code == value), AT_COUNTER)


def _receive(
    request: HttpRequest, at: datetime, held: Held, asked: reading.Asked, form: ReceiveForm
) -> HttpResponse:
    if form.is_valid():
        case = form.cleaned_data["case"]
        lines = lines_of(asked, PaperItem.Kind.HAND_IN, case, request.POST)
        try:
            dossier = intake.receive(
                **_given(form, held),
                papers=papers_given(lines),
                by=actor_of(request),
                **when(form.cleaned_data, at),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
            if isinstance(refusal, Conflict):
                # Sent before with other values: pressed once more, it is another dossier.
                form.data = _with_fresh_key(request.POST)
        else:
            return redirect("backoffice:counter-received", code=dossier.handle)
    return _page(request, at, held, asked, form, given=request.POST, status=422)


def _with_fresh_key(posted: QueryDict) -> QueryDict:
    fresh = posted.copy()
    fresh["idempotency_key"] = uuid4().hex
    return fresh


def _given(form: ReceiveForm, held: Held) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "procedure": given["procedure"],
        "channel": given["channel"],
        "receiving_agency": held.agency_id,
        "receiving_unit": held.unit_id,
        "answering_agency": given["answering_agency"],
        "case": given["case"],
        "parties": parties_given(given),
        "return_method": given["return_method"],
        "idempotency_key": given["idempotency_key"],
        "not_needed_because": given["not_needed_because"],
    }


def _refuse(
    request: HttpRequest, at: datetime, held: Held, asked: reading.Asked, form: ReceiveForm
) -> HttpResponse:
    """Refuse to receive what somebody brings: it is put in and refused at once, so that the refusal
    has a dossier, a reason and a slip (form 03), or nothing happens."""
    form.fields["refusal_reason"].required = form.fields["refusal_ground"].required = True
    if form.is_valid():
        given = _given(form, held)
        for name in ("receiving_unit", "not_needed_because"):
            del given[name]
        lines = lines_of(asked, PaperItem.Kind.HAND_IN, given["case"], request.POST)
        given |= {"papers": papers_given(lines), "by": actor_of(request), "at": at}
        reason = {
            "reason": form.cleaned_data["refusal_reason"],
            "legal_ground": form.cleaned_data["refusal_ground"],
        }
        try:
            dossier = _put_in_and_refuse(given, reason)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Refused: the slip can be printed."))
            return redirect("backoffice:dossier", code=dossier.handle)
    return _page(request, at, held, asked, form, given=request.POST, status=422)


@transaction.atomic
def _put_in_and_refuse(given: dict[str, Any], reason: dict[str, str]) -> Dossier:
    """Both or neither; the same form sent again finds what the first made."""
    put_in = submission.submit(**given)
    if put_in.status != Status.SUBMITTED:
        return put_in
    return submission.refuse_at_intake(put_in.pk, **reason, by=given["by"], at=given["at"])


def _guide(
    request: HttpRequest, at: datetime, held: Held, asked: reading.Asked, form: ReceiveForm
) -> HttpResponse:
    case = _case(asked, form)
    lines = lines_of(asked, PaperItem.Kind.HAND_IN, case, request.POST)
    try:
        slip = intake.give_guidance(
            procedure=asked.procedure.code,
            agency=held.agency_id,
            missing=[item.name for item in missing(lines)],
            by=actor_of(request),
            at=at,
        )
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        fresh = _unjudged(form, asked, held)
        return _page(request, at, held, asked, fresh, given=request.POST, status=422)
    return redirect("backoffice:guided", number=slip.number)
