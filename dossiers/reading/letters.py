"""Letters of apology that wait for somebody: to be signed, or to be handed over by the counter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from dossiers.models import TO_HAND_OVER, Apology, ClockKind, ClockRow, Party
from dossiers.reading.timeleft import TimeLeft, time_left
from workflows.actors import Actor
from workflows.models import Role

MOST_LETTERS = 100


@dataclass(frozen=True, slots=True)
class ToSign:
    """One draft."""

    pk: int
    code: str
    procedure: str
    addressed_to: str
    left: TimeLeft
    promised_at: datetime | None
    new_promise_at: datetime | None
    closing: str
    foreseen: bool
    reason: str
    text: str
    drafted_by: str
    drafted_at: datetime


def to_sign(actor: Actor, at: datetime) -> list[ToSign]:
    """The drafts of the agencies the actor heads, the oldest promise first."""
    agencies = [held.agency_id for held in actor.holding(Role.APPROVER)]
    main = ClockRow.objects.filter(kind=ClockKind.DOSSIER).select_related("calendar__base")
    people = Party.objects.only("dossier_id", "role", "name")
    rows = (
        Apology.objects.filter(
            state=Apology.State.DRAFTED,
            dossier__answering_agency__in=agencies,
            dossier__voided_at=None,
        )
        .select_related("dossier__procedure", "reason", "drafted_by")
        .defer("dossier__procedure__search_key")
        .prefetch_related(
            Prefetch("dossier__clocks", queryset=main, to_attr="main_clocks"),
            Prefetch("dossier__parties", queryset=people, to_attr="people"),
        )
        .order_by("drafted_at", "pk")[:MOST_LETTERS]
    )
    return [_row(letter, at) for letter in rows]


@dataclass(frozen=True, slots=True)
class ToHandOver:
    """One letter that could not be delivered; `tried` if some channel was."""

    pk: int
    code: str
    number: str
    procedure: str
    addressed_to: str
    phone: str
    address: str
    signed_at: datetime | None
    closing: str
    new_promise_at: datetime | None
    tried: bool


def to_hand_over(actor: Actor) -> list[ToHandOver]:
    """The letters that wait for the counters of the actor, the oldest first."""
    rows = (
        _to_hand_over(actor)
        .select_related("dossier__procedure")
        .defer("dossier__procedure__search_key")
        .prefetch_related(Prefetch("dossier__parties", Party.objects.all(), to_attr="people"))
        .order_by("signed_at", "pk")[:MOST_LETTERS]
    )
    return [_to_hand(letter) for letter in rows]


def hand_over_count(actor: Actor) -> int:
    """How many letters wait for the counters of the actor."""
    return _to_hand_over(actor).count()


def _to_hand_over(actor: Actor) -> QuerySet[Apology]:
    agencies = [held.agency_id for held in actor.holding(Role.CLERK)]
    return Apology.objects.filter(
        TO_HAND_OVER, dossier__receiving_agency__in=agencies, dossier__voided_at=None
    )


def _to_hand(letter: Apology) -> ToHandOver:
    dossier = letter.dossier
    people = {party.role: party for party in dossier.people}  # type: ignore[attr-defined]
    who = people.get(Party.Role.SUBMITTER) or people.get(Party.Role.HOLDER)
    return ToHandOver(
        pk=letter.pk,
        code=dossier.handle,
        number=letter.number,
        procedure=dossier.procedure.name,
        addressed_to="" if who is None else who.name,
        phone="" if who is None else who.phone,
        address="" if who is None else who.address,
        signed_at=letter.signed_at,
        closing=letter.get_closing_display(),
        new_promise_at=letter.new_promise_at,
        tried=letter.settled_at is not None,
    )


def _row(letter: Apology, at: datetime) -> ToSign:
    dossier = letter.dossier
    clock = next(iter(dossier.main_clocks), None)  # type: ignore[attr-defined]
    people = {party.role: party.name for party in dossier.people}  # type: ignore[attr-defined]
    return ToSign(
        pk=letter.pk,
        code=dossier.handle,
        procedure=dossier.procedure.name,
        addressed_to=people.get(Party.Role.SUBMITTER) or people.get(Party.Role.HOLDER, ""),
        left=time_left(clock, at),
        promised_at=None if clock is None else clock.promised_at,
        new_promise_at=letter.new_promise_at if dossier.is_open else None,
        closing=letter.get_closing_display(),
        foreseen=letter.foreseen,
        reason=letter.reason.name,
        text=letter.text,
        drafted_by=letter.drafted_by.name,
        drafted_at=letter.drafted_at,
    )
