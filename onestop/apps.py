"""The project's own application: its commands, and the Celery application as everyone's default."""

from django.apps import AppConfig

from onestop.celery import app


class OneStopConfig(AppConfig):
    """Registers `onestop`. A task sent by name from a page needs the application to be known."""

    name = "onestop"
    label = "onestop"
    celery = app
