"""The recount after an amended calendar: running clocks in batches, until none is behind.

What is left to do is asked of the clocks themselves, so that a recount killed at any point is found
by the next knock and goes on; each batch is one transaction, in the commands' lock order. A dossier
that cannot be counted again is set aside with its fault in the log, and stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from dossiers.lifecycle import _recounting, _write
from dossiers.lifecycle._work import load, works
from dossiers.lifecycle.recalendar import to_rehome, touched
from dossiers.lifecycle.registry import writing
from dossiers.models import ClockRow, Recount
from workflows.actors import TIME
from workflows.models import Agency, Amendment, Calendar

log = structlog.get_logger(__name__)

BATCH = 200
# A dossier received at the very moment of the change may become visible a little later.
_LOOK_AGAIN = timedelta(minutes=5)


def recount_due(at: datetime, *, batches: int = 25, batch: int = BATCH) -> dict[str, int]:
    """Go on with every recount that is not done, up to so many batches; what was moved and left."""
    moved = 0
    recent = Q(state=Recount.State.DONE, done_at__gte=at - _LOOK_AGAIN)
    due = Recount.objects.filter(Q(state=Recount.State.RUNNING) | recent).order_by("-pk")
    for recount in list(due.select_related("amendment__calendar")):
        moved += recount_batches(recount, at=at, batches=batches, batch=batch)
    left = Recount.objects.filter(state=Recount.State.RUNNING).count()
    return {"moved": moved, "left": left}


def recount_batches(
    recount: Recount,
    *,
    at: datetime,
    batches: int | None = None,
    batch: int = BATCH,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Count again up to so many batches of one amendment (all without a number); how many dossiers
    moved. `progress` is told the same after every batch."""
    moved = after = 0
    for _number in count() if batches is None else range(batches):
        ids = _next(recount, after, batch)
        if not ids:
            _close(recount, at)
            return moved
        try:
            done = _batch(recount.pk, ids, at)
        except Exception:
            log.exception("recount.batch_failed", dossiers=len(ids))
            done = sum(_alone(recount.pk, dossier, at) for dossier in ids)
        moved += done
        if progress is not None:
            progress(moved)
        after = ids[-1]
        recount = Recount.objects.select_related("amendment__calendar").get(pk=recount.pk)
    return moved


def left(recount: Recount) -> int:
    """How many dossiers still have a clock behind its calendar."""
    return _behind(recount).values("dossier").distinct().count()


def _next(recount: Recount, after: int, batch: int) -> list[int]:
    """The next dossiers by ascending id, each once."""
    rows = _behind(recount).filter(dossier__gt=after).exclude(dossier__in=recount.set_aside)
    return list(rows.order_by("dossier").values_list("dossier", flat=True).distinct()[:batch])


def _behind(recount: Recount) -> QuerySet[ClockRow]:
    """The clocks that the amendment touches and that were last counted before it."""
    amendment: Amendment = recount.amendment
    calendar = amendment.calendar
    if amendment.first_on is None:
        return ClockRow.objects.none()
    calendars = Calendar.objects.filter(Q(pk=calendar.pk) | Q(base=calendar))
    revisions = {one.pk: one.revision for one in calendars.select_related("base")}
    late = Q(pk__in=[])
    for pk, revision in revisions.items():
        late |= Q(calendar=pk, counted_by__lt=revision)
    rows = touched(list(revisions), amendment.first_on, amendment.last_on).filter(late)
    found = Q(pk__in=rows.values("pk"))
    for agency in Agency.objects.filter(calendar=calendar).exclude(calendar__base=None):
        found |= Q(pk__in=to_rehome(agency).values("pk"))
    return ClockRow.objects.filter(found)


def _batch(recount_id: int, ids: Sequence[int], at: datetime) -> int:
    """One transaction: the dossiers locked by ascending id, counted again, written at once."""
    with writing("recount"), transaction.atomic():
        batch = works(load(ids), at=at, recorded_at=at, by=TIME)
        moved = _recounting.catch_up(batch)
        changed = [work for work in batch if work.changes.changed or work.changes.added]
        if changed:
            _write.write_all(changed)
        if moved:
            recount = Recount.objects.select_for_update().get(pk=recount_id)
            recount.moved += len(moved)
            recount.save(update_fields=["moved"])
        return len(moved)


def _alone(recount_id: int, dossier: int, at: datetime) -> int:
    """One dossier of a batch that failed; set aside if it fails alone too."""
    try:
        return _batch(recount_id, [dossier], at)
    except Exception:
        log.exception("recount.set_aside", dossier=dossier)
        with writing("recount"), transaction.atomic():
            recount = Recount.objects.select_for_update().get(pk=recount_id)
            recount.set_aside = [*recount.set_aside, dossier]
            recount.save(update_fields=["set_aside"])
        return 0


def _close(recount: Recount, at: datetime) -> None:
    """Nothing is left: say so once."""
    with writing("recount"):
        Recount.objects.filter(pk=recount.pk, state=Recount.State.RUNNING).update(
            state=Recount.State.DONE, done_at=at
        )
