"""The notifications application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Registers `notifications` and its channels."""

    name = "notifications"
    label = "notifications"
    verbose_name = _("Notifications")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Install the channels."""
        from notifications.channels import channel, email, inapp

        channel.register(email.EmailChannel())
        channel.register(inapp.InAppChannel())
