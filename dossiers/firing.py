"""Firing due timers: claim a batch, settle it, write it; one poison row stops nothing else.

A claim takes the dossiers of the next due timers that no other worker and no command has in its
hands, so that any number of workers share the work and none waits. Killed at any point, a batch is
rolled back whole and found again by the next sweep.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from time import monotonic
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection, transaction

from dossiers import watching
from dossiers.errors import Conflict
from dossiers.lifecycle import _recounting, _write, settling
from dossiers.lifecycle._work import load, works
from dossiers.lifecycle.registry import writing
from dossiers.models import Timer
from workflows.actors import TIME

log = structlog.get_logger(__name__)

BATCH = 200
# How far behind the first due timer a claim looks for dossiers that are free: ten workers' batches.
LOOK = 10
WORKER = "worker"

# The dossiers of the next due timers, in order of `fires_at`, those in other hands passed over.
# What is looked at is bounded, whatever is due: a claim costs the same with ten or a million.
_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id, dossier_id, fires_at
      FROM dossiers_timer
     WHERE fires_at < %(at)s AND set_aside_at IS NULL AND dossier_id <> ALL(%(without)s)
     ORDER BY fires_at, id
     LIMIT %(look)s)
SELECT d.id
  FROM due
  JOIN dossiers_dossier d ON d.id = due.dossier_id
 ORDER BY due.fires_at, due.id
 LIMIT %(batch)s
   FOR UPDATE OF d SKIP LOCKED
"""


def fire_due(at: datetime, batch: int = BATCH, *, patience: float | None = None) -> dict[str, int]:
    """Fire everything that was due before `at`; counts of what fired and what was set aside.

    Begins no further batch after `patience` seconds: what is left is found by the next sweep.
    """
    sweep = _Sweep(at, batch)
    while sweep.goes_on and (patience is None or sweep.seconds < patience):
        sweep.step()
    return {"fired": sweep.fired, "set_aside": sweep.set_aside}


def fire_for(ids: list[int], at: datetime) -> int:
    """Fire what was due before `at` for these dossiers alone; how many timers fired."""
    with writing("fire_due"), transaction.atomic():
        return len(_settle(ids, at))


def retry(ids: Iterable[int] | None = None) -> int:
    """Have timers that were set aside (all, or these) fire again at the next sweep; how many."""
    aside = Timer.objects.exclude(set_aside_at=None)
    if ids is not None:
        aside = aside.filter(pk__in=list(ids))
    with writing("fire_due"):
        return aside.update(set_aside_at=None, fault="")


class _Sweep:
    """One pass over what is due. It keeps counts and what could not be dealt with, nothing else."""

    def __init__(self, at: datetime, batch: int) -> None:
        self.at = at
        self.batch = batch
        self.fired = self.set_aside = 0
        self.goes_on = True
        # Dossiers that this pass can do nothing for: left to the next one.
        self.without: list[int] = []
        self._began = monotonic()

    @property
    def seconds(self) -> float:
        return monotonic() - self._began

    def step(self) -> None:
        """Fire the next batch; one that fails is tried dossier by dossier."""
        ids: list[int] = []
        try:
            with writing("fire_due"), transaction.atomic():
                ids = self._claim()
                fired = _settle(ids, self.at)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            if not ids or not connection.is_usable():
                raise
            log.exception("timers.batch_failed", dossiers=len(ids))
            for dossier in ids:
                self._fire_alone(dossier)
        else:
            self._count(fired)
            # What another fired between our look and our lock is no sign that nothing is left.
            self.goes_on = bool(ids)
            if not fired:
                self.without += ids

    def _claim(self) -> list[int]:
        with connection.cursor() as cursor:
            look = self.batch * LOOK
            given: dict[str, Any] = {
                "at": self.at,
                "without": self.without,
                "look": look,
                "batch": self.batch,
            }
            cursor.execute(_CLAIM, given)
            return sorted({pk for (pk,) in cursor.fetchall()})

    def _fire_alone(self, dossier: int) -> None:
        """The timers of one dossier, one by one: only the one that fails is set aside."""
        if not self._caught_up(dossier):
            return
        while True:
            timer = None
            try:
                with writing("fire_due"), transaction.atomic():
                    batch = works(
                        load([dossier], skip_locked=True),
                        at=self.at,
                        recorded_at=self.at,
                        by=TIME,
                    )
                    due = [one for work in batch for one in settling.due(work, self.at)]
                    timer = due[0] if due else None
                    if timer is None:
                        return
                    fired = settling.settle(batch, before=self.at, most=1)
                    _write.write_all(batch)
            except SoftTimeLimitExceeded:
                raise
            except (Conflict, OperationalError, InterfaceError):
                # Not the timer's fault: a lock, a server that went away.
                if not connection.is_usable():
                    raise
                self.without.append(dossier)
                return
            except Exception as fault:  # noqa: BLE001 one poison row stops nothing else
                self._set_aside(dossier, timer, fault)
                if timer is None:
                    return
            else:
                self._count(fired)

    def _caught_up(self, dossier: int) -> bool:
        """Count the dossier's clocks again where its calendar was amended; False if that fails."""
        try:
            with writing("fire_due"), transaction.atomic():
                found = load([dossier], skip_locked=True)
                batch = works(found, at=self.at, recorded_at=self.at, by=TIME)
                if _recounting.catch_up(batch):
                    _write.write_all(batch)
        except SoftTimeLimitExceeded:
            raise
        except (Conflict, OperationalError, InterfaceError):
            if not connection.is_usable():
                raise
            self.without.append(dossier)
            return False
        except Exception as fault:  # noqa: BLE001 one poison row stops nothing else
            self._set_aside(dossier, None, fault)
            return False
        return True

    def _set_aside(self, dossier: int, timer: Timer | None, fault: Exception) -> None:
        """Put aside the timer that failed; where that is not known, all that are due."""
        failed = Timer.objects.filter(dossier_id=dossier, fires_at__lt=self.at, set_aside_at=None)
        if timer is not None:
            failed = failed.filter(pk=timer.pk, fires_at=timer.fires_at)
        name = type(fault).__name__
        for kind in failed.values_list("kind", flat=True):
            watching.set_aside(kind)
            log.exception("timers.set_aside", dossier=dossier, kind=kind, fault=name)
        with writing("fire_due"):
            self.set_aside += failed.update(set_aside_at=self.at, fault=name)

    def _count(self, fired: list[Timer]) -> None:
        self.fired += len(fired)
        if fired:
            since = self.seconds
            late = [
                (timer.kind, (self.at - timer.fires_at).total_seconds() + since) for timer in fired
            ]
            watching.fired(late, WORKER)


def _settle(ids: list[int], at: datetime) -> list[Timer]:
    """Settle and write these dossiers; those in other hands are passed over."""
    if not ids:
        return []
    batch = works(load(sorted(ids), skip_locked=True), at=at, recorded_at=at, by=TIME)
    moved = _recounting.catch_up(batch)
    fired = settling.settle(batch, before=at)
    if fired or moved:
        _write.write_all(batch)
    return fired
