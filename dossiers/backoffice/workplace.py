"""Who sits at this page: the actor and the bar's spaces, told once a request and only if asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from dossiers.models import Apology
from dossiers.reading.counter import waiting_count
from dossiers.reading.letters import hand_over_count
from workflows.actors import STAFF, Actor, held
from workflows.models import Post, Role

COUNTER_ROLES = (Role.CLERK,)
DESK_ROLES = (Role.OFFICER, Role.UNIT_HEAD, Role.APPROVER, Role.ARCHIVE_CLERK)
DRAFT_ROLES = (Role.UNIT_HEAD, Role.OFFICER)
SIGN_ROLES = (Role.APPROVER,)
CATALOGUE_ROLES = (Role.CATALOGUE_MANAGER,)
WORKFLOW_ROLES = (*CATALOGUE_ROLES, Role.SUPERVISOR, Role.INSPECTOR)
BOARD_ROLES = (Role.SUPERVISOR, Role.APPROVER, Role.INSPECTOR, Role.PUBLISHER)
NOBODY = Actor(kind=STAFF)

Space = tuple[str, str, str, int | None]


@dataclass(frozen=True)
class Workplace:
    """A logged-in person's posts on the day, as actor and as the bar shows them."""

    actor: Actor
    agency_name: str
    title: str
    spaces: tuple[Space, ...]
    search_url: str


def workplace(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: `request.workplace` and `request.actor`; nothing is read until one is used."""

    def respond(request: HttpRequest) -> HttpResponse:
        place = SimpleLazyObject(lambda: _of(request))
        request.workplace = place  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: place.actor)  # type: ignore[attr-defined]
        return get_response(request)

    return respond


def _of(request: HttpRequest) -> Workplace:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Workplace(NOBODY, "", "", (), "")
    return of_person(user.pk, str(user), timezone.now())  # the edge: once a request


def of_person(user_id: int, name: str, at: datetime) -> Workplace:
    """The workplace of a person on the day of `at`: two queries at most."""
    posts = _posts(user_id, timezone.localdate(at))
    actor = Actor(kind=STAFF, user_id=user_id, name=name, posts=tuple(held(post) for post in posts))
    if not posts:
        return Workplace(actor, "", "", (), "")
    first = posts[0]
    words = [first.title or first.get_role_display()]
    if first.unit is not None:
        words.append(first.unit.name)
    return Workplace(
        actor=actor,
        agency_name=first.agency.short_name or first.agency.name,
        title=", ".join(words),
        spaces=tuple(_spaces(actor)),
        search_url=reverse("backoffice:search"),
    )


def home_of(actor: Actor) -> str:
    """The name of the address at which this person's work begins; empty without any post."""
    order = (
        (COUNTER_ROLES, "backoffice:counter"),
        ((Role.SUPERVISOR,), "backoffice:board"),
        (DESK_ROLES, "backoffice:desk"),
        (BOARD_ROLES, "backoffice:board"),
        (CATALOGUE_ROLES, "catalogue:limits"),
    )
    return next((address for roles, address in order if actor.holding(*roles)), "")


def _posts(user_id: int, on: date) -> list[Post]:
    rows = Post.objects.held_on(on).filter(user_id=user_id).select_related("agency", "unit")
    return list(rows.order_by("pk"))


def _spaces(actor: Actor) -> Iterable[Space]:
    if actor.holding(*COUNTER_ROLES):
        yield from _counter_spaces(actor)
    if actor.holding(*DESK_ROLES):
        yield "desk", _("Desk"), reverse("backoffice:desk"), None
    if actor.holding(*DRAFT_ROLES):
        yield "apologies", _("Apologies"), reverse("backoffice:apologies"), None
    if actor.holding(*SIGN_ROLES):
        yield "sign", _("To sign"), reverse("backoffice:sign"), _letters_to_sign(actor)
    if actor.holding(*BOARD_ROLES):
        yield "board", _("Board"), reverse("backoffice:board"), None
    if actor.holding(*CATALOGUE_ROLES):
        yield "catalogue", _("Limits"), reverse("catalogue:limits"), None
        yield "what_if", _("What if"), reverse("backoffice:what-if"), None
    if actor.holding(*WORKFLOW_ROLES):
        yield "definitions", _("Workflows"), reverse("catalogue:definitions"), None
    if actor.holding(*CATALOGUE_ROLES):
        yield "calendars", _("Calendars"), reverse("backoffice:calendars"), None
    figures = _address("portal:figures")
    if figures:
        yield "figures", _("Figures"), figures, None


def _counter_spaces(actor: Actor) -> Iterable[Space]:
    counters = [post.agency_id for post in actor.holding(*COUNTER_ROLES)]
    waiting = waiting_count(counters) or None
    yield "counter", _("Counter"), reverse("backoffice:counter"), waiting
    letters = hand_over_count(actor)
    if letters:
        yield "letters", _("Letters"), reverse("backoffice:counter-letters"), letters


def _letters_to_sign(actor: Actor) -> int:
    agencies = [post.agency_id for post in actor.holding(*SIGN_ROLES)]
    return Apology.objects.filter(
        state=Apology.State.DRAFTED,
        dossier__answering_agency__in=agencies,
        dossier__voided_at=None,
    ).count()


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def is_trial() -> bool:
    """Whether people and figures are simulated, which every paper then says."""
    return bool(getattr(settings, "TRIAL_MODE", False))
