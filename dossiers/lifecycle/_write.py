"""Opening and closing an act: lock, check, settle what time has caused; then record it at once.

The same five things in the same order for every command: lock the dossier and read it anew; refuse
who may not; place the moment; settle what time alone had already caused; and, at the end, write
state, event, clocks, figures, timers and messages together or not at all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from dossiers import permissions, watching
from dossiers.errors import Conflict, Invalid, Missing, NotAllowed, NotNow
from dossiers.lifecycle import _flush, _recounting, _undoing, settling
from dossiers.lifecycle._steps import arrive
from dossiers.lifecycle._time import LOCAL
from dossiers.lifecycle._work import Work, take
from dossiers.lifecycle.given import LateEntry
from dossiers.models import Dossier, EventKind, PublishedMonth, Status, Timer
from notifications import outbox
from workflows.actors import STAFF, Actor
from workflows.models import Role

# A lock waited for, two machines' clocks: such an act takes the last one's moment.
TOLERANCE = timedelta(minutes=1)


def lock(
    dossier_id: int,
    command: str,
    *,
    by: Actor,
    at: datetime,
    late: LateEntry | None = None,
    statuses: tuple[str, ...] = (),
    seen: int | None = None,
) -> Work:
    """The dossier, locked and settled, ready for `command` by `by` at `at`.

    `seen` is the ordinal of the step that was under way when the person looked.
    Raises: Missing, Conflict (that step has been finished), NotAllowed, NotNow (status, voided,
    order of time), Invalid (late entry).
    """
    recorded_at = late.recorded_at if late is not None else at
    work = take(dossier_id, at=at, recorded_at=recorded_at, by=by)
    if work is None:
        raise Missing("not_found")
    if seen is not None and (work.step is None or work.step.ordinal != seen):
        raise Conflict("changed_meanwhile")
    _recounting.catch_up([work])
    _place(work, late)
    work.held = permissions.check(by, command, work.dossier, work.step)
    if work.dossier.voided_at is not None:
        raise NotNow("voided")
    _tell_fired(settling.settle([work], before=work.at), command, work.recorded_at)
    if statuses and work.dossier.status not in statuses:
        raise NotNow("wrong_status", status=Status(work.dossier.status).label)
    if work.dossier.waits_for_arrival:
        _let_arrive(work)
    return work


def _let_arrive(work: Work) -> None:
    """Whoever acts on it at the competent agency has it there."""
    if work.held is not None and work.held.agency_id == work.dossier.answering_agency_id:
        arrive(work)


def record(
    work: Work, kind: EventKind, facts: dict[str, Any] | None = None, *, note: str = ""
) -> Dossier:
    """Append the act's event and write everything. Raises: Conflict."""
    work.event(kind, facts, note=note)
    return write(work)


def write(work: Work) -> Dossier:
    """Write everything the act changed, its event having been appended. Raises: Conflict."""
    write_all([work])
    return work.dossier


def write_all(batch: list[Work]) -> None:
    """Write a batch in one statement, and its messages in another. Raises: Conflict."""
    guards = [work.guard for work in batch if work.guard is not None]
    _flush.flush(guards, [work.changes for work in batch])
    for work in batch:
        if not work.is_new:
            work.dossier.version += 1
    rows = [
        outbox.row(
            message.topic,
            message.recipient,
            message.context,
            key=message.key,
            stream=work.dossier.handle,
            at=work.recorded_at,
            not_before=message.not_before,
        )
        for work in batch
        for message in work.messages
    ]
    outbox.post_many(rows)


def _tell_fired(fired: list[Timer], by: str, at: datetime) -> None:
    """Have it counted, once committed, that a command met timers that no worker had fired yet."""
    if fired:
        late = [(timer.kind, (at - timer.fires_at).total_seconds()) for timer in fired]
        transaction.on_commit(lambda: watching.fired(late, by))


def enter_late(work: Work, late: LateEntry) -> None:
    """Mark an act that is entered after it happened. Raises: Invalid (no reason, in the future),
    NotNow (published month), NotAllowed (further back than the same day, without a supervisor)."""
    _check_late_entry(work, late)
    work.recorded_at = late.recorded_at
    work.late_entry = work.dossier.late_entry = True


def _place(work: Work, late: LateEntry | None) -> None:
    """Put the act into the order of time (design: events, time of acting)."""
    last = work.dossier.last_caused_at
    if late is not None:
        enter_late(work, late)
    if last is not None and work.at < last:
        if late is not None or last - work.at > TOLERANCE:
            raise NotNow("before_last_act", last=f"{last.astimezone(LOCAL):%d/%m/%Y %H:%M}")
        work.at = last
        work.recorded_at = max(work.recorded_at, last)
    if late is not None:
        _undoing.take_back_lapse(work)
    if late is not None or _passed_since(work):
        settling.take_back(work)


def _passed_since(work: Work) -> bool:
    """Whether a worker noticed a limit pass, no earlier than the act, while it waited its turn."""
    for row in work.clocks:
        moments = (row.limit_at, row.promised_at, row.limit_set_at)
        if row.breached and any(moment is not None and moment >= work.at for moment in moments):
            return True
    return False


def _check_late_entry(work: Work, late: LateEntry) -> None:
    if not late.reason.strip():
        raise Invalid("late_entry_reason", fields={"late_reason": "late_entry_reason"})
    if work.at > late.recorded_at:
        raise Invalid("in_the_future", fields={"at": "in_the_future"})
    happened, entered = work.at.astimezone(LOCAL), late.recorded_at.astimezone(LOCAL)
    if PublishedMonth.objects.filter(month=happened.date().replace(day=1)).exists():
        raise NotNow("published_month")
    if happened.date() == entered.date() or work.by.kind != STAFF:
        return
    step = work.step
    for held in work.by.holding(Role.SUPERVISOR):
        if permissions.ABOVE in permissions.relations(held, work.dossier, step):
            return
    raise NotAllowed("late_entry_supervisor")
