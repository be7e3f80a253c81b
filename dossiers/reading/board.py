"""The supervisor's board: what is late now, what is owed, and the very rows behind each count."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet

from dossiers.models import Breach, ClockKind, ClockRow, Dossier, Party
from dossiers.reading.promises import is_another_day, moved_from, with_first_promise
from dossiers.reading.timeleft import TimeLeft, time_left
from workflows.actors import Actor
from workflows.models import Agency, Unit

LATE = "late"
UNEXPLAINED = "unexplained"
JUDGE = "judge"
APOLOGIES = "apologies"
STEPS = "steps"
SHOWS = (LATE, UNEXPLAINED, JUDGE, APOLOGIES, STEPS)
PAGE = 50


@dataclass(slots=True)
class Tally:
    """One agency (or one of its units) with its counts."""

    code: str
    name: str
    late: int = 0
    unexplained: int = 0
    judge: int = 0
    apologies: int = 0
    steps: int = 0
    units: list[Tally] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """A late dossier, or a breach that somebody must answer for."""

    code: str
    procedure: str
    holder: str
    agency: str
    unit: str
    left: TimeLeft
    promised_at: datetime | None
    first_promised_at: datetime | None
    breached_at: datetime | None = None
    breach_id: int | None = None
    of: str = ""
    state: str = ""
    reason: str = ""
    apology: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """The counts of the whole reach, the same by agency, and the rows chosen."""

    counts: dict[str, int]
    tallies: tuple[Tally, ...]
    show: str
    rows: tuple[Row, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def board(
    actor: Actor, at: datetime, *, show: str = LATE, agency: str = "", unit: str = "", page: int = 1
) -> Board:
    """What stands late or unanswered in the actor's reach at `at`, and one page of its rows."""
    sources = {
        LATE: _late(actor, at),
        UNEXPLAINED: _breaches(actor, _UNEXPLAINED),
        JUDGE: _breaches(actor, _TO_JUDGE),
        APOLOGIES: _breaches(actor, _APOLOGY_OWED),
        STEPS: _late_steps(actor, at),
    }
    found = {key: _by_place(key, rows) for key, rows in sources.items()}
    tallies = _tallies(found)
    chosen = _at_place(sources[show], show, agency, unit)
    first = (page - 1) * PAGE
    read = _late_rows if show == LATE else _breach_rows
    rows = read(chosen, first, at)
    return Board(
        counts={key: sum(places.values()) for key, places in found.items()},
        tallies=tallies,
        show=show,
        rows=tuple(rows),
        total=_total(show, tallies, agency, unit),
        page=page,
    )


# Each count and its rows come from the same queryset.

OWN_MATTER = [of for of in Breach.Of if of not in (Breach.Of.DOSSIER, Breach.Of.INTAKE)]
_UNEXPLAINED = Q(owes_explanation=True, state__in=[Breach.State.UNEXPLAINED, Breach.State.RETURNED])
_TO_JUDGE = Q(state=Breach.State.EXPLAINED)
_APOLOGY_OWED = Q(owes_apology=True) & (Q(apology=None) | Q(apology__settled_at=None))


def _late(actor: Actor, at: datetime) -> QuerySet[Dossier]:
    return Dossier.objects.visible_to(actor).overdue(at)


def _breaches(actor: Actor, condition: Q) -> QuerySet[Breach]:
    visible = Dossier.objects.visible_to(actor).standing()
    return Breach.objects.filter(condition, annulled_at=None, dossier__in=visible.values("pk"))


def _late_steps(actor: Actor, at: datetime) -> QuerySet[Breach]:
    """Late now inside dossiers that are on time: the unit's own matter, on no public page."""
    on_time = (
        Dossier.objects.visible_to(actor)
        .pending()
        .exclude(pk__in=Dossier.objects.overdue(at).values("pk"))
    )
    return Breach.objects.filter(
        of__in=OWN_MATTER,
        annulled_at=None,
        clock__state__in=["running", "stopped"],
        dossier__in=on_time.values("pk"),
    )


def _place(show: str) -> tuple[str, str]:
    return ("answering_agency", "unit") if show == LATE else ("agency", "unit")


def _by_place(show: str, rows: QuerySet) -> dict[tuple[int, int | None], int]:
    agency, unit = _place(show)
    counted = rows.order_by().values_list(f"{agency}_id", f"{unit}_id").annotate(n=Count("pk"))
    return {(agency_id, unit_id): n for agency_id, unit_id, n in counted}


def _at_place(rows: QuerySet, show: str, agency: str, unit: str) -> QuerySet:
    agency_field, unit_field = _place(show)
    if agency:
        rows = rows.filter(**{f"{agency_field}__code": agency})
    if unit:
        rows = rows.filter(**{f"{unit_field}__code": unit})
    return rows


def _tallies(found: dict[str, dict[tuple[int, int | None], int]]) -> tuple[Tally, ...]:
    places = {place for counts in found.values() for place in counts}
    agencies = Agency.objects.in_bulk({agency for agency, _unit in places})
    units = Unit.objects.in_bulk({unit for _agency, unit in places if unit is not None})
    by_agency: dict[int, Tally] = {}
    for agency_id, unit_id in sorted(places, key=lambda place: (place[0], place[1] or 0)):
        agency = agencies[agency_id]
        whole = by_agency.setdefault(agency_id, Tally(agency.code, agency.name))
        part = None
        if unit_id is not None:
            part = Tally(units[unit_id].code, units[unit_id].name)
            whole.units.append(part)
        for key, counts in found.items():
            for tally in (whole, part):
                if tally is not None:
                    n = getattr(tally, key) + counts.get((agency_id, unit_id), 0)
                    setattr(tally, key, n)
    return tuple(
        sorted(by_agency.values(), key=lambda tally: (-tally.late, -tally.unexplained, tally.name))
    )


def _total(show: str, tallies: tuple[Tally, ...], agency: str, unit: str) -> int:
    """How many rows the count of this place opens: the tally's own number."""
    chosen = [tally for tally in tallies if agency in ("", tally.code)]
    if unit:
        chosen = [part for tally in chosen for part in tally.units if part.code == unit]
    return sum(getattr(tally, show) for tally in chosen)


def _late_rows(rows: QuerySet[Dossier], first: int, at: datetime) -> list[Row]:
    main = ClockRow.objects.filter(kind=ClockKind.DOSSIER).select_related("calendar__base")
    holders = Party.objects.filter(role=Party.Role.HOLDER).only("dossier_id", "name")
    found = (
        rows.filter(clocks__kind=ClockKind.DOSSIER)
        .order_by(F("clocks__limit_at").asc(), "pk")
        .select_related("procedure", "answering_agency", "unit")
        .defer("procedure__search_key")
        .prefetch_related(
            Prefetch("clocks", queryset=with_first_promise(main), to_attr="main_clocks"),
            Prefetch("parties", queryset=holders, to_attr="holders"),
        )[first : first + PAGE]
    )
    return [
        Row(
            code=dossier.handle,
            procedure=dossier.procedure.name,
            holder=_holder(dossier),
            agency=dossier.answering_agency.name,
            unit=dossier.unit.name,
            left=time_left(dossier.main_clocks[0], at),
            promised_at=dossier.main_clocks[0].promised_at,
            first_promised_at=moved_from(dossier.main_clocks[0]),
        )
        for dossier in found
    ]


def _breach_rows(rows: QuerySet[Breach], first: int, at: datetime) -> list[Row]:
    holders = Party.objects.filter(role=Party.Role.HOLDER).only("dossier_id", "name")
    found = (
        with_first_promise(rows, "clock")
        .order_by("breached_at", "pk")
        .select_related(
            "dossier__procedure", "agency", "unit", "clock__calendar__base", "reason", "apology"
        )
        .defer("dossier__procedure__search_key")
        .prefetch_related(Prefetch("dossier__parties", queryset=holders, to_attr="holders"))
    )
    return [
        Row(
            code=breach.dossier.handle,
            procedure=breach.dossier.procedure.name,
            holder=_holder(breach.dossier),
            agency=breach.agency.name,
            unit="" if breach.unit is None else breach.unit.name,
            left=time_left(breach.clock, at),
            promised_at=breach.clock.promised_at,
            first_promised_at=_first_promise(breach),
            breached_at=breach.breached_at,
            breach_id=breach.pk,
            of=breach.get_of_display(),
            state=breach.state,
            reason="" if breach.reason is None else breach.reason.name,
            apology="" if breach.apology is None else breach.apology.get_state_display(),
        )
        for breach in found[first : first + PAGE]
    ]


def _first_promise(breach: Any) -> datetime | None:
    moved = is_another_day(breach.first_promised_at, breach.clock.promised_at)
    return breach.first_promised_at if moved else None


def _holder(dossier: Dossier) -> str:
    holder = next(iter(dossier.holders), None)  # type: ignore[attr-defined]
    return "" if holder is None else holder.name
