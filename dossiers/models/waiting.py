"""What a dossier waits for beside papers: money that the law asks for, another unit's opinion."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class FeeDemand(models.Model):
    """A financial obligation that must be met before the work goes on (national status 6)."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("fee", "Waiting to be paid")
        PAID = "paid", pgettext_lazy("fee", "Paid")
        LAPSED = "lapsed", pgettext_lazy("fee", "Lapsed")
        CLOSED = "closed", pgettext_lazy("fee", "Closed with the dossier")
        UNDONE = "undone", pgettext_lazy("fee", "Taken back")

    dossier = models.ForeignKey(
        "dossiers.Dossier", on_delete=models.CASCADE, related_name="fee_demands"
    )
    # The applicant's own term, where the edition names one.
    clock = models.OneToOneField(
        "dossiers.ClockRow", null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=20, choices=State.choices)
    back_to = models.CharField(max_length=40)
    amount = models.PositiveBigIntegerField()
    legal_ground = models.CharField(max_length=300)
    demanded_at = models.DateTimeField()
    demanded_by = models.ForeignKey("workflows.Post", on_delete=models.PROTECT, related_name="+")
    event_n = models.PositiveIntegerField()
    paid_at = models.DateTimeField(null=True)
    # The number of the slip or of the transfer; no name of a person.
    receipt_no = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="fee_demand_open_once",
                fields=["dossier"],
                condition=models.Q(state="open"),
            ),
            models.CheckConstraint(
                name="fee_demand_amount_positive", condition=models.Q(amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.amount}"


class Consultation(models.Model):
    """An opinion asked of another unit or agency, with a clock of its own on the asked unit.

    It stops the dossier's clock only where the procedure's law says so (`legal_ground`).
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("consultation", "Waiting for the opinion")
        GIVEN = "given", pgettext_lazy("consultation", "Opinion given")
        FORGONE = "forgone", pgettext_lazy("consultation", "No longer waited for")
        CLOSED = "closed", pgettext_lazy("consultation", "Closed with the dossier")
        UNDONE = "undone", pgettext_lazy("consultation", "Taken back")

    dossier = models.ForeignKey(
        "dossiers.Dossier", on_delete=models.CASCADE, related_name="consultations"
    )
    clock = models.OneToOneField(
        "dossiers.ClockRow", on_delete=models.PROTECT, related_name="consultation"
    )
    state = models.CharField(max_length=20, choices=State.choices)
    agency = models.ForeignKey("workflows.Agency", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("workflows.Unit", on_delete=models.PROTECT, related_name="+")
    stops_clock = models.BooleanField(default=False)
    legal_ground = models.CharField(max_length=300, blank=True)
    question = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("workflows.Post", on_delete=models.PROTECT, related_name="+")
    event_n = models.PositiveIntegerField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        "workflows.Post", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="consultation_open_once_per_unit",
                fields=["dossier", "unit"],
                condition=models.Q(state="open"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency", "unit"],
                name="consultation_desk",
                condition=models.Q(state="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.unit_id} {self.state}"
