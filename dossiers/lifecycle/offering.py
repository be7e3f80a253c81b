"""What a dossier would be received under: edition, case, limit, definition, who answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Q

from dossiers.errors import Invalid, NotNow
from dossiers.lifecycle import _time
from workflows import parts
from workflows.models import (
    NATIONAL,
    Agency,
    AgencyKind,
    Calendar,
    Case,
    Channel,
    Definition,
    Edition,
    Limit,
    Offer,
    PaperItem,
    Procedure,
    Unit,
)
from workflows.parts import Part
from workflows.timelimit import TimeLimit

ONLINE = "online"
HANDED_OVER_TILL = time(15)  # 118/2025/NĐ-CP art. 18: later, at the start of the next working day


@dataclass(frozen=True, slots=True)
class Offered:
    """Everything that reception needs to know of the catalogue at one moment."""

    procedure: Procedure
    edition: Edition
    case: Case | None
    channel: Channel
    definition: Definition
    receiving_agency: Agency
    agency: Agency
    unit: Unit
    calendar: Calendar
    limit: TimeLimit
    limit_source: str
    parts: tuple[Part, ...] = ()


def find(
    *,
    procedure: str,
    channel: str,
    receiving_agency: int,
    answering_agency: int | None,
    case: str,
    at: datetime,
) -> Offered:
    """The catalogue's answer for this counter at `at`. Raises: Invalid, NotNow."""
    on = _time.local_date(at)
    found = Procedure.objects.filter(code=procedure).first()
    edition = None if found is None else found.edition_on(on)
    if found is None or edition is None:
        raise Invalid("no_such_procedure", fields={"procedure": "no_such_procedure"})
    by_channel = Channel.objects.filter(code=channel).first()
    if by_channel is None:
        raise Invalid("not_offered", fields={"channel": "not_offered"})
    definition = (
        Definition.objects.filter(procedure=found, state=Definition.State.PUBLISHED)
        .defer("body")
        .first()
    )
    if definition is None:
        raise NotNow("no_definition")
    receiver = Agency.objects.get(pk=receiving_agency)
    offer = _offer(found, receiver, answering_agency, on)
    chosen = _case(edition, case)
    row = limit_of(edition, by_channel, case, offer.agency, on)
    if row is None or row.limit is None:
        raise NotNow("limit_undecided")
    return Offered(
        procedure=found,
        edition=edition,
        case=chosen,
        channel=by_channel,
        definition=definition,
        receiving_agency=receiver,
        agency=offer.agency,
        unit=offer.unit,
        calendar=calendar_of(offer.agency),
        limit=TimeLimit.from_json(row.limit),
        limit_source=row.source,
        parts=parts.read(row.parts),
    )


def limit_of(
    edition: Edition, channel: Channel, case: str, agency: Agency, on: date
) -> Limit | None:
    """The limit that holds: a city's own before the national, the narrower before the common."""
    rows = list(
        Limit.objects.filter(procedure_id=edition.procedure_id)
        .filter(Q(edition=edition) | Q(edition=None))
        .filter(Q(channel=None) | Q(channel=channel))
        .filter(case_key__in=["", case])
        .filter(Q(in_force_from=None) | Q(in_force_from__lte=on))
        .select_related("by_city")
    )
    rows = [row for row in rows if row.by_city is None or agency.is_under(row.by_city.path)]
    if not rows:
        return None
    return max(
        rows,
        key=lambda row: (
            row.by_city is not None,
            row.case_key != "",
            row.channel_id is not None,
            row.in_force_from or date.min,
            row.pk,
        ),
    )


def is_of_another_territory(offered: Offered) -> bool:
    """Whether the dossier is taken in on paper for an agency of another territory: a commune's
    counter for another commune. A department, a centre and its branches serve the whole city; an
    electronic dossier is with the competent agency at once (118/2025/NĐ-CP art. 17.3, 18)."""
    communes = {offered.receiving_agency.kind, offered.agency.kind} == {AgencyKind.COMMUNE}
    other = offered.receiving_agency.pk != offered.agency.pk
    return communes and other and offered.channel.code != ONLINE


def arrives_by(offered: Offered, at: datetime) -> datetime:
    """From when the limit counts: at once, or for another territory when the competent agency has
    the dossier at the latest."""
    if not is_of_another_territory(offered):
        return at
    return handed_over_by(calendar_of(offered.receiving_agency), at)


def handed_over_by(calendar: Calendar, at: datetime) -> datetime:
    """When what a counter receives at `at` must have been handed over: the same working day, after
    15:00 at the start of the next. Law: 118/2025/NĐ-CP art. 18."""
    working = calendar.working()
    local = at.astimezone(working.tz)
    if working.is_working_day(local.date()) and local.time() <= HANDED_OVER_TILL:
        return working.close(local.date())
    return working.opening(working.nth_working_day(local.date(), 1))


def papers_of(edition: Edition, case: str) -> list[PaperItem]:
    """The lines of the list that apply: those of the case and those of all cases."""
    return list(PaperItem.objects.filter(edition=edition).filter(Q(case=None) | Q(case__key=case)))


def calendar_of(agency: Agency) -> Calendar:
    """The agency's own calendar, else the national one."""
    own = Q(pk=agency.calendar_id) if agency.calendar_id else Q(code=NATIONAL)
    return Calendar.objects.select_related("base").get(own)


def _case(edition: Edition, key: str) -> Case | None:
    if not key:
        return None
    case = edition.cases.filter(key=key).first()
    if case is None:
        raise Invalid("unknown_case", fields={"case": "unknown_case"})
    return case


def _offer(procedure: Procedure, receiver: Agency, answering: int | None, on: date) -> Offer:
    offers = list(
        Offer.objects.filter(procedure=procedure, valid_from__lte=on)
        .filter(Q(valid_to=None) | Q(valid_to__gte=on))
        .select_related("agency", "unit")
    )
    if answering is None:
        own = [offer for offer in offers if offer.agency_id == receiver.pk]
        offers = own or offers
    else:
        offers = [offer for offer in offers if offer.agency_id == answering]
    if len(offers) != 1:
        raise Invalid("not_offered", fields={"answering_agency": "not_offered"})
    return offers[0]
