"""What happens to few dossiers on their way through the demo city: a payment, an opinion, a wrong
unit put right, an act taken back, an entry made later; and the one amended calendar.

Every turn ends by handing the dossier back to who carries it on (`Onward`). These acts draw their
chances from a row of their own, so that they change no other dossier's course.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from dossiers.errors import Refusal
from dossiers.lifecycle import consultation, fee, moving, progress, recalendar, recount, undo
from dossiers.lifecycle.given import LateEntry
from dossiers.models import StepRun
from onestop.demo.act import Act, Acts, Next
from onestop.demo.pace import HOUR, Pace
from onestop.demo.staff import Roster
from workflows.actors import Actor
from workflows.catalogue.amendment import Amendment, DayOff
from workflows.graph import Kind, Step
from workflows.models import AgencyKind, CalendarDay, Post, Role, Unit
from workflows.worktime import WorkingCalendar

WORK = (Kind.PROCESS, Kind.APPRAISE)
PAID_SHARE = 0.9
LATE_ENTRY_SHARE = 0.4
ELSEWHERE_SHARE = 0.4
FORGONE_SHARE = 0.1
FEES = (20_000, 50_000, 75_000, 100_000, 150_000)
LAW = "Điều 5, Luật Phí và lệ phí 97/2015/QH13"
QUESTIONS = (
    "Đề nghị cho ý kiến về sự phù hợp với quy hoạch đã duyệt.",
    "Đề nghị xác nhận thông tin lưu trữ về người nộp hồ sơ.",
)
ANSWERS = ("Thống nhất, không có ý kiến khác.", "Thông tin trong hồ sơ khớp với sổ lưu.")
POWER_CUT = "Thông báo ngừng cung cấp điện của Công ty Điện lực (dữ liệu demo)"
MORNING = (time(8), time(12))

Onward = Callable[[datetime], Acts]
"""Who carries a dossier on from a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How many of the steps at which work is done take which turn."""

    payment: float = 0.03
    opinion: float = 0.04
    move: float = 0.012
    undo: float = 0.02


@dataclass(frozen=True, slots=True)
class Going:
    """A dossier at a step: with the counter that received it, and what it goes on by."""

    dossier: int
    run: StepRun
    step: Step
    counter: int
    onward: Onward


class Between:
    """The turns that few dossiers take; `turn` says which, if any."""

    def __init__(self, roster: Roster, pace: Pace, seed: int, shares: Shares | None = None) -> None:
        self.roster, self.pace, self.shares = roster, pace, shares or Shares()
        self.random = Random(seed + 1)
        units = Unit.objects.filter(kind=Unit.Kind.DIVISION).select_related("agency")
        self.units = list(units.order_by("code"))

    def turn(self, going: Going, at: datetime, usual: timedelta) -> Next | None:
        """The turn that this step takes, and when it begins, or None: most steps take none."""
        if going.run.kind not in WORK:
            return None
        chance, when = self.random.random(), self.pace.after(at, self._around(usual / 4))
        for share, turn in (
            (self.shares.payment, self._demanding),
            (self.shares.opinion, self._consulting),
            (self.shares.move, self._moving),
            (self.shares.undo, self._mistaking),
        ):
            if chance < share:
                return when, _or_onward(turn(going, when), going, when)
            chance -= share
        return None

    def _around(self, usual: timedelta) -> timedelta:
        return usual * self.random.uniform(0.5, 1.6)

    def _officer(self, run: StepRun) -> Actor | None:
        return self.roster.one(run.agency_id, run.role, run.unit_id, self.random)

    # A payment, sometimes entered later than it was made

    def _demanding(self, going: Going, at: datetime) -> Act:
        def demanding() -> Acts:
            clerk = self.roster.one(going.counter, "clerk", None, self.random)
            if clerk is None:
                yield from going.onward(at)
                return
            amount = self.random.choice(FEES)
            fee.demand_fee(going.dossier, amount=amount, legal_ground=LAW, by=clerk, at=at)
            if self.random.random() < PAID_SHARE:
                paid = self.pace.after(at, self._around(8 * HOUR))
                yield paid, _or_onward(self._confirming(going, clerk, paid), going, paid)

        return demanding

    def _confirming(self, going: Going, clerk: Actor, at: datetime) -> Act:
        def confirming() -> Acts:
            paid, late = at, None
            earlier = self.pace.calendar.add(at, -HOUR)
            same_day = earlier.date() == at.date()
            if same_day and self.random.random() < LATE_ENTRY_SHARE:
                paid = earlier
                late = LateEntry(at, "Mạng tại quầy gián đoạn, nhập lại trong ngày.")
            receipt = f"BL-{self.random.randint(1, 9999):04d}"
            fee.confirm_fee(going.dossier, receipt_no=receipt, by=clerk, at=paid, late=late)
            yield from going.onward(at)

        return confirming

    # An opinion asked of another unit, given or forgone

    def _consulting(self, going: Going, at: datetime) -> Act:
        def consulting() -> Acts:
            officer, asked = self._officer(going.run), self._asked(going.run)
            if officer is None or asked is None:
                yield from going.onward(at)
                return
            opinion = consultation.ask_opinion(
                going.dossier,
                unit=asked.pk,
                question=self.random.choice(QUESTIONS),
                by=officer,
                at=at,
            )
            when = self.pace.after(at, self._around(14 * HOUR))
            if self.random.random() < FORGONE_SHARE:
                yield (
                    when,
                    _or_onward(self._forgoing(going, opinion.pk, officer, when), going, when),
                )
            else:
                yield when, _or_onward(self._answering(going, opinion.pk, asked, when), going, when)

        return consulting

    def _asked(self, run: StepRun) -> Unit | None:
        """Another unit of the agency, or a department's: communes' calendars stay their own."""
        others = [unit for unit in self.units if unit.pk != run.unit_id]
        own = [unit for unit in others if unit.agency_id == run.agency_id]
        departments = [unit for unit in others if unit.agency.kind == AgencyKind.DEPARTMENT]
        elsewhere = self.random.random() < ELSEWHERE_SHARE
        fitting = (departments if elsewhere else own) or own
        return self.random.choice(fitting) if fitting else None

    def _answering(self, going: Going, opinion: int, asked: Unit, at: datetime) -> Act:
        def answering() -> Acts:
            head = self.roster.one(asked.agency_id, "unit_head", asked.pk, self.random)
            if head is not None:
                answer = self.random.choice(ANSWERS)
                consultation.give_opinion(opinion, answer=answer, by=head, at=at)
            yield from going.onward(at)

        return answering

    def _forgoing(self, going: Going, opinion: int, officer: Actor, at: datetime) -> Act:
        def forgoing() -> Acts:
            reason = "Đã có đủ căn cứ để giải quyết."
            consultation.forgo_opinion(opinion, reason=reason, by=officer, at=at)
            yield from going.onward(at)

        return forgoing

    # To the right unit

    def _moving(self, going: Going, at: datetime) -> Act:
        def moving_on() -> Acts:
            run = going.run
            head = self.roster.one(run.agency_id, "unit_head", run.unit_id, self.random)
            others = [
                unit
                for unit in self.units
                if unit.agency_id == run.agency_id and unit.pk != run.unit_id
            ]
            if head is not None and others:
                right = self.random.choice(others).pk
                reason = "Chuyển đúng phòng theo chức năng, nhiệm vụ được giao."
                moving.move(going.dossier, unit=right, reason=reason, by=head, at=at)
            yield from going.onward(at)

        return moving_on

    # An act taken back

    def _mistaking(self, going: Going, at: datetime) -> Act:
        """The officer finishes the step too early and takes that back a few minutes later."""

        def mistaking() -> Acts:
            officer = self._officer(going.run)
            if officer is None:
                yield from going.onward(at)
                return
            outcome = next(one.key for one in going.step.outcomes if not one.returns)
            progress.advance(going.dossier, outcome=outcome, by=officer, at=at)
            noticed = self.pace.after(at, timedelta(minutes=self.random.randint(2, 15)))
            yield noticed, _or_onward(self._taking_back(going, officer, noticed), going, noticed)

        return mistaking

    def _taking_back(self, going: Going, officer: Actor, at: datetime) -> Act:
        def taking_back() -> Acts:
            undo.undo(going.dossier, reason="Bấm nhầm, chưa xem hết giấy tờ.", by=officer, at=at)
            yield from going.onward(at)

        return taking_back


def _or_onward(act: Act, going: Going, at: datetime) -> Act:
    """The act; where the rules refuse it, the dossier goes on without."""

    def tried() -> Acts:
        try:
            yield from act()
        except Refusal:
            yield from going.onward(at)

    return tried


def leave_open(agency: int, head: Post, *, at: datetime) -> None:
    """An opinion waited for from the unit that `head` heads, and a payment waited for at the
    counter, so that the desks of the demo have both; where dossiers are under way for it."""
    roster, random = Roster(), Random(1)
    steps = (
        StepRun.objects.filter(agency=agency, role=Role.OFFICER, kind__in=WORK)
        .filter(state__in=[StepRun.State.WAITING, StepRun.State.WORKING])
        .filter(dossier__status__in=consultation.AT_WORK, dossier__last_caused_at__lte=at)
        .order_by("-dossier_id")
    )
    found = list(steps)
    elsewhere = next((run for run in found if run.unit_id != head.unit_id), None)
    if elsewhere is not None and head.unit_id is not None:
        officer = roster.post(elsewhere.officer_id) if elsewhere.officer_id else None
        asking = officer or roster.one(agency, Role.OFFICER, elsewhere.unit_id, random)
        if asking is not None:
            with suppress(Refusal):
                consultation.ask_opinion(
                    elsewhere.dossier_id, unit=head.unit_id, question=QUESTIONS[0], by=asking, at=at
                )
    other = next((run for run in found if run is not elsewhere), None)
    clerk = roster.one(agency, Role.CLERK, None, random)
    if other is not None and clerk is not None:
        with suppress(Refusal):
            fee.demand_fee(other.dossier_id, amount=FEES[1], legal_ground=LAW, by=clerk, at=at)


def middle_day(since: datetime, until: datetime, calendar: WorkingCalendar) -> date:
    """A working day in the middle of the demo's time, for the power cut."""
    middle = since + (until - since) / 2
    return calendar.next_open((middle + timedelta(days=1)).replace(hour=0, minute=0)).date()


def without_afternoon(calendar: WorkingCalendar, on: date) -> WorkingCalendar:
    """The calendar by which people work where the power is cut."""
    exceptions = {**calendar.exceptions, on: (MORNING,)}
    return WorkingCalendar(calendar.weekly_hours, exceptions, calendar.tz)


def power_cut(agency: str, on: date, calendar: WorkingCalendar, by: Actor) -> Next:
    """The calendar of one agency amended: announced the day before, its office is closed for the
    afternoon of a day, and its running clocks are counted again."""
    closed = DayOff(
        on, CalendarDay.Kind.CLOSED, name="Mất điện buổi chiều", hours=(MORNING,), source=POWER_CUT
    )
    announced = calendar.add(datetime.combine(on, MORNING[0], calendar.tz), -2 * HOUR)

    def amending() -> Acts:
        begun = recalendar.amend(Amendment(agency=agency, days=[closed]), by=by, at=announced)
        recount.recount_batches(begun, at=announced)
        return iter(())

    return announced, amending
