"""What time alone causes: limits that pass; reminders and lapses are next door.

One function for a command (its own dossier, before it acts) and for the worker (a batch): the
order of worker and people never shows in the record. A breach carries the moment the limit passed,
not when somebody noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dossiers import timers
from dossiers.lifecycle import _breaches, escalation, lapsing, revoking
from dossiers.lifecycle._batch import Batch
from dossiers.lifecycle._work import Work, pure
from dossiers.lifecycle.registry import entered
from dossiers.models import (
    Breach,
    ClockKind,
    ClockRow,
    Consultation,
    Entry,
    EventKind,
    Measure,
    StepRun,
    Timer,
    TimerKind,
)
from dossiers.statistics import posting

INSTANT = timedelta(microseconds=1)  # late is *after* the limit
_OF_LATENESS = (
    Measure.OVERDUE,
    Measure.BREACHES,
    Measure.APOLOGIES_OWED,
    Measure.APOLOGIES_MADE,
    Measure.APOLOGIES_FORESEEN,
)
# Imported, it has said what the firing of its timers does.
entered(lapsing)


def settle(works: Sequence[Work], *, before: datetime, most: int | None = None) -> list[Timer]:
    """Fire the timers of these works with `fires_at` < `before`, in order, at most so many; those
    that fired."""
    batch, fired = Batch(works), list[Timer]()
    for work in works:
        for timer in due(work, before):
            if most is not None and len(fired) >= most:
                return fired
            if timer.pk in work.changes.timers_gone:
                continue  # an earlier one ended what this one waited for
            work.take_timer(timer)
            timers.act_of(timer.kind)(work, timer, batch)
            fired.append(timer)
    return fired


def take_back(work: Work) -> None:
    """Take back the breaches that an act recorded after them overtakes (a late entry, one that
    waited for a worker's lock): they lie at or after its moment."""
    for breach in Breach.objects.filter(
        dossier=work.dossier, annulled_at=None, breached_at__gte=work.at
    ):
        work.recorded_at = max(work.recorded_at, breach.noticed_at)
        annul(work, breach, "late_entry")


def annul(work: Work, breach: Breach, because: str) -> None:
    """Annul a breach, never delete it: figures and clock are as if it had not been."""
    breach.annulled_at, breach.annulled_because = work.recorded_at, because
    work.changes.change(breach, "annulled_at", "annulled_because")
    event = work.event(
        EventKind.BREACH_ANNULLED,
        {"of": breach.of, "because": because, "promise": breach.promise_number},
        undoes=breach.event_n,
    )
    for entry in _posted_for(work, breach):
        work.post_entry(posting.negated(entry, work.recorded_at, event.n))
    for row in work.clocks:
        if row.pk == breach.clock_id:
            row.breached = [n for n in row.breached if n != breach.promise_number]
            work.changes.change(row, "breached")
            work.put(row, pure(row), "annulled")
    if breach.of == Breach.Of.DOSSIER and not breach.is_repeated:
        revoking.revoke(work)
    work.clear_timers(*timers.FOLLOWING, clock=breach.clock_id)


def _posted_for(work: Work, breach: Breach) -> list[Entry]:
    """What was posted because of a breach: with it, and of a dossier's limit what followed from it
    too (an apology that arrived, overdue carried out of the pending and in again)."""
    unsaved = [row for row in work.changes.added if isinstance(row, Entry)]
    posted = [*Entry.objects.filter(dossier=work.dossier), *unsaved]
    if breach.of == Breach.Of.DOSSIER and breach.promise_number == 1:
        return [entry for entry in posted if entry.measure in _OF_LATENESS]
    return [entry for entry in posted if entry.event_n == breach.event_n]


def due(work: Work, before: datetime) -> list[Timer]:
    """The timers of a work that are due, in order; those set aside are not."""
    found = [
        timer for timer in work.timers if timer.fires_at < before and timer.set_aside_at is None
    ]
    return sorted(found, key=lambda timer: (timer.fires_at, timer.pk))


def _row(work: Work, timer: Timer) -> ClockRow | None:
    return next((row for row in work.clocks if row.pk == timer.clock_id), None)


@timers.fires(TimerKind.BREACH, TimerKind.REPEATED_BREACH)
def _breach(work: Work, timer: Timer, batch: Batch) -> None:
    row = _row(work, timer)
    number = 2 if timer.kind == TimerKind.REPEATED_BREACH else 1
    if row is None or number in row.breached:
        return
    row.breached = [*row.breached, number]
    work.changes.change(row, "breached")
    breach = _breach_row(work, row, number, timer.fires_at, batch)
    event = work.event(
        EventKind.BREACHED,
        {"of": breach.of, "promise": number, "limit_at": _iso(row.limit_at)},
        at=timer.fires_at,
    )
    breach.event_n = event.n
    work.changes.add(breach)
    if number == 1:
        _post(work, row, breach, timer.fires_at + INSTANT, batch)
    escalation.follow_up(work, row, breach, timer.fires_at, batch)


def _breach_row(work: Work, row: ClockRow, number: int, moment: datetime, batch: Batch) -> Breach:
    dossier, step = work.dossier, batch.step_of(work, row)
    intake = row.kind == ClockKind.INTAKE
    by_counter = intake or step is None or dossier.waits_for_counter
    breach = Breach(
        dossier=dossier,
        clock=row,
        of=timers.sort_of(row.kind).breach_of,
        promise_number=number,
        breached_at=moment,
        noticed_at=work.recorded_at,
        agency_id=dossier.receiving_agency_id if intake else dossier.answering_agency_id,
        unit_id=dossier.receiving_unit_id if intake else dossier.unit_id,
        # Until the counter takes it over, a result waits on the handing unit's time.
        held_by_agency_id=dossier.answering_agency_id
        if by_counter or step is None
        else step.agency_id,
        held_by_unit_id=dossier.unit_id if by_counter or step is None else step.unit_id,
        step_run=step,
        officer_id=None if step is None else step.officer_id,
        # A step, an opinion, a hand-over inside an on-time dossier is the unit's own matter.
        owes_explanation=row.kind in (ClockKind.DOSSIER, ClockKind.INTAKE),
        owes_apology=row.kind == ClockKind.DOSSIER and number == 1,
    )
    if row.kind == ClockKind.STEP and step is not None:
        breach.agency_id, breach.unit_id = step.agency_id, step.unit_id
    elif row.kind == ClockKind.PART and row.agency_id is not None:
        breach.agency_id, breach.unit_id = row.agency_id, None
    elif row.kind == ClockKind.CONSULTATION:
        _lay_at_the_asked(breach, row)
    elif row.kind == ClockKind.HAND_OVER:
        _lay_at_the_handing(breach, batch.runs(work))
    runs = batch.runs(work) if row.kind == ClockKind.DOSSIER else []
    _breaches.describe(breach, row, runs, moment)
    return breach


def _lay_at_the_asked(breach: Breach, row: ClockRow) -> None:
    """An opinion not given in time is the asked unit's delay."""
    asked = Consultation.objects.get(clock=row)
    breach.agency_id, breach.unit_id = asked.agency_id, asked.unit_id
    breach.held_by_agency_id, breach.held_by_unit_id = asked.agency_id, asked.unit_id
    breach.step_run, breach.officer_id = None, None


def _lay_at_the_handing(breach: Breach, runs: Sequence[StepRun]) -> None:
    """Until the counter takes it over, a result waits on the time of the unit that hands it over:
    of the passage before."""
    before = [run for run in runs if breach.step_run and run.ordinal < breach.step_run.ordinal]
    if before and before[-1].agency_id == breach.agency_id:
        breach.unit_id = breach.held_by_unit_id = before[-1].unit_id or breach.unit_id
    breach.officer_id = before[-1].officer_id if before else None


def _post(work: Work, row: ClockRow, breach: Breach, moment: datetime, batch: Batch) -> None:
    if row.kind == ClockKind.INTAKE:
        work.post(Measure.RECEIVED_LATE, at=moment)
    if row.kind != ClockKind.DOSSIER:
        return
    work.post(Measure.OVERDUE, at=moment)
    work.post(Measure.BREACHES, at=moment)
    work.post(Measure.APOLOGIES_OWED, at=moment)
    apology = batch.foreseen(work)
    if apology is not None:
        breach.apology = apology
        work.post(Measure.APOLOGIES_FORESEEN, at=moment)
        if apology.settled_at is not None:
            work.post(Measure.APOLOGIES_MADE, at=max(apology.settled_at, moment), counts_at=moment)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
