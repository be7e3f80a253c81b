"""What runs out on the applicant's side: papers or money not brought in time end the dossier; of a
result not collected they are reminded."""

from __future__ import annotations

from dossiers import timers
from dossiers.lifecycle import _telling, escalation, uncollected
from dossiers.lifecycle._batch import Batch
from dossiers.lifecycle._line import out_of_quiet_hours
from dossiers.lifecycle._steps import end
from dossiers.lifecycle._work import Work, pure
from dossiers.models import (
    ClockKind,
    ClockRow,
    EventKind,
    FeeDemand,
    Measure,
    Supplement,
    Timer,
    TimerKind,
)
from workflows.actors import TIME


@timers.fires(TimerKind.SUPPLEMENT_LAPSE)
def supplement_lapses(work: Work, timer: Timer, batch: Batch) -> None:
    """The applicant's term for papers ran out: the dossier is discontinued, with notice."""
    open_ones = Supplement.objects.filter(dossier=work.dossier, state=Supplement.State.OPEN)
    _lapse(work, timer, open_ones.first(), EventKind.SUPPLEMENT_LAPSED)


@timers.fires(TimerKind.PAYMENT_LAPSE)
def payment_lapses(work: Work, timer: Timer, batch: Batch) -> None:
    """The applicant's term to pay ran out: the dossier is discontinued, with notice."""
    open_ones = FeeDemand.objects.filter(dossier=work.dossier, state=FeeDemand.State.OPEN)
    _lapse(work, timer, open_ones.first(), EventKind.PAYMENT_LAPSED)


@timers.fires(TimerKind.UNCOLLECTED)
def not_collected(work: Work, timer: Timer, batch: Batch) -> None:
    """Remind the applicant that the result lies ready, and wind the next reminder; after the last
    the clock ends."""
    row, concluded_at = _row(work, timer), work.dossier.concluded_at
    if row is None or concluded_at is None or row.kind != ClockKind.UNCOLLECTED:
        return
    due = timer.fires_at
    while (later := uncollected.following(concluded_at, due)) is not None and later < work.at:
        due = later  # slept through: what was missed is said once
    if work.by.kind == TIME.kind:  # who acts on it just now needs no reminder
        key = f"{work.dossier.ref}/{row.pk}/uncollected/{due.isoformat()}"
        quiet = out_of_quiet_hours(row.calendar.working(), work.recorded_at)
        about = escalation.about(row, TimerKind.UNCOLLECTED, row.promise_number)
        _telling.citizen(
            work, "uncollected", key=key, not_before=quiet, ready_at=concluded_at, about=about
        )
    clock = pure(row)
    clock = clock.finish(work.at) if later is None else clock.correct(later, work.at)
    work.put(row, clock, "reminded")


def _lapse(work: Work, timer: Timer, asked: Supplement | FeeDemand | None, kind: EventKind) -> None:
    if asked is None:
        return
    at, work.at = work.at, timer.fires_at
    asked.state = type(asked).State.LAPSED
    work.changes.change(asked, "state")
    end(work, kind, Measure.DISCONTINUED, {})
    row = _row(work, timer)
    hours = row.calendar.working() if row is not None else None
    quiet_until = None if hours is None else out_of_quiet_hours(hours, work.recorded_at)
    _telling.citizen(work, "discontinued", not_before=quiet_until)
    work.at = at


def _row(work: Work, timer: Timer) -> ClockRow | None:
    return next((row for row in work.clocks if row.pk == timer.clock_id), None)
