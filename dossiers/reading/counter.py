"""The counter: finding a procedure, what it asks, what waits to be taken over or handed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import get_language

from dossiers.models import ClockKind, ClockRow, Dossier, Paper, Party, Status
from dossiers.reading.promises import moved_from, with_first_promise
from dossiers.reading.timeleft import LOCAL, TimeLeft, time_left
from workflows.catalogue.completeness import missing
from workflows.folding import fold
from workflows.models import Agency, Case, Channel, Edition, Fee, Offer, PaperItem, Procedure

MOST_FOUND = 12
MOST_WAITING = 100
WAITING = ("results", "to_return", "supplements")
_OF_UNRECEIVED = Q(status=Status.SUBMITTED)


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything the counter's form shows of one procedure on a day."""

    procedure: Procedure
    edition: Edition
    cases: tuple[Case, ...]
    offers: tuple[Offer, ...]
    channels: tuple[Channel, ...]
    papers: tuple[PaperItem, ...]
    fees: tuple[Fee, ...]

    def papers_of(self, kind: str, case: str) -> tuple[PaperItem, ...]:
        """Papers of a kind that hold for the case, or for all cases."""
        return tuple(
            paper
            for paper in self.papers
            if paper.kind == kind and (paper.case is None or paper.case.key == case)
        )

    def own_offer(self, agency_id: int) -> Offer | None:
        """The receiving agency's own offer, if it answers for the procedure itself."""
        return next((offer for offer in self.offers if offer.agency_id == agency_id), None)

    def fee_of(self, channel: str) -> Fee | None:
        return next((fee for fee in self.fees if fee.channel.code == channel), None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One dossier whose next act is the counter's."""

    code: str
    procedure: str
    submitter: str
    agency: str
    left: TimeLeft
    promised_at: datetime | None
    first_promised_at: datetime | None
    since: datetime | None
    hand_over: TimeLeft | None = None


def find_procedures(text: str, on: date) -> list[Procedure]:
    """Procedures that some agency answers for, by parts of the name without diacritics, or code."""
    words = fold(text).split()
    if not words:
        return []
    found = Procedure.objects.filter(Exists(_offers(on).filter(procedure=OuterRef("pk"))))
    for word in words:
        found = found.filter(search_key__contains=word)
    return list(found.select_related("field").order_by("name")[:MOST_FOUND])


def asked(code: str, on: date) -> Asked | None:
    """What the procedure of this code asks on the day `on`; None if it is not in force."""
    procedure = Procedure.objects.filter(code=code).first()
    edition = None if procedure is None else procedure.edition_on(on)
    if procedure is None or edition is None:
        return None
    offers = _offers(on).filter(procedure=procedure).select_related("agency", "unit")
    return Asked(
        procedure=procedure,
        edition=edition,
        cases=tuple(edition.cases.all()),
        offers=tuple(offers.order_by("agency__sort_key")),
        channels=tuple(Channel.objects.all()),
        papers=tuple(edition.papers.select_related("case")),
        fees=tuple(edition.fees.select_related("channel")),
    )


def channel_name(channel: Channel) -> str:
    """The channel's name in the reader's language."""
    english = (get_language() or "vi").startswith("en")
    return channel.name_en if english and channel.name_en else channel.name


def waiting(agencies: list[int], at: datetime) -> dict[str, list[Waiting]]:
    """What waits at these counters: results to take over, to hand out, papers and payments to
    come."""
    received = Dossier.objects.standing().filter(receiving_agency__in=agencies)
    return {
        "results": _rows(received.filter(_RESULTS), at),
        "to_return": _rows(received.filter(_TO_RETURN), at),
        "supplements": _rows(received.filter(_SUPPLEMENTS), at),
        "payments": _rows(received.filter(_PAYMENTS), at),
    }


@dataclass(frozen=True, slots=True)
class Submission:
    """One submission that waits to be received or refused."""

    code: str
    procedure: str
    submitter: str
    agency: str
    channel: str
    left: TimeLeft
    since: datetime | None
    papers: int
    missing: int


def submissions(agencies: list[int], at: datetime) -> list[Submission]:
    """What came in online or by post and waits, by the time left to answer; five queries."""
    intake = ClockRow.objects.filter(kind=ClockKind.INTAKE).select_related("calendar__base")
    ends_at = Subquery(intake.filter(dossier=OuterRef("pk")).values("limit_at")[:1])
    found = (
        Dossier.objects.standing()
        .filter(_OF_UNRECEIVED, receiving_agency__in=agencies)
        .annotate(ends_at=ends_at)
        .order_by(F("ends_at").asc(nulls_last=True), "pk")
        .select_related("procedure", "answering_agency", "channel", "case")
        .defer("procedure__search_key")
        .prefetch_related(
            Prefetch("clocks", queryset=intake, to_attr="waits"),
            Prefetch("parties", queryset=_people(), to_attr="people"),
            Prefetch("papers", queryset=Paper.objects.only("dossier_id", "item_id")),
            Prefetch("edition__papers", queryset=PaperItem.objects.select_related("case")),
        )[:MOST_WAITING]
    )
    return [_submission(dossier, at) for dossier in found]


def _submission(dossier: Dossier, at: datetime) -> Submission:
    papers = list(dossier.papers.all())
    case = None if dossier.case is None else dossier.case.key
    items = [
        item for item in dossier.edition.papers.all() if item.case is None or item.case.key == case
    ]
    return Submission(
        code=dossier.handle,
        procedure=dossier.procedure.name,
        submitter=_submitter(dossier),
        agency=dossier.answering_agency.name,
        channel=channel_name(dossier.channel),
        left=time_left(next(iter(dossier.waits), None), at),  # type: ignore[attr-defined]
        since=dossier.submitted_at,
        papers=len(papers),
        missing=len(missing(items, {paper.item_id for paper in papers})),
    )


def waiting_count(agencies: list[int]) -> int:
    """How many submissions wait at these counters."""
    rows = Dossier.objects.standing().filter(_OF_UNRECEIVED, receiving_agency__in=agencies)
    return rows.count()


def counts(agencies: list[int], at: datetime) -> dict[str, int]:
    """The same as numbers, and how many dossiers were received today; one query."""
    day = at.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        Dossier.objects.standing()
        .filter(receiving_agency__in=agencies)
        .aggregate(
            results=Count("pk", filter=_RESULTS),
            to_return=Count("pk", filter=_TO_RETURN),
            supplements=Count("pk", filter=_SUPPLEMENTS),
            payments=Count("pk", filter=_PAYMENTS),
            submissions=Count("pk", filter=_OF_UNRECEIVED),
            today=Count("pk", filter=Q(received_at__gte=day, received_at__lte=at)),
        )
    )


_RESULTS = Q(status=Status.PROCESSING, waits_for_counter=True)
_TO_RETURN = Q(status=Status.CONCLUDED)
_PAYMENTS = Q(status=Status.PAYMENT_REQUESTED)
_SUPPLEMENTS = Q(status=Status.SUPPLEMENT_REQUESTED)


def _offers(on: date) -> QuerySet[Offer]:
    return Offer.objects.filter(valid_from__lte=on).filter(Q(valid_to=None) | Q(valid_to__gte=on))


def _rows(found: QuerySet[Dossier], at: datetime) -> list[Waiting]:
    shown = Q(kind=ClockKind.DOSSIER) | Q(kind=ClockKind.HAND_OVER, state="running")
    clocks = ClockRow.objects.filter(shown).select_related("calendar__base")
    loaded = (
        found.order_by("received_at", "pk")
        .select_related("procedure", "answering_agency")
        .defer("procedure__search_key")
        .prefetch_related(
            Prefetch("clocks", queryset=with_first_promise(clocks), to_attr="shown_clocks"),
            Prefetch("parties", queryset=_people(), to_attr="people"),
        )[:MOST_WAITING]
    )
    return [_row(dossier, at) for dossier in loaded]


def _row(dossier: Dossier, at: datetime) -> Waiting:
    clocks = {row.kind: row for row in dossier.shown_clocks}  # type: ignore[attr-defined]
    clock, handed = clocks.get(ClockKind.DOSSIER), clocks.get(ClockKind.HAND_OVER)
    return Waiting(
        code=dossier.handle,
        procedure=dossier.procedure.name,
        submitter=_submitter(dossier),
        agency=dossier.answering_agency.name,
        left=time_left(clock, at),
        promised_at=None if clock is None else clock.promised_at,
        first_promised_at=moved_from(clock),
        since=dossier.received_at,
        hand_over=None if handed is None else time_left(handed, at),
    )


def _people() -> QuerySet[Party]:
    return Party.objects.only("dossier_id", "role", "name")


def _submitter(dossier: Dossier) -> str:
    people = {party.role: party.name for party in dossier.people}  # type: ignore[attr-defined]
    return people.get(Party.Role.SUBMITTER) or people.get(Party.Role.HOLDER, "")


def receivers(agencies: list[int]) -> list[Agency]:
    """The agencies at whose counters one sits."""
    return list(Agency.objects.filter(pk__in=agencies))
