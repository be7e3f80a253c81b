"""The list of workflow definitions: one row a procedure with its versions, and the drafts that
belong to none. Reading only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from workflows import checking
from workflows.catalogue import definitions
from workflows.catalogue.shown import shape
from workflows.checking import Surroundings
from workflows.folding import fold
from workflows.models import Definition, Procedure

ALL, DRAFTS, LOOSE = "all", "drafts", "loose"
_STATES = {
    Definition.State.PUBLISHED: 0,
    Definition.State.CHECKED: 1,
    Definition.State.DRAFT: 2,
    Definition.State.RETIRED: 3,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One version: its shape and how many faults it has, and how many of them hinder."""

    row: Definition
    shape: str
    faults: int
    hindering: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One procedure with the versions that matter: in force first, then drafts; how many were
    retired."""

    procedure: Procedure
    lines: tuple[Line, ...]
    retired: int


def procedures(show: str, text: str = "") -> QuerySet[Procedure]:
    """The procedures that have definitions (or only drafts of them), whose name or code holds
    `text`."""
    own = Definition.objects.filter(procedure=OuterRef("pk"))
    if show == DRAFTS:
        own = own.filter(state__in=[Definition.State.DRAFT, Definition.State.CHECKED])
    rows = Procedure.objects.filter(Exists(own))
    words = Q()
    for word in fold(text).split():
        words &= Q(search_key__contains=word)
    if text.strip():
        rows = rows.filter(words | Q(code__startswith=text.strip()))
    return rows.order_by("code")


def loose(text: str = "") -> QuerySet[Definition]:
    """The drafts that wait to be attached to a procedure."""
    rows = Definition.objects.filter(procedure=None)
    if text.strip():
        rows = rows.filter(Q(origin__icontains=text.strip()) | Q(source__icontains=text.strip()))
    return rows.order_by("source", "origin", "pk")


def entries(shown: Sequence[Procedure], on: date) -> list[Entry]:
    """These procedures with their versions: as many queries for many as for one."""
    rows: dict[int, list[Definition]] = defaultdict(list)
    ids = [procedure.pk for procedure in shown]
    for row in Definition.objects.filter(procedure__in=ids).order_by("-version"):
        rows[row.procedure_id or 0].append(row)
    known = definitions.surroundings_of(ids, on=on)
    return [
        Entry(
            procedure,
            tuple(
                line(row, known[procedure.pk])
                for row in sorted(rows[procedure.pk], key=lambda one: _STATES[one.state])
                if row.state != Definition.State.RETIRED
            ),
            sum(row.state == Definition.State.RETIRED for row in rows[procedure.pk]),
        )
        for procedure in shown
    ]


def lines(rows: Sequence[Definition]) -> list[Line]:
    """Unattached drafts, compared with what is known of the city."""
    known = definitions.surroundings_anywhere()
    return [line(row, known) for row in rows]


def line(row: Definition, known: Surroundings) -> Line:
    """One version with its shape and faults."""
    parsed = row.graph()
    found = checking.faults(parsed, known)
    return Line(row, shape(parsed), len(found), sum(fault.blocks for fault in found))
