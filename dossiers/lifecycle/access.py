"""Looks at personal data by staff who only watch: each leaves a row."""

from __future__ import annotations

from datetime import datetime

from dossiers import permissions
from dossiers.lifecycle.registry import writing
from dossiers.models import AccessLog, Dossier, StepRun
from workflows.actors import Actor

_AT_WORK = (permissions.RECEIVING, permissions.ANSWERING, permissions.STEP_UNIT)


def look(dossier: Dossier, step: StepRun | None, *, by: Actor, at: datetime) -> bool:
    """Record that `by` read the dossier, if no post of theirs handles it; tell if it was recorded.

    `dossier` has its agencies loaded, `step` is the step under way.
    """
    watching = None
    for held in by.posts:
        relations = set(permissions.relations(held, dossier, step))
        if relations.intersection(_AT_WORK):
            return False
        if permissions.ABOVE in relations:
            watching = watching or held
    if watching is None:
        return False
    with writing("look"):
        AccessLog.objects.create(
            dossier=dossier, post_id=watching.post_id, at=at, relation=permissions.ABOVE
        )
    return True
