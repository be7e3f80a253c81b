"""What is overdue now, as the public reads it: the longest waiting, and since when limits passed.

Named are the code's tail, the procedure and the agency; of persons nothing is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from dossiers.models import Apology, ClockKind, ClockRow, Dossier
from workflows.models import NATIONAL, Calendar

TAIL = 4
WORKING_DAY = timedelta(hours=8)
# Upper ends of the groups, in working days since the limit passed; the last has none.
GROUPS = (1, 5, 10, 30)


@dataclass(frozen=True, slots=True)
class Overdue:
    """One dossier, late by so much working time; `apologised_at` is when the letter was signed."""

    tail: str
    procedure: str
    agency: str
    late_by: timedelta
    apologised_at: datetime | None


@dataclass(frozen=True, slots=True)
class Age:
    """How many passed their limit more than `above` and at most `up_to` working days ago."""

    above: int
    up_to: int | None
    number: int


def longest(at: datetime, most: int = 10) -> list[Overdue]:
    """The dossiers whose limit passed longest ago, in two queries."""
    signed = Apology.objects.filter(dossier=OuterRef("dossier"), signed_at__isnull=False).exclude(
        state=Apology.State.ANNULLED
    )
    rows = (
        _clocks(at)
        .select_related(
            "calendar__base", "dossier__procedure", "dossier__edition", "dossier__answering_agency"
        )
        .only(
            "limit_at",
            "stopped_at",
            "calendar",
            "dossier__code",
            "dossier__procedure__name",
            "dossier__edition__name",
            "dossier__answering_agency__name",
        )
        .annotate(apologised_at=Subquery(signed.values("signed_at")[:1]))
        .order_by("limit_at", "pk")[:most]
    )
    return [
        Overdue(
            tail=f"…{(row.dossier.code or '')[-TAIL:]}",
            procedure=row.dossier.edition.name,
            agency=row.dossier.answering_agency.name,
            late_by=row.calendar.working().between(row.limit_at, row.stopped_at or at),
            apologised_at=row.apologised_at,
        )
        for row in rows
        if row.limit_at is not None
    ]


def ages(at: datetime) -> list[Age]:
    """How long ago the limits of what is overdue passed, by the national working days; one count
    over the overdue. Empty where nothing is overdue."""
    calendar = Calendar.objects.select_related("base").filter(code=NATIONAL).first()
    if calendar is None:
        return []
    working = calendar.working()
    ends = [working.add(at, -days * WORKING_DAY) for days in GROUPS]
    counts = {}
    for place in range(len(GROUPS) + 1):
        within = Q()
        if place:
            within &= Q(limit_at__lt=ends[place - 1])
        if place < len(GROUPS):
            within &= Q(limit_at__gte=ends[place])
        counts[f"group_{place}"] = Count("pk", filter=within)
    found = _clocks(at).aggregate(**counts)
    groups = [
        Age(
            above=GROUPS[place - 1] if place else 0,
            up_to=GROUPS[place] if place < len(GROUPS) else None,
            number=found[f"group_{place}"],
        )
        for place in range(len(GROUPS) + 1)
    ]
    return groups if any(group.number for group in groups) else []


def _clocks(at: datetime) -> QuerySet[ClockRow]:
    """The dossier clocks of what is overdue: the same definition as every list's."""
    overdue = Dossier.objects.overdue(at).values("pk")
    return ClockRow.objects.filter(kind=ClockKind.DOSSIER, dossier__in=overdue)
