"""Celery's doors: each asks the clock, calls one function and logs its counts."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from dossiers.firing import fire_due
from dossiers.statistics.rollup import fold

log = structlog.get_logger(__name__)


@shared_task(name="dossiers.fire_timers", ignore_result=True, soft_time_limit=50, time_limit=55)
def fire_timers() -> None:
    """Fire the timers that are due."""
    counts = fire_due(timezone.now())
    if any(counts.values()):
        log.info("timers.fired", **counts)


@shared_task(name="dossiers.fold_figures", ignore_result=True, soft_time_limit=50, time_limit=55)
def fold_figures() -> None:
    """Fold the entries of days that have ended into the rollups."""
    folded = fold(timezone.now())
    if folded:
        log.info("figures.folded", entries=folded)
