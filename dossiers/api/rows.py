"""The rows behind the answers: scoped to the reader, with a fixed number of queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from dossiers import codes
from dossiers.errors import Missing
from dossiers.lifecycle import registry
from dossiers.models import (
    Apology,
    Breach,
    ClockRow,
    Consultation,
    Dossier,
    Event,
    Party,
    Statement,
    StepRun,
)
from dossiers.models.scope import DossierQuerySet
from dossiers.reading.names import called
from dossiers.reading.promises import with_first_promise
from workflows.actors import Actor
from workflows.folding import fold

BESIDE = ("procedure", "channel", "receiving_agency", "answering_agency", "unit")
LEAST_OF_A_CODE = 4


def listed(actor: Actor, asked: dict[str, Any], at: datetime) -> DossierQuerySet:
    """What the reader may see of what was asked for."""
    rows = Dossier.objects.visible_to(actor).standing()
    if asked.get("status"):
        rows = rows.filter(status=asked["status"])
    if asked.get("overdue") is not None:
        late = Dossier.objects.overdue(at).filter(pk=OuterRef("pk"))
        rows = rows.filter(Exists(late) if asked["overdue"] else ~Exists(late))
    if asked.get("q", "").strip():
        rows = rows.filter(_matching(asked["q"]))
    return rows.select_related(*BESIDE).prefetch_related(_clocks())


def whole(pk: int, actor: Actor, at: datetime) -> Dossier:
    """One dossier with all that its answer shows, and what the reader may do with it."""
    dossier = (
        Dossier.objects.select_related(*BESIDE, "edition", "case", "definition")
        .prefetch_related(
            _clocks(),
            "parties",
            "papers",
            Prefetch("step_runs", _passages()),
            Prefetch("events", Event.objects.select_related("post")),
            Prefetch("breaches", _breaches()),
            Prefetch("apologies", Apology.objects.select_related("dossier")),
            Prefetch(
                "consultations", Consultation.objects.select_related("agency", "unit", "clock")
            ),
            "fee_demands",
        )
        .get(pk=pk)
    )
    dossier.open_commands = registry.open_to(actor, dossier, at)
    return dossier


def id_of(actor: Actor, code: str) -> int:
    """The dossier of this code, if the reader may see it. Raises: Missing."""
    rows = Dossier.objects.visible_to(actor).filter(called(code))
    pk = rows.values_list("pk", flat=True).first()
    if pk is None:
        raise Missing("not_found")
    return int(pk)


def require_breach(actor: Actor, breach_id: int) -> None:
    """Raises: Missing where the reader does not see the breach's dossier."""
    seen = Dossier.objects.visible_to(actor).values("pk")
    if not Breach.objects.filter(pk=breach_id, dossier__in=seen).exists():
        raise Missing("no_breach")


def require_apology(actor: Actor, apology_id: int) -> None:
    """Raises: Missing where the reader does not see the letter's dossier."""
    seen = Dossier.objects.visible_to(actor).values("pk")
    if not Apology.objects.filter(pk=apology_id, dossier__in=seen).exists():
        raise Missing("not_found")


def require_opinion(actor: Actor, consultation_id: int) -> None:
    """Raises: Missing where the reader does not see the dossier that the opinion is on."""
    seen = Dossier.objects.visible_to(actor).values("pk")
    if not Consultation.objects.filter(pk=consultation_id, dossier__in=seen).exists():
        raise Missing("no_opinion")


def _passages() -> QuerySet[StepRun]:
    """Those that were not taken back."""
    return StepRun.objects.standing().select_related("agency", "unit", "officer")


def breach(breach_id: int) -> Breach:
    """One breach with all that its answer shows."""
    return _breaches().get(pk=breach_id)


def _breaches() -> QuerySet[Breach]:
    rows = Breach.objects.select_related(
        "agency", "unit", "step_run", "dossier", "officer", "clock__calendar__base"
    )
    return rows.prefetch_related(Prefetch("statements", Statement.objects.select_related("post")))


def _clocks() -> Prefetch[str, Any, str]:
    rows = ClockRow.objects.select_related("calendar", "calendar__base")
    return Prefetch("clocks", with_first_promise(rows))


def _matching(text: str) -> Q:
    party = Party.objects.filter(dossier=OuterRef("pk"))
    by_party = party.filter(Q(name_key__contains=fold(text)) | Q(identity=codes.folded(text)))
    match = Q(Exists(by_party))
    key = codes.folded(text)
    if len(key) >= LEAST_OF_A_CODE:
        match |= Q(code_key__contains=key)
    return match
