"""Tells one imported case over in memory, act by act at its own moments, as commands would have
recorded it. Private to `history.py`, which writes it."""

from __future__ import annotations

from datetime import datetime

from dossiers.clock import Clock
from dossiers.lifecycle import _breaches, escalation
from dossiers.lifecycle._passages import passages, under_way
from dossiers.lifecycle._steps import RESOLVED, leave_pending
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.imported import ImportedAct, ImportedCase
from dossiers.lifecycle.settling import INSTANT
from dossiers.models import (
    Breach,
    ClockKind,
    ClockRow,
    EventKind,
    Ground,
    Measure,
    Status,
    Stop,
    Supplement,
    TimerKind,
)
from workflows import ladder
from workflows.actors import Held, held
from workflows.models import Post
from workflows.timelimit import TimeLimit


def retell(case: ImportedCase, work: Work, *, until: datetime) -> None:
    """Add to `work` all that the case tells, and what time alone caused up to `until`.

    Raises: ValueError where no clock or calendar can follow.
    """
    _Telling(case, work).tell(until)


class _Telling:
    def __init__(self, case: ImportedCase, work: Work) -> None:
        self.case, self.work, self.setting = case, work, case.setting
        self.calendar = self.setting.calendar.working()
        self.runs = list(passages(case))
        self.row: ClockRow
        self.clock: Clock
        self.stops: dict[str, Stop] = {}
        self.stopped_status: list[str] = []
        self.supplement: Supplement | None = None

    def tell(self, until: datetime) -> None:
        self.receive()
        for act in self.case.acts:
            self.settle(act.at)
            self.work.at, self.work.held = act.at, _held(act.post)
            {"step": self.step, "stop": self.stop, "resume": self.resume}[act.act](act)
        if self.case.ended_at is not None:
            self.settle(self.case.ended_at)
            self.work.at, self.work.held = self.case.ended_at, _held(self.case.ended_by)
            self.end()
        self.finish_telling(max(until, self.work.at))

    def receive(self) -> None:
        work, setting = self.work, self.setting
        limit, at = self.case.limit, self.case.started_at
        if isinstance(limit, TimeLimit) and self.case.counted_from not in (None, at):
            limit = limit.due(self.calendar, self.case.counted_from or at)
        if isinstance(limit, datetime):
            self.clock = Clock.start_until(limit, self.calendar, at)
        else:
            self.clock = Clock.start(limit, self.calendar, at)
        self.row = work.begin_clock(ClockKind.DOSSIER, self.clock, setting.calendar)
        for run in self.runs:
            run.dossier = work.dossier
            work.changes.add(run)
        work.event(
            EventKind.RECEIVED,
            {
                "procedure": setting.procedure.code,
                "edition": setting.edition.number,
                "channel": setting.channel.code,
                "papers": 0,
                "replaces": "",
            },
        )
        work.post(Measure.RECEIVED)
        if self.clock.limit_at is None:
            work.post(Measure.WITHOUT_LIMIT)

    # Acts

    def step(self, act: ImportedAct) -> None:
        self.process()
        self.work.event(EventKind.IMPORTED, {"step": act.step})

    def process(self) -> None:
        if self.work.dossier.status == Status.RECEIVED:
            self.work.dossier.status_processing()
            self.work.event(EventKind.PROCESSING)

    def stop(self, act: ImportedAct) -> None:
        work, dossier = self.work, self.work.dossier
        self.put(self.clock.stop(act.ground, act.at), act.ground)
        n = dossier.head_n + 1
        stop = Stop(clock=self.row, ground=act.ground, from_at=act.at, event_n=n)
        self.stops[act.ground] = stop
        work.changes.add(stop)
        back_to, kind = dossier.status, EventKind.IMPORTED
        if dossier.status in (Status.RECEIVED, Status.PROCESSING):
            if act.ground == Ground.SUPPLEMENT:
                dossier.status_supplement_requested()
                kind = EventKind.SUPPLEMENT_REQUESTED
                self.ask(act, back_to)
            elif act.ground == Ground.PAYMENT:
                dossier.status_payment_requested()
                kind = EventKind.PAYMENT_REQUESTED
            if dossier.status != back_to:
                self.stopped_status = [act.ground, back_to]
        work.event(kind, {"ground": act.ground})

    def ask(self, act: ImportedAct, back_to: str) -> None:
        if act.post is None:
            raise ValueError("nobody is named who asked for the supplement")
        self.work.dossier.supplements_asked += 1
        self.supplement = Supplement(
            dossier=self.work.dossier,
            state=Supplement.State.OPEN,
            back_to=back_to,
            asked_at=act.at,
            asked_by=act.post,
            wanted=[],
        )
        self.work.changes.add(self.supplement)

    def resume(self, act: ImportedAct) -> None:
        anew = self.setting.edition.after_supplement == "restart"
        if act.ground == Ground.SUPPLEMENT and anew:
            clock = self.clock.restart(self.calendar, act.at, ground=act.ground)
            self.put(clock, "restarted")
        else:
            self.put(self.clock.resume(act.ground, self.calendar, act.at), "resumed")
        self.lift(act.ground, act.at)

    def lift(self, ground: str, at: datetime) -> None:
        """The status goes back to where the stop came from."""
        self.stops.pop(ground).to_at = at
        kind = EventKind.IMPORTED
        if self.stopped_status[:1] == [ground]:
            back_to = self.stopped_status[1]
            self.stopped_status = []
            if ground == Ground.SUPPLEMENT:
                self.work.dossier.status_supplied(back_to)
                kind = EventKind.SUPPLIED
                if self.supplement is not None:
                    self.supplement.state = Supplement.State.SUPPLIED
                    self.supplement.supplied_at = at
            else:
                self.work.dossier.status_paid(back_to)
                kind = EventKind.PAID
        self.work.event(kind, {"lifted": ground})

    # The end

    def end(self) -> None:
        work, dossier = self.work, self.work.dossier
        late, endless = 1 in self.row.breached, self.clock.limit_at is None
        if self.case.ending == Status.CONCLUDED:
            for ground in list(self.stops):
                self.put(self.clock.resume(ground, self.calendar, work.at), "resumed")
                self.lift(ground, work.at)
            self.process()
        self.put(self.clock.finish(work.at), "finished")
        _breaches.end_delays(work, self.row, work.at)
        dossier.ended_at = work.at
        if self.case.ending == Status.CONCLUDED:
            dossier.status_concluded()
            dossier.concluded_at = work.at
            work.event(EventKind.CONCLUDED, {"result": self.clock.result})
            work.post(RESOLVED[self.clock.result])
        else:
            self.give_up()
        leave_pending(work, was_late=late, without_limit=endless)

    def give_up(self) -> None:
        work, dossier = self.work, self.work.dossier
        for stop in self.stops.values():
            stop.to_at = work.at
        if self.supplement is not None and self.supplement.state == Supplement.State.OPEN:
            self.supplement.state = Supplement.State.CLOSED
        if self.case.ending == Status.WITHDRAWN:
            dossier.status_withdrawn()
            work.event(EventKind.WITHDRAWN)
            work.post(Measure.WITHDRAWN)
        else:
            dossier.status_discontinued()
            work.event(EventKind.DISCONTINUED)
            work.post(Measure.DISCONTINUED)

    # Time

    def settle(self, before: datetime) -> None:
        """Breach the limit if it passed before this moment."""
        moments = self.clock.breach_moments()
        if moments and moments[0][1] < before and not self.row.breached:
            self.breach(moments[0][1])

    def breach(self, moment: datetime) -> None:
        work, setting = self.work, self.setting
        run = under_way(self.runs, moment)
        self.row.breached = [1]
        event = work.event(
            EventKind.BREACHED,
            {"of": "dossier", "promise": 1, "limit_at": _iso(self.clock.limit_at)},
            at=moment,
        )
        breach = Breach(
            dossier=work.dossier,
            clock=self.row,
            of=Breach.Of.DOSSIER,
            breached_at=moment,
            noticed_at=work.recorded_at,
            event_n=event.n,
            agency=setting.agency,
            unit=setting.unit,
            held_by_agency=run.agency,
            held_by_unit=run.unit,
            step_run=run,
            officer=run.officer,
            owes_explanation=setting.owes_explanation,
            owes_apology=setting.owes_apology,
        )
        _breaches.describe(breach, self.row, self.runs, moment)
        work.changes.add(breach)
        work.post(Measure.OVERDUE, at=moment + INSTANT)
        work.post(Measure.BREACHES, at=moment + INSTANT)
        if setting.owes_apology:
            work.post(Measure.APOLOGIES_OWED, at=moment + INSTANT)

    def put(self, clock: Clock, cause: str) -> None:
        self.clock = clock
        self.work.put(self.row, clock, cause)

    def finish_telling(self, until: datetime) -> None:
        """Time alone up to `until`; timers for what lies after it, none for what lies before."""
        ended = self.case.ended_at is not None
        if not ended:
            self.settle(until)
        self.work.at = until
        self.work.put(self.row, self.clock, "settled")
        if not self.row.breached or not self.clock.limit_at:
            return
        moment = max(self.clock.limit_at, self.case.started_at)
        for rung, owed in (
            (ladder.UNEXPLAINED, self.setting.owes_explanation),
            (ladder.APOLOGY_OVERDUE, self.setting.owes_apology),
        ):
            fires_at = escalation.reached_at(self.work, self.row, rung, moment)
            if owed and fires_at is not None and fires_at > until:
                self.work.set_timer(self.row, TimerKind(rung), fires_at)


def _held(post: Post | None) -> Held | None:
    return None if post is None else held(post)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
