"""Which amended calendar moved a limit: the source that the amendment was confirmed with."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import BigIntegerField, OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from dossiers.models import Dossier, Event, LimitValue
from workflows.models import Amendment

RECALENDARED = "recalendared"


def sources(dossier: Dossier, values: Sequence[LimitValue]) -> dict[int, str]:
    """By the number of the event the source of the amendment behind it; one query if a value of
    the limit has such a cause, else none."""
    moved = [value.event_n for value in values if value.cause == RECALENDARED]
    if not moved:
        return {}
    key = Cast(KeyTextTransform("amendment", OuterRef("facts")), BigIntegerField())
    amendment = Amendment.objects.filter(pk=key)
    events = Event.objects.filter(dossier=dossier, n__in=moved).annotate(
        amended_by=Subquery(amendment.values("source")[:1])
    )
    return {n: source for n, source in events.values_list("n", "amended_by") if source}
