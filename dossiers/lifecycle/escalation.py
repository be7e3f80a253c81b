"""Reminders and escalation: who is told, up the line, that a limit nears, passed or is unanswered.

Called by `settling`, in the transaction of a command or of the worker's batch. When each rung is
reached and which levels it tells is the procedure's ladder (`workflows.ladder`). A reminder keeps
what it is about, so that the outbox can ask before sending whether it still holds
(`dossiers.reading.reminders`); its key keeps it from being said twice. People are told in their
agency's hours; the record knows none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dossiers import timers
from dossiers.lifecycle import _telling
from dossiers.lifecycle._batch import Batch
from dossiers.lifecycle._line import out_of_quiet_hours
from dossiers.lifecycle._work import Work
from dossiers.models import Breach, ClockKind, ClockRow, Timer, TimerKind
from workflows import ladder

UNANSWERED = (Breach.State.UNEXPLAINED, Breach.State.RETURNED)
TOPICS = {
    ladder.DUE_SOON: "due_soon",
    ladder.DUE_TODAY: "due_today",
    ladder.BREACH: "breached",
    ladder.UNEXPLAINED: "unexplained",
    ladder.APOLOGY_OVERDUE: "apology_overdue",
}


def follow_up(work: Work, row: ClockRow, breach: Breach, moment: datetime, batch: Batch) -> None:
    """Tell those answerable for a breach and wind the ladder: explain, apologise."""
    if breach.owes_explanation:
        wind(work, row, ladder.UNEXPLAINED, moment)
    if breach.owes_apology and breach.apology is None:
        wind(work, row, ladder.APOLOGY_OVERDUE, moment)
    if not _said_by_the_dossier(work, row, moment):
        _tell(work, row, ladder.BREACH, breach.promise_number, moment, batch)


def wind(work: Work, row: ClockRow, rung: str, since: datetime) -> None:
    """Have this rung reached when it has been waited for long enough, from `since` on."""
    moment = reached_at(work, row, rung, since)
    if moment is not None:
        work.set_timer(row, TimerKind(rung), moment)


def reached_at(work: Work, row: ClockRow, rung: str, since: datetime) -> datetime | None:
    """When a duty owed since then has been waited for long enough; None without such a rung."""
    found = work.ladder.rung(row.kind, rung)
    if found is None or found.hours is None:
        return None
    return row.calendar.working().add(since, found.hours)


@timers.fires(TimerKind.DUE_SOON, TimerKind.DUE_TODAY)
def nears(work: Work, timer: Timer, batch: Batch) -> None:
    """Say that the limit is near; a late sweep says nothing of one that has passed."""
    row = _row(work, timer)
    if row is None or row.state != "running" or row.limit_at is None or work.at > row.limit_at:
        return
    if timer.kind == TimerKind.DUE_SOON and _is_due(work, row, TimerKind.DUE_TODAY):
        return  # caught up with late: what it would say is said by the later one
    _tell(work, row, timer.kind, row.promise_number, row.limit_at, batch)


@timers.fires(TimerKind.UNEXPLAINED)
def unexplained(work: Work, timer: Timer, batch: Batch) -> None:
    """Say further up that nobody has explained."""
    owed = [
        breach
        for breach in batch.standing(timer.clock_id)
        if breach.owes_explanation and breach.state in UNANSWERED
    ]
    _say_owed(work, timer, ladder.UNEXPLAINED, owed, batch)


@timers.fires(TimerKind.APOLOGY_OVERDUE)
def apology_overdue(work: Work, timer: Timer, batch: Batch) -> None:
    """Say further up that no apology has been signed."""
    owed = [
        breach
        for breach in batch.standing(timer.clock_id)
        if breach.owes_apology and breach.apology_id is None
    ]
    _say_owed(work, timer, ladder.APOLOGY_OVERDUE, owed, batch)


def _say_owed(work: Work, timer: Timer, rung: str, owed: list[Breach], batch: Batch) -> None:
    row = _row(work, timer)
    if row is not None and owed:
        _tell(work, row, rung, owed[0].promise_number, timer.fires_at, batch)


def about(row: ClockRow, rung: str, promise: int) -> dict[str, Any]:
    """What a reminder is about, as the outbox asks before sending whether it still holds."""
    return {
        "clock": row.pk,
        "of": row.kind,
        "rung": rung,
        "promise": promise,
        "limit_at": None if row.limit_at is None else row.limit_at.isoformat(),
        # The step that the person told holds, where they are told because of it.
        "step": None,
        "officer": None,
    }


def _tell(
    work: Work, row: ClockRow, rung: str, promise: int, moment: datetime, batch: Batch
) -> None:
    """Tell the levels of a rung, each person once; `moment` says which time round it is."""
    said = about(row, rung, promise)
    limit_at = row.promised_at if promise > 1 else row.limit_at
    key = f"{work.dossier.ref}/{row.pk}/{rung}/{promise}/{moment.isoformat()}"
    levels = work.ladder.told(row.kind, rung)
    if ladder.APPLICANT in levels:
        _tell_applicant(work, row, said, key)
    run = batch.step_of(work, row)
    line = [level for level in levels if level in ladder.LINE]
    known = _telling.context(work, limit_at=limit_at)
    for one in batch.line.told(work, row, run, line):
        held = one.holds
        holding = {} if held is None else {"step": held.pk, "officer": held.officer_id}
        work.tell(
            TOPICS[rung],
            _telling.recipient_at(one.post),
            known | {"about": said | holding},
            key=key,
            not_before=batch.line.not_before(one.post, work.recorded_at),
        )


def _tell_applicant(work: Work, row: ClockRow, said: dict[str, Any], key: str) -> None:
    """Remind the applicant of what is waited for, in the office's own hours."""
    quiet_until = out_of_quiet_hours(row.calendar.working(), work.recorded_at)
    _telling.citizen(
        work,
        "awaited",
        key=key,
        not_before=quiet_until,
        until_at=row.limit_at,
        about=said,
    )


def _said_by_the_dossier(work: Work, row: ClockRow, moment: datetime) -> bool:
    """Whether the breach of a part needs no word of its own: the whole dossier is late with it."""
    if row.kind in (ClockKind.DOSSIER, ClockKind.INTAKE):
        return False
    whole = work.clock_row(ClockKind.DOSSIER)
    return whole is not None and whole.limit_at is not None and whole.limit_at <= moment


def _is_due(work: Work, row: ClockRow, kind: TimerKind) -> bool:
    return any(
        timer.clock_id == row.pk and timer.kind == kind and timer.fires_at < work.at
        for timer in work.timers
    )


def _row(work: Work, timer: Timer) -> ClockRow | None:
    return next((row for row in work.clocks if row.pk == timer.clock_id), None)
