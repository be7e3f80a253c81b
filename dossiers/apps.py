"""The dossiers application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DossiersConfig(AppConfig):
    """Registers `dossiers`."""

    name = "dossiers"
    label = "dossiers"
    verbose_name = _("Dossiers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Enter every command, declare the messages, and how the apology's letter is made.

        Imported here, not above: models may be read only when every application is loaded.
        """
        from dossiers import topics
        from dossiers.documents import letter
        from dossiers.lifecycle import (
            apology,
            arrival,
            breach,
            consultation,
            delivering,
            ending,
            fee,
            intake,
            moving,
            progress,
            recalendar,
            registry,
            repeating,
            signing,
            submission,
            supplement,
            undo,
            versions,
        )
        from dossiers.models.breach import put_reasons
        from dossiers.reading import reminders

        registry.entered(
            arrival, apology, breach, ending, intake, progress, signing, submission, supplement
        )
        registry.entered(consultation, fee, moving, recalendar, repeating, undo, versions)
        topics.declare()
        topics.declare_reminders(still_true=reminders.still_true)
        topics.declare_apology(attachment=letter.letter, settled=delivering.hand_over_settled)
        post_migrate.connect(put_reasons, sender=self)
