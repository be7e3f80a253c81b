"""The written apology and the one new appointment.

Drafted by the unit, numbered and signed by the agency head, sent by the applicant's channel; made
only when it arrived or every channel was tried (61/2018/NĐ-CP art. 19.9).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dossiers.clock import ClockError
from dossiers.errors import Invalid, Missing, NotAllowed, NotNow
from dossiers.lifecycle import _telling, _time, _write
from dossiers.lifecycle._work import Work, load, pure, works
from dossiers.lifecycle.registry import command, writing
from dossiers.lifecycle.settling import INSTANT
from dossiers.models import (
    OPEN,
    Apology,
    Breach,
    ClockKind,
    ClockRow,
    Dossier,
    EventKind,
    LetterCounter,
    Measure,
    Reason,
    Status,
    TimerKind,
)
from notifications.topics import DELIVERED
from workflows import routing
from workflows.actors import TIME, Actor
from workflows.worktime import WorktimeError

FORESEEN_WITHIN = timedelta(hours=16)  # two working days of 8 hours
LEAST_TIME = timedelta(hours=8)
HAS_LETTER = (*OPEN, Status.CONCLUDED, Status.RETURNED, Status.WITHDRAWN, Status.DISCONTINUED)


@command("draft_apology", _("Draft an apology"), statuses=(*OPEN, Status.CONCLUDED))
def draft_apology(
    dossier_id: int,
    *,
    reason: str,
    text: str = "",
    new_promise_at: datetime | None,
    by: Actor,
    at: datetime,
) -> Apology:
    """Draft the letter for a limit that passed, or that will soon pass (foreseen).

    `new_promise_at` is the new appointment, once; None where the result is ready.
    Raises: NotNow (nothing to apologise for, letter exists, second appointment), Invalid.
    Law: 61/2018/NĐ-CP art. 19.9.
    """
    work = _write.lock(dossier_id, "draft_apology", by=by, at=at, statuses=HAS_LETTER)
    given = Reason.objects.filter(code=reason).first()
    if given is None:
        raise Invalid("unknown_reason", fields={"reason": "unknown_reason"})
    row = _clock(work)
    _require_duty(work, row)
    _check_appointment(work, row, new_promise_at)
    letter = Apology.objects.filter(
        dossier=work.dossier, state=Apology.State.RETURNED
    ).first() or Apology(dossier=work.dossier)
    if letter.pk is None and _standing(work.dossier):
        raise NotNow("second_appointment" if row.promise_number > 1 else "apology_exists")
    if work.held is None:
        raise NotAllowed("not_allowed")
    letter.state, letter.reason, letter.text = Apology.State.DRAFTED, given, text.strip()
    letter.foreseen = 1 not in row.breached
    letter.new_promise_at = new_promise_at
    letter.drafted_at, letter.drafted_by_id = work.at, work.held.post_id
    if letter.pk is None:
        work.changes.add(letter)
    else:
        work.changes.change(
            letter, "state", "reason", "text", "foreseen", "new_promise_at", "drafted_at",
            "drafted_by",
        )  # fmt: skip
    _write.record(work, EventKind.APOLOGY_DRAFTED, {"foreseen": letter.foreseen})
    return letter


@command("sign_apology", _("Sign the apology"))
def sign_apology(apology_id: int, *, by: Actor, at: datetime) -> Apology:
    """The agency head signs: the letter is numbered and sent, the new appointment holds.

    Raises: NotNow (not drafted, appointment past, second appointment).
    """
    work, letter = _open(apology_id, "sign_apology", by=by, at=at)
    row = _clock(work)
    if letter.new_promise_at is not None:
        _restate(work, row, letter.new_promise_at)
    letter.state, letter.signed_at = Apology.State.SIGNED, work.at
    letter.signed_by_id = None if work.held is None else work.held.post_id
    letter.foreseen = 1 not in row.breached
    letter.number = _number(work)
    work.changes.change(letter, "state", "signed_at", "signed_by", "foreseen", "number")
    breach = _first_breach(work)
    if breach is not None:
        breach.apology = letter
        work.changes.change(breach, "apology")
    work.clear_timers(TimerKind.APOLOGY_OVERDUE)
    work.event(
        EventKind.APOLOGY_SIGNED,
        {
            "number": letter.number,
            "foreseen": letter.foreseen,
            "new_promise_at": None
            if letter.new_promise_at is None
            else letter.new_promise_at.isoformat(),
        },
    )
    _send(work, letter, breach)
    _write.write(work)
    return letter


@command("return_apology", _("Return the draft"))
def return_apology(apology_id: int, *, question: str, by: Actor, at: datetime) -> Apology:
    """The agency head returns the draft with a question. Raises: Invalid, NotNow."""
    if not question.strip():
        raise Invalid("reason_needed", fields={"question": "reason_needed"})
    work, letter = _open(apology_id, "return_apology", by=by, at=at)
    letter.state, letter.returned_because = Apology.State.RETURNED, question.strip()
    work.changes.change(letter, "state", "returned_because")
    _write.record(work, EventKind.APOLOGY_RETURNED, {})
    return letter


def apology_settled(apology_id: int, arrived: bool, at: datetime) -> None:
    """The letter arrived, or every channel was tried: the apology is made.

    Called by the outbox in the transaction that records the delivery.
    """
    letter = Apology.objects.filter(pk=apology_id).first()
    if letter is None or letter.settled_at is not None:
        return
    with writing("apology_settled"):
        (work,) = works(load([letter.dossier_id]), at=at, recorded_at=at, by=TIME)
        breach = Breach.objects.filter(apology=letter, annulled_at=None).first()
        _settle(work, letter, breach, arrived=arrived)
        _write.write(work)


def hand_over_settled(key: str, outcome: str, at: datetime) -> None:
    """The outbox's word on a letter's message (its key names the letter)."""
    apology_id = int(key.rsplit("/", 1)[-1])
    apology_settled(apology_id, outcome == DELIVERED, at)


def propose_appointment(dossier_id: int, at: datetime) -> datetime:
    """A new appointment: the usual working time of the steps left, at least one working day.

    It falls on the close of a working day.
    """
    dossier = Dossier.objects.select_related("definition").get(pk=dossier_id)
    row = ClockRow.objects.select_related("calendar", "calendar__base").get(
        dossier_id=dossier_id, kind=ClockKind.DOSSIER
    )
    run = dossier.step_runs.order_by("ordinal").last()
    left = timedelta(0)
    if run is not None:
        for step in routing.road(dossier.definition.graph(), run.key, dossier.facts):
            hours = step.share.hours() if step.share is not None else None
            left += timedelta(hours=float(hours or 0))
    calendar = row.calendar.working()
    base = max(at, row.limit_at or at)
    return calendar.close(calendar.add(base, max(left, LEAST_TIME)).date())


def _first_breach(work: Work) -> Breach | None:
    """The breach of the limit itself, also if this very act was the first to notice it."""
    ours = {"of": Breach.Of.DOSSIER, "promise_number": 1, "annulled_at": None}
    for row in work.changes.added:
        if isinstance(row, Breach) and all(getattr(row, name) == ours[name] for name in ours):
            return row
    return Breach.objects.filter(dossier=work.dossier, **ours).first()


def _settle(work: Work, letter: Apology, breach: Breach | None, *, arrived: bool) -> None:
    letter.settled_at = work.at
    letter.state = Apology.State.DELIVERED if arrived else Apology.State.UNDELIVERABLE
    work.changes.change(letter, "settled_at", "state")
    kind = EventKind.APOLOGY_ARRIVED if arrived else EventKind.APOLOGY_TRIED
    work.event(kind, {"number": letter.number})
    if breach is not None and work.dossier.voided_at is None:
        passed = breach.breached_at + INSTANT
        work.post(Measure.APOLOGIES_MADE, at=max(work.at, passed), counts_at=passed)


def _open(apology_id: int, name: str, *, by: Actor, at: datetime) -> tuple[Work, Apology]:
    dossier_id = Apology.objects.filter(pk=apology_id).values_list("dossier_id", flat=True).first()
    if dossier_id is None:
        raise Missing("not_drafted")
    work = _write.lock(dossier_id, name, by=by, at=at)
    letter = Apology.objects.select_related("reason").get(pk=apology_id)
    if letter.state != Apology.State.DRAFTED:
        raise NotNow("not_drafted")
    return work, letter


def _clock(work: Work) -> ClockRow:
    row = work.clock_row(ClockKind.DOSSIER)
    if row is None or row.limit_at is None:
        raise NotNow("nothing_to_apologise")
    return row


def _require_duty(work: Work, row: ClockRow) -> None:
    if 1 in row.breached:
        return
    soon = row.calendar.working().add(work.at, FORESEEN_WITHIN)
    if row.state != "running" or row.limit_at is None or row.limit_at > soon:
        raise NotNow("nothing_to_apologise")


def _check_appointment(work: Work, row: ClockRow, moment: datetime | None) -> None:
    ready = work.dossier.status not in OPEN
    if moment is None:
        if not ready and not work.dossier.waits_for_counter:
            raise Invalid("appointment_needed", fields={"new_promise_at": "appointment_needed"})
        return
    code = ""
    if ready:
        code = "result_ready"
    elif row.promise_number > 1:
        raise NotNow("second_appointment")
    elif moment <= work.at:
        code = "appointment_past"
    elif row.limit_at is not None and moment <= row.limit_at:
        code = "appointment_not_later"
    elif not _within_hours(row, moment):
        code = "appointment_day_off"
    if code:
        raise Invalid(code, fields={"new_promise_at": code})


def _within_hours(row: ClockRow, moment: datetime) -> bool:
    calendar = row.calendar.working()
    day = moment.astimezone(calendar.tz).date()
    try:
        if not calendar.is_working_day(day):
            return False
        return calendar.is_open(moment) or moment == calendar.close(day)
    except WorktimeError:  # a year that no calendar counts
        return False


def _restate(work: Work, row: ClockRow, moment: datetime) -> None:
    if row.promise_number > 1:
        raise NotNow("second_appointment")
    if row.state == "finished":
        raise NotNow("result_ready")
    try:
        clock = pure(row).restate(moment, work.at)
    except ClockError as fault:
        code = "second_appointment" if fault.code == "promise_restated" else "appointment_past"
        raise NotNow(code) from None
    work.put(row, clock, "rescheduled")


def _standing(dossier: Dossier) -> bool:
    return Apology.objects.filter(dossier=dossier).exclude(state=Apology.State.ANNULLED).exists()


def _number(work: Work) -> str:
    """The letter's number in the agency's book of the year; its counter is locked last."""
    year = _time.local_date(work.at).year
    table = LetterCounter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" (agency_id, year, last) VALUES (%s, %s, 1) '
            f'ON CONFLICT (agency_id, year) DO UPDATE SET last = "{table}".last + 1 '
            "RETURNING last",
            [work.dossier.answering_agency_id, year],
        )
        return f"{cursor.fetchone()[0]:02d}/{year}/PXL"


def _send(work: Work, letter: Apology, breach: Breach | None) -> None:
    """Send the letter; where nobody can be reached it counts as tried and is the counter's work."""
    before = len(work.messages)
    _telling.citizen(
        work,
        "apology",
        apology=letter.pk,
        new_promise_at=letter.new_promise_at,
        reason=letter.reason.name,
    )
    if len(work.messages) == before:
        _settle(work, letter, breach, arrived=False)
    else:
        work.messages[-1].key = f"{work.dossier.ref}/apology/{letter.pk}"
