"""A notice left in the account of someone who works here: the letter box of the channel inapp."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.models.message import Message

NOTICE_ONCE = "notice_once_per_message"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about many notices."""

    def of(self, user_id: int) -> NoticeQuerySet:
        """The notices of one account, newest first."""
        return self.filter(user_id=user_id).order_by("-at", "-id")

    def unread(self) -> NoticeQuerySet:
        """Those not yet marked as read."""
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """A message as it was worded for one account, and whether it has been read."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notices",
        verbose_name=_("account"),
    )
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="+", verbose_name=_("message")
    )
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"))
    at = models.DateTimeField(_("at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [models.UniqueConstraint(fields=["message"], name=NOTICE_ONCE)]
        indexes = [
            models.Index(
                fields=["user", "-at"], name="notice_unread", condition=Q(read_at__isnull=True)
            ),
            models.Index(fields=["user", "-at"], name="notice_by_account"),
        ]

    def __str__(self) -> str:
        return self.subject
