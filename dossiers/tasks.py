"""Celery's doors: each asks the clock, calls one function and logs its counts."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from dossiers.firing import fire_due
from dossiers.lifecycle.recount import recount_due
from dossiers.lifecycle.repeating import raise_repeated as raise_due
from dossiers.statistics.rollup import fold

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 40.0


@shared_task(name="dossiers.fire_timers", ignore_result=True, soft_time_limit=50, time_limit=55)
def fire_timers() -> None:
    """Fire the timers that are due; ends before its time is up, the next knock goes on."""
    counts = fire_due(timezone.now(), patience=PATIENCE_SECONDS)
    if any(counts.values()):
        log.info("timers.fired", **counts)


@shared_task(name="dossiers.raise_repeated", ignore_result=True, soft_time_limit=50, time_limit=55)
def raise_repeated() -> None:
    """Raise records of repeated lateness to those who watch."""
    raised = raise_due(timezone.now())
    if raised:
        log.info("lateness.repeated", records=raised)


@shared_task(name="dossiers.recount_clocks", ignore_result=True, soft_time_limit=50, time_limit=55)
def recount_clocks() -> None:
    """Go on counting running clocks again after an amended calendar."""
    counts = recount_due(timezone.now())
    if any(counts.values()):
        log.info("clocks.recounted", **counts)


@shared_task(name="dossiers.fold_figures", ignore_result=True, soft_time_limit=50, time_limit=55)
def fold_figures() -> None:
    """Fold the entries of days that have ended into the rollups."""
    folded = fold(timezone.now())
    if folded:
        log.info("figures.folded", entries=folded)
