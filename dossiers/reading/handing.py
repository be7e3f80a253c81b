"""What lies between units: opinions asked of mine, results of mine that no counter took yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from dossiers.models import Consultation, StepRun
from dossiers.reading.timeleft import TimeLeft, time_left
from workflows.actors import Actor, Held
from workflows.graph import Kind
from workflows.models import Role

ANSWERERS = (Role.OFFICER, Role.UNIT_HEAD, Role.APPROVER)
HANDERS = (Role.OFFICER, Role.UNIT_HEAD, Role.APPROVER, Role.ARCHIVE_CLERK)
MOST_ROWS = 50


@dataclass(frozen=True, slots=True)
class AskedOf:
    """An opinion that my unit is asked for."""

    number: int
    code: str
    procedure: str
    question: str
    asker: str
    left: TimeLeft


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A result that my unit handed over and the counter has not taken: it waits on my time."""

    code: str
    procedure: str
    counter: str
    since: datetime
    left: TimeLeft


@dataclass(frozen=True, slots=True)
class Between:
    """Both lists, by time left."""

    asked: tuple[AskedOf, ...]
    handed: tuple[HandedOver, ...]

    def __bool__(self) -> bool:
        return bool(self.asked or self.handed)


def between(actor: Actor, at: datetime) -> Between:
    """What waits between the units of `actor` and others; two queries however much it is."""
    return Between(_asked(actor, at), _handed(actor, at))


def _asked(actor: Actor, at: datetime) -> tuple[AskedOf, ...]:
    rows = (
        Consultation.objects.filter(_places(actor.holding(*ANSWERERS), "agency_id", "unit_id"))
        .filter(state=Consultation.State.OPEN, dossier__voided_at=None)
        .select_related("dossier__procedure", "clock__calendar__base", "asked_by__unit")
        .defer("dossier__procedure__search_key")
        .order_by("clock__limit_at", "pk")[:MOST_ROWS]
    )
    return tuple(
        AskedOf(
            number=row.pk,
            code=row.dossier.handle,
            procedure=row.dossier.procedure.name,
            question=row.question,
            asker=row.asked_by.unit.name if row.asked_by.unit else row.asked_by.name,
            left=time_left(row.clock, at),
        )
        for row in rows
    )


def _handed(actor: Actor, at: datetime) -> tuple[HandedOver, ...]:
    own = _places(actor.holding(*HANDERS), "dossier__answering_agency_id", "dossier__unit_id")
    under_way = [StepRun.State.WAITING, StepRun.State.WORKING]
    rows = (
        StepRun.objects.filter(own, kind=Kind.DELIVER, state__in=under_way)
        .filter(dossier__waits_for_counter=True, dossier__voided_at=None)
        .select_related("dossier__procedure", "agency", "clock__calendar__base")
        .defer("dossier__procedure__search_key")
        .order_by("clock__limit_at", "pk")[:MOST_ROWS]
    )
    return tuple(
        HandedOver(
            code=row.dossier.handle,
            procedure=row.dossier.procedure.name,
            counter=row.agency.short_name or row.agency.name,
            since=row.opened_at,
            left=time_left(getattr(row, "clock", None), at),
        )
        for row in rows
    )


def _places(posts: Sequence[Held], agency: str, unit: str) -> Q:
    """Rows at the places of these posts; without a unit a post is the whole agency's."""
    places = Q(pk__in=[])
    for held in posts:
        here = Q(**{agency: held.agency_id})
        places |= here if held.unit_id is None else here & Q(**{unit: held.unit_id})
    return places
