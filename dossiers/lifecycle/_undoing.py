"""How each kind of act is put back. Private to `undo`, which has checked that it may be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from dossiers.clock import Clock
from dossiers.errors import NotNow
from dossiers.lifecycle import _breaches
from dossiers.lifecycle._steps import hand_clock_on
from dossiers.lifecycle._work import Work, pure
from dossiers.models import (
    KEPT_CALENDAR,
    ClockKind,
    ClockRow,
    Consultation,
    Entry,
    Event,
    EventKind,
    FeeDemand,
    Ground,
    Status,
    StepRun,
    Stop,
    Supplement,
)
from dossiers.statistics import posting
from workflows.graph import Kind
from workflows.models import Agency, Unit


def put_back(work: Work, act: Event) -> None:
    """Let steps, clocks and rows be as they were before `act`, the last act that stands."""
    _PUT_BACK[EventKind(act.kind)](work, act)


def take_back_lapse(work: Work) -> None:
    """A late entry lies before the end of the term: what time alone ended since never ended."""
    if work.dossier.status != Status.DISCONTINUED:
        return
    moves = Event.objects.filter(dossier=work.dossier).exclude(to_status="")
    act = moves.latest("n")
    if act.kind not in LAPSES or act.at < work.at:
        return
    put_back(work, act)
    work.dossier.status_undone(act.from_status)
    facts = {"kind": act.kind, "event": act.n, "because": "late_entry"}
    taken = work.event(EventKind.UNDONE, facts, undoes=act.n)
    for entry in Entry.objects.filter(dossier=work.dossier, event_n=act.n):
        work.post_entry(posting.negated(entry, work.recorded_at, taken.n))


def _hold(run: StepRun, officer: int | None, since: datetime | None) -> None:
    run.officer_id, run.claimed_at = officer, since
    run.state = StepRun.State.WAITING if officer is None else StepRun.State.WORKING


def _claimed(work: Work, act: Event) -> None:
    """Nobody holds the step, or who held it before it was given to another."""
    run = _under_way(work)
    since = act.facts.get("held_since")
    _hold(
        run,
        act.facts.get("held_before"),
        None if since is None else datetime.fromisoformat(since),
    )
    work.changes.change(run, "officer", "claimed_at", "state")


def _advanced(work: Work, act: Event) -> None:
    """The step finished is under way again, what it opened never was."""
    ended = _ended(work, act)
    _take_away(work, ended)
    officer = None if act.facts.get("taken_up") else ended.officer_id
    _open_again(work, ended, officer)
    work.dossier.waits_for_counter = ended.kind == Kind.DELIVER
    _put_parts_back(work, act)
    _unfinish(work, act, ClockRow.objects.filter(step_run=ended))


def _moved(work: Work, act: Event) -> None:
    """The unit before answers again, with the step and its clock."""
    dossier, facts = work.dossier, act.facts
    dossier.answering_agency = Agency.objects.get(code=facts["from_agency"])
    dossier.unit = Unit.objects.get(code=facts["from_unit"])
    dossier.facts = {k: v for k, v in dossier.facts.items() if k != KEPT_CALENDAR}
    if "kept_before" in facts:
        dossier.facts[KEPT_CALENDAR] = facts["kept_before"]
    if "ordinal" not in facts:
        return
    ended = _ended(work, act)
    if work.step is not None:
        hand_clock_on(work, work.step, ended)
    _take_away(work, ended)
    _put_parts_back(work, act)
    _open_again(work, ended, ended.officer_id)


def _concluded(work: Work, act: Event) -> None:
    """The result waits for the counter again, and every clock runs as if it had never ended."""
    dossier = work.dossier
    run = StepRun.objects.filter(
        dossier=dossier, key=act.facts["step"], state=StepRun.State.DONE
    ).latest("ordinal")
    _hold(run, None, None)
    run.ended_at, run.outcome = None, ""
    work.changes.change(run, "officer", "claimed_at", "state", "ended_at", "outcome")
    work.step = run
    dossier.concluded_at, dossier.result_negative = None, False
    dossier.waits_for_counter = True
    for row in work.running((ClockKind.UNCOLLECTED,)):
        _drop(work, row)
    closed = Consultation.objects.filter(
        dossier=dossier, state=Consultation.State.CLOSED, clock__finished_at=act.at
    )
    for asked in closed:
        asked.state = Consultation.State.OPEN
        work.changes.change(asked, "state")
    asked_of = [asked.clock_id for asked in closed]
    ended = ClockRow.objects.filter(dossier=dossier)
    of_the_step = ended.filter(step_run=run) | ended.filter(pk__in=asked_of)
    of_the_whole = ended.filter(kind__in=[ClockKind.DOSSIER, ClockKind.PART])
    _unfinish(work, act, of_the_step | of_the_whole)


def _supplement(work: Work, act: Event) -> None:
    """Nothing was asked: the one request in processing is still to be had."""
    asked = Supplement.objects.get(dossier=work.dossier, state=Supplement.State.OPEN)
    asked.state = Supplement.State.UNDONE
    work.changes.change(asked, "state")
    work.dossier.supplements_asked -= 1
    _unstop(work, act, Ground.SUPPLEMENT)
    _drop_of(work, asked.clock_id)


def _payment(work: Work, act: Event) -> None:
    """Nothing was demanded."""
    demand = FeeDemand.objects.get(dossier=work.dossier, event_n=act.n)
    demand.state = FeeDemand.State.UNDONE
    work.changes.change(demand, "state")
    _unstop(work, act, Ground.PAYMENT)
    _drop_of(work, demand.clock_id)


def _lapsed(work: Work, act: Event) -> None:
    """What time alone ended waits again for the applicant, with everything that stood."""
    dossier = work.dossier
    dossier.ended_at = None
    run = StepRun.objects.filter(
        dossier=dossier, state=StepRun.State.CANCELLED, ended_at=act.at
    ).first()
    if run is not None:
        _hold(run, run.officer_id, run.claimed_at)
        run.ended_at = None
        work.changes.change(run, "state", "ended_at")
        work.step = run
    _unfinish(work, act, ClockRow.objects.filter(dossier=dossier))
    # At once, for the act that overtakes the lapse asks for what is open.
    Supplement.objects.filter(dossier=dossier, state="lapsed").update(state="open")
    FeeDemand.objects.filter(dossier=dossier, state="lapsed").update(state="open")
    Consultation.objects.filter(dossier=dossier, state="closed", clock__finished_at=act.at).update(
        state="open"
    )
    Stop.objects.filter(clock__dossier=dossier, to_at=act.at).update(to_at=None)


def _consulted(work: Work, act: Event) -> None:
    """Nobody was asked."""
    asked = Consultation.objects.get(dossier=work.dossier, event_n=act.n)
    asked.state = Consultation.State.UNDONE
    work.changes.change(asked, "state")
    _unstop(work, act, Ground.CONSULTATION)
    _drop_of(work, asked.clock_id)


# Steps


def _under_way(work: Work) -> StepRun:
    if work.step is None:
        raise NotNow("no_such_step")
    return work.step


def _ended(work: Work, act: Event) -> StepRun:
    """The passage that the act ended."""
    return StepRun.objects.select_related("agency", "unit", "officer").get(
        dossier=work.dossier, ordinal=act.facts["ordinal"]
    )


def _take_away(work: Work, ended: StepRun) -> None:
    """What the act opened after `ended` never was: passages and their clocks."""
    opened = StepRun.objects.filter(dossier=work.dossier, ordinal__gt=ended.ordinal)
    last = ended.ordinal
    for run in opened.exclude(state=StepRun.State.UNDONE):
        run.state, run.ended_at, run.outcome = StepRun.State.UNDONE, work.at, ""
        work.changes.change(run, "state", "ended_at", "outcome")
        for row in work.clocks:
            if row.step_run_id == run.pk:
                _drop(work, row)
    last = max([last, *opened.values_list("ordinal", flat=True)])
    # The passage goes on behind them: a number once seen never names another passage.
    ended.ordinal = last + 1


def _open_again(work: Work, run: StepRun, officer: int | None) -> None:
    _hold(run, officer, run.claimed_at if officer is not None else None)
    run.ended_at, run.outcome = None, ""
    work.changes.change(run, "ordinal", "officer", "claimed_at", "state", "ended_at", "outcome")
    work.step = run


# Clocks


def _put_parts_back(work: Work, act: Event) -> None:
    """The part of the limit of the agency before runs on; the next agency's never began."""
    for row in work.running((ClockKind.PART,)):
        if row.started_at == act.at:
            row.agency = None  # what never was is not spent when that agency gets the dossier
            work.changes.change(row, "agency")
            _drop(work, row)
    _unfinish(work, act, ClockRow.objects.filter(dossier=work.dossier, kind=ClockKind.PART))


def _unfinish(work: Work, act: Event, rows: QuerySet[ClockRow]) -> None:
    """Let clocks that ended with the act run on; a limit that passed since is due at once."""
    loaded = {row.pk: row for row in work.clocks}
    ended = rows.filter(finished_at=act.at).select_related("calendar", "calendar__base")
    for found in ended:
        row = loaded.get(found.pk, found)
        if row is found:
            work.clocks.append(row)
        stood = Stop.objects.filter(clock=row, to_at=act.at).values_list("ground", flat=True)
        _put(work, row, pure(row).unfinish(frozenset(stood)))
        _breaches.go_on(work, row)


def _unstop(work: Work, act: Event, ground: str) -> None:
    """Take the stop back that the act made; one that an earlier act made goes on."""
    made = Stop.objects.filter(clock__dossier=work.dossier, event_n=act.n, ground=ground)
    stopped = set(made.values_list("clock_id", flat=True))
    for row in work.clocks:
        if row.pk in stopped:
            _put(work, row, pure(row).unstop(ground))
    made.delete()


def _put(work: Work, row: ClockRow, clock: Clock) -> None:
    work.put(row, clock, "undone")


def _drop_of(work: Work, clock_id: int | None) -> None:
    for row in work.clocks:
        if row.pk == clock_id:
            _drop(work, row)


def _drop(work: Work, row: ClockRow) -> None:
    """End a clock that the act began; its owner says that it was taken back."""
    work.put(row, pure(row).finish(work.at), "undone")


_PUT_BACK: dict[EventKind, Callable[[Work, Event], None]] = {
    EventKind.CLAIMED: _claimed,
    EventKind.RELEASED: _claimed,
    EventKind.ASSIGNED: _claimed,
    EventKind.ADVANCED: _advanced,
    EventKind.MOVED: _moved,
    EventKind.CONCLUDED: _concluded,
    EventKind.SUPPLEMENT_REQUESTED: _supplement,
    EventKind.PAYMENT_REQUESTED: _payment,
    EventKind.CONSULTED: _consulted,
}
KINDS = frozenset(_PUT_BACK)
"""The kinds of act that a person can take back."""
LAPSES = (EventKind.SUPPLEMENT_LAPSED, EventKind.PAYMENT_LAPSED)
"""What time alone ended; a late entry of what was waited for takes it back."""
_PUT_BACK |= dict.fromkeys(LAPSES, _lapsed)
