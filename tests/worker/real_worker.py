"""A real Celery worker, or beat, on the test's own database and broker number.

`main` is told what to be: a `worker` for the queue of timers; one with a `small` batch, so that a
sweep has many moments between two batches, which folds figures too; or `beat`, which knocks each
second.
"""

from __future__ import annotations

import sys
from functools import partial

from django.conf import settings

SMALL_BATCH = 3
WORKER = ["worker", "--concurrency", "1", "--loglevel", "WARNING"]
WORKER += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
BEAT = ["beat", "--scheduler", "celery.beat:Scheduler", "--pidfile=", "--loglevel", "WARNING"]


def main(database: str, redis_url: str, what: str = "worker") -> None:
    from onestop import embedded

    settings.DATABASES["default"]["NAME"] = database
    settings.REDIS_URL = redis_url
    settings.COUNT_METRICS = True
    settings.CELERY_BROKER_URL = embedded.broker_url(redis_url)
    settings.CACHES["default"]["LOCATION"] = redis_url
    from onestop.celery import app

    if what == "beat":
        for entry in settings.CELERY_BEAT_SCHEDULE.values():
            entry["schedule"] = 1.0
        app.start(BEAT)
        return
    if what == "small":
        app.on_after_finalize.connect(_take_small_batches, weak=False)
    app.worker_main([*WORKER, "--queues", "timers" if what == "worker" else "timers,figures"])


def _take_small_batches(**_: object) -> None:
    from dossiers import tasks

    tasks.fire_due = partial(tasks.fire_due, batch=SMALL_BATCH)


if __name__ == "__main__":
    main(*sys.argv[1:])
