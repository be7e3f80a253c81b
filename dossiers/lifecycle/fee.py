"""A payment that the law asks for: demanded, confirmed; the clock waits for it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers.clock import Clock
from dossiers.errors import Invalid, NotAllowed, NotNow
from dossiers.lifecycle import _telling, _write
from dossiers.lifecycle._steps import WORK_CLOCKS, finish_clocks
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.given import LateEntry
from dossiers.lifecycle.registry import command
from dossiers.models import ClockKind, ClockRow, Dossier, EventKind, FeeDemand, Ground, Status
from workflows.actors import Actor
from workflows.timelimit import TimeLimit, Unit

LARGEST = 10**12  # đồng


@command("demand_fee", _("Demand a payment"), statuses=(Status.RECEIVED, Status.PROCESSING))
def demand_fee(
    dossier_id: int, *, amount: int, legal_ground: str, note: str = "", by: Actor, at: datetime
) -> Dossier:
    """Demand a payment of `amount` đồng; the clock stops from now until it is paid.

    Where the edition names a term and it passes, the dossier is discontinued with notice.
    Raises: Invalid (amount, no legal ground: no stop without one), NotNow.
    Law: 61/2018/NĐ-CP art. 19; national status 6.
    """
    _check(amount, legal_ground)
    work = _write.lock(
        dossier_id, "demand_fee", by=by, at=at, statuses=(Status.RECEIVED, Status.PROCESSING)
    )
    dossier = work.dossier
    if dossier.waits_for_counter:
        raise NotNow("waits_for_counter")
    demand = _demand(work, amount, legal_ground.strip())
    dossier.status_payment_requested()
    work.stop_clocks(Ground.PAYMENT, WORK_CLOCKS)
    until_at = None if demand.clock is None else demand.clock.limit_at
    facts = {"amount": amount, "legal_ground": demand.legal_ground, "until": _iso(until_at)}
    work.event(EventKind.PAYMENT_REQUESTED, facts, note=note.strip())
    _telling.citizen(
        work,
        "payment_requested",
        amount=amount,
        until_at=until_at,
        not_before=_telling.after_pause(work),
    )
    return _write.write(work)


@command("confirm_fee", _("Confirm the payment"), statuses=(Status.PAYMENT_REQUESTED,))
def confirm_fee(
    dossier_id: int,
    *,
    receipt_no: str = "",
    by: Actor,
    at: datetime,
    late: LateEntry | None = None,
) -> Dossier:
    """The payment has been made: the clock goes on with what remained.

    Raises: NotNow. Law: after a financial obligation the limit resumes (domain: 4.5).
    """
    work = _write.lock(
        dossier_id, "confirm_fee", by=by, at=at, late=late, statuses=(Status.PAYMENT_REQUESTED,)
    )
    demand = FeeDemand.objects.filter(dossier=work.dossier, state=FeeDemand.State.OPEN).first()
    if demand is None:
        raise NotNow("no_fee")
    demand.state, demand.paid_at = FeeDemand.State.PAID, work.at
    demand.receipt_no = receipt_no.strip()
    work.changes.change(demand, "state", "paid_at", "receipt_no")
    finish_clocks(work, (ClockKind.PAYMENT,))
    work.dossier.status_paid(demand.back_to)
    work.lift(Ground.PAYMENT, WORK_CLOCKS)
    row = work.clock_row(ClockKind.DOSSIER)
    limit_at = None if row is None else row.limit_at
    work.event(EventKind.PAID, {"amount": demand.amount, "limit_at": _iso(limit_at)})
    _telling.citizen(work, "paid", promised_at=None if row is None else row.promised_at)
    return _write.write(work)


def _check(amount: int, legal_ground: str) -> None:
    wrong = {}
    if not 0 < amount <= LARGEST:
        wrong["amount"] = "fee_amount"
    if not legal_ground.strip():
        wrong["legal_ground"] = "legal_ground_needed"
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


def _demand(work: Work, amount: int, legal_ground: str) -> FeeDemand:
    """The row of the demand, from where the dossier stands now, with the applicant's term."""
    if work.held is None:
        raise NotAllowed("not_allowed")
    demand = FeeDemand(
        dossier=work.dossier,
        clock=_begin_term(work),
        state=FeeDemand.State.OPEN,
        back_to=work.dossier.status,
        amount=amount,
        legal_ground=legal_ground,
        demanded_at=work.at,
        demanded_by_id=work.held.post_id,
        event_n=work.dossier.head_n + 1,
    )
    work.changes.add(demand)
    return demand


def _begin_term(work: Work) -> ClockRow | None:
    """The applicant's own term, where the edition names one."""
    days, row = work.dossier.edition.payment_term_days, work.clock_row(ClockKind.DOSSIER)
    if days is None or row is None:
        return None
    term = TimeLimit(days, Unit.WORKING_DAY)
    clock = Clock.start(term, row.calendar.working(), work.at)
    return work.begin_clock(ClockKind.PAYMENT, clock, row.calendar)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
