"""The end of a dossier: concluded at the counter, returned, withdrawn, discontinued, reopened."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers.errors import Invalid, NotNow
from dossiers.lifecycle import _breaches, _recounting, _telling, _write
from dossiers.lifecycle._steps import close, conclude_now, end, enter, finish_clocks
from dossiers.lifecycle._work import Work, pure
from dossiers.lifecycle.given import LateEntry
from dossiers.lifecycle.registry import command
from dossiers.models import (
    OPEN,
    ClockKind,
    Dossier,
    Entry,
    EventKind,
    Measure,
    ReturnMethod,
    Status,
    StepRun,
)
from dossiers.statistics import posting
from workflows.actors import APPLICANT, Actor
from workflows.graph import Kind

NOT_ENDED = (Status.SUBMITTED, *OPEN)


@command("conclude", _("Take over the result"), statuses=(Status.PROCESSING,))
def conclude(
    dossier_id: int,
    *,
    negative: bool = False,
    by: Actor,
    at: datetime,
    late: LateEntry | None = None,
) -> Dossier:
    """The counter takes the result over: that moment concludes the dossier.

    Raises: NotNow (the result was not handed over). Law: 118/2025/NĐ-CP art. 20.
    """
    work = _write.lock(
        dossier_id, "conclude", by=by, at=at, late=late, statuses=(Status.PROCESSING,)
    )
    if not work.dossier.waits_for_counter or work.step is None:
        raise NotNow("not_at_counter")
    if work.held is not None:
        work.step.officer_id, work.step.claimed_at = work.held.post_id, work.at
    work.dossier.result_negative = negative
    run = close(work, "done")
    conclude_now(work, EventKind.CONCLUDED, {"step": run.key, "negative": negative})
    _telling.citizen(work, "result_ready", not_before=_telling.after_pause(work))
    return _write.write(work)


@command("return_result", _("Return the result"), statuses=(Status.CONCLUDED,))
def return_result(
    dossier_id: int,
    *,
    method: str = ReturnMethod.COUNTER,
    by: Actor,
    at: datetime,
    late: LateEntry | None = None,
) -> Dossier:
    """Hand the result to the applicant. Raises: NotNow, Invalid (unknown way)."""
    if method not in ReturnMethod.values:
        raise Invalid("reason_needed", fields={"method": "reason_needed"})
    work = _write.lock(
        dossier_id, "return_result", by=by, at=at, late=late, statuses=(Status.CONCLUDED,)
    )
    finish_clocks(work, (ClockKind.UNCOLLECTED,))
    work.dossier.status_returned()
    work.dossier.returned_at = work.at
    work.dossier.return_method = method
    return _write.record(work, EventKind.RETURNED, {"method": method})


@command("withdraw", _("Withdraw"), statuses=NOT_ENDED)
def withdraw(
    dossier_id: int,
    *,
    reason: str = "",
    by: Actor,
    at: datetime,
    late: LateEntry | None = None,
) -> Dossier:
    """The applicant takes the dossier back, before anything is decided (form 05).

    Raises: NotNow (the result is ready). Law: 118/2025/NĐ-CP art. 21.
    """
    work = _write.lock(dossier_id, "withdraw", by=by, at=at, late=late, statuses=NOT_ENDED)
    if work.dossier.waits_for_counter:
        raise NotNow("waits_for_counter")
    facts = {"at_counter": by.kind != APPLICANT}
    end(work, EventKind.WITHDRAWN, Measure.WITHDRAWN, facts, note=reason.strip())
    return _write.write(work)


@command("discontinue", _("Discontinue"), statuses=OPEN)
def discontinue(
    dossier_id: int, *, reason: str, legal_ground: str, by: Actor, at: datetime
) -> Dossier:
    """End the processing on a legal ground, with notice (form 03). Raises: Invalid, NotNow."""
    wrong = {
        name: code
        for name, text, code in (
            ("reason", reason, "reason_needed"),
            ("legal_ground", legal_ground, "legal_ground_needed"),
        )
        if not text.strip()
    }
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    work = _write.lock(dossier_id, "discontinue", by=by, at=at, statuses=OPEN)
    facts = {"legal_ground": legal_ground.strip()}
    end(work, EventKind.DISCONTINUED, Measure.DISCONTINUED, facts, note=reason.strip())
    _telling.citizen(work, "discontinued")
    return _write.write(work)


@command(
    "reopen",
    _("Reopen"),
    statuses=(Status.DISCONTINUED, Status.CONCLUDED, Status.RETURNED),
)
def reopen(dossier_id: int, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """Open again what was found wrong: our own error. A limit that had passed stays passed.

    The dossier goes back to its last processing step. Raises: Invalid, NotNow.
    """
    if not reason.strip():
        raise Invalid("reason_needed", fields={"reason": "reason_needed"})
    statuses = (Status.DISCONTINUED, Status.CONCLUDED, Status.RETURNED)
    work = _write.lock(dossier_id, "reopen", by=by, at=at, statuses=statuses)
    work.dossier.status_reopened()
    work.dossier.concluded_at = work.dossier.ended_at = work.dossier.returned_at = None
    row = work.clock_row(ClockKind.DOSSIER)
    if row is not None:
        work.put(row, pure(row).reopen(row.calendar.working(), work.at), "reopened")
        _breaches.go_on(work, row)
    finish_clocks(work, (ClockKind.UNCOLLECTED,))
    _back_to_work(work)
    work.event(EventKind.REOPENED, {}, note=reason.strip())
    work.post(Measure.REOPENED)
    if row is not None and row.limit_at is None:
        work.post(Measure.WITHOUT_LIMIT)
    if row is not None and 1 in row.breached:
        work.post(Measure.OVERDUE)
    # Its calendar may have been amended while it was at rest.
    _recounting.catch_up([work])
    return _write.write(work)


@command("void", _("Void the receipt"), statuses=tuple(Status.values))
def void(dossier_id: int, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """Void a wrongly made receipt: its number stays explained, it leaves every list and figure.

    Raises: Invalid, NotNow.
    """
    if not reason.strip():
        raise Invalid("reason_needed", fields={"reason": "reason_needed"})
    work = _write.lock(dossier_id, "void", by=by, at=at)
    dossier = work.dossier
    dossier.voided_at, dossier.void_reason = work.at, "entered_wrongly"
    work.clear_timers()
    if work.step is not None:
        work.step.state, work.step.ended_at = StepRun.State.CANCELLED, work.at
        work.changes.change(work.step, "state", "ended_at")
    event = work.event(EventKind.VOIDED, {"reason": dossier.void_reason}, note=reason.strip())
    # What had passed unnoticed was posted by this very act: it is taken back with the rest.
    unnoticed = [row for row in work.changes.added if isinstance(row, Entry)]
    for entry in [*Entry.objects.filter(dossier=dossier), *unnoticed]:
        work.post_entry(posting.negated(entry, work.recorded_at, event.n))
    return _write.write(work)


def _back_to_work(work: Work) -> None:
    """Open anew the last step that worked on the dossier (neither reception nor hand-over)."""
    ended = StepRun.objects.filter(dossier=work.dossier).order_by("-ordinal")
    work.step = ended.first()
    last = (
        ended.standing()
        .exclude(kind__in=[Kind.RECEIVE, Kind.DELIVER, Kind.SIGN, Kind.ISSUE])
        .first()
    )
    if last is not None:
        step = work.dossier.definition.graph().step(last.key)
        enter(work, step, is_return=True)
