"""Moving a dossier along its workflow: take up, put back, assign, finish a step."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers.errors import Invalid, NotNow
from dossiers.lifecycle import _time, _write
from dossiers.lifecycle._steps import begin_processing, close, go_on
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.given import LateEntry
from dossiers.lifecycle.registry import command
from dossiers.models import ClockKind, Dossier, Event, EventKind, Ground, Status, StepRun
from workflows import routing
from workflows.actors import IMPORT, Actor
from workflows.models import Post

AT_WORK = (Status.RECEIVED, Status.PROCESSING)


@command("claim", _("Take up"), statuses=AT_WORK)
def claim(dossier_id: int, *, by: Actor, at: datetime, late: LateEntry | None = None) -> Dossier:
    """Take up the step under way for oneself. Raises: NotNow (held by another)."""
    work = _open(dossier_id, "claim", by=by, at=at, late=late)
    run = _step(work)
    if run.officer is not None:
        raise NotNow("held_by_another", officer=run.officer.name)
    _take_up(work, run)
    begin_processing(work.dossier)
    return _write.record(work, EventKind.CLAIMED, _facts(run))


@command("release", _("Put back"), statuses=AT_WORK)
def release(dossier_id: int, *, by: Actor, at: datetime, late: LateEntry | None = None) -> Dossier:
    """Put a step one holds back into the pool. Raises: NotNow (not held by oneself)."""
    work = _open(dossier_id, "release", by=by, at=at, late=late)
    run = _step(work)
    _require_own(work, run)
    held_before = _held_before(run)
    run.officer, run.claimed_at, run.state = None, None, StepRun.State.WAITING
    work.changes.change(run, "officer", "claimed_at", "state")
    return _write.record(work, EventKind.RELEASED, _facts(run) | held_before)


@command("assign", _("Assign"), statuses=AT_WORK)
def assign(
    dossier_id: int, *, post: int, by: Actor, at: datetime, late: LateEntry | None = None
) -> Dossier:
    """Give the step under way to a person who holds its role in its place. Raises: Invalid."""
    work = _open(dossier_id, "assign", by=by, at=at, late=late)
    run = _step(work)
    fitting = Post.objects.held_on(_time.local_date(work.at)).filter(
        pk=post, role=run.role, agency_id=run.agency_id
    )
    if run.unit_id is not None:
        fitting = fitting.filter(unit_id__in=[run.unit_id])
    chosen = fitting.first()
    if chosen is None:
        raise Invalid("nobody_there", fields={"post": "nobody_there"})
    held_before = _held_before(run)
    run.officer, run.claimed_at, run.state = chosen, work.at, StepRun.State.WORKING
    work.changes.change(run, "officer", "claimed_at", "state")
    begin_processing(work.dossier)
    return _write.record(work, EventKind.ASSIGNED, _facts(run) | held_before | {"post": chosen.pk})


@command("advance", _("Finish the step"), statuses=AT_WORK)
def advance(
    dossier_id: int,
    *,
    outcome: str,
    note: str = "",
    step: int | None = None,
    by: Actor,
    at: datetime,
    late: LateEntry | None = None,
) -> Dossier:
    """Finish the step under way with `outcome` and open what the definition says comes next.

    A step nobody holds is taken up by whoever finishes it. `step` is the ordinal of the step that
    the person saw: pressed twice, it is finished once, and the next is not finished unseen.
    Raises: Conflict (the step seen has been finished), NotNow, Invalid.
    """
    work = _open(dossier_id, "advance", by=by, at=at, late=late, seen=step)
    run = _step(work)
    _require_no_wait(work)
    taken = {"taken_up": True} if run.officer is None else {}
    if run.officer is None:
        _take_up(work, run)
    else:
        _require_own(work, run)
    begin_processing(work.dossier)
    following = _next(work, run, outcome)
    close(work, outcome)
    facts = _facts(run) | {"outcome": outcome, "returns": following.returns} | taken
    if following.step is not None:
        opened = go_on(work, following.step, is_return=following.returns)
        facts["next"] = opened.key
    return _write.record(work, EventKind.ADVANCED, facts, note=note.strip())


def _open(
    dossier_id: int,
    name: str,
    *,
    by: Actor,
    at: datetime,
    late: LateEntry | None = None,
    seen: int | None = None,
) -> Work:
    work = _write.lock(dossier_id, name, by=by, at=at, late=late, statuses=AT_WORK, seen=seen)
    if work.dossier.waits_for_counter:
        raise NotNow("waits_for_counter")
    return work


def _step(work: Work) -> StepRun:
    if work.step is None:
        raise NotNow("no_such_step")
    return work.step


def _take_up(work: Work, run: StepRun) -> None:
    run.officer_id = None if work.held is None else work.held.post_id
    run.claimed_at, run.state = work.at, StepRun.State.WORKING
    work.changes.change(run, "officer", "claimed_at", "state")


def _require_own(work: Work, run: StepRun) -> None:
    own = {held.post_id for held in work.by.posts}
    if work.by.kind != IMPORT and run.officer_id not in own:
        raise NotNow("held_by_another", officer=run.officer.name if run.officer else "–")


def _next(work: Work, run: StepRun, outcome: str) -> routing.Next:
    graph, facts = work.dossier.definition.graph(), work.dossier.facts
    taken = graph.step(run.key).outcome(outcome) if graph.has(run.key) else None
    returned = 0
    if taken is not None and taken.returns:
        passages = StepRun.objects.filter(dossier=work.dossier, outcome=outcome)
        returned = passages.filter(key__in=keys_of(work.dossier, run.key)).count()
    try:
        return routing.next_step(graph, run.key, outcome, facts, returned=returned)
    except routing.NoWay as fault:
        if fault.code == "returned_too_often":
            raise NotNow("returns_used_up") from None
        raise Invalid(
            "no_such_outcome", fields={"outcome": "no_such_outcome"}, outcome=outcome
        ) from None


def keys_of(dossier: Dossier, key: str) -> set[str]:
    """The keys that this step has had in the versions that the dossier followed."""
    moves = Event.objects.filter(dossier=dossier, kind=EventKind.MOVED_TO_VERSION).order_by("-n")
    keys = {key}
    for facts in moves.values_list("facts", flat=True):
        keys |= {old for old, new in facts["mapping"].items() if new in keys}
    return keys


def _require_no_wait(work: Work) -> None:
    """No step ends while the clock stands for an opinion that the law has it wait for."""
    row = work.clock_row(ClockKind.DOSSIER)
    if row is not None and Ground.CONSULTATION in row.grounds:
        raise NotNow("opinion_waited")


def _held_before(run: StepRun) -> dict[str, object]:
    """Who held the step before this act: what an undo puts back."""
    if run.officer_id is None:
        return {}
    since = None if run.claimed_at is None else run.claimed_at.isoformat()
    return {"held_before": run.officer_id, "held_since": since}


def _facts(run: StepRun) -> dict[str, object]:
    return {"step": run.key, "ordinal": run.ordinal}
