"""Three months in the demo city: every dossier carried by the lifecycle's commands, at simulated
times, in the order of time, with a fixed seed. Nothing is written past them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import NamedTuple

from dossiers import firing
from dossiers.errors import Refusal
from dossiers.lifecycle import apology, breach, ending, intake, progress, supplement
from dossiers.lifecycle.delivering import hand_over_apology
from dossiers.lifecycle.repeating import raise_repeated
from dossiers.lifecycle.signing import sign_apology
from dossiers.models import OPEN, Apology, Breach, ClockRow, Dossier, StepRun
from notifications.sending import drain
from onestop.demo import people
from onestop.demo.staff import Roster
from workflows.actors import Actor
from workflows.graph import Definition, Kind
from workflows.models import Agency, AgencyKind, Calendar, Case, Edition, Offer, PaperItem, Unit
from workflows.worktime import WorkingCalendar

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LOOKED_AFTER = 10 * MINUTE
"""How long after a limit somebody looks whether it was kept."""
RETURNED_SHARE = 0.85
SUPPLEMENT_SHARE = 0.07
WITHDRAWN_SHARE = 0.003
SEND_BACK_SHARE = 0.03
FORESEEN_SHARE = 0.5
HANDED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Plan:
    """A dossier to come: when it is handed in, for what, where."""

    number: int
    at: datetime
    offer: Offer
    receiver: Agency
    slowness: float


Act = Callable[[], "Iterator[tuple[datetime, Act]]"]


class PaperList(NamedTuple):
    """A case of a procedure (empty where it knows none), and the papers to hand in for it."""

    case: str
    papers: list[PaperItem]


class Simulation:
    """A queue of acts to come; each act calls one command and says what follows when."""

    def __init__(
        self,
        plans: Sequence[Plan],
        *,
        until: datetime,
        calendar: WorkingCalendar,
        seed: int,
        first: datetime,
        meet: Callable[[Callable[[], None]], None],
    ) -> None:
        """`first` is when the letters of a day are sent for the first time, from then on every
        working day; `meet` lets the processes of a demo do that together."""
        self.meet = meet
        self.random = Random(seed)
        self.until = until
        self.calendar = calendar
        self.roster = Roster()
        self.counters = {
            unit.agency_id: unit
            for unit in Unit.objects.filter(kind=Unit.Kind.COUNTER).order_by("-code")
        }
        # What the simulation knows it does not ask the database for: the lists of papers by
        # procedure; by dossier what it came with, its way, and when it ended; who holds a step.
        self.lists: dict[int, list[PaperList]] = {}
        self.handed_in: dict[int, list[PaperItem]] = {}
        self.ways: dict[int, Definition] = {}
        self.ended: dict[int, datetime] = {}
        self.holders: dict[int, Actor] = {}
        self.on_the_spot = frozenset(
            Edition.objects.filter(on_the_spot=True).values_list("procedure_id", flat=True)
        )
        self.refused = 0
        self._now = until
        self._order = count()
        self._queue: list[tuple[datetime, int, Act]] = []
        for plan in plans:
            self._later(plan.at, self._receiving(plan))
        self._later(first, self._posting())

    def run(self, tick: Callable[[], None]) -> None:
        """Carry out every act up to the end; `tick` is called after each dossier received."""
        while self._queue:
            at, _, act = heapq.heappop(self._queue)
            if at > self.until:
                continue
            self._now = at
            try:
                for when, following in act():
                    self._later(when, following)
            except Refusal:
                # People try what the rules refuse; the rules' answer changes nothing.
                self.refused += 1
            if act.__name__ == "receiving":
                tick()

    def _later(self, at: datetime, act: Act) -> None:
        heapq.heappush(self._queue, (at, next(self._order), act))

    def _after(self, at: datetime, working: timedelta) -> datetime:
        return self.calendar.add(at, max(working, MINUTE))

    def _some(self, usual: timedelta, slowness: float = 1.0) -> timedelta:
        """A time around the usual one: mostly less, sometimes much more."""
        return usual * min(self.random.lognormvariate(-0.25, 0.6) * slowness, 6.0)

    # Acts

    def _receiving(self, plan: Plan) -> Act:
        def receiving() -> Iterator[tuple[datetime, Act]]:
            unit = self.counters.get(plan.receiver.pk)
            clerk = self.roster.one(
                plan.receiver.pk, "clerk", unit.pk if unit else None, self.random
            )
            if clerk is None:
                return
            listed = self.random.choice(self._lists(plan.offer, plan.at))
            dossier = intake.receive(
                procedure=plan.offer.procedure.code,
                channel=self.random.choices(("counter", "online", "post"), (70, 27, 3))[0],
                receiving_agency=plan.receiver.pk,
                receiving_unit=unit.pk if unit else None,
                answering_agency=plan.offer.agency_id,
                case=listed.case,
                parties=people.parties(self.random, number=plan.number),
                papers=self._papers(listed.papers),
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
                yield limit_at + LOOKED_AFTER, self._looking(dossier.pk, plan)
                if self.random.random() < FORESEEN_SHARE:
                    day_before = self.calendar.add(limit_at, -10 * HOUR)
                    yield max(day_before, plan.at), self._foreseeing(dossier.pk, plan)

        return receiving

    def _lists(self, offer: Offer, at: datetime) -> list[PaperList]:
        """The cases of a procedure, each with its papers: its own and those of all cases."""
        lists = self.lists.get(offer.procedure_id)
        if lists is None:
            edition = offer.procedure.edition_on(at.date())
            items = list(PaperItem.objects.filter(edition=edition, kind=PaperItem.Kind.HAND_IN))
            cases = list(Case.objects.filter(edition=edition))
            lists = [
                PaperList(case.key, [one for one in items if one.case_id in (None, case.pk)])
                for case in cases
            ] or [PaperList("", items)]
            lists = [one for one in lists if one.papers] or lists
            self.lists[offer.procedure_id] = lists
        return lists

    def _papers(self, listed: Sequence[PaperItem]) -> list[intake.PaperGiven]:
        forms = ("original", "certified", "copy", "electronic")
        return [
            intake.PaperGiven(
                item=item.pk, form=self.random.choice(forms), digitised=self.random.random() < 0.7
            )
            for item in listed
        ]

    def _next_step(
        self, dossier_id: int, plan: Plan, at: datetime
    ) -> Iterator[tuple[datetime, Act]]:
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
            usual = self.calendar.between(share.started_at, share.limit_at) * 0.8
        if plan.offer.procedure_id in self.on_the_spot:
            usual = 12 * MINUTE
        if run.kind == Kind.DELIVER:
            yield self._after(at, self._some(HOUR)), self._concluding(dossier_id, plan)
            return
        if run.kind in (Kind.PROCESS, Kind.APPRAISE) and self.random.random() < SUPPLEMENT_SHARE:
            yield self._after(at, self._some(usual / 3)), self._asking(dossier_id, run, plan)
            return
        if self.random.random() < WITHDRAWN_SHARE:
            yield self._after(at, self._some(usual)), self._withdrawing(dossier_id, plan)
            return
        takes = self._some(usual, plan.slowness)
        taken = self._after(at, takes / 4)
        if takes > HOUR:
            yield taken, self._claiming(dossier_id, run)
        yield self._after(at, takes), self._advancing(dossier_id, run, plan)

    def _claiming(self, dossier_id: int, run: StepRun) -> Act:
        def claiming() -> Iterator[tuple[datetime, Act]]:
            at = self._now
            who = self.roster.one(run.agency_id, run.role, run.unit_id, self.random)
            if who is not None:
                progress.claim(dossier_id, by=who, at=at)
                self.holders[run.pk] = who
            return iter(())

        return claiming

    def _advancing(self, dossier_id: int, run: StepRun, plan: Plan) -> Act:
        def advancing() -> Iterator[tuple[datetime, Act]]:
            at = self._now
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
        def asking() -> Iterator[tuple[datetime, Act]]:
            at = self._now
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
                wait = self._some(24 * HOUR)
                yield self._after(at, wait), self._supplying(dossier_id, plan)
            else:
                yield self._after(at, HOUR), self._advancing(dossier_id, run, plan)

        return asking

    def _supplying(self, dossier_id: int, plan: Plan) -> Act:
        def supplying() -> Iterator[tuple[datetime, Act]]:
            at = self._now
            clerk = self.roster.one(plan.receiver.pk, "clerk", None, self.random)
            if clerk is not None:
                supplement.supply(dossier_id, by=clerk, at=at)
                run = StepRun.objects.filter(
                    dossier=dossier_id, state__in=["waiting", "working"]
                ).last()
                if run is not None:
                    takes = self._some(8 * HOUR, plan.slowness)
                    yield self._after(at, takes), self._advancing(dossier_id, run, plan)

        return supplying

    def _withdrawing(self, dossier_id: int, plan: Plan) -> Act:
        def withdrawing() -> Iterator[tuple[datetime, Act]]:
            clerk = self.roster.one(plan.receiver.pk, "clerk", None, self.random)
            if clerk is not None:
                ending.withdraw(dossier_id, reason="Không còn nhu cầu", by=clerk, at=self._now)
                self.ended[dossier_id] = self._now
            return iter(())

        return withdrawing

    def _concluding(self, dossier_id: int, plan: Plan) -> Act:
        def concluding() -> Iterator[tuple[datetime, Act]]:
            at = self._now
            clerk = self.roster.one(plan.receiver.pk, "clerk", None, self.random)
            if clerk is None:
                return
            ending.conclude(dossier_id, by=clerk, at=at)
            self.ended[dossier_id] = at
            if self.random.random() < RETURNED_SHARE:
                yield self._after(at, self._some(8 * HOUR)), self._returning(dossier_id, plan)

        return concluding

    def _returning(self, dossier_id: int, plan: Plan) -> Act:
        def returning() -> Iterator[tuple[datetime, Act]]:
            clerk = self.roster.one(plan.receiver.pk, "clerk", None, self.random)
            if clerk is not None:
                ending.return_result(dossier_id, method="counter", by=clerk, at=self._now)
            return iter(())

        return returning

    def _looking(self, dossier_id: int, plan: Plan) -> Act:
        """After the limit: the worker flags what is late; the unit answers, or does not."""

        def looking() -> Iterator[tuple[datetime, Act]]:
            at = self._now
            if self.ended.get(dossier_id, at) <= at - LOOKED_AFTER:
                return
            firing.fire_for([dossier_id], at)
            late = Breach.objects.filter(dossier=dossier_id, of="dossier").first()
            if late is None:
                return
            if self.random.random() < 0.8:
                morning = self.calendar.next_open(at)
                yield self._after(morning, self._some(6 * HOUR)), self._explaining(late, plan)
            if self.random.random() < 0.7:
                morning = self.calendar.next_open(at)
                yield self._after(morning, self._some(5 * HOUR)), self._drafting(dossier_id, plan)

        return looking

    def _foreseeing(self, dossier_id: int, plan: Plan) -> Act:
        """A day before the limit: what will probably be late is apologised for beforehand."""

        def foreseeing() -> Iterator[tuple[datetime, Act]]:
            at = self._now
            if apology.look_ahead(dossier_id, at).probably_late:
                yield self._after(at, self._some(HOUR)), self._drafting(dossier_id, plan)

        return foreseeing

    def _posting(self) -> Act:
        """Each working day at its close what lies in the outbox is sent, and those who watch are
        told where lateness repeats itself."""

        def posting() -> Iterator[tuple[datetime, Act]]:
            self.meet(self._post)
            yield self._after(self._now, 8 * HOUR), self._posting()

        return posting

    def _post(self) -> None:
        drain(at=self._now, limit=10_000)
        raise_repeated(self._now)

    def _explaining(self, late: Breach, plan: Plan) -> Act:
        def explaining() -> Iterator[tuple[datetime, Act]]:
            at = self._now
            head = self.roster.one(plan.offer.agency_id, "unit_head", plan.offer.unit_id, Random(1))
            if head is None:
                return
            reasons = ("overload", "late_assignment", "complex", "other_agency")
            breach.explain_breach(
                late.pk,
                reason=self.random.choice(reasons),
                text="Số hồ sơ tăng cao trong tuần, phòng đã bố trí thêm người.",
                by=head,
                at=at,
            )
            if self.random.random() < 0.85:
                yield self._after(at, self._some(8 * HOUR)), self._judging(late)

        return explaining

    def _judging(self, late: Breach) -> Act:
        def judging() -> Iterator[tuple[datetime, Act]]:
            watcher = self.roster.of_city("supervisor")
            if self.random.random() < 0.15:
                breach.return_explanation(
                    late.pk, question="Đề nghị nêu rõ bước nào chậm.", by=watcher, at=self._now
                )
            else:
                breach.accept_explanation(late.pk, by=watcher, at=self._now)
            return iter(())

        return judging

    def _drafting(self, dossier_id: int, plan: Plan) -> Act:
        def drafting() -> Iterator[tuple[datetime, Act]]:
            at = self._now
            head = self.roster.one(plan.offer.agency_id, "unit_head", plan.offer.unit_id, Random(1))
            if head is None:
                return
            dossier = Dossier.objects.get(pk=dossier_id)
            ready = dossier.waits_for_counter or dossier.status not in OPEN
            letter = apology.draft_apology(
                dossier.pk,
                reason="overload",
                text="Chúng tôi chậm so với ngày hẹn và xin lỗi ông/bà.",
                new_promise_at=None if ready else apology.propose_appointment(dossier.pk, at),
                by=head,
                at=at,
            )
            if self.random.random() < 0.85:
                yield self._after(at, self._some(4 * HOUR)), self._signing(letter.pk, plan)

        return drafting

    def _signing(self, letter: int, plan: Plan) -> Act:
        def signing() -> Iterator[tuple[datetime, Act]]:
            head = self.roster.one(plan.offer.agency_id, "approver", None, self.random)
            if head is not None:
                sign_apology(letter, by=head, at=self._now)
                if self.random.random() < HANDED_SHARE:
                    yield self._after(self._now, self._some(9 * HOUR)), self._handing(letter, plan)

        return signing

    def _handing(self, letter: int, plan: Plan) -> Act:
        """The counter sees to a letter that reached nobody."""

        def handing() -> Iterator[tuple[datetime, Act]]:
            waits = Apology.objects.get(pk=letter).waits_for_counter
            clerk = self.roster.one(plan.receiver.pk, "clerk", None, self.random)
            if waits and clerk is not None:
                how = self.random.choice(("in_person", "in_person", "by_phone", "kept"))
                note = "Đã gọi điện và giao thư tại quầy."
                hand_over_apology(letter, how=how, note=note, by=clerk, at=self._now)
            return iter(())

        return handing


def working_moments(
    calendar: WorkingCalendar, since: date, until: datetime, number: int, random: Random
) -> list[datetime]:
    """`number` moments within working hours between a day and a moment, in order."""
    first = calendar.next_open(datetime(since.year, since.month, since.day, tzinfo=calendar.tz))
    span = calendar.between(first, until)
    return sorted(
        calendar.next_open(calendar.add(first, span * random.random())) for _ in range(number)
    )


def plans(*, since: date, until: datetime, size: int, seed: int, commune: str) -> list[Plan]:
    """What will be handed in: communes' everyday procedures most, one commune more than others."""
    random = Random(seed)
    calendar = Calendar.objects.get(code="vn").working()
    offers = list(
        Offer.objects.select_related("procedure", "agency").order_by("procedure__code", "pk")
    )
    branches = list(Agency.objects.filter(kind=AgencyKind.BRANCH).order_by("code"))
    weights = [_weight(offer, commune) for offer in offers]
    slowness = {
        agency: random.choice((0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.6))
        for agency in sorted({offer.agency_id for offer in offers})
    }
    moments = working_moments(calendar, since, until, size, random)
    chosen = random.choices(offers, weights, k=size)
    return [
        Plan(
            number=number,
            at=at,
            offer=offer,
            receiver=offer.agency
            if offer.agency.kind == AgencyKind.COMMUNE
            else random.choice(branches),
            slowness=slowness[offer.agency_id],
        )
        for number, (at, offer) in enumerate(zip(moments, chosen, strict=True), start=1)
    ]


def _weight(offer: Offer, commune: str) -> float:
    if offer.agency.code == commune:
        return 60.0
    return 1.0 if offer.agency.kind == AgencyKind.COMMUNE else 60.0
