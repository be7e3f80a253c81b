"""A real Celery worker on the test's own database and broker number, for the queue of timers."""

from __future__ import annotations

import sys

from django.conf import settings


def main(database: str, redis_url: str) -> None:
    from onestop import embedded

    settings.DATABASES["default"]["NAME"] = database
    settings.REDIS_URL = redis_url
    settings.COUNT_METRICS = True
    settings.CELERY_BROKER_URL = embedded.broker_url(redis_url)
    settings.CACHES["default"]["LOCATION"] = redis_url
    from onestop.celery import app

    app.worker_main(
        ["worker", "--queues", "timers", "--concurrency", "1", "--loglevel", "WARNING"]
        + ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
