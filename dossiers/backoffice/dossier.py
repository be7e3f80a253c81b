"""The dossier's page, and the one page on which every act on it is filled in and done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods

from dossiers import permissions
from dossiers.backoffice import acts_between, delays
from dossiers.backoffice.access import actor_of, dossier_of, staff
from dossiers.backoffice.acts import ACTS, OF_DOSSIER, Act, form_of, subject
from dossiers.backoffice.flow import flow
from dossiers.backoffice.forms import show_refusal
from dossiers.errors import Conflict, Missing, NotAllowed, NotNow, Refusal
from dossiers.lifecycle import access, registry, undo
from dossiers.lifecycle.consultation import may_answer
from dossiers.models import Consultation, Dossier
from dossiers.reading import story as reading
from dossiers.reading.desk import holds
from dossiers.reading.parts import parts
from dossiers.reading.timeleft import time_left
from dossiers.reading.unconfirmed import CERTAIN, Unconfirmed, crosses_unconfirmed
from workflows.actors import Actor

# Acts that need nothing filled in stand on the page as buttons of their own.
AT_ONCE = ("arrive", "claim", "release")
ORDER = (
    "accept",
    "arrive",
    "claim",
    "release",
    "conclude",
    "return_result",
    "supply",
    "confirm_fee",
    "request_supplement",
    "ask_opinion",
    "demand_fee",
    "draft_apology",
    "assign",
    "move",
    "reopen",
    "refuse_at_intake",
    "withdraw",
    "discontinue",
    "void",
)
_ALL_ACTS = ACTS | acts_between.ACTS
_STATUS = {NotAllowed: 403, Missing: 404, NotNow: 409, Conflict: 409}


@staff()
@require_GET
def dossier(request: HttpRequest, code: str) -> HttpResponse:
    """One dossier: what can be done, where it is, why this date, what happened."""
    at = timezone.now()
    actor = actor_of(request)
    found = dossier_of(request, code)
    story = reading.story(found, at)
    access.look(found, story.step, by=actor, at=at)
    context = {
        "story": story,
        "flow": flow(story),
        "uncertain": _uncertain(story, at),
        "parts": parts(found, at),
        "dossier": found,
        "now": at,
        **_acts(actor, story, at),
    }
    return render(request, "backoffice/dossier.html", context)


def _uncertain(story: reading.Story, at: datetime) -> Unconfirmed:
    """What the promised day still rests on, while the clock runs."""
    clock = story.clock
    if clock is None or clock.state != "running":
        return CERTAIN
    return crosses_unconfirmed(clock.calendar, at, clock.promised_at)


@staff()
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, code: str, command: str) -> HttpResponse:
    """Fill in and do one act; refused, the page comes again with what was typed."""
    at = timezone.now()
    entry = _ALL_ACTS.get(command)
    if entry is None:
        raise Http404
    found = dossier_of(request, code)
    number = request.POST.get("of") or request.GET.get("of") or ""
    target = subject(entry, found, number)
    if target is None:
        raise Http404
    if request.method != "POST":
        if not _may(actor_of(request), command, entry, found):
            raise PermissionDenied
        asked = {name: request.GET.get(name, "") for name in ("outcome", "step", "of", "event")}
        form = form_of(entry, found, at, None, asked)
        _prepare_for(request, entry, form, found, at)
        return _page(request, found, command, entry, form, number, 200)
    form = form_of(entry, found, at, request.POST, {})
    _prepare_for(request, entry, form, found, at)
    status = 422
    if form.is_valid():
        try:
            done = entry.run(target, form.cleaned_data, actor_of(request), at)
        except Refusal as refusal:
            show_refusal(form, refusal)
            status = _STATUS.get(type(refusal), 422)
        else:
            after = done if isinstance(done, Dossier) else found  # receiving gives it its code
            messages.success(request, entry.done % {"code": after.handle})
            if entry.leads_to:
                return redirect(entry.leads_to, after.handle)
            return redirect(_next(request, after))
    return _page(request, found, command, entry, form, number, status)


def _prepare_for(request: HttpRequest, entry: Act, form: Any, found: Dossier, at: datetime) -> None:
    """The choices that depend on who acts."""
    if entry.prepare_for is not None:
        entry.prepare_for(form, found, actor_of(request), at)


def _may(actor: Actor, command: str, entry: Act, found: Dossier) -> bool:
    """Whether the page of an act may be opened; the command itself checks again."""
    step = registry.current_step(found) if entry.of == OF_DOSSIER else None
    return permissions.may(actor, command, found, step)


def _page(
    request: HttpRequest,
    found: Dossier,
    command: str,
    entry: Act,
    form: Any,
    number: str,
    status: int,
) -> HttpResponse:
    context = {
        "dossier": found,
        "command": registry.COMMANDS[command],
        "act": entry,
        "form": form,
        "of": number,
        "next": _next(request, found),
    }
    return render(request, "backoffice/act.html", context, status=status)


def _next(request: HttpRequest, found: Dossier) -> str:
    """Where to go afterwards: back to the list one came from, else the dossier's page."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return target
    return reverse("backoffice:dossier", args=[found.handle])


def _acts(actor: Actor, story: reading.Story, at: datetime) -> dict[str, Any]:
    """What the page offers, each open or closed with its reason."""
    found = story.dossier
    clocks = [] if story.clock is None else [story.clock]
    shown = registry.open_to(actor, found, at, steps=story.step_runs, clocks=clocks)
    offered = {one.command.name: one for one in shown}
    posts = {held.post_id for held in actor.posts}
    step = story.step
    advance, waits = offered.get("advance"), _waits_for_opinion(story)
    may_advance = (
        advance is not None
        and not waits
        and advance.is_open
        and step is not None
        and (step.officer_id in posts or (step.officer_id is None and holds(actor, step)))
    )
    wanted = [offered[name] for name in ORDER if name in offered]
    mine = step is not None and step.officer_id in posts
    hidden = {"release"} if not mine else {"claim"}
    breaches = delays.delays(actor, story)
    return {
        "outcomes": story.outcomes if may_advance else [],
        "open_acts": [
            one
            for one in wanted
            if one.is_open
            and one.command.name not in hidden
            and (one.command.name != "draft_apology" or delays.may_draft(story))
        ],
        "closed_acts": [one for one in wanted if not one.is_open and one.command.name in _SAID],
        "waits_for_opinion": waits and advance is not None,
        "undoable": undo.may_undo(story.events, actor),
        "opinions": [
            (one, may_answer(actor, one), time_left(one.clock, at)) for one in story.consultations
        ],
        "may_forgo": permissions.may(actor, "forgo_opinion", found, step),
        "at_once": AT_ONCE,
        "breaches": breaches,
        "brief_breaches": [entry for entry in breaches if entry["brief"]],
        "letters": delays.letters(actor, story),
    }


def _waits_for_opinion(story: reading.Story) -> bool:
    """Whether the clock stands for an opinion: until it comes in no step ends."""
    return any(
        one.stops_clock and one.state == Consultation.State.OPEN for one in story.consultations
    )


_SAID = ("request_supplement",)
