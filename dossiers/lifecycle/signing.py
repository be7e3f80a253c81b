"""The agency head's hand: a drafted letter of apology is signed, numbered and sent, or returned."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dossiers.clock import ClockError
from dossiers.errors import Invalid, Missing, NotNow
from dossiers.lifecycle import _time, _write, delivering
from dossiers.lifecycle._letters import closing_of, first_breach, main_clock
from dossiers.lifecycle._work import Work, pure
from dossiers.lifecycle.registry import command
from dossiers.models import OPEN, Apology, ClockRow, EventKind, LetterCounter, TimerKind
from workflows.actors import Actor


@command("sign_apology", _("Sign the apology"))
def sign_apology(apology_id: int, *, by: Actor, at: datetime) -> Apology:
    """The agency head signs: the letter is numbered and sent, the new appointment holds.

    Where the dossier ended since the draft, the letter sets no day any more: it says what became of
    it. Raises: NotNow (not drafted, appointment past or missing, second appointment).
    """
    work, letter = _open(apology_id, "sign_apology", by=by, at=at)
    row = main_clock(work)
    _close(work, row, letter)
    letter.state, letter.signed_at = Apology.State.SIGNED, work.at
    letter.signed_by_id = None if work.held is None else work.held.post_id
    letter.foreseen = 1 not in row.breached
    letter.number = _number(work)
    work.changes.change(
        letter, "state", "signed_at", "signed_by", "foreseen", "number", "new_promise_at", "closing"
    )
    breach = first_breach(work)
    if breach is not None:
        breach.apology = letter
        work.changes.change(breach, "apology")
    work.clear_timers(TimerKind.APOLOGY_OVERDUE)
    moment = letter.new_promise_at
    work.event(
        EventKind.APOLOGY_SIGNED,
        {
            "number": letter.number,
            "foreseen": letter.foreseen,
            "closing": letter.closing,
            "new_promise_at": None if moment is None else moment.isoformat(),
        },
    )
    delivering.send(work, letter)
    _write.write(work)
    return letter


@command("return_apology", _("Return the draft"))
def return_apology(apology_id: int, *, question: str, by: Actor, at: datetime) -> Apology:
    """The agency head returns the draft with a question. Raises: Invalid, NotNow."""
    if not question.strip():
        raise Invalid("question_needed", fields={"question": "question_needed"})
    work, letter = _open(apology_id, "return_apology", by=by, at=at)
    letter.state, letter.returned_because = Apology.State.RETURNED, question.strip()
    work.changes.change(letter, "state", "returned_because")
    _write.record(work, EventKind.APOLOGY_RETURNED, {})
    return letter


def _open(apology_id: int, name: str, *, by: Actor, at: datetime) -> tuple[Work, Apology]:
    dossier_id = Apology.objects.filter(pk=apology_id).values_list("dossier_id", flat=True).first()
    if dossier_id is None:
        raise Missing("not_drafted")
    work = _write.lock(dossier_id, name, by=by, at=at)
    letter = Apology.objects.select_related("reason").get(pk=apology_id)
    if letter.state != Apology.State.DRAFTED:
        raise NotNow("not_drafted")
    return work, letter


def _close(work: Work, row: ClockRow, letter: Apology) -> None:
    """How the letter ends, as the dossier stands when it is signed."""
    if work.dossier.status not in OPEN:
        letter.new_promise_at = None
    elif letter.new_promise_at is not None:
        _restate(work, row, letter.new_promise_at)
    elif not work.dossier.waits_for_counter:
        raise NotNow("appointment_needed")
    letter.closing = closing_of(work.dossier, letter.new_promise_at)


def _restate(work: Work, row: ClockRow, moment: datetime) -> None:
    if row.promise_number > 1:
        if moment == row.promised_at:
            return  # set once already, by a letter annulled since
        raise NotNow("second_appointment")
    try:
        clock = pure(row).restate(moment, work.at)
    except ClockError as fault:
        code = "second_appointment" if fault.code == "promise_restated" else "appointment_past"
        raise NotNow(code) from None
    work.put(row, clock, "rescheduled")


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
