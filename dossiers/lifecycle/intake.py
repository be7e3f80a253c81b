"""Receiving at the counter: the promised day before, the dossier with its code and clock, guidance
instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers import codes, permissions
from dossiers.errors import Invalid
from dossiers.lifecycle import _reception, _telling, _time, _write, offering
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.given import LateEntry
from dossiers.lifecycle.given import PaperGiven as PaperGiven
from dossiers.lifecycle.given import PartyGiven as PartyGiven
from dossiers.lifecycle.offering import Offered
from dossiers.lifecycle.registry import command
from dossiers.models import ClockKind, Dossier, GuidanceSlip, ReturnMethod
from workflows.actors import Actor
from workflows.models import Agency, Post, Procedure
from workflows.timelimit import TimeLimit


@dataclass(frozen=True, slots=True)
class Promise:
    """The day that would be promised if the dossier were received at this moment. `counts_from` is
    given where the limit begins later, with the arrival at the competent agency: by then."""

    offered: Offered
    limit: TimeLimit
    limit_at: datetime
    counts_from: datetime | None = None


def promise(
    *,
    procedure: str,
    channel: str,
    receiving_agency: int,
    answering_agency: int | None = None,
    case: str = "",
    at: datetime,
) -> Promise:
    """What the counter may promise now. Raises: Invalid, NotNow."""
    offered = offering.find(
        procedure=procedure,
        channel=channel,
        receiving_agency=receiving_agency,
        answering_agency=answering_agency,
        case=case,
        at=at,
    )
    counts_from = offering.arrives_by(offered, at)
    limit_at = offered.limit.due(offered.calendar.working(), counts_from)
    return Promise(offered, offered.limit, limit_at, None if counts_from == at else counts_from)


@command("receive", _("Receive"))
def receive(
    *,
    procedure: str,
    channel: str,
    receiving_agency: int,
    receiving_unit: int | None = None,
    answering_agency: int | None = None,
    case: str = "",
    parties: Sequence[PartyGiven],
    papers: Sequence[PaperGiven] = (),
    return_method: str = ReturnMethod.COUNTER,
    applicant_commune: str = "",
    idempotency_key: str | None = None,
    replaces: str | None = None,
    not_needed_because: str = "",
    by: Actor,
    at: datetime,
    late: LateEntry | None = None,
) -> Dossier:
    """Receive a complete dossier: code, clock, first step, figures and receipt message at once.

    The same `idempotency_key` again gives the dossier that the first call made. Papers of the list
    that were not handed in need the reason why this dossier does not need them.
    Entered `late`, it counts from `at`, with a number of that day's book.
    Raises: NotAllowed, Invalid (what was typed, papers missing), NotNow (limit undecided), Conflict
    (the key was used for something else).
    Law: 118/2025/NĐ-CP art. 17; the clock starts when a complete dossier is received.
    """
    held = permissions.check_counter(by, receiving_agency)
    meaning = _reception.meaning(
        "receive", parties, papers, procedure, channel, case, receiving_agency, receiving_unit,
        answering_agency, return_method, applicant_commune, replaces, not_needed_because,
        None if late is None else at.isoformat(),
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
    given = {paper.item for paper in papers}
    absence = _reception.check_complete(items.values(), given, not_needed_because)
    dossier = _reception.new(offered, at)
    dossier.receiving_unit_id = receiving_unit
    dossier.return_method = return_method
    dossier.idempotency_key, dossier.asked_sha256 = idempotency_key, meaning
    if applicant_commune:
        dossier.facts = {"applicant_commune": applicant_commune}
    work = Work(dossier=dossier, at=at, recorded_at=at, by=by, held=held, is_new=True)
    if late is not None:
        _write.enter_late(work, late)
    people = _reception.add_parties(work, parties)
    _reception.add_papers(work, papers, items)
    _reception.begin(work, offered, papers=len(papers), replaces=replaces, absence=absence)
    clock = work.clock(ClockKind.DOSSIER)
    promised_at = None if clock is None else clock.promised_at
    _telling.citizen(work, "received", parties=people, promised_at=promised_at)
    return _write.write(work)


@command("give_guidance", _("Give guidance"))
def give_guidance(
    *,
    procedure: str,
    agency: int,
    missing: Sequence[str],
    text: str = "",
    by: Actor,
    at: datetime,
) -> GuidanceSlip:
    """Record the guidance given to who came with too little (form 02); no dossier is made.

    Raises: NotAllowed, Invalid. Law: guidance is given once and in full (118/2025/NĐ-CP art. 17).
    """
    held = permissions.check_counter(by, agency)
    if not missing and not text.strip():
        raise Invalid("reason_needed", fields={"text": "reason_needed"})
    found = Procedure.objects.filter(code=procedure).first()
    if found is None or held is None:
        raise Invalid("no_such_procedure", fields={"procedure": "no_such_procedure"})
    at_agency = Agency.objects.get(pk=agency)
    on = _time.local_date(at)
    serial = _reception.next_serial(at_agency, on)
    return GuidanceSlip.objects.create(
        number=f"HD-{codes.compose(at_agency.code, on, serial)}",
        procedure=found,
        agency=at_agency,
        at=at,
        post=Post.objects.get(pk=held.post_id),
        missing=list(missing),
        text=text.strip(),
    )
