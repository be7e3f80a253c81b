"""A message: one thing told to one recipient, until it arrived, was taken back or could not be.

The row is the truth of the outbox; the broker is only a doorbell.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.recipients import Recipient

KEY_ONCE = "message_key_once"


class MessageQuerySet(models.QuerySet["Message"]):
    """Questions about many messages."""

    def undelivered(self) -> MessageQuerySet:
        """Those that no channel could deliver: work for a person (a call, a letter)."""
        return self.filter(state=Message.State.UNDELIVERABLE)

    def parked(self) -> MessageQuerySet:
        """Those set aside after failing again and again: work for the operator."""
        return self.filter(state=Message.State.PARKED)

    def waiting(self, at: datetime) -> MessageQuerySet:
        """Those that should have left by `at` and have not."""
        return self.filter(state=Message.State.QUEUED, due_at__lte=at)


class Message(models.Model):
    """One thing told to one recipient.

    Moments: `created_at` is when the act happened that it tells of, `not_before` the earliest
    moment it may be sent (its place in the stream), `due_at` when it is next looked at (later than
    `not_before` after a failure; for a sent one, when silence is taken for an answer), `settled_at`
    when it ended. `attempts` numbers the deliveries, `tries` counts those on the present `channel`.
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("message", "Waiting to be sent")
        SENT = "sent", pgettext_lazy("message", "Sent, not yet confirmed")
        DELIVERED = "delivered", pgettext_lazy("message", "Delivered")
        UNDELIVERABLE = "undeliverable", pgettext_lazy("message", "Could not be delivered")
        WITHDRAWN = "withdrawn", pgettext_lazy("message", "Taken back")
        PARKED = "parked", pgettext_lazy("message", "Set aside after repeated failures")

    class Reason(models.TextChoices):
        NONE = "", ""
        NO_ADDRESS = "no_address", pgettext_lazy("message", "No address to send it to")
        REFUSED = "refused", pgettext_lazy("message", "Refused on every channel")
        FAILING = "failing", pgettext_lazy("message", "Failed again and again")

    key = models.CharField(_("key"), max_length=200)
    topic = models.CharField(_("topic"), max_length=80)
    stream = models.CharField(_("stream"), max_length=120)
    recipient = models.JSONField(_("recipient"))
    context = models.JSONField(_("context"))
    created_at = models.DateTimeField(_("posted at"))
    not_before = models.DateTimeField(_("not before"))
    due_at = models.DateTimeField(_("due at"))
    # The rest belongs to the sending; the database fills it in: posting stays a short statement.
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, db_default=State.QUEUED
    )
    reason = models.CharField(
        _("reason"), max_length=16, choices=Reason.choices, blank=True, db_default=""
    )
    channel = models.CharField(_("channel"), max_length=20, blank=True, db_default="")
    attempts = models.PositiveSmallIntegerField(_("attempts"), db_default=0)
    tries = models.PositiveSmallIntegerField(_("tries on this channel"), db_default=0)
    claim = models.UUIDField(_("claimed by"), null=True, blank=True)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    owner_untold = models.BooleanField(_("its owner has yet to be told"), db_default=False)
    emptied_at = models.DateTimeField(_("contents forgotten at"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["key"], name=KEY_ONCE),
            models.CheckConstraint(
                name="message_state_known",
                condition=Q(
                    state__in=[
                        "queued",
                        "sent",
                        "delivered",
                        "undeliverable",
                        "withdrawn",
                        "parked",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="message_settled_when_ended",
                condition=Q(
                    state__in=["queued", "sent", "parked"],
                    settled_at__isnull=True,
                )
                | Q(
                    state__in=["delivered", "undeliverable", "withdrawn"],
                    settled_at__isnull=False,
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="message_due",
                condition=Q(state__in=["queued", "sent"]),
            ),
            models.Index(
                fields=["stream", "not_before", "id"],
                name="message_stream_queue",
                condition=Q(state="queued"),
            ),
            models.Index(
                fields=["state", "created_at"],
                name="message_work",
                condition=Q(state__in=["undeliverable", "parked"]),
            ),
            models.Index(
                fields=["settled_at"],
                name="message_to_forget",
                condition=Q(state__in=["delivered", "withdrawn"], emptied_at__isnull=True),
            ),
            models.Index(
                fields=["due_at"], name="message_owner_untold", condition=Q(owner_untold=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"

    @property
    def addressee(self) -> Recipient:
        """Whom it is for, as the value it was posted with."""
        stored: dict[str, Any] = self.recipient
        return Recipient.from_json(stored)
