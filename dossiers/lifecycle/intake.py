"""Receiving: the promised day before, the dossier with its code and clock, guidance instead."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dossiers import codes, permissions
from dossiers.clock import Clock
from dossiers.errors import Conflict, Invalid
from dossiers.lifecycle import _flush, _telling, _time, _write, offering
from dossiers.lifecycle._steps import enter, go_on
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.offering import Offered
from dossiers.lifecycle.registry import command
from dossiers.models import (
    ClockKind,
    CodeCounter,
    Dossier,
    EventKind,
    GuidanceSlip,
    Measure,
    Paper,
    Party,
    ReturnMethod,
    Status,
    StepRun,
)
from notifications.recipients import CITIZEN, Recipient
from workflows import routing
from workflows.actors import Actor
from workflows.folding import fold
from workflows.models import Agency, PaperItem, Post, Procedure
from workflows.timelimit import TimeLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyGiven:
    """A person or body as given at the counter; `role` and `kind` are those of `Party`."""

    role: str
    name: str
    kind: str = Party.Kind.CITIZEN
    identity: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    authorised_by: str = ""
    language: str = "vi"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperGiven:
    """A paper ticked: a line of the procedure's list, in which form, how many."""

    item: int
    form: str
    count: int = 1
    digitised: bool = False
    reused: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """The day that would be promised if the dossier were received at this moment."""

    offered: Offered
    limit: TimeLimit
    limit_at: datetime


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
    return Promise(offered, offered.limit, offered.limit.due(offered.calendar.working(), at))


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
    by: Actor,
    at: datetime,
) -> Dossier:
    """Receive a complete dossier: code, clock, first step, figures and receipt message at once.

    The same `idempotency_key` again gives the dossier that the first call made.
    Raises: NotAllowed, Invalid (what was typed, papers missing), NotNow (limit undecided).
    Law: 118/2025/NĐ-CP art. 17; the clock starts when a complete dossier is received.
    """
    held = permissions.check_counter(by, receiving_agency)
    if idempotency_key is not None:
        _lock_key(idempotency_key)
        made = Dossier.objects.filter(idempotency_key=idempotency_key).first()
        if made is not None:
            return _same(made, procedure, receiving_agency)
    offered = offering.find(
        procedure=procedure,
        channel=channel,
        receiving_agency=receiving_agency,
        answering_agency=answering_agency,
        case=case,
        at=at,
    )
    _check_parties(parties)
    items = _check_papers(offered, case, papers)
    dossier = _new(offered, at)
    dossier.receiving_unit_id = receiving_unit
    dossier.return_method = return_method
    dossier.idempotency_key = idempotency_key
    if applicant_commune:
        dossier.facts = {"applicant_commune": applicant_commune}
    work = Work(dossier=dossier, at=at, recorded_at=at, by=by, held=held, is_new=True)
    _add_parties(work, parties)
    _add_papers(work, papers, items)
    clock = Clock.start(offered.limit, offered.calendar.working(), at)
    work.begin_clock(ClockKind.DOSSIER, clock, offered.calendar)
    _open_first_step(work)
    work.event(EventKind.RECEIVED, _facts(offered, len(papers), replaces))
    work.post(Measure.RECEIVED)
    if clock.limit_at is None:
        work.post(Measure.WITHOUT_LIMIT)
    # The number comes last, so that its counter is locked for the shortest time.
    _number(dossier, at)
    _tell_received(work, parties, clock)
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
    serial = _next_serial(at_agency, on)
    return GuidanceSlip.objects.create(
        number=f"HD-{codes.compose(at_agency.code, on, serial)}",
        procedure=found,
        agency=at_agency,
        at=at,
        post=Post.objects.get(pk=held.post_id),
        missing=list(missing),
        text=text.strip(),
    )


def _new(offered: Offered, at: datetime) -> Dossier:
    dossier: Dossier = Dossier(
        id=_flush.reserve(Dossier),
        ref=uuid4(),
        lookup_code=codes.lookup_code(secrets.token_bytes(16)),
        status=Status.RECEIVED,
        procedure=offered.procedure,
        edition=offered.edition,
        case=offered.case,
        definition=offered.definition,
        channel=offered.channel,
        receiving_agency=offered.receiving_agency,
        answering_agency=offered.agency,
        unit=offered.unit,
        received_at=at,
        submitted_at=at,
    )
    return dossier


def _facts(offered: Offered, papers: int, replaces: str | None) -> dict[str, object]:
    return {
        "procedure": offered.procedure.code,
        "edition": offered.edition.number,
        "channel": offered.channel.code,
        "papers": papers,
        "replaces": replaces or "",
    }


def _lock_key(key: str) -> None:
    """Let a second call with the same key wait for the first, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _same(made: Dossier, procedure: str, agency: int) -> Dossier:
    if made.procedure.code != procedure or made.receiving_agency_id != agency:
        raise Conflict("key_reused")
    return made


def _check_parties(parties: Sequence[PartyGiven]) -> None:
    wrong: dict[str, str] = {}
    if not any(party.role == Party.Role.HOLDER and party.name.strip() for party in parties):
        wrong["holder_name"] = "holder_needed"
    for party in parties:
        if party.identity and codes.identity_kind(party.identity) is None:
            wrong[f"{party.role}_identity"] = "identity_wrong"
        if party.email and ("@" not in party.email or " " in party.email.strip()):
            wrong[f"{party.role}_email"] = "email_wrong"
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


def _check_papers(
    offered: Offered, case: str, papers: Sequence[PaperGiven]
) -> dict[int, PaperItem]:
    """The list's lines by id; refuses what is not on the list."""
    items = {item.pk: item for item in offering.papers_of(offered.edition, case)}
    if any(paper.item not in items for paper in papers):
        raise Invalid("paper_not_listed", fields={"papers": "paper_not_listed"})
    return items


def _add_parties(work: Work, parties: Sequence[PartyGiven]) -> None:
    for party in parties:
        if not party.name.strip():
            continue
        identity = codes.identity_number(party.identity) if party.identity else ""
        work.changes.add(
            Party(
                dossier_id=work.dossier.pk,
                role=party.role,
                kind=party.kind,
                name=party.name.strip(),
                name_key=fold(party.name.strip()),
                identity=identity,
                phone=party.phone.strip(),
                email=party.email.strip(),
                address=party.address.strip(),
                authorised_by=party.authorised_by.strip(),
                language=party.language,
            )
        )


def _add_papers(work: Work, papers: Sequence[PaperGiven], items: dict[int, PaperItem]) -> None:
    for paper in papers:
        work.changes.add(
            Paper(
                dossier_id=work.dossier.pk,
                item_id=paper.item,
                name=items[paper.item].name,
                form=paper.form,
                count=paper.count,
                digitised=paper.digitised,
                reused=paper.reused,
            )
        )


def _open_first_step(work: Work) -> None:
    """Receiving is the first step, done by this act; what comes next is opened."""
    definition = work.dossier.definition.graph()
    first = routing.first_step(definition)
    outcome = routing.usual_outcome(definition, first.key, work.dossier.facts)
    run = enter(work, first, timed=False)
    run.state, run.claimed_at, run.ended_at = StepRun.State.DONE, work.at, work.at
    run.outcome = outcome.key
    if work.held is not None:
        run.officer_id = work.held.post_id
    following = routing.next_step(definition, first.key, outcome.key, work.dossier.facts)
    if following.step is not None:
        go_on(work, following.step)


def _number(dossier: Dossier, at: datetime) -> None:
    on = _time.local_date(at)
    serial = _next_serial(dossier.receiving_agency, on)
    dossier.code = codes.compose(dossier.receiving_agency.code, on, serial)
    dossier.code_key = codes.folded(dossier.code)


def _next_serial(agency: Agency, on: date) -> int:
    table = CodeCounter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" (agency_id, "on", last) VALUES (%s, %s, 1) '
            f'ON CONFLICT (agency_id, "on") DO UPDATE SET last = "{table}".last + 1 '
            "RETURNING last",
            [agency.pk, on],
        )
        return int(cursor.fetchone()[0])


def _tell_received(work: Work, parties: Sequence[PartyGiven], clock: Clock) -> None:
    wanted = (Party.Role.SUBMITTER, Party.Role.HOLDER)
    by_role = {party.role: party for party in parties}
    who = next((by_role[role] for role in wanted if role in by_role), None)
    if who is not None and who.email:
        recipient = Recipient(
            kind=CITIZEN,
            name=who.name,
            email=who.email,
            phone=who.phone,
            language=who.language,
        )
        work.tell("received", recipient, _telling.context(work, promised_at=clock.promised_at))
