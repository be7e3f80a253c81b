"""Delays that a unit head must explain: of the units they answer for, the oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery

from dossiers.models import Breach, Statement
from workflows.actors import Actor
from workflows.models import RUNS_THE_COUNTER, Role, Unit

MOST = 100


@dataclass(frozen=True, slots=True)
class ToExplain:
    """One delay; `question` is the supervisor's, where the explanation was returned."""

    breach_id: int
    code: str
    procedure: str
    of: str
    is_repeated: bool
    breached_at: datetime
    delay: timedelta
    ended: bool
    held_by: str
    question: str


def to_explain(actor: Actor, at: datetime) -> list[ToExplain]:
    """What waits for the actor's word, with how late each is at `at`."""
    asked = Statement.objects.filter(breach=OuterRef("pk"), kind=Statement.Kind.RETURN)
    rows = (
        _waiting(actor)
        .select_related(
            "dossier__procedure", "clock__calendar__base", "held_by_unit", "held_by_agency"
        )
        .defer("dossier__procedure__search_key")
        .annotate(question=Subquery(asked.order_by("-id").values("text")[:1]))
        .order_by("breached_at", "pk")[:MOST]
    )
    return [_row(breach, at) for breach in rows]


def _waiting(actor: Actor) -> QuerySet[Breach]:
    """The same places as the rule of who answers (`lifecycle.breach.is_answerable`)."""
    reach, heads = Q(pk__in=[]), actor.holding(Role.UNIT_HEAD)
    own = Unit.objects.filter(pk__in=[held.unit_id for held in heads if held.unit_id])
    counters = set(own.filter(kind__in=RUNS_THE_COUNTER).values_list("pk", flat=True))
    for held in heads:
        place = Q(agency_id=held.agency_id)
        if held.unit_id is not None:
            whole = Q(unit=None) if held.unit_id in counters else Q(pk__in=[])
            place &= Q(unit_id=held.unit_id) | whole
        reach |= place
    waiting = [Breach.State.UNEXPLAINED, Breach.State.RETURNED]
    return Breach.objects.standing().filter(reach, owes_explanation=True, state__in=waiting)


def _row(breach: Breach, at: datetime) -> ToExplain:
    places = (breach.held_by_unit, breach.held_by_agency)
    returned = breach.state == Breach.State.RETURNED
    return ToExplain(
        breach_id=breach.pk,
        code=breach.dossier.handle,
        procedure=breach.dossier.procedure.name,
        of=breach.get_of_display(),
        is_repeated=breach.is_repeated,
        breached_at=breach.breached_at,
        delay=breach.delay_by(at),
        ended=breach.ended_at is not None,
        held_by=", ".join(place.name for place in places if place is not None),
        question=(breach.question or "") if returned else "",  # type: ignore[attr-defined]
    )
