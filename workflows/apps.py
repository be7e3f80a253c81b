"""The workflows application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class WorkflowsConfig(AppConfig):
    """Registers `workflows`."""

    name = "workflows"
    label = "workflows"
    verbose_name = _("Workflows")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the built-in channels put in after every migration (and flush)."""
        post_migrate.connect(_put_channels, sender=self)


def _put_channels(**_signal: object) -> None:
    from workflows.catalogue.channels import ensure_channels

    ensure_channels()
