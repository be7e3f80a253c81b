"""Firing due timers: claim a batch, settle it, write it; one poison row stops nothing else.

The lock order is the commands' own: dossiers by ascending id, then their timers are read again.
Killed at any point, a batch is rolled back whole and found again by the next sweep.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from dossiers.errors import Conflict
from dossiers.lifecycle import _write, settling
from dossiers.lifecycle._work import load, works
from dossiers.lifecycle.registry import writing
from dossiers.models import Timer
from workflows.actors import TIME

log = structlog.get_logger(__name__)

BATCH = 200


def fire_due(at: datetime, batch: int = BATCH) -> dict[str, int]:
    """Fire everything that was due before `at`; counts of what fired and what was set aside."""
    fired = aside = 0
    while True:
        ids = _due(at, batch)
        if not ids:
            return {"fired": fired, "set_aside": aside}
        try:
            done = _fire(ids, at)
        except Exception:
            log.exception("timers.batch_failed", dossiers=len(ids))
            one_by_one = [_fire_alone(dossier, at) for dossier in ids]
            done = sum(count for count in one_by_one if count is not None)
            aside += sum(1 for count in one_by_one if count is None)
        fired += done
        if done == 0 and len(ids) < batch:
            return {"fired": fired, "set_aside": aside}


def fire_for(ids: list[int], at: datetime) -> int:
    """Fire what was due before `at` for these dossiers alone; how many timers fired."""
    return _fire(sorted(ids), at)


def _due(at: datetime, batch: int) -> list[int]:
    """The dossiers of the next due timers, in order of `fires_at`, each once, by ascending id."""
    due = (
        Timer.objects.filter(fires_at__lt=at, set_aside_at=None)
        .order_by("fires_at", "id")
        .values_list("dossier_id", flat=True)[:batch]
    )
    return sorted(set(due))


def _fire(ids: list[int], at: datetime) -> int:
    with writing("fire_due"), transaction.atomic():
        claimed = load(ids, skip_locked=True)
        batch = works(claimed, at=at, recorded_at=at, by=TIME)
        fired = settling.settle(batch, before=at)
        if fired:
            _write.write_all(batch)
        return fired


def _fire_alone(dossier: int, at: datetime) -> int | None:
    """One dossier of a batch that failed; None when its timers had to be set aside."""
    try:
        return _fire([dossier], at)
    except Conflict:
        return 0
    except Exception as fault:
        log.exception("timers.set_aside", dossier=dossier)
        with writing("fire_due"):
            Timer.objects.filter(dossier_id=dossier, fires_at__lt=at).update(
                set_aside_at=at, fault=type(fault).__name__
            )
        return None
