"""The Celery application. Queues by kind of work; tasks live in each package's `tasks.py`."""

import gc
import os
import warnings

from celery import Celery, signals
from celery.exceptions import SecurityWarning

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onestop.settings")

# It warns root of pickled messages; we take JSON only, and a container has often no other user.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("onestop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.worker_process_init.connect
def keep_what_is_loaded(**_: object) -> None:
    """Let the collector pass by the program itself: a sweep makes many rows, and each collection
    would walk through everything that was ever imported (a tenth of a sweep's time)."""
    gc.freeze()
