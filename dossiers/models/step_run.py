"""A step under way or done: which unit and officer held the dossier, from when to when."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from workflows.models import Role


class StepRunQuerySet(models.QuerySet["StepRun"]):
    def standing(self) -> StepRunQuerySet:
        """Passages that were not taken back."""
        return self.exclude(state="undone")


class StepRun(models.Model):
    """One passage through one step of the definition; a return makes a new passage."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("step", "Waiting to be taken")
        WORKING = "working", pgettext_lazy("step", "Under way")
        DONE = "done", pgettext_lazy("step", "Done")
        CANCELLED = "cancelled", pgettext_lazy("step", "Cancelled")
        UNDONE = "undone", pgettext_lazy("step", "Taken back")

    dossier = models.ForeignKey(
        "dossiers.Dossier", on_delete=models.CASCADE, related_name="step_runs"
    )
    ordinal = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    agency = models.ForeignKey("workflows.Agency", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        "workflows.Unit", null=True, on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    officer = models.ForeignKey(
        "workflows.Post", null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=20, choices=State.choices)
    opened_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=60, blank=True)
    is_return = models.BooleanField(default=False)

    objects = StepRunQuerySet.as_manager()

    class Meta:
        ordering = ["ordinal"]
        constraints = [
            models.UniqueConstraint(name="step_run_ordinal", fields=["dossier", "ordinal"]),
            models.CheckConstraint(
                name="step_run_ends_in_order",
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("opened_at")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency", "role", "unit"],
                name="step_run_desk",
                condition=models.Q(state__in=["waiting", "working"]),
            ),
            models.Index(
                fields=["officer"],
                name="step_run_officer",
                condition=models.Q(state__in=["waiting", "working"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}/{self.ordinal} {self.key}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.WORKING)
