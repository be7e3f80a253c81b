"""The duty to apologise for those who watch: a month's counts by agency and unit, and the very
dossiers behind each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dossiers.models import Dossier, Party
from dossiers.statistics import duty as statistics
from dossiers.statistics.duty import STANDINGS, Asked, Duty
from dossiers.statistics.periods import day_end, local_day, month_start, next_month
from workflows.actors import Actor
from workflows.models import Agency, Role, Unit

WATCHERS = (Role.SUPERVISOR, Role.APPROVER, Role.INSPECTOR, Role.PUBLISHER)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """An agency, or one of its units, with its numbers."""

    code: str
    name: str
    unit_code: str
    unit: str
    duty: Duty


@dataclass(frozen=True, slots=True)
class Case:
    """One dossier that owes, or owed, a letter."""

    code: str
    procedure: str
    holder: str
    breached_at: datetime
    due_at: datetime | None
    signed_at: datetime | None
    standing: str


@dataclass(frozen=True, slots=True)
class Month:
    """The month asked for, its lines and one page of the dossiers behind what was chosen."""

    month: date
    as_of: datetime
    total: Duty
    lines: tuple[Line, ...]
    show: str
    cases: tuple[Case, ...]
    page: int
    number: int

    @property
    def month_key(self) -> str:
        return f"{self.month:%Y-%m}"

    @property
    def pages(self) -> int:
        return max(1, -(-self.number // PAGE))


def total(actor: Actor, at: datetime) -> Duty:
    """The running month's numbers in the actor's reach."""
    rows = statistics.duty(_asked(actor, local_day(at), at))
    return rows[0].duty


def month(
    actor: Actor,
    on: date,
    at: datetime,
    *,
    show: str = "",
    agency: str = "",
    unit: str = "",
    page: int = 1,
) -> Month:
    """The month of the day `on`, as of its end or of `at` while it runs."""
    whole = _asked(actor, on, at)
    rows = statistics.duty(whole, ["agency", "unit"])
    chosen = _asked(actor, on, at, agency=agency, unit=unit)
    standing = show if show in STANDINGS else ""
    (counted,) = statistics.duty(chosen)
    numbers = counted.duty
    found = statistics.owed(chosen, standing, first=(page - 1) * PAGE, most=PAGE)
    return Month(
        month=month_start(on),
        as_of=whole.as_of,
        total=sum((row.duty for row in rows), Duty()),
        lines=_lines(rows),
        show=standing,
        cases=tuple(cases(found)),
        page=page,
        number=getattr(numbers, standing) if standing else numbers.owed,
    )


def paths(actor: Actor) -> tuple[str, ...]:
    """The places in the tree that the actor watches; one that is nowhere where there are none."""
    return tuple(held.agency_path for held in actor.holding(*WATCHERS)) or ("?",)


def _asked(actor: Actor, on: date, at: datetime, *, agency: str = "", unit: str = "") -> Asked:
    first = month_start(on)
    last = next_month(first) - timedelta(days=1)
    return Asked(
        since=first,
        until=last,
        as_of=min(at, day_end(last)),
        paths=paths(actor),
        agency=agency,
        unit=unit,
    )


def _lines(rows: list[statistics.Row]) -> tuple[Line, ...]:
    agencies = {
        one.code: one
        for one in Agency.objects.filter(code__in={row.keys["agency"] for row in rows})
    }
    units = dict(
        Unit.objects.filter(code__in={row.keys["unit"] for row in rows}).values_list("code", "name")
    )
    lines = [
        Line(
            code=row.keys["agency"] or "",
            name=agencies[row.keys["agency"] or ""].name,
            unit_code=row.keys["unit"] or "",
            unit=units.get(row.keys["unit"] or "", ""),
            duty=row.duty,
        )
        for row in rows
    ]
    return tuple(sorted(lines, key=lambda line: (-line.duty.missing, -line.duty.late, line.name)))


def cases(found: list[statistics.Owed]) -> list[Case]:
    """What the list tells of each."""
    ids = [one.dossier_id for one in found]
    rows = Dossier.objects.select_related("procedure").defer("procedure__search_key").in_bulk(ids)
    holders = dict(
        Party.objects.filter(dossier__in=ids, role=Party.Role.HOLDER).values_list("dossier", "name")
    )
    return [
        Case(
            code=rows[one.dossier_id].handle,
            procedure=rows[one.dossier_id].procedure.name,
            holder=holders.get(one.dossier_id, ""),
            breached_at=one.breached_at,
            due_at=one.due_at,
            signed_at=one.signed_at,
            standing=one.standing,
        )
        for one in found
    ]
