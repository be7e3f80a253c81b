"""The steps of a dossier by their keys: in the version it follows, else in one that it left."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from dossiers.models import Dossier, Event, EventKind
from workflows.graph import Step
from workflows.models import Definition


def step_of(dossier: Dossier, key: str) -> Step | None:
    """The step of this key. Versions that the dossier has left are read only where the one it
    follows lacks the key, once for a dossier."""
    definition = dossier.definition.graph()
    if definition.has(key):
        return definition.step(key)
    for version in _left(dossier):
        former = version.graph()
        if former.has(key):
            return former.step(key)
    return None


def name_of(dossier: Dossier, key: str, language: str = "") -> str:
    """The step's name in the reader's language; its key where no version has it."""
    step = step_of(dossier, key)
    return key if step is None else step.name.in_language(language or get_language() or "vi")


def key_now(dossier: Dossier, key: str) -> str:
    """What the version that the dossier follows calls this step: through every move since; the key
    itself where it is there, or has no counterpart."""
    if dossier.definition.graph().has(key):
        return key
    called = key
    for facts in reversed(_moves(dossier)):
        called = facts["mapping"].get(called, called)
    return called or key


def _moves(dossier: Dossier) -> list[dict[str, Any]]:
    """The facts of the dossier's moves between versions, the last one first; kept on the
    instance."""
    known: list[dict[str, Any]] | None = dossier.__dict__.get("_version_moves")
    if known is None:
        moves = Event.objects.filter(dossier=dossier.pk, kind=EventKind.MOVED_TO_VERSION)
        known = list(moves.order_by("-n").values_list("facts", flat=True))
        dossier.__dict__["_version_moves"] = known
    return known


def _left(dossier: Dossier) -> list[Definition]:
    """The versions that the dossier has left, the last one first; kept on the instance."""
    known: list[Definition] | None = dossier.__dict__.get("_versions_left")
    if known is None:
        ids = [facts["from_definition"] for facts in _moves(dossier)]
        rows = {row.pk: row for row in Definition.objects.filter(pk__in=ids).defer("body")}
        known = [rows[pk] for pk in ids if pk in rows]
        dossier.__dict__["_versions_left"] = known
    return known
