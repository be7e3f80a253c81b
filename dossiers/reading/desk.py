"""The desk: the steps under way that a person holds or may take up, by working time left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from dossiers.models import STOPPED, ClockKind, ClockRow, Dossier, Ground, Party, StepRun
from dossiers.reading.promises import moved_from, with_first_promise
from dossiers.reading.steps import name_of
from dossiers.reading.timeleft import LOCAL, TimeLeft, time_left
from workflows import routing
from workflows.actors import Actor
from workflows.models import Role

TABS = ("mine", "unit", "stopped")
GROUPS = ("late", "today", "week", "later", "stopped", "without")
MOST_ROWS = 200
_STOPPED = Q(dossier__status__in=STOPPED)
DESK_ROLES = (Role.OFFICER, Role.UNIT_HEAD, Role.APPROVER, Role.ARCHIVE_CLERK)
HEAVY = (
    "dossier__definition__body",
    "dossier__procedure__search_key",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """An outcome that can be chosen with one click."""

    key: str
    label: str
    returns: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One step of one dossier on the desk."""

    code: str
    procedure: str
    holder: str
    step: str
    ordinal: int
    officer: str
    is_mine: bool
    can_claim: bool
    left: TimeLeft
    promised_at: datetime | None
    first_promised_at: datetime | None
    is_late: bool
    owes_apology: bool
    next: Choice | None


@dataclass(frozen=True, slots=True)
class Group:
    """Rows whose time ends in the same stretch."""

    key: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """What stands on the desk under one tab, with the counts of all tabs."""

    tab: str
    counts: dict[str, int]
    groups: tuple[Group, ...]
    more: int


def desk(actor: Actor, tab: str, at: datetime) -> Desk:
    """The desk of `actor` at `at` under `tab`; a fixed number of queries however full it is."""
    reach = _reach(actor)
    runs = _runs().filter(reach["unit"])
    counts = runs.aggregate(
        mine=Count("pk", filter=reach["mine"] & ~_STOPPED),
        unit=Count("pk", filter=~_STOPPED),
        stopped=Count("pk", filter=_STOPPED),
    )
    chosen = {
        "mine": runs.filter(reach["mine"]).exclude(_STOPPED),
        "unit": runs.exclude(_STOPPED),
        "stopped": runs.filter(_STOPPED),
    }[tab]
    posts = {held.post_id for held in actor.posts}
    rows = [_row(run, actor, posts, at) for run in _loaded(chosen)]
    groups = _grouped(rows, at) if tab != "stopped" else (Group("stopped", tuple(rows)),)
    return Desk(
        tab=tab,
        counts=counts,
        groups=tuple(group for group in groups if group.rows),
        more=max(0, counts[tab] - len(rows)),
    )


def _runs() -> QuerySet[StepRun]:
    return StepRun.objects.filter(
        state__in=[StepRun.State.WAITING, StepRun.State.WORKING],
        dossier__voided_at=None,
        dossier__waits_for_counter=False,
    )


def _reach(actor: Actor) -> dict[str, Q]:
    """Conditions: `unit`, steps in one's own place; `mine`, held by or open to oneself."""
    own = Q(officer__in=[held.post_id for held in actor.posts])
    unit, pool = Q(own), Q(pk__in=[])
    for held in actor.holding(*DESK_ROLES):
        place = Q(agency_id=held.agency_id)
        if held.unit_id is not None:
            place &= Q(unit_id=held.unit_id) | Q(unit=None)
        pool |= place & Q(role=held.role, officer=None)
        unit |= place & Q(role=held.role)
        if held.role == Role.UNIT_HEAD and held.unit_id is not None:
            # Heads see all that lies in their unit, whoever's role it asks for.
            unit |= Q(agency_id=held.agency_id, unit_id=held.unit_id)
    return {"unit": unit, "mine": own | pool}


def _loaded(runs: QuerySet[StepRun]) -> QuerySet[StepRun]:
    main = ClockRow.objects.filter(kind=ClockKind.DOSSIER).select_related("calendar__base")
    holders = Party.objects.filter(role=Party.Role.HOLDER).only("dossier_id", "name")
    return (
        runs.annotate(
            ends_at=Coalesce(
                "clock__limit_at",
                Subquery(main.filter(dossier=OuterRef("dossier")).values("limit_at")[:1]),
            )
        )
        .select_related(
            "dossier__procedure", "dossier__definition", "officer", "clock__calendar__base"
        )
        .defer(*HEAVY)
        .prefetch_related(
            Prefetch("dossier__clocks", queryset=with_first_promise(main), to_attr="main_clocks"),
            Prefetch("dossier__parties", queryset=holders, to_attr="holders"),
        )
        .order_by("ends_at", "opened_at", "pk")[:MOST_ROWS]
    )


def _row(run: StepRun, actor: Actor, posts: set[int], at: datetime) -> Row:
    dossier = run.dossier
    main: ClockRow | None = next(iter(dossier.main_clocks), None)  # type: ignore[attr-defined]
    own = getattr(run, "clock", None)
    clock = own if own is not None else main
    holder = next(iter(dossier.holders), None)  # type: ignore[attr-defined]
    # While the clock stands for an opinion no step ends.
    waits = main is not None and Ground.CONSULTATION in main.grounds
    return Row(
        code=dossier.handle,
        procedure=dossier.procedure.name,
        holder="" if holder is None else holder.name,
        step=step_name(dossier, run.key),
        ordinal=run.ordinal,
        officer="" if run.officer is None else run.officer.name,
        is_mine=run.officer_id in posts,
        can_claim=run.officer_id is None and holds(actor, run),
        left=time_left(clock, at),
        promised_at=None if main is None else main.promised_at,
        first_promised_at=moved_from(main),
        is_late=main is not None and time_left(main, at).state == "late",
        owes_apology=main is not None and 1 in main.breached,
        next=_usual(dossier, run) if run.officer_id in posts and not waits else None,
    )


def holds(actor: Actor, run: StepRun) -> bool:
    """Whether the step's role and place are the actor's own."""
    return any(
        held.role == run.role
        and held.agency_id == run.agency_id
        and (held.unit_id is None or run.unit_id in (None, held.unit_id))
        for held in actor.posts
    )


def step_name(dossier: Dossier, key: str) -> str:
    """The step's name in the reader's language; its key where no version it followed has it."""
    return name_of(dossier, key)


def _usual(dossier: Dossier, run: StepRun) -> Choice | None:
    try:
        outcome = routing.usual_outcome(dossier.definition.graph(), run.key, dossier.facts)
    except routing.NoWay:
        return None
    return Choice(outcome.key, outcome.label.in_language(get_language() or "vi"), False)


def _grouped(rows: list[Row], at: datetime) -> tuple[Group, ...]:
    found: dict[str, list[Row]] = {key: [] for key in GROUPS}
    for row in rows:
        found[_group_of(row.left, at)].append(row)
    return tuple(Group(key, tuple(members)) for key, members in found.items())


def _group_of(left: TimeLeft, at: datetime) -> str:
    if left.state in ("late", "today", "stopped"):
        return left.state
    if left.moment is None:
        return "without"
    today = at.astimezone(LOCAL).date()
    sunday = today + timedelta(days=6 - today.weekday())
    return "week" if left.moment.astimezone(LOCAL).date() <= sunday else "later"
