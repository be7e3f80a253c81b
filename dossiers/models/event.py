"""The append-only, chained record of every change. A row trigger refuses UPDATE and DELETE.

Events hold ids, codes and moments, never names, numbers or free text of persons.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class EventKind(models.TextChoices):
    """What can happen to a dossier; sentences are rendered from kind and facts."""

    SUBMITTED = "submitted", pgettext_lazy("event", "Submitted")
    RECEIVED = "received", pgettext_lazy("event", "Received")
    ARRIVED = "arrived", pgettext_lazy("event", "At the competent agency")
    NOT_ACCEPTED = "not_accepted", pgettext_lazy("event", "Not accepted")
    PROCESSING = "processing", pgettext_lazy("event", "Processing begun")
    CLAIMED = "claimed", pgettext_lazy("event", "Taken up")
    RELEASED = "released", pgettext_lazy("event", "Put back")
    ASSIGNED = "assigned", pgettext_lazy("event", "Assigned")
    ADVANCED = "advanced", pgettext_lazy("event", "Step finished")
    SUPPLEMENT_REQUESTED = "supplement_requested", pgettext_lazy("event", "Supplement requested")
    SUPPLIED = "supplied", pgettext_lazy("event", "Supplement handed in")
    PAYMENT_REQUESTED = "payment_requested", pgettext_lazy("event", "Payment requested")
    PAID = "paid", pgettext_lazy("event", "Payment confirmed")
    CONSULTED = "consulted", pgettext_lazy("event", "Opinion asked for")
    OPINION_GIVEN = "opinion_given", pgettext_lazy("event", "Opinion given")
    OPINION_FORGONE = "opinion_forgone", pgettext_lazy("event", "Opinion no longer waited for")
    WITHDRAWN = "withdrawn", pgettext_lazy("event", "Withdrawn")
    DISCONTINUED = "discontinued", pgettext_lazy("event", "Discontinued")
    CONCLUDED = "concluded", pgettext_lazy("event", "Result at the counter")
    RETURNED = "returned", pgettext_lazy("event", "Result returned")
    REOPENED = "reopened", pgettext_lazy("event", "Reopened")
    MOVED = "moved", pgettext_lazy("event", "Moved to another unit")
    MOVED_TO_VERSION = (
        "moved_to_version",
        pgettext_lazy("event", "Moved to another version of the workflow"),
    )
    VOIDED = "voided", pgettext_lazy("event", "Receipt voided")
    BREACHED = "breached", pgettext_lazy("event", "Limit passed")
    BREACH_ANNULLED = "breach_annulled", pgettext_lazy("event", "Breach annulled")
    EXPLAINED = "explained", pgettext_lazy("event", "Delay explained")
    EXPLANATION_ACCEPTED = "explanation_accepted", pgettext_lazy("event", "Explanation accepted")
    EXPLANATION_RETURNED = "explanation_returned", pgettext_lazy("event", "Explanation returned")
    APOLOGY_DRAFTED = "apology_drafted", pgettext_lazy("event", "Apology drafted")
    APOLOGY_RETURNED = "apology_returned", pgettext_lazy("event", "Apology draft returned")
    APOLOGY_SIGNED = "apology_signed", pgettext_lazy("event", "Apology signed")
    APOLOGY_ARRIVED = "apology_arrived", pgettext_lazy("event", "Apology arrived")
    APOLOGY_TRIED = "apology_tried", pgettext_lazy("event", "Apology could not be delivered")
    APOLOGY_HANDED = "apology_handed", pgettext_lazy("event", "Apology seen to by the counter")
    APOLOGY_ANNULLED = "apology_annulled", pgettext_lazy("event", "Apology annulled")
    RESCHEDULED = "rescheduled", pgettext_lazy("event", "New appointment")
    SUPPLEMENT_LAPSED = "supplement_lapsed", pgettext_lazy("event", "Supplement not handed in")
    PAYMENT_LAPSED = "payment_lapsed", pgettext_lazy("event", "Payment not made")
    RECALENDARED = "recalendared", pgettext_lazy("event", "Working calendar amended")
    UNDONE = "undone", pgettext_lazy("event", "Taken back")
    IMPORTED = "imported", pgettext_lazy("event", "Step of an imported history")


# What time alone causes; a late entry may come before these, never before an act of a person.
CAUSED_BY_TIME = (EventKind.BREACHED, EventKind.SUPPLEMENT_LAPSED, EventKind.PAYMENT_LAPSED)


class Event(models.Model):
    """One change of one dossier: two moments, who, what, from, to, and the chain."""

    dossier = models.ForeignKey("dossiers.Dossier", on_delete=models.PROTECT, related_name="events")
    n = models.PositiveIntegerField()
    kind = models.CharField(max_length=40, choices=EventKind.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    from_status = models.CharField(max_length=40, blank=True)
    to_status = models.CharField(max_length=40, blank=True)
    post = models.ForeignKey(
        "workflows.Post", null=True, on_delete=models.PROTECT, related_name="+"
    )
    on_behalf_of = models.ForeignKey(
        "workflows.Post", null=True, on_delete=models.PROTECT, related_name="+"
    )
    by_applicant = models.BooleanField(default=False)
    late_entry = models.BooleanField(default=False)
    undoes = models.PositiveIntegerField(null=True)
    facts = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["dossier_id", "n"]
        constraints = [
            models.UniqueConstraint(name="event_number", fields=["dossier", "n"]),
            models.CheckConstraint(
                name="event_not_in_the_future", condition=models.Q(at__lte=models.F("recorded_at"))
            ),
        ]
        indexes = [models.Index(fields=["at"], name="event_at")]

    def __str__(self) -> str:
        return f"{self.dossier_id}#{self.n} {self.kind}"


class Note(models.Model):
    """Free text that belongs to an event; kept apart, so that it can be anonymised."""

    dossier = models.ForeignKey("dossiers.Dossier", on_delete=models.CASCADE, related_name="notes")
    event_n = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(name="note_of_event", fields=["dossier", "event_n"])]

    def __str__(self) -> str:
        return self.text[:80]
