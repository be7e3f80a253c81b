"""E-mail that was printed instead of sent: what the mailbox page of a trial shows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

MESSAGE_ID_ONCE = "printed_mail_message_id_once"


class PrintedMail(models.Model):
    """One e-mail as it would have left; `raw` is the whole of it where it carries files."""

    message_id = models.CharField(_("message id"), max_length=200)
    recipient = models.CharField(_("recipient"), max_length=320)
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"))
    at = models.DateTimeField(_("at"))
    raw = models.BinaryField(_("whole e-mail"))

    class Meta:
        verbose_name = _("printed e-mail")
        verbose_name_plural = _("printed e-mails")
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["message_id"], name=MESSAGE_ID_ONCE)]
        indexes = [
            models.Index(fields=["-at", "-id"], name="printed_mail_newest"),
            models.Index(fields=["recipient"], name="printed_mail_recipient"),
        ]

    def __str__(self) -> str:
        return self.subject
