"""The Celery application. Queues by kind of work; tasks live in each package's `tasks.py`."""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onestop.settings")

# It warns root of pickled messages; we take JSON only, and a container has often no other user.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("onestop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
