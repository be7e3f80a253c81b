"""A dossier received at the counter of another territory reaches the agency that answers for it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers.errors import NotNow
from dossiers.lifecycle import _write
from dossiers.lifecycle.given import LateEntry
from dossiers.lifecycle.registry import command
from dossiers.models import Dossier, EventKind, Status
from workflows.actors import Actor


@command(
    "arrive", _("Take in from the other counter"), statuses=(Status.RECEIVED, Status.PROCESSING)
)
def arrive(dossier_id: int, *, by: Actor, at: datetime, late: LateEntry | None = None) -> Dossier:
    """The competent agency has the dossier: from now on the legal limit runs.

    Any act of that agency on the dossier says the same; this one says nothing else.
    Raises: NotNow (it is there already). Law: 118/2025/NĐ-CP art. 17.3.
    """
    statuses = (Status.RECEIVED, Status.PROCESSING)
    work = _write.lock(dossier_id, "arrive", by=by, at=at, late=late, statuses=statuses)
    if not any(getattr(row, "kind", None) == EventKind.ARRIVED for row in work.changes.added):
        raise NotNow("arrived_already")
    return _write.write(work)
