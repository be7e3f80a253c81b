"""Three months in the demo city: every dossier carried by the lifecycle's commands, at simulated
times, in the order of time, with a fixed seed. Nothing is written past them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import count
from random import Random

from dossiers.errors import Refusal
from dossiers.lifecycle import ending, intake, progress, supplement
from dossiers.models import ClockRow, StepRun
from onestop.demo import people
from onestop.demo.act import Act, Acts
from onestop.demo.between import Between, Going
from onestop.demo.lateness import LOOKED_AFTER, Lateness
from onestop.demo.pace import HOUR, MINUTE, Pace
from onestop.demo.papers import Papers
from onestop.demo.plans import Plan
from onestop.demo.staff import Roster
from workflows.actors import Actor
from workflows.graph import Definition, Kind
from workflows.models import Edition, PaperItem, Unit
from workflows.worktime import WorkingCalendar

RETURNED_SHARE = 0.85
SUPPLEMENT_SHARE = 0.07
WITHDRAWN_SHARE = 0.003
SEND_BACK_SHARE = 0.03
FORESEEN_SHARE = 0.5


class Simulation:
    """A queue of acts to come; each act calls one command and says what follows when."""

    def __init__(
        self,
        plans: Sequence[Plan],
        *,
        until: datetime,
        calendar: WorkingCalendar,
        seed: int,
    ) -> None:
        self.random = Random(seed)
        self.pace = Pace(calendar, self.random, until)
        self.until = until
        self.roster = Roster()
        self.counters = {
            unit.agency_id: unit
            for unit in Unit.objects.filter(kind=Unit.Kind.COUNTER).order_by("-code")
        }
        # What the simulation knows it does not ask the database for: the lists of papers by
        # procedure; by dossier what it came with, its way, and when it ended; who holds a step.
        self.papers = Papers(self.random)
        self.handed_in: dict[int, list[PaperItem]] = {}
        self.ways: dict[int, Definition] = {}
        self.ended: dict[int, datetime] = {}
        self.holders: dict[int, Actor] = {}
        self.on_the_spot = frozenset(
            Edition.objects.filter(on_the_spot=True).values_list("procedure_id", flat=True)
        )
        self.late = Lateness(self.roster, self.pace, self.ended)
        self.between = Between(self.roster, self.pace, seed)
        self.refused = 0
        self._order = count()
        self._queue: list[tuple[datetime, int, Act]] = []
        for plan in plans:
            self.later(plan.at, self._receiving(plan))

    def run(self, tick: Callable[[], None]) -> None:
        """Carry out every act up to the end; `tick` is called after each dossier received."""
        while self._queue:
            at, _, act = heapq.heappop(self._queue)
            if at > self.until:
                continue
            self.pace.now = at
            try:
                for when, following in act():
                    self.later(when, following)
            except Refusal:
                # People try what the rules refuse; the rules' answer changes nothing.
                self.refused += 1
            if act.__name__ == "receiving":
                tick()

    def later(self, at: datetime, act: Act) -> None:
        """Let `act` be done at that moment."""
        heapq.heappush(self._queue, (at, next(self._order), act))

    # Acts

    def _receiving(self, plan: Plan) -> Act:
        def receiving() -> Acts:
            unit = self.counters.get(plan.receiver.pk)
            clerk = self.roster.one(
                plan.receiver.pk, "clerk", unit.pk if unit else None, self.random
            )
            if clerk is None:
                return
            listed = self.random.choice(self.papers.lists(plan.offer, plan.at))
            dossier = intake.receive(
                procedure=plan.offer.procedure.code,
                channel=self.random.choices(("counter", "online", "post"), (70, 27, 3))[0],
                receiving_agency=plan.receiver.pk,
                receiving_unit=unit.pk if unit else None,
                answering_agency=plan.offer.agency_id,
                case=listed.case,
                parties=people.parties(self.random, number=plan.number),
                papers=self.papers.given(listed),
                idempotency_key=f"demo/{plan.number}",
                by=clerk,
                at=plan.at,
            )
            self.handed_in[dossier.pk] = listed.papers
            self.ways[dossier.pk] = dossier.definition.graph()
            yield from self._next_step(dossier.pk, plan, plan.at)
            limit_at = (
                ClockRow.objects.filter(dossier=dossier, kind="dossier")
                .values_list("limit_at", flat=True)
                .get()
            )
            if limit_at is not None:
                yield limit_at + LOOKED_AFTER, self.late.looking(dossier.pk, plan)
                if self.random.random() < FORESEEN_SHARE:
                    day_before = self.pace.calendar.add(limit_at, -10 * HOUR)
                    yield max(day_before, plan.at), self.late.foreseeing(dossier.pk, plan)

        return receiving

    def _next_step(self, dossier_id: int, plan: Plan, at: datetime) -> Acts:
        run = (
            StepRun.objects.filter(dossier=dossier_id, state__in=["waiting", "working"])
            .select_related("clock")
            .last()
        )
        if run is None:
            return
        share = getattr(run, "clock", None)
        usual = 2 * HOUR
        if share is not None and share.limit_at is not None:
            usual = self.pace.calendar.between(share.started_at, share.limit_at) * 0.8
        if plan.offer.procedure_id in self.on_the_spot:
            usual = 12 * MINUTE
        if run.kind == Kind.DELIVER:
            yield self.pace.after(at, self.pace.some(HOUR)), self._concluding(dossier_id, plan)
            return
        if run.kind in (Kind.PROCESS, Kind.APPRAISE) and self.random.random() < SUPPLEMENT_SHARE:
            yield (
                self.pace.after(at, self.pace.some(usual / 3)),
                self._asking(dossier_id, run, plan),
            )
            return
        if self.random.random() < WITHDRAWN_SHARE:
            yield self.pace.after(at, self.pace.some(usual)), self._withdrawing(dossier_id, plan)
            return
        step = self.ways[dossier_id].step(run.key)
        going = Going(
            dossier_id, run, step, plan.receiver.pk, partial(self._next_step, dossier_id, plan)
        )
        turn = self.between.turn(going, at, usual)
        if turn is not None:
            yield turn
            return
        takes = self.pace.some(usual, plan.slowness)
        taken = self.pace.after(at, takes / 4)
        if takes > HOUR:
            yield taken, self._claiming(dossier_id, run)
        yield self.pace.after(at, takes), self._advancing(dossier_id, run, plan)

    def _claiming(self, dossier_id: int, run: StepRun) -> Act:
        def claiming() -> Acts:
            at = self.pace.now
            who = self.roster.one(run.agency_id, run.role, run.unit_id, self.random)
            if who is not None:
                progress.claim(dossier_id, by=who, at=at)
                self.holders[run.pk] = who
            return iter(())

        return claiming

    def _advancing(self, dossier_id: int, run: StepRun, plan: Plan) -> Act:
        def advancing() -> Acts:
            at = self.pace.now
            who = self.holders.get(run.pk) or self.roster.one(
                run.agency_id, run.role, run.unit_id, self.random
            )
            if who is None:
                return
            outcomes = self.ways[dossier_id].step(run.key).outcomes
            back = [one for one in outcomes if one.returns]
            onward = [one for one in outcomes if not one.returns]
            sends_back = back and self.random.random() < SEND_BACK_SHARE
            outcome = (self.random.choice(back) if sends_back else onward[0]).key
            progress.advance(dossier_id, outcome=outcome, by=who, at=at)
            yield from self._next_step(dossier_id, plan, at)

        return advancing

    def _asking(self, dossier_id: int, run: StepRun, plan: Plan) -> Act:
        def asking() -> Acts:
            at = self.pace.now
            who = self.roster.one(run.agency_id, run.role, run.unit_id, self.random)
            listed = self.handed_in[dossier_id]
            if who is not None and listed:
                supplement.request_supplement(
                    dossier_id,
                    items=[self.random.choice(listed).pk],
                    reason="Giấy tờ chưa rõ, đề nghị nộp bản khác",
                    by=who,
                    at=at,
                )
                wait = self.pace.some(24 * HOUR)
                yield self.pace.after(at, wait), self._supplying(dossier_id, plan)
            else:
                yield self.pace.after(at, HOUR), self._advancing(dossier_id, run, plan)

        return asking

    def _supplying(self, dossier_id: int, plan: Plan) -> Act:
        def supplying() -> Acts:
            at = self.pace.now
            clerk = self.roster.one(plan.receiver.pk, "clerk", None, self.random)
            if clerk is not None:
                supplement.supply(dossier_id, by=clerk, at=at)
                run = StepRun.objects.filter(
                    dossier=dossier_id, state__in=["waiting", "working"]
                ).last()
                if run is not None:
                    takes = self.pace.some(8 * HOUR, plan.slowness)
                    yield self.pace.after(at, takes), self._advancing(dossier_id, run, plan)

        return supplying

    def _withdrawing(self, dossier_id: int, plan: Plan) -> Act:
        def withdrawing() -> Acts:
            clerk = self.roster.one(plan.receiver.pk, "clerk", None, self.random)
            if clerk is not None:
                ending.withdraw(dossier_id, reason="Không còn nhu cầu", by=clerk, at=self.pace.now)
                self.ended[dossier_id] = self.pace.now
            return iter(())

        return withdrawing

    def _concluding(self, dossier_id: int, plan: Plan) -> Act:
        def concluding() -> Acts:
            at = self.pace.now
            clerk = self.roster.one(plan.receiver.pk, "clerk", None, self.random)
            if clerk is None:
                return
            ending.conclude(dossier_id, by=clerk, at=at)
            self.ended[dossier_id] = at
            if self.random.random() < RETURNED_SHARE:
                yield (
                    self.pace.after(at, self.pace.some(8 * HOUR)),
                    self._returning(dossier_id, plan),
                )

        return concluding

    def _returning(self, dossier_id: int, plan: Plan) -> Act:
        def returning() -> Acts:
            clerk = self.roster.one(plan.receiver.pk, "clerk", None, self.random)
            if clerk is not None:
                ending.return_result(dossier_id, method="counter", by=clerk, at=self.pace.now)
            return iter(())

        return returning
