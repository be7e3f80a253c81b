"""What the applicant has to pay before the work goes on, for the tracking page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dossiers.models import FeeDemand


@dataclass(frozen=True, slots=True)
class Owed:
    """A payment still waited for: how much, by what law, until when (None: no term)."""

    amount: int
    legal_ground: str
    until: datetime | None


def owed(dossier_id: int) -> Owed | None:
    """The payment that the dossier waits for, if it waits for one."""
    demand = (
        FeeDemand.objects.filter(dossier=dossier_id, state=FeeDemand.State.OPEN)
        .select_related("clock")
        .first()
    )
    if demand is None:
        return None
    until = None if demand.clock is None else demand.clock.limit_at
    return Owed(demand.amount, demand.legal_ground, until)
