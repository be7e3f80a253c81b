"""The dossiers under way on one version of a workflow: codes and where they stand, nothing of
persons."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, OuterRef, QuerySet, Subquery

from dossiers.models import OPEN, Dossier, StepRun
from workflows.models import Definition

UNDER_WAY = (StepRun.State.WAITING, StepRun.State.WORKING)


def under_way(definition: int, *, step: str = "") -> QuerySet[Dossier]:
    """Received dossiers that follow this version and have not ended, the oldest first, each with
    the key of the step under way as `step_key`."""
    run = StepRun.objects.filter(dossier=OuterRef("pk"), state__in=UNDER_WAY).order_by("-ordinal")
    rows = Dossier.objects.filter(definition=definition, status__in=OPEN, voided_at=None)
    rows = rows.exclude(received_at=None)
    if step:
        rows = rows.filter(step_runs__key=step, step_runs__state__in=UNDER_WAY)
    return rows.annotate(step_key=Subquery(run.values("key")[:1])).order_by("received_at", "pk")


def with_step(rows: Iterable[Dossier]) -> list[tuple[Dossier, str]]:
    """These rows of `under_way`, each with the key of the step under way."""
    return [(row, getattr(row, "step_key", None) or "") for row in rows]


def standing(definition: int) -> dict[str, int]:
    """How many stand at each step, by its key."""
    runs = StepRun.objects.filter(
        state__in=UNDER_WAY,
        dossier__definition=definition,
        dossier__status__in=OPEN,
        dossier__voided_at=None,
    )
    rows = runs.values_list("key").annotate(n=Count("dossier", distinct=True)).order_by("key")
    return dict(rows)


def counts(procedure: int) -> dict[int, int]:
    """How many dossiers are under way on each version of a procedure."""
    rows = Dossier.objects.filter(procedure=procedure, status__in=OPEN, voided_at=None)
    rows = rows.exclude(received_at=None).values("definition").annotate(n=Count("pk")).order_by()
    return {row["definition"]: row["n"] for row in rows}


def newer(definition: Definition) -> Definition | None:
    """The version in force that dossiers of this one can be moved to."""
    in_force = Definition.objects.filter(
        procedure=definition.procedure_id, state=Definition.State.PUBLISHED
    )
    return in_force.exclude(pk=definition.pk).select_related("procedure").first()
