"""The parts of a limit split by agency, as far as they have run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dossiers.models import ClockKind, ClockRow, Dossier
from dossiers.reading.limits import limit_words
from dossiers.reading.timeleft import NO_LIMIT, TimeLeft, time_left
from workflows.models import Agency


@dataclass(frozen=True, slots=True)
class PartLine:
    """One agency's part, and how much of it is left; `begun` once the agency had the dossier."""

    agency: str
    limit: str
    left: TimeLeft
    begun: bool


def parts(dossier: Dossier, at: datetime) -> list[PartLine]:
    """The parts kept with the dossier, in their order; no query where it has none."""
    kept = dossier.facts.get("parts") or {}
    if not kept:
        return []
    names = dict(Agency.objects.filter(code__in=kept).values_list("code", "name"))
    rows = ClockRow.objects.filter(dossier=dossier, kind=ClockKind.PART)
    last = {
        row.agency.code: row
        for row in rows.select_related("agency", "calendar__base").order_by("pk")
        if row.agency is not None
    }
    return [
        PartLine(
            agency=names.get(code, code),
            limit=limit_words(limit),
            left=time_left(last[code], at) if code in last else NO_LIMIT,
            begun=code in last,
        )
        for code, limit in kept.items()
    ]
