"""Records of repeated lateness for those who watch: whose, since when, the cases, what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dossiers.models import Breach, RepeatedLateness
from dossiers.models.repeated import RepeatedQuerySet
from workflows.actors import Actor
from workflows.models import Role

MOST = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One record in the list: `cases` counts what still stands of it."""

    pk: int
    agency: str
    unit: str
    officer: str
    since: datetime
    until: datetime
    cases: int
    raised_at: datetime
    noted_at: datetime | None
    noted_by: str
    note: str


@dataclass(frozen=True, slots=True)
class Case:
    """One dossier that was late: `delay` is working time, in the end or so far."""

    code: str
    procedure: str
    breach_id: int
    breached_at: datetime
    delay: timedelta
    ended: bool
    state: str
    reason: str
    apology: str
    annulled: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """A record with its cases."""

    line: Line
    cases: tuple[Case, ...]


def open_count(actor: Actor) -> int:
    """How many records wait for a note in the actor's reach."""
    return _open(actor).count()


def lines(actor: Actor, *, noted: bool) -> list[Line]:
    """The records that wait for a note, or those noted, the newest first."""
    if noted:
        rows = RepeatedLateness.objects.seen_by(actor).with_standing().exclude(noted_at=None)
    else:
        rows = _open(actor)
    return [_line(row) for row in _with_names(rows)[:MOST]]


def whole(actor: Actor, pk: int, at: datetime) -> Whole | None:
    """One record with its cases as they stand at `at`; None where the actor does not watch it."""
    row = _with_names(RepeatedLateness.objects.seen_by(actor).with_standing().filter(pk=pk)).first()
    if row is None:
        return None
    found = Breach.objects.filter(pk__in=row.cases.values("breach")).select_related(
        "dossier__procedure", "clock__calendar__base", "reason", "apology"
    )
    rows = found.defer("dossier__procedure__search_key").order_by("breached_at", "pk")
    return Whole(_line(row), tuple(_case(breach, at) for breach in rows))


def may_note(actor: Actor) -> bool:
    """Whether the page offers to note what was done: a supervisor's act."""
    return bool(actor.holding(Role.SUPERVISOR))


def _open(actor: Actor) -> RepeatedQuerySet:
    return RepeatedLateness.objects.seen_by(actor).with_standing().open()


def _with_names(rows: RepeatedQuerySet) -> RepeatedQuerySet:
    return rows.select_related("agency", "unit", "officer", "noted_by")


def _line(row: RepeatedLateness) -> Line:
    return Line(
        pk=row.pk,
        agency=row.agency.name,
        unit="" if row.unit is None else row.unit.name,
        officer="" if row.officer is None else row.officer.name,
        since=row.since,
        until=row.until,
        cases=row.standing,  # type: ignore[attr-defined]
        raised_at=row.raised_at,
        noted_at=row.noted_at,
        noted_by="" if row.noted_by is None else row.noted_by.name,
        note=row.note,
    )


def _case(breach: Breach, at: datetime) -> Case:
    return Case(
        code=breach.dossier.handle,
        procedure=breach.dossier.procedure.name,
        breach_id=breach.pk,
        breached_at=breach.breached_at,
        delay=breach.delay_by(at),
        ended=breach.ended_at is not None,
        state=breach.get_state_display(),
        reason="" if breach.reason is None else breach.reason.name,
        apology="" if breach.apology is None else breach.apology.get_state_display(),
        annulled=breach.annulled_at is not None or breach.dossier.voided_at is not None,
    )
