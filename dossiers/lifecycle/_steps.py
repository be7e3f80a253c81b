"""Private steps that several commands share: opening and closing steps, ending a dossier."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from dossiers.clock import RESULTS, Clock
from dossiers.errors import NotNow
from dossiers.lifecycle import _breaches, _flush, _parts, _telling, uncollected
from dossiers.lifecycle._work import Work, pure
from dossiers.models import (
    ClockKind,
    ClockRow,
    Consultation,
    Dossier,
    EventKind,
    FeeDemand,
    Measure,
    ReturnMethod,
    Status,
    StepRun,
    Stop,
    Supplement,
    TimerKind,
)
from dossiers.timers import FOLLOWING
from workflows import routing
from workflows.graph import AgencyOf, Kind, ShareUnit, Step
from workflows.models import Agency, Calendar, Role, Unit

# The handing unit's time to bring a result to the counter, half a working day: 118/2025/NĐ-CP art.
# 18 says "within the same working day"; a city may set less.
HAND_OVER_WITHIN = timedelta(hours=4)
# What a wait stops: the dossier's own clock and that of the step under way.
WORK_CLOCKS = (ClockKind.DOSSIER, ClockKind.STEP, ClockKind.PART)
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
    agency, unit = place(work.dossier, step)
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
    if timed and work.dossier.waits_for_counter:
        _start_hand_over(work, step, run)
    elif timed:
        _start_share(work, step, run)
        _parts.follow(work, agency)
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


def begin_processing(dossier: Dossier) -> None:
    """The first act after reception begins the processing (status 2 to 4)."""
    if dossier.status == Status.RECEIVED:
        dossier.status_processing()


def close(work: Work, outcome: str) -> StepRun:
    """Finish the step under way. Raises: NotNow."""
    run = work.step
    if run is None:
        raise NotNow("no_such_step")
    run.state, run.ended_at, run.outcome = StepRun.State.DONE, work.at, outcome
    work.changes.change(run, "state", "ended_at", "outcome", "officer", "claimed_at")
    finish_clocks(work, (ClockKind.STEP,))
    return run


MOVED = "moved"
"""The outcome of a passage that ended because its step was handed on to another unit."""


def take_along(work: Work) -> dict[str, object]:
    """Let the step under way go along with a dossier whose answering unit has just changed.

    Its passage ends and one at the new place begins, to be taken up there; its clock goes on. A
    step that is not the answering unit's stays. The facts say which step it was.
    """
    run, graph = work.step, work.dossier.definition.graph()
    if run is None or not graph.has(run.key):
        return {}
    agency, unit = place(work.dossier, graph.step(run.key))
    if (agency.pk, None if unit is None else unit.pk) == (run.agency_id, run.unit_id):
        return {}
    passage = StepRun(
        # Its clock is to point at it within the same statement.
        pk=_flush.reserve(StepRun),
        dossier=work.dossier,
        ordinal=run.ordinal + 1,
        key=run.key,
        kind=run.kind,
        agency=agency,
        unit=unit,
        role=run.role,
        state=StepRun.State.WAITING,
        opened_at=work.at,
        is_return=run.is_return,
    )
    run.state, run.ended_at, run.outcome = StepRun.State.DONE, work.at, MOVED
    work.changes.change(run, "state", "ended_at", "outcome")
    work.changes.add(passage)
    hand_clock_on(work, run, passage)
    work.step = passage
    _parts.follow(work, agency)
    return {"step": run.key, "ordinal": run.ordinal}


def hand_clock_on(work: Work, old: StepRun, new: StepRun) -> None:
    """Let the clock of a passage go on with another one, counted by the hours of its agency."""
    for row in work.clocks:
        if row.kind != ClockKind.STEP or row.step_run_id != old.pk:
            continue
        row.step_run = new
        work.changes.change(row, "step_run")
        calendar = _calendar_for(work, new.agency)
        if calendar is not None and calendar.pk != row.calendar_id:
            row.calendar, row.counted_by = calendar, calendar.revision
            work.changes.change(row, "calendar", "counted_by")
            work.put(row, pure(row).recount(calendar.working(), work.at), "moved")


def _calendar_for(work: Work, agency: Agency) -> Calendar | None:
    """The agency's own calendar, else the one the dossier is counted by."""
    row = work.clock_row(ClockKind.DOSSIER)
    return agency.calendar or (None if row is None else row.calendar)


def arrive(work: Work) -> None:
    """The competent agency has the dossier: its clock begins, and that of the step under way.

    Law: 118/2025/NĐ-CP art. 17.3.
    """
    dossier, row = work.dossier, work.clock_row(ClockKind.DOSSIER)
    dossier.waits_for_arrival = False
    if row is None or row.state != "not_begun":
        return
    work.put(row, pure(row).begin(row.calendar.working(), work.at), "arrived")
    row.counted_by = row.calendar.revision
    work.changes.change(row, "counted_by")
    limit_at = None if row.limit_at is None else row.limit_at.isoformat()
    work.event(EventKind.ARRIVED, {"limit_at": limit_at})
    if limit_at is not None:
        work.post(Measure.WITHOUT_LIMIT, -1)
    step = work.step
    if step is not None and step.is_under_way and step.kind != Kind.DELIVER:
        _start_share(work, dossier.definition.graph().step(step.key), step)
        _parts.follow(work, step.agency)
    _telling.citizen(work, "arrived", promised_at=row.promised_at)


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
    """Nothing is waited for any more: no stop and no request stays open."""
    for stop in Stop.objects.filter(clock__dossier=work.dossier, to_at=None):
        stop.to_at = work.at
        work.changes.change(stop, "to_at")
    requests: list[Supplement | FeeDemand] = [
        *Supplement.objects.filter(dossier=work.dossier, state=Supplement.State.OPEN),
        *FeeDemand.objects.filter(dossier=work.dossier, state=FeeDemand.State.OPEN),
    ]
    for asked in requests:
        asked.state = type(asked).State.CLOSED
        work.changes.change(asked, "state")
    _close_opinions(work)


def _close_opinions(work: Work) -> None:
    """Opinions still waited for are of no use to a dossier that has ended."""
    if not any(row.kind == ClockKind.CONSULTATION for row in work.clocks):
        return
    for one in Consultation.objects.filter(dossier=work.dossier, state=Consultation.State.OPEN):
        one.state = Consultation.State.CLOSED
        work.changes.change(one, "state")


def conclude_now(work: Work, kind: EventKind, facts: dict[str, Any]) -> None:
    """Conclude: the clock ends, the dossier is resolved early, on time, late or without limit."""
    dossier = work.dossier
    row = work.clock_row(ClockKind.DOSSIER)
    was_late = row is not None and 1 in row.breached
    finished = finish_clocks(work, tuple(ClockKind.values))
    clock = finished[ClockKind.DOSSIER]
    _close_opinions(work)
    dossier.status_concluded()
    dossier.concluded_at = work.at
    dossier.waits_for_counter = False
    work.event(kind, {"result": clock.result, **facts})
    work.post(RESOLVED[clock.result])
    _start_collecting(work)
    leave_pending(work, was_late=was_late, without_limit=clock.limit_at is None)


def place(dossier: Dossier, step: Step) -> tuple[Agency, Unit | None]:
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
    if step.share is None or row is None or row.state == "not_begun":
        return
    budget = _budget(step, row)
    if budget is None or budget <= timedelta(0):
        return
    calendar = run.agency.calendar or row.calendar
    clock = Clock.start_for(budget, calendar.working(), work.at)
    work.begin_clock(ClockKind.STEP, clock, calendar, run)


def _start_hand_over(work: Work, step: Step, run: StepRun) -> None:
    """The officer's "done" is not the end: until the counter takes it over, a hand-over waits, on
    the handing unit's time. Its limit is the share that the definition gives the step."""
    row = work.clock_row(ClockKind.DOSSIER)
    if row is not None:
        budget = _budget(step, row) or HAND_OVER_WITHIN
        clock = Clock.start_for(budget, row.calendar.working(), work.at)
        work.begin_clock(ClockKind.HAND_OVER, clock, row.calendar, run)


def _start_collecting(work: Work) -> None:
    """From now on the result lies ready: who collects it in person is reminded."""
    row = work.clock_row(ClockKind.DOSSIER)
    if row is not None and work.dossier.return_method == ReturnMethod.COUNTER:
        first = uncollected.after(work.at, 0)
        clock = Clock.start_until(first, row.calendar.working(), work.at)
        work.begin_clock(ClockKind.UNCOLLECTED, clock, row.calendar)


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
