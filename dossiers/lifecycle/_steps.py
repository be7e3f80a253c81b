"""Private steps that several commands share: opening and closing steps, ending a dossier."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from dossiers.clock import RESULTS, Clock
from dossiers.errors import NotNow
from dossiers.lifecycle import _breaches
from dossiers.lifecycle._work import Work, pure
from dossiers.models import (
    ClockKind,
    ClockRow,
    Dossier,
    EventKind,
    Measure,
    StepRun,
    Stop,
    Supplement,
    TimerKind,
)
from dossiers.timers import FOLLOWING
from workflows import routing
from workflows.graph import AgencyOf, Kind, ShareUnit, Step
from workflows.models import Agency, Role, Unit

RESOLVED = dict(
    zip(
        RESULTS,
        (
            Measure.RESOLVED_EARLY,
            Measure.RESOLVED_ON_TIME,
            Measure.RESOLVED_LATE,
            Measure.RESOLVED_WITHOUT_LIMIT,
        ),
        strict=True,
    )
)


def enter(work: Work, step: Step, *, is_return: bool = False, timed: bool = True) -> StepRun:
    """Open a passage through a step of the definition, with its share of the time.

    To enter a `deliver` step is to hand the result to the counter: a hand-over waits.
    """
    agency, unit = _place(work.dossier, step)
    ordinal = 1 if work.step is None else work.step.ordinal + 1
    run = StepRun(
        dossier=work.dossier,
        ordinal=ordinal,
        key=step.key,
        kind=step.kind,
        agency=agency,
        unit=unit,
        role=step.role or Role.OFFICER,
        state=StepRun.State.WAITING,
        opened_at=work.at,
        is_return=is_return,
    )
    work.changes.add(run)
    work.step = run
    work.dossier.waits_for_counter = step.kind == Kind.DELIVER
    if timed:
        _start_share(work, step, run)
    return run


def go_on(work: Work, step: Step, *, is_return: bool = False) -> StepRun:
    """Enter a step; automatic ones are done at once, until a person is needed."""
    definition = work.dossier.definition.graph()
    run = enter(work, step, is_return=is_return)
    while step.kind == Kind.AUTOMATIC:
        outcome = routing.usual_outcome(definition, step.key, work.dossier.facts)
        close(work, outcome.key)
        following = routing.next_step(definition, step.key, outcome.key, work.dossier.facts)
        if following.step is None:
            break
        step = following.step
        run = enter(work, step)
    return run


def close(work: Work, outcome: str) -> StepRun:
    """Finish the step under way. Raises: NotNow."""
    run = work.step
    if run is None:
        raise NotNow("no_such_step")
    run.state, run.ended_at, run.outcome = StepRun.State.DONE, work.at, outcome
    work.changes.change(run, "state", "ended_at", "outcome", "officer", "claimed_at")
    finish_clocks(work, (ClockKind.STEP,))
    return run


def finish_clocks(work: Work, kinds: tuple[str, ...]) -> dict[str, Clock]:
    """Finish the running clocks of these kinds; the finished values by kind."""
    finished = {}
    for row in work.running(kinds):
        clock = pure(row).finish(work.at)
        work.put(row, clock, "finished")
        _breaches.end_delays(work, row, work.at)
        finished[row.kind] = clock
    return finished


def leave_pending(work: Work, *, was_late: bool, without_limit: bool) -> None:
    """Post what a dossier takes with it out of the pending."""
    if was_late:
        work.post(Measure.OVERDUE, -1)
    if without_limit:
        work.post(Measure.WITHOUT_LIMIT, -1)


def end(work: Work, kind: EventKind, measure: str, facts: dict[str, Any], note: str = "") -> None:
    """End a dossier otherwise than by its result: withdrawn, discontinued, lapsed.

    The status is moved, clocks finish, the step is cancelled; only what had been received counts.
    """
    dossier = work.dossier
    row = work.clock_row(ClockKind.DOSSIER)
    was_late = row is not None and 1 in row.breached
    without_limit = row is not None and row.limit_at is None
    received = dossier.received_at is not None
    if kind == EventKind.WITHDRAWN:
        dossier.status_withdrawn()
    else:
        dossier.status_discontinued()
    dossier.ended_at = work.at
    dossier.waits_for_counter = False
    if work.step is not None:
        work.step.state, work.step.ended_at = StepRun.State.CANCELLED, work.at
        work.changes.change(work.step, "state", "ended_at")
    finish_clocks(work, tuple(ClockKind.values))
    _close_waits(work)
    # What is owed for a delay stays owed.
    work.clear_timers(*(one for one in TimerKind if one not in FOLLOWING))
    work.event(kind, facts, note=note)
    work.post(measure if received else Measure.ENDED_UNRECEIVED)
    if received:
        leave_pending(work, was_late=was_late, without_limit=without_limit)


def _close_waits(work: Work) -> None:
    """Nothing is waited for any more: no stop and no request for papers stays open."""
    for stop in Stop.objects.filter(clock__dossier=work.dossier, to_at=None):
        stop.to_at = work.at
        work.changes.change(stop, "to_at")
    for asked in Supplement.objects.filter(dossier=work.dossier, state=Supplement.State.OPEN):
        asked.state = Supplement.State.CLOSED
        work.changes.change(asked, "state")


def conclude_now(work: Work, kind: EventKind, facts: dict[str, Any]) -> None:
    """Conclude: the clock ends, the dossier is resolved early, on time, late or without limit."""
    dossier = work.dossier
    row = work.clock_row(ClockKind.DOSSIER)
    was_late = row is not None and 1 in row.breached
    finished = finish_clocks(work, (ClockKind.DOSSIER, ClockKind.STEP))
    clock = finished[ClockKind.DOSSIER]
    dossier.status_concluded()
    dossier.concluded_at = work.at
    dossier.waits_for_counter = False
    work.event(kind, {"result": clock.result, **facts})
    work.post(RESOLVED[clock.result])
    leave_pending(work, was_late=was_late, without_limit=clock.limit_at is None)


def _place(dossier: Dossier, step: Step) -> tuple[Agency, Unit | None]:
    """The agency and unit that a step belongs to, told from the dossier."""
    who = step.who
    if step.agency_of == AgencyOf.RECEIVING:
        return dossier.receiving_agency, dossier.receiving_unit
    if step.agency_of == AgencyOf.NAMED and who is not None:
        agency = Agency.objects.get(code=who.code)
        return agency, _unit_of(agency, who.unit)
    agency = dossier.answering_agency
    if step.agency_of == AgencyOf.APPLICANT_COMMUNE:
        agency = _applicant_commune(dossier)
    if who is not None and who.unit:
        return agency, _unit_of(agency, who.unit)
    if step.role in (Role.APPROVER, Role.ARCHIVE_CLERK, Role.CLERK):
        return agency, None
    return agency, dossier.unit


def _applicant_commune(dossier: Dossier) -> Agency:
    """The commune where the applicant lives, as noted at intake; else the agency answering."""
    code = dossier.facts.get("applicant_commune", "")
    return Agency.objects.filter(code=code).first() or dossier.answering_agency


def _unit_of(agency: Agency, suffix: str) -> Unit | None:
    if not suffix:
        return None
    return Unit.objects.filter(agency=agency, code=f"{agency.code}.{suffix}").first()


def _start_share(work: Work, step: Step, run: StepRun) -> None:
    row = work.clock_row(ClockKind.DOSSIER)
    if step.share is None or row is None:
        return
    budget = _budget(step, row)
    if budget is None or budget <= timedelta(0):
        return
    calendar = run.agency.calendar or row.calendar
    clock = Clock.start_for(budget, calendar.working(), work.at)
    work.begin_clock(ClockKind.STEP, clock, calendar, run)


def _budget(step: Step, row: ClockRow) -> timedelta | None:
    """A share in working time, 8 hours a working day; per cent of what the limit is worth."""
    share = step.share
    if share is None:
        return None
    if share.unit != ShareUnit.PERCENT:
        hours = share.hours()
        return None if hours is None else _hours(hours)
    if row.limit_at is None or row.anchor_at is None:
        return None
    worth = row.calendar.working().between(row.anchor_at, row.limit_at)
    return worth * float(Fraction(share.amount) / 100)


def _hours(hours: Fraction) -> timedelta:
    return timedelta(microseconds=int(hours * 3_600_000_000))
