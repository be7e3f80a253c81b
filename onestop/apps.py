"""The project's own application: its commands, and the Celery application as everyone's default."""

from django.apps import AppConfig
from django.conf import settings

from onestop.celery import app


class OneStopConfig(AppConfig):
    """Registers `onestop`. A task sent by name from a page needs the application to be known."""

    name = "onestop"
    label = "onestop"
    celery = app

    def ready(self) -> None:
        """Have commands and timers counted. Imported here: models are not loaded before."""
        from onestop import metrics

        if settings.COUNT_METRICS:
            metrics.begin()
