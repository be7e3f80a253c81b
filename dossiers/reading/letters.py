"""Apologies that wait for a signature, with what the signer must know of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from dossiers.models import Apology, ClockKind, ClockRow, Party
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
        new_promise_at=letter.new_promise_at,
        foreseen=letter.foreseen,
        reason=letter.reason.name,
        text=letter.text,
        drafted_by=letter.drafted_by.name,
        drafted_at=letter.drafted_at,
    )
