"""What lies at the demo commune's counter when the demo is ready: a morning's submissions, some
with papers missing, some nearly or wholly out of time."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from dossiers.lifecycle import submission
from dossiers.lifecycle.intake import PaperGiven
from onestop.demo import people
from workflows.actors import CITIZEN
from workflows.models import Agency, Calendar, Offer, PaperItem

SEED = 20261125
# Working time ago, channel, and how many of the papers are missing.
WAITING = (
    (timedelta(hours=9, minutes=20), "online", 0),
    (timedelta(hours=7, minutes=30), "online", 1),
    (timedelta(hours=6), "post", 0),
    (timedelta(hours=4, minutes=10), "online", 0),
    (timedelta(hours=2, minutes=45), "post", 2),
    (timedelta(hours=1, minutes=5), "online", 0),
    (timedelta(minutes=20), "online", 1),
)


def put_in(commune: str, *, at: datetime) -> None:
    """Let people submit dossiers to the counter of `commune` in the hours before `at`."""
    random = Random(SEED)
    agency = Agency.objects.get(code=commune)
    calendar = Calendar.objects.get(code="vn").working()
    offers = list(
        Offer.objects.filter(agency=agency).select_related("procedure").order_by("procedure__code")
    )
    for number, (ago, channel, missing) in enumerate(WAITING):
        offer = offers[number * 3 % len(offers)]
        then = calendar.add(at, -ago)
        listed = PaperItem.objects.filter(
            edition=offer.procedure.edition_on(then.date()), case=None, kind=PaperItem.Kind.HAND_IN
        )
        papers = [PaperGiven(item=item.pk, form="electronic") for item in listed]
        submission.submit(
            procedure=offer.procedure.code,
            channel=channel,
            receiving_agency=agency.pk,
            answering_agency=agency.pk,
            parties=people.parties(random, number=900_000 + number),
            papers=papers[: len(papers) - missing] if missing < len(papers) else [],
            idempotency_key=f"demo/submission/{number}",
            by=CITIZEN,
            at=then,
        )
