"""The search of the bar: by code in any form, by number of a paper, by name without diacritics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q

from dossiers import codes
from dossiers.models import ClockKind, ClockRow, Dossier, Party
from dossiers.reading.promises import moved_from, with_first_promise
from dossiers.reading.timeleft import TimeLeft, time_left
from workflows.actors import Actor
from workflows.folding import fold

MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Found:
    """One dossier that was looked for."""

    code: str
    procedure: str
    holder: str
    agency: str
    status: str
    left: TimeLeft
    promised_at: datetime | None
    first_promised_at: datetime | None


def search(text: str, actor: Actor, at: datetime) -> list[Found]:
    """What the actor may see and `text` names; nothing for fewer than three characters."""
    key = codes.folded(text)
    if len(key) < 3:
        return []
    people = Party.objects.filter(dossier=OuterRef("pk")).filter(
        Q(name_key__contains=fold(text)) | Q(identity=key)
    )
    main = ClockRow.objects.filter(kind=ClockKind.DOSSIER).select_related("calendar__base")
    holders = Party.objects.filter(role=Party.Role.HOLDER).only("dossier_id", "name")
    found = (
        Dossier.objects.visible_to(actor)
        .filter(Q(code_key__contains=key) | Exists(people))
        .exclude(code=None)
        .select_related("procedure", "answering_agency")
        .defer("procedure__search_key")
        .prefetch_related(
            Prefetch("clocks", queryset=with_first_promise(main), to_attr="main_clocks"),
            Prefetch("parties", queryset=holders, to_attr="holders"),
        )
        .order_by("-received_at", "-pk")[:MOST_FOUND]
    )
    return [_found(dossier, at) for dossier in found]


def _found(dossier: Dossier, at: datetime) -> Found:
    clock = next(iter(dossier.main_clocks), None)  # type: ignore[attr-defined]
    holder = next(iter(dossier.holders), None)  # type: ignore[attr-defined]
    return Found(
        code=dossier.handle,
        procedure=dossier.procedure.name,
        holder="" if holder is None else holder.name,
        agency=dossier.answering_agency.name,
        status=dossier.status,
        left=time_left(clock, at),
        promised_at=None if clock is None else clock.promised_at,
        first_promised_at=moved_from(clock),
    )
