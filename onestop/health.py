"""Whether this installation can work: asked by probes and by the runner."""

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dossiers.reading import timers

BROKER_SECONDS = 2


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when database and broker answer, else 503; says which of them does not.

    Says too whether timers lag or were set aside: no reason to start anything anew, but to look.
    """
    parts = {"database": _database_answers(), "broker": _broker_answers()}
    said = parts | {"timers": _timers() if parts["database"] else None}
    return JsonResponse(said, status=200 if all(parts.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _timers() -> dict[str, int] | None:
    """For how many seconds the oldest due timer has waited, and how many were set aside."""
    at = timezone.now()
    try:
        oldest = timers.oldest_due(at)
        aside = sum(timers.set_aside_by_kind().values())
    except Error:  # not migrated yet
        return None
    lag = 0 if oldest is None else int((at - oldest).total_seconds())
    return {"lag_seconds": lag, "set_aside": aside}


def _broker_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=BROKER_SECONDS) as broker:
            return bool(broker.ping())
    except redis.RedisError:
        return False
