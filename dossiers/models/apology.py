"""The written apology (thư xin lỗi), its own small machine, with one new appointment."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class Apology(models.Model):
    """Drafted by the unit, signed by the agency head, sent; made only when it arrived or every
    channel was tried (61/2018/NĐ-CP art. 19.9)."""

    class State(models.TextChoices):
        DRAFTED = "drafted", pgettext_lazy("apology", "Drafted, to be signed")
        RETURNED = "returned", pgettext_lazy("apology", "Draft returned")
        SIGNED = "signed", pgettext_lazy("apology", "Signed and sent")
        DELIVERED = "delivered", pgettext_lazy("apology", "Arrived")
        UNDELIVERABLE = "undeliverable", pgettext_lazy("apology", "Could not be delivered")
        ANNULLED = "annulled", pgettext_lazy("apology", "Annulled")

    class Closing(models.TextChoices):
        """What the letter ends with: a new day, the word to come and collect, or neither."""

        APPOINTMENT = "appointment", pgettext_lazy("apology", "A new appointment")
        READY = "ready", pgettext_lazy("apology", "The result is ready")
        RETURNED = "returned", pgettext_lazy("apology", "The result was returned")
        ENDED = "ended", pgettext_lazy("apology", "The dossier ended without a result")

    class Handed(models.TextChoices):
        """How the counter dealt with a letter that could not be delivered."""

        IN_PERSON = "in_person", pgettext_lazy("apology", "Handed over in person")
        BY_PHONE = "by_phone", pgettext_lazy("apology", "Read out by telephone")
        BY_POST = "by_post", pgettext_lazy("apology", "Sent by post")
        KEPT = "kept", pgettext_lazy("apology", "Nobody reached: kept at the counter")

    dossier = models.ForeignKey(
        "dossiers.Dossier", on_delete=models.PROTECT, related_name="apologies"
    )
    number = models.CharField(max_length=60, blank=True)
    promise_number = models.PositiveSmallIntegerField(default=1)
    foreseen = models.BooleanField()
    state = models.CharField(max_length=20, choices=State.choices)
    reason = models.ForeignKey("dossiers.Reason", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    # None unless the letter closes with an appointment.
    new_promise_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=20, choices=Closing.choices, default=Closing.APPOINTMENT)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey("workflows.Post", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(
        "workflows.Post", null=True, on_delete=models.PROTECT, related_name="+"
    )
    returned_because = models.TextField(blank=True)
    # The moment it arrived, or had been tried on every channel.
    settled_at = models.DateTimeField(null=True)
    # One that could not be delivered is the counter's work until somebody has seen to it.
    handed_at = models.DateTimeField(null=True)
    handed_how = models.CharField(max_length=20, choices=Handed.choices, blank=True)
    handed_by = models.ForeignKey(
        "workflows.Post", null=True, on_delete=models.PROTECT, related_name="+"
    )
    annulled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="apology_once_per_promise",
                fields=["dossier", "promise_number"],
                condition=~models.Q(state="annulled"),
            ),
            models.CheckConstraint(
                name="apology_signed_has_signer",
                condition=models.Q(signed_at=None) | models.Q(signed_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["dossier"],
                name="apology_to_hand_over",
                condition=models.Q(state="undeliverable", handed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"draft {self.pk}"

    @property
    def waits_for_counter(self) -> bool:
        """Whether it could not be delivered and nobody has seen to it yet: `TO_HAND_OVER`."""
        return self.state == self.State.UNDELIVERABLE and self.handed_at is None


TO_HAND_OVER = models.Q(state=Apology.State.UNDELIVERABLE, handed_at=None)
"""Letters that could not be delivered and wait for the counter."""


class LetterCounter(models.Model):
    """The last number of an agency's letters in a year; locked as the last write of signing."""

    agency = models.ForeignKey("workflows.Agency", on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="letter_counter_once", fields=["agency", "year"])
        ]

    def __str__(self) -> str:
        return f"{self.agency_id}/{self.year}: {self.last}"
