"""Celery's doors: each asks the clock, calls one function and logs its counts."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from workflows.catalogue.life import publish_due

log = structlog.get_logger(__name__)


@shared_task(name="workflows.publish_due", ignore_result=True, soft_time_limit=50, time_limit=55)
def publish_definitions() -> None:
    """Put in force the definitions whose day has begun."""
    counts = publish_due(timezone.now())
    if any(counts.values()):
        log.info("definitions.published", **counts)
