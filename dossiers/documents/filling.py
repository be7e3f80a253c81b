"""From rows to the values of a form: what each paper of a dossier says.

Forms are Vietnamese whatever language the page has; every text made here is made in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation

from dossiers import codes
from dossiers.documents import papers as forms
from dossiers.documents.wording import local_moment
from dossiers.lifecycle.offering import calendar_of, handed_over_by
from dossiers.models import (
    Apology,
    Breach,
    ClockKind,
    ClockRow,
    Dossier,
    Event,
    EventKind,
    GuidanceSlip,
    Paper,
    Party,
    ReturnMethod,
    Supplement,
)
from dossiers.reading.limits import limit_words
from dossiers.reading.unconfirmed import crosses_unconfirmed
from notifications.wording import duration
from workflows.models import Agency, Edition, Post
from workflows.timelimit import TimeLimit

_AFTERWARDS = {
    Edition.AfterSupplement.RESTART: forms.AfterSupplement.RESTART,
    Edition.AfterSupplement.RESUME: forms.AfterSupplement.RESUME,
}
_COLLECT = {
    ReturnMethod.COUNTER: "Tại {place}",
    ReturnMethod.POST: "Qua dịch vụ bưu chính công ích",
    ReturnMethod.ELECTRONIC: "Bản điện tử, qua tài khoản của người nộp",
}
_COUNTED = {
    Paper.Form.ORIGINAL: "originals",
    Paper.Form.CERTIFIED: "certified_copies",
    Paper.Form.COPY: "copies",
    Paper.Form.ELECTRONIC: "electronic",
}


def receipt_paper(dossier: Dossier) -> forms.ReceiptPaper:
    """Form 01 of a received dossier: as it was promised at reception, so that a second print says
    the same as the first. Raises: ValueError for what has not been received."""
    if dossier.received_at is None or dossier.code is None:
        raise ValueError("a receipt is for what was received")
    clock = main_clock(dossier)
    promised_at, counts_from = _promised(dossier, clock)
    people = {party.role: party for party in dossier.parties.all()}
    applicant = people.get(Party.Role.SUBMITTER) or people[Party.Role.HOLDER]
    holder = people.get(Party.Role.HOLDER)
    event = Event.objects.filter(dossier=dossier, kind=EventKind.RECEIVED).select_related("post")
    received = event.first()
    with translation.override("vi"):
        return forms.ReceiptPaper(
            office=office(dossier.receiving_agency),
            code=dossier.code,
            lookup_code=dossier.lookup_code,
            tracking_url=tracking_url(dossier.code),
            applicant=person(applicant),
            holder=None if holder is None or _same(holder, applicant) else person(holder),
            authorising_paper=applicant.authorised_by,
            procedure=procedure(dossier),
            papers=tuple(paper_lines(dossier.papers.filter(supplement=None))),
            time_limit="" if clock is None else limit_words(clock.limit),
            received_at=dossier.received_at,
            promised_at=promised_at,
            counts_from=counts_from,
            uncertain=_uncertain(dossier, clock, promised_at),
            collect=_collect(dossier),
            clerk="" if received is None or received.post is None else received.post.name,
            fee=_fee(dossier),
            replaces="" if received is None else str(received.facts.get("replaces", "")),
        )


def apology_paper(letter: Apology) -> forms.ApologyPaper:
    """Form 04; a letter nobody signed yet prints as a draft."""
    dossier = letter.dossier
    people = {party.role: party for party in dossier.parties.all()}
    addressed = people.get(Party.Role.SUBMITTER) or people[Party.Role.HOLDER]
    promised = _promise_missed(dossier)
    signer = letter.signed_by
    with translation.override("vi"):
        return forms.ApologyPaper(
            office=office(dossier.answering_agency),
            issued_at=letter.signed_at or letter.drafted_at,
            number=letter.number,
            addressed_to=person(addressed),
            code=dossier.handle,
            procedure=procedure(dossier),
            received_at=dossier.received_at or letter.drafted_at,
            promised_at=promised or letter.drafted_at,
            reason=". ".join(text for text in (letter.reason.name, letter.text) if text),
            foreseen=letter.foreseen,
            new_promise_at=letter.new_promise_at,
            closing=forms.ApologyClosing(letter.closing),
            annulled=letter.state == Apology.State.ANNULLED,
            collect=_collect(dossier),
            signature=signature(signer, letter.signed_at),
            debtors=_debtors(dossier),
            contact=letter.drafted_by.name,
            contact_phone=dossier.answering_agency.phone,
            lookup_code=dossier.lookup_code,
            tracking_url=tracking_url(dossier.handle),
        )


def supplement_paper(supplement: Supplement) -> forms.SupplementPaper:
    """Form 02 of a request for papers."""
    dossier = supplement.dossier
    people = {party.role: party for party in dossier.parties.all()}
    applicant = people.get(Party.Role.SUBMITTER) or people[Party.Role.HOLDER]
    until = None if supplement.clock is None else supplement.clock.limit_at
    wanted = tuple(
        forms.Paper(name=line["name"], note=line.get("note", "")) for line in supplement.wanted
    )
    return forms.SupplementPaper(
        office=office(dossier.answering_agency),
        issued_at=supplement.asked_at,
        applicant=person(applicant),
        procedure=procedure(dossier),
        wanted=wanted,
        reason=supplement.reason,
        contact=supplement.asked_by.name,
        contact_phone=dossier.answering_agency.phone,
        guide=signature(supplement.asked_by, supplement.asked_at),
        code=dossier.handle,
        legal_ground="Nghị định 118/2025/NĐ-CP; Nghị định 61/2018/NĐ-CP",
        until=None if until is None else local_moment(until).date(),
        afterwards=_AFTERWARDS[Edition.AfterSupplement(dossier.edition.after_supplement)],
        lookup_code=dossier.lookup_code,
        tracking_url=tracking_url(dossier.handle),
    )


def guidance_paper(slip: GuidanceSlip) -> forms.SupplementPaper:
    """Form 02 without a dossier: the guidance of someone who came with too little."""
    return forms.SupplementPaper(
        office=office(slip.agency),
        issued_at=slip.at,
        applicant=forms.Person(name=""),
        procedure=forms.Procedure(code=slip.procedure.code, name=slip.procedure.name),
        wanted=tuple(forms.Paper(name=name) for name in slip.missing),
        reason=slip.text,
        contact=slip.post.name,
        contact_phone=slip.agency.phone,
        guide=signature(slip.post, slip.at),
        number=slip.number,
        legal_ground="Nghị định 118/2025/NĐ-CP",
    )


def office(agency: Agency) -> forms.Office:
    """The head of a form of this agency."""
    return forms.Office(
        superior="" if agency.parent is None else agency.parent.name,
        name=agency.name,
        place=str(getattr(settings, "CITY_NAME", "")),
        address=agency.address,
        phone=agency.phone,
        trial=bool(getattr(settings, "TRIAL_MODE", False)),
    )


def tracking_url(code: str) -> str:
    """The address that a paper's QR leads to: who holds the paper needs no secret."""
    key = str(settings.SECRET_KEY).encode()
    return f"{getattr(settings, 'SITE_URL', '')}{codes.tracking_path(code, key=key)}"


def main_clock(dossier: Dossier) -> ClockRow | None:
    """The dossier's own clock, once it has begun."""
    return dossier.clocks.filter(kind=ClockKind.DOSSIER).first()


def _promised(dossier: Dossier, clock: ClockRow | None) -> tuple[datetime | None, datetime | None]:
    """What was promised at reception, and from when it counts where that is later: received for
    another territory, from the moment by which the competent agency must have it."""
    first = None if clock is None else clock.values.first()
    if first is None or clock is None or dossier.received_at is None:
        return None, None
    if first.promised_at is not None or clock.limit is None:
        return first.promised_at, None
    counts_from = handed_over_by(calendar_of(dossier.receiving_agency), dossier.received_at)
    limit = TimeLimit.from_json(clock.limit)
    return limit.due(clock.calendar.working(), counts_from), counts_from


def _uncertain(dossier: Dossier, clock: ClockRow | None, until: datetime | None) -> str:
    """Why the day that was promised at reception may move; empty where it is certain."""
    if clock is None:
        return ""
    return crosses_unconfirmed(clock.calendar, dossier.received_at, until).sentence


def _promise_missed(dossier: Dossier) -> datetime | None:
    """The promise as it last stood before a new appointment: the one the letter answers for."""
    clock = main_clock(dossier)
    value = None if clock is None else clock.values.filter(promise_number=1).last()
    return None if value is None else value.promised_at


def _debtors(dossier: Dossier) -> tuple[forms.Debtor, ...]:
    """The agencies that owe the delay with their working time, where it is not the writer's alone:
    one letter, however many owe."""
    breach = Breach.objects.filter(
        dossier=dossier, of=Breach.Of.DOSSIER, promise_number=1, annulled_at=None
    ).first()
    debts = [] if breach is None else breach.debts
    codes_owing = [debt["agency"] for debt in debts]
    if codes_owing in ([], [dossier.answering_agency.code]):
        return ()
    names = dict(Agency.objects.filter(code__in=codes_owing).values_list("code", "name"))
    return tuple(
        forms.Debtor(
            name=names.get(debt["agency"], debt["agency"]),
            used=_working(debt["seconds"]),
            over=_working(debt["over"]) if debt["over"] else "",
        )
        for debt in debts
    )


def _working(seconds: int) -> str:
    return duration(timedelta(seconds=seconds))


def person(party: Party) -> forms.Person:
    """A party as a form names it."""
    return forms.Person(
        name=party.name,
        identity_kind=codes.identity_kind(party.identity) if party.identity else None,
        identity_number=party.identity,
        address=party.address,
        phone=party.phone,
        email=party.email,
    )


def _same(one: Party, other: Party) -> bool:
    return (one.name_key, one.identity) == (other.name_key, other.identity)


def procedure(dossier: Dossier) -> forms.Procedure:
    """What is asked for, with its case and the edition that holds."""
    name = dossier.procedure.name
    if dossier.case is not None:
        name = f"{name} ({dossier.case.name})"
    return forms.Procedure(
        code=dossier.procedure.code,
        name=name,
        edition_from=dossier.edition.in_force_from,
        answering_agency=dossier.answering_agency.name,
    )


def paper_lines(rows: Iterable[Paper]) -> Iterable[forms.Paper]:
    """One line a name, its kinds counted together."""
    lines: dict[str, forms.Paper] = {}
    for row in rows:
        line = lines.get(row.name, forms.Paper(name=row.name))
        column = _COUNTED[Paper.Form(row.form)]
        lines[row.name] = replace(line, **{column: getattr(line, column) + row.count})
    return lines.values()


def _collect(dossier: Dossier) -> str:
    unit = dossier.receiving_unit
    place = dossier.receiving_agency.name
    if unit is not None:
        place = f"{unit.name}, {place}"
    return _COLLECT[ReturnMethod(dossier.return_method)].format(place=place)


def _fee(dossier: Dossier) -> str:
    fee = dossier.edition.fees.filter(channel=dossier.channel).first()
    if fee is None:
        return ""
    return "Không thu" if fee.free else fee.text


def signature(post: Post | None, signed_at: datetime | None) -> forms.Signature:
    """Who signs; of nobody an empty line."""
    if post is None:
        return forms.Signature(name="")
    return forms.Signature(name=post.name, title=post.title, signed_at=signed_at)
