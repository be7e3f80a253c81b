"""What time alone causes: limits that pass, supplements that lapse; reminders are next door.

One function for a command (its own dossier, before it acts) and for the worker (a batch): the
order of worker and people never shows in the record. A breach carries the moment the limit passed,
not when somebody noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dossiers import timers
from dossiers.lifecycle import _breaches, _telling, escalation, revoking
from dossiers.lifecycle._batch import Batch
from dossiers.lifecycle._line import out_of_quiet_hours
from dossiers.lifecycle._steps import end
from dossiers.lifecycle._work import Work, pure
from dossiers.models import (
    Apology,
    Breach,
    ClockKind,
    ClockRow,
    Entry,
    EventKind,
    Measure,
    Supplement,
    Timer,
    TimerKind,
)
from dossiers.statistics import posting

INSTANT = timedelta(microseconds=1)  # late is *after* the limit


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
            work.changes.timers_gone.add(timer.pk)
            timers.act_of(timer.kind)(work, timer, batch)
            fired.append(timer)
    return fired


def take_back(work: Work) -> None:
    """Take back the breaches that a late entry overtakes: they lie at or after its moment."""
    for breach in Breach.objects.filter(
        dossier=work.dossier, annulled_at=None, breached_at__gte=work.at
    ):
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
    for entry in Entry.objects.filter(dossier=work.dossier, event_n=breach.event_n):
        work.post_entry(posting.negated(entry, work.recorded_at, event.n))
    for row in work.clocks:
        if row.pk == breach.clock_id:
            row.breached = [n for n in row.breached if n != breach.promise_number]
            work.changes.change(row, "breached")
            work.put(row, pure(row), "annulled")
    if breach.of == Breach.Of.DOSSIER and not breach.is_repeated:
        revoking.revoke(work)
    work.clear_timers(*timers.FOLLOWING, clock=breach.clock_id)


def due(work: Work, before: datetime) -> list[Timer]:
    """The timers of a work that are due, in order; those set aside are not."""
    found = [one for one in work.timers if one.fires_at < before and one.set_aside_at is None]
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
        _post(work, row, breach, timer.fires_at + INSTANT)
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
        owes_explanation=row.kind != ClockKind.STEP,
        owes_apology=row.kind == ClockKind.DOSSIER and number == 1,
    )
    if row.kind == ClockKind.STEP and step is not None:
        breach.agency_id, breach.unit_id = step.agency_id, step.unit_id
    runs = batch.runs(work) if row.kind == ClockKind.DOSSIER else []
    _breaches.describe(breach, row, runs, moment)
    return breach


def _post(work: Work, row: ClockRow, breach: Breach, moment: datetime) -> None:
    if row.kind == ClockKind.INTAKE:
        work.post(Measure.RECEIVED_LATE, at=moment)
    if row.kind != ClockKind.DOSSIER:
        return
    work.post(Measure.OVERDUE, at=moment)
    work.post(Measure.BREACHES, at=moment)
    work.post(Measure.APOLOGIES_OWED, at=moment)
    apology = _foreseen(work)
    if apology is not None:
        breach.apology = apology
        work.post(Measure.APOLOGIES_FORESEEN, at=moment)
        if apology.settled_at is not None:
            work.post(Measure.APOLOGIES_MADE, at=max(apology.settled_at, moment), counts_at=moment)


def _foreseen(work: Work) -> Apology | None:
    """The apology signed before the limit passed, if there is one."""
    return (
        Apology.objects.filter(dossier=work.dossier, promise_number=1, signed_at__isnull=False)
        .exclude(state=Apology.State.ANNULLED)
        .first()
    )


@timers.fires(TimerKind.SUPPLEMENT_LAPSE)
def _lapse(work: Work, timer: Timer, batch: Batch) -> None:
    """The applicant's term ran out: the dossier is discontinued, with notice."""
    supplement = Supplement.objects.filter(
        dossier=work.dossier, state=Supplement.State.OPEN
    ).first()
    if supplement is None:
        return
    at, work.at = work.at, timer.fires_at
    supplement.state = Supplement.State.LAPSED
    work.changes.change(supplement, "state")
    end(work, EventKind.SUPPLEMENT_LAPSED, Measure.DISCONTINUED, {})
    row = _row(work, timer)
    hours = row.calendar.working() if row is not None else None
    quiet_until = None if hours is None else out_of_quiet_hours(hours, work.recorded_at)
    _telling.citizen(work, "discontinued", not_before=quiet_until)
    work.at = at


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
