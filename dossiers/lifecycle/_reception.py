"""Private steps of reception, shared by the counter's and by the acceptance of a submission."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import uuid4

from django.db import connection

from dossiers import codes
from dossiers.clock import Clock
from dossiers.errors import Conflict, Invalid
from dossiers.lifecycle import _flush, _parts, _time, offering
from dossiers.lifecycle._steps import enter, go_on
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.given import PaperGiven, PartyGiven
from dossiers.lifecycle.offering import Offered
from dossiers.models import (
    ClockKind,
    CodeCounter,
    Dossier,
    EventKind,
    Measure,
    Paper,
    Party,
    Status,
    StepRun,
)
from workflows import routing
from workflows.catalogue.completeness import missing
from workflows.folding import fold
from workflows.models import Agency, PaperItem


@dataclass(frozen=True, slots=True)
class Absence:
    """Papers of the list that this dossier does not need, and why."""

    papers: Sequence[PaperItem] = ()
    because: str = ""


def made_before(key: str | None, meaning: str) -> Dossier | None:
    """The dossier that an earlier call with this idempotency key made; a call under way is
    waited for. Raises: Conflict (with this key something else was asked for)."""
    if key is None:
        return None
    _lock_key(key)
    made: Dossier | None = Dossier.objects.filter(idempotency_key=key).first()
    if made is not None and made.asked_sha256 != meaning:
        raise Conflict("key_reused", code=made.handle)
    return made


def meaning(
    command: str,
    parties: Sequence[PartyGiven],
    papers: Sequence[PaperGiven],
    *more: str | int | None,
) -> str:
    """SHA-256 of what a call asks for, in whatever order people and papers are given."""
    given = [sorted(json.dumps(asdict(one), sort_keys=True) for one in parties)]
    given.append(sorted(json.dumps(asdict(one), sort_keys=True) for one in papers))
    return hashlib.sha256(json.dumps([command, *given, *more]).encode()).hexdigest()


def begin(
    work: Work,
    offered: Offered,
    *,
    papers: int,
    replaces: str | None = None,
    absence: Absence,
) -> None:
    """From reception on: the clock, the first step, the event, the figures, the number."""
    clock = Clock.start(offered.limit, offered.calendar.working(), work.at)
    if offering.is_of_another_territory(offered):
        clock = Clock.waiting(offered.limit)
        work.dossier.waits_for_arrival = True
    work.begin_clock(ClockKind.DOSSIER, clock, offered.calendar)
    _parts.keep(work, offered)
    _open_first_step(work)
    facts = _facts(offered, papers, replaces)
    if absence.papers:
        facts["not_needed"] = [item.pk for item in absence.papers]
    work.event(EventKind.RECEIVED, facts, note=absence.because)
    work.post(Measure.RECEIVED)
    if clock.limit_at is None:
        work.post(Measure.WITHOUT_LIMIT)
    # The number comes last, so that its counter is locked for the shortest time.
    _number(work.dossier, work.at)


def new(offered: Offered, at: datetime, status: str = Status.RECEIVED) -> Dossier:
    """An unsaved dossier under what was offered."""
    dossier: Dossier = Dossier(
        id=_flush.reserve(Dossier),
        ref=uuid4(),
        lookup_code=codes.lookup_code(secrets.token_bytes(16)),
        status=status,
        procedure=offered.procedure,
        edition=offered.edition,
        case=offered.case,
        definition=offered.definition,
        channel=offered.channel,
        receiving_agency=offered.receiving_agency,
        answering_agency=offered.agency,
        unit=offered.unit,
        received_at=at if status == Status.RECEIVED else None,
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


def check_parties(parties: Sequence[PartyGiven]) -> None:
    """Refuse a dossier without a holder, and numbers or addresses that cannot be."""
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


def check_papers(offered: Offered, case: str, papers: Sequence[PaperGiven]) -> dict[int, PaperItem]:
    """The list's lines by id; refuses what is not on the list."""
    items = {item.pk: item for item in offering.papers_of(offered.edition, case)}
    if any(paper.item not in items for paper in papers):
        raise Invalid("paper_not_listed", fields={"papers": "paper_not_listed"})
    return items


def check_complete(
    items: Iterable[PaperItem], given: Collection[int | None], because: str
) -> Absence:
    """The papers of the list that were not handed in because this dossier does not need them.

    Raises: Invalid (papers missing, and no reason why they are not needed).
    Law: 118/2025/NĐ-CP art. 17: only a complete dossier is received; who comes with too little gets
    guidance instead.
    """
    absent = missing(items, given)
    if absent and not because.strip():
        names = "; ".join(item.name for item in absent)
        raise Invalid(
            "papers_missing", fields={"not_needed_because": "papers_missing"}, papers=names
        )
    return Absence(absent, because.strip() if absent else "")


def add_parties(work: Work, parties: Sequence[PartyGiven]) -> list[Party]:
    """Add the people named; those without a name were left empty on the form."""
    added = []
    for party in parties:
        if not party.name.strip():
            continue
        identity = codes.identity_number(party.identity) if party.identity else ""
        added.append(
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
    for row in added:
        work.changes.add(row)
    return added


def add_papers(work: Work, papers: Sequence[PaperGiven], items: dict[int, PaperItem]) -> None:
    """Add the papers ticked."""
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
    serial = next_serial(dossier.receiving_agency, on)
    dossier.code = codes.compose(dossier.receiving_agency.code, on, serial)
    dossier.code_key = codes.folded(dossier.code)


def next_serial(agency: Agency, on: date) -> int:
    """The next number of the agency's book of the day; no gaps, for a rollback gives it back."""
    table = CodeCounter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" (agency_id, "on", last) VALUES (%s, %s, 1) '
            f'ON CONFLICT (agency_id, "on") DO UPDATE SET last = "{table}".last + 1 '
            "RETURNING last",
            [agency.pk, on],
        )
        return int(cursor.fetchone()[0])
