"""What comes in online or by post: submitted, then accepted or refused within its own term."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers import permissions
from dossiers.clock import Clock
from dossiers.errors import Invalid
from dossiers.lifecycle import _reception, _telling, _write, offering
from dossiers.lifecycle._steps import finish_clocks
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.given import PaperGiven, PartyGiven
from dossiers.lifecycle.offering import Offered
from dossiers.lifecycle.registry import command
from dossiers.models import ClockKind, Dossier, EventKind, Measure, ReturnMethod, Status
from workflows.actors import APPLICANT, Actor
from workflows.timelimit import TimeLimit, Unit

# Resolution 66.7/2025/NQ-CP: an answer within 8 working hours online, 1 working day by post.
ANSWER_ONLINE = TimeLimit(8, Unit.WORKING_HOUR)
ANSWER_POST = TimeLimit(1, Unit.WORKING_DAY)


@command("submit", _("Submit"))
def submit(
    *,
    procedure: str,
    channel: str,
    receiving_agency: int,
    answering_agency: int | None = None,
    case: str = "",
    parties: Sequence[PartyGiven],
    papers: Sequence[PaperGiven] = (),
    return_method: str = ReturnMethod.COUNTER,
    idempotency_key: str | None = None,
    by: Actor,
    at: datetime,
) -> Dossier:
    """Put in a dossier that the counter must still accept; the wait to be received begins.

    Raises: Invalid, NotNow. Law: Resolution 66.7/2025/NQ-CP; Decree 297/2025/NĐ-CP.
    """
    held = None
    if by.kind != APPLICANT:
        held = permissions.check_counter(by, receiving_agency)
    meaning = _reception.meaning(
        "submit", parties, papers, procedure, channel, case, receiving_agency, answering_agency,
        return_method,
    )  # fmt: skip
    made = _reception.made_before(idempotency_key, meaning)
    if made is not None:
        return made
    offered = offering.find(
        procedure=procedure,
        channel=channel,
        receiving_agency=receiving_agency,
        answering_agency=answering_agency,
        case=case,
        at=at,
    )
    _reception.check_parties(parties)
    items = _reception.check_papers(offered, case, papers)
    dossier = _reception.new(offered, at, Status.SUBMITTED)
    dossier.return_method = return_method
    dossier.idempotency_key, dossier.asked_sha256 = idempotency_key, meaning
    work = Work(dossier=dossier, at=at, recorded_at=at, by=by, held=held, is_new=True)
    _reception.add_parties(work, parties)
    _reception.add_papers(work, papers, items)
    _begin_wait(work, offered)
    facts = {"procedure": offered.procedure.code, "channel": offered.channel.code}
    work.event(EventKind.SUBMITTED, facts)
    return _write.write(work)


@command("accept", _("Receive"), statuses=(Status.SUBMITTED,))
def accept(
    dossier_id: int,
    *,
    receiving_unit: int | None = None,
    not_needed_because: str = "",
    by: Actor,
    at: datetime,
) -> Dossier:
    """Receive what was submitted: code, clock and first step, as at the counter.

    Raises: NotAllowed, NotNow, Invalid (papers missing, and no reason why they are not needed).
    """
    work = _write.lock(dossier_id, "accept", by=by, at=at, statuses=(Status.SUBMITTED,))
    dossier = work.dossier
    offered = offering.find(
        procedure=dossier.procedure.code,
        channel=dossier.channel.code,
        receiving_agency=dossier.receiving_agency_id,
        answering_agency=dossier.answering_agency_id,
        case=dossier.case.key if dossier.case is not None else "",
        at=work.at,
    )
    case = "" if dossier.case is None else dossier.case.key
    given = set(dossier.papers.values_list("item_id", flat=True))
    items = offering.papers_of(dossier.edition, case)
    absence = _reception.check_complete(items, given, not_needed_because)
    finish_clocks(work, (ClockKind.INTAKE,))
    dossier.status_received()
    dossier.received_at = work.at
    dossier.receiving_unit_id = receiving_unit
    _reception.begin(work, offered, papers=len(given), absence=absence)
    clock = work.clock(ClockKind.DOSSIER)
    promised_at = None if clock is None else clock.promised_at
    _telling.citizen(work, "received", promised_at=promised_at)
    return _write.write(work)


@command("refuse_at_intake", _("Refuse to receive"), statuses=(Status.SUBMITTED,))
def refuse_at_intake(
    dossier_id: int, *, reason: str, legal_ground: str, by: Actor, at: datetime
) -> Dossier:
    """Refuse a submission, in writing and on a legal ground (form 03). Raises: Invalid, NotNow."""
    given = {"reason": reason, "legal_ground": legal_ground}
    codes = {"reason": "reason_needed", "legal_ground": "legal_ground_needed"}
    wrong = {name: codes[name] for name, text in given.items() if not text.strip()}
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    work = _write.lock(dossier_id, "refuse_at_intake", by=by, at=at, statuses=(Status.SUBMITTED,))
    finish_clocks(work, (ClockKind.INTAKE,))
    work.dossier.status_not_accepted()
    work.dossier.ended_at = work.at
    work.event(EventKind.NOT_ACCEPTED, {"legal_ground": legal_ground.strip()}, note=reason.strip())
    work.post(Measure.NOT_ACCEPTED)
    return _write.write(work)


def _begin_wait(work: Work, offered: Offered) -> None:
    """The receiving agency's own term to answer, by its own calendar."""
    calendar = offering.calendar_of(offered.receiving_agency)
    limit = ANSWER_ONLINE if offered.channel.code == "online" else ANSWER_POST
    work.begin_clock(ClockKind.INTAKE, Clock.start(limit, calendar.working(), work.at), calendar)
