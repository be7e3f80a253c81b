"""Drafting the written apology with its one new appointment.

The unit drafts; `signing` has the agency head sign or return it, `delivering` sees it to the
applicant (61/2018/NĐ-CP art. 19.9).
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers import foresight
from dossiers.errors import Invalid, Missing, NotAllowed, NotNow
from dossiers.lifecycle import _write
from dossiers.lifecycle._letters import closing_of, main_clock, standing
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.registry import command
from dossiers.models import (
    OPEN,
    Apology,
    ClockKind,
    ClockRow,
    Dossier,
    EventKind,
    Reason,
    Status,
)
from dossiers.outlook import Outlook, outlook
from workflows.actors import Actor
from workflows.worktime import WorktimeError

HAS_LETTER = (*OPEN, Status.CONCLUDED, Status.RETURNED, Status.WITHDRAWN, Status.DISCONTINUED)
Closing = Apology.Closing


@command("draft_apology", _("Draft an apology"), statuses=HAS_LETTER)
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

    `new_promise_at` is the new appointment, once; None where the result is ready or the dossier
    ended. Raises: NotNow (nothing to apologise for, letter exists, second appointment), Invalid.
    Law: 61/2018/NĐ-CP art. 19.9.
    """
    work = _write.lock(dossier_id, "draft_apology", by=by, at=at, statuses=HAS_LETTER)
    given = Reason.objects.filter(code=reason, is_offered=True).first()
    if given is None:
        raise Invalid("unknown_reason", fields={"reason": "unknown_reason"})
    row = main_clock(work)
    _require_duty(work, row)
    letter = standing(work)
    if letter is not None and letter.state != Apology.State.RETURNED:
        raise NotNow("second_appointment" if row.promise_number > 1 else "apology_exists")
    moment = _appointment(work, row, new_promise_at)
    if work.held is None:
        raise NotAllowed("not_allowed")
    letter = letter or Apology(dossier=work.dossier)
    letter.state, letter.reason, letter.text = Apology.State.DRAFTED, given, text.strip()
    letter.foreseen = 1 not in row.breached
    letter.new_promise_at, letter.closing = moment, closing_of(work.dossier, moment)
    letter.drafted_at, letter.drafted_by_id = work.at, work.held.post_id
    _keep(work, letter)
    facts = {"foreseen": letter.foreseen, "closing": letter.closing}
    _write.record(work, EventKind.APOLOGY_DRAFTED, facts)
    return letter


def look_ahead(dossier_id: int, at: datetime) -> Outlook:
    """What the steps left of a dossier normally take, and the new day that follows.

    Raises: Missing.
    """
    dossier = Dossier.objects.select_related("definition").filter(pk=dossier_id).first()
    clocks = ClockRow.objects.select_related("calendar", "calendar__base")
    row = clocks.filter(dossier_id=dossier_id, kind=ClockKind.DOSSIER).first()
    if dossier is None or row is None:
        raise Missing("not_found")
    run = dossier.step_runs.order_by("ordinal").last()
    own = None if run is None else clocks.filter(step_run=run).first()
    return outlook(dossier, row, run, own, at)


def propose_appointment(dossier_id: int, at: datetime) -> datetime:
    """The new appointment that the system proposes: the close of a working day by which the steps
    left are normally done, at least one working day from now and after the limit."""
    return look_ahead(dossier_id, at).appointment


def _keep(work: Work, letter: Apology) -> None:
    if letter.pk is None:
        work.changes.add(letter)
        return
    work.changes.change(
        letter, "state", "reason", "text", "foreseen", "new_promise_at", "closing", "drafted_at",
        "drafted_by",
    )  # fmt: skip


def _require_duty(work: Work, row: ClockRow) -> None:
    """An apology needs a limit that passed, or one near enough to foresee that it will."""
    if not foresight.may_apologise(
        missed=1 in row.breached,
        running=row.state == "running",
        limit_at=row.limit_at,
        calendar=row.calendar.working(),
        at=work.at,
    ):
        raise NotNow("nothing_to_apologise")


def _appointment(work: Work, row: ClockRow, moment: datetime | None) -> datetime | None:
    """The new appointment that the letter will set, checked; None where it sets none."""
    is_open = work.dossier.status in OPEN
    if row.promise_number > 1:
        return _standing_appointment(work, row, moment)
    if moment is None:
        if is_open and not work.dossier.waits_for_counter:
            raise Invalid("appointment_needed", fields={"new_promise_at": "appointment_needed"})
        return None
    code = ""
    if not is_open:
        ended = work.dossier.status in (Status.WITHDRAWN, Status.DISCONTINUED)
        code = "appointment_ended" if ended else "result_ready"
    elif moment <= work.at:
        code = "appointment_past"
    elif row.limit_at is not None and moment <= row.limit_at:
        code = "appointment_not_later"
    elif not _within_hours(row, moment):
        code = "appointment_day_off"
    if code:
        raise Invalid(code, fields={"new_promise_at": code})
    return moment


def _standing_appointment(work: Work, row: ClockRow, moment: datetime | None) -> datetime | None:
    """The appointment was set once, by a letter annulled since: a new letter can only repeat it."""
    is_open = work.dossier.status in OPEN
    if moment is not None and (not is_open or moment != row.promised_at):
        raise NotNow("second_appointment")
    if not is_open or (moment is None and work.dossier.waits_for_counter):
        return None
    if row.promised_at is None or row.promised_at <= work.at:
        raise NotNow("second_appointment")
    return row.promised_at


def _within_hours(row: ClockRow, moment: datetime) -> bool:
    calendar = row.calendar.working()
    day = moment.astimezone(calendar.tz).date()
    try:
        if not calendar.is_working_day(day):
            return False
        return calendar.is_open(moment) or moment == calendar.close(day)
    except WorktimeError:  # a year that no calendar counts
        return False
