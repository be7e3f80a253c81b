"""The worker's doors to the outbox: they ask the clock and call one function."""

import structlog
from celery import shared_task
from django.utils import timezone

from notifications import forgetting, sending

log = structlog.get_logger(__name__)


@shared_task(name="notifications.drain", soft_time_limit=240, time_limit=270)
def drain() -> dict[str, int]:
    """Send what is due now."""
    counts = sending.drain(at=timezone.now())
    if counts:
        log.info("outbox.drained", **counts)
    return counts


@shared_task(name="notifications.forget", soft_time_limit=240, time_limit=270)
def forget() -> int:
    """Forget what was told more than 90 days ago."""
    return forgetting.forget(at=timezone.now())
