"""What will be handed in to the demo city: when, for what, where; the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from workflows.models import Agency, AgencyKind, Calendar, Offer
from workflows.worktime import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Plan:
    """A dossier to come: when it is handed in, for what, where."""

    number: int
    at: datetime
    offer: Offer
    receiver: Agency
    slowness: float


def working_moments(
    calendar: WorkingCalendar, since: date, until: datetime, number: int, random: Random
) -> list[datetime]:
    """`number` moments within working hours between a day and a moment, in order."""
    first = calendar.next_open(datetime(since.year, since.month, since.day, tzinfo=calendar.tz))
    span = calendar.between(first, until)
    return sorted(
        calendar.next_open(calendar.add(first, span * random.random())) for _ in range(number)
    )


def plans(*, since: date, until: datetime, size: int, seed: int, commune: str) -> list[Plan]:
    """What will be handed in: communes' everyday procedures most, one commune more than others."""
    random = Random(seed)
    calendar = Calendar.objects.get(code="vn").working()
    offers = list(
        Offer.objects.select_related("procedure", "agency").order_by("procedure__code", "pk")
    )
    branches = list(Agency.objects.filter(kind=AgencyKind.BRANCH).order_by("code"))
    weights = [_weight(offer, commune) for offer in offers]
    slowness = {
        agency: random.choice((0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.6))
        for agency in sorted({offer.agency_id for offer in offers})
    }
    moments = working_moments(calendar, since, until, size, random)
    chosen = random.choices(offers, weights, k=size)
    return [
        Plan(
            number=number,
            at=at,
            offer=offer,
            receiver=offer.agency
            if offer.agency.kind == AgencyKind.COMMUNE
            else random.choice(branches),
            slowness=slowness[offer.agency_id],
        )
        for number, (at, offer) in enumerate(zip(moments, chosen, strict=True), start=1)
    ]


def _weight(offer: Offer, commune: str) -> float:
    if offer.agency.code == commune:
        return 60.0
    return 1.0 if offer.agency.kind == AgencyKind.COMMUNE else 60.0
