"""Which units there are on a day, to hand a dossier to or to ask. Private to the commands."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from dossiers.lifecycle import _time
from workflows.models import Unit

WORKING = (Unit.Kind.DIVISION, Unit.Kind.OFFICE)
"""The kinds of unit that process dossiers; counters receive and return."""


def standing_units(at: datetime) -> QuerySet[Unit]:
    """Units that process dossiers and exist on that day, in agencies that do."""
    on = _time.local_date(at)
    return (
        Unit.objects.filter(kind__in=WORKING, valid_from__lte=on, agency__valid_from__lte=on)
        .filter(Q(valid_to=None) | Q(valid_to__gte=on))
        .filter(Q(agency__valid_to=None) | Q(agency__valid_to__gte=on))
        .select_related("agency")
    )
