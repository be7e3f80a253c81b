"""What became of each attempt to deliver a message: insert-only, one row per attempt or report."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.models.message import Message

ATTEMPT_ONCE = "delivery_attempt_state_once"


class Delivery(models.Model):
    """One attempt on one channel and how it ended, or what was reported of it afterwards.

    An attempt that was accepted may get a second row when it is reported delivered or bounced;
    nothing is rewritten. `detail` holds the server's words without addresses.
    """

    class State(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("delivery", "Accepted by the server")
        DELIVERED = "delivered", pgettext_lazy("delivery", "Delivered")
        BOUNCED = "bounced", pgettext_lazy("delivery", "Bounced")
        FAILED = "failed", pgettext_lazy("delivery", "Failed, will be tried again")
        REFUSED = "refused", pgettext_lazy("delivery", "Refused for good")
        UNCONFIRMED = "unconfirmed", pgettext_lazy("delivery", "Never confirmed")

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("message")
    )
    channel = models.CharField(_("channel"), max_length=20)
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices)
    at = models.DateTimeField(_("at"))
    detail = models.CharField(_("detail"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["message_id", "attempt", "id"]
        constraints = [
            models.UniqueConstraint(fields=["message", "attempt", "state"], name=ATTEMPT_ONCE),
            models.CheckConstraint(
                name="delivery_state_known",
                condition=Q(
                    state__in=[
                        "accepted",
                        "delivered",
                        "bounced",
                        "failed",
                        "refused",
                        "unconfirmed",
                    ]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.attempt}: {self.state}"
