"""The legal clock as columns, the values its limit and promise took, and its stops."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

KEPT_CALENDAR = "kept_calendar"
"""The fact that names the calendar by which a moved dossier goes on being counted: its promised day
stays, whatever hours the agency keeps that answers now."""


class ClockKind(models.TextChoices):
    DOSSIER = "dossier", pgettext_lazy("clock", "Dossier")
    STEP = "step", pgettext_lazy("clock", "Step")
    INTAKE = "intake", pgettext_lazy("clock", "Wait to be received")
    SUPPLEMENT = "supplement", pgettext_lazy("clock", "Supplement")
    PAYMENT = "payment", pgettext_lazy("clock", "Payment")
    CONSULTATION = "consultation", pgettext_lazy("clock", "Opinion asked for")
    HAND_OVER = "hand_over", pgettext_lazy("clock", "Hand-over to the counter")
    UNCOLLECTED = "uncollected", pgettext_lazy("clock", "Result to be collected")
    PART = "part", pgettext_lazy("clock", "An agency's part of the limit")


class Ground(models.TextChoices):
    """The only grounds that stop a clock (61/2018/NĐ-CP art. 19; domain: how time is counted)."""

    SUPPLEMENT = "supplement", pgettext_lazy("ground", "Waiting for a supplement")
    PAYMENT = "payment", pgettext_lazy("ground", "Waiting for payment")
    CONSULTATION = "consultation", pgettext_lazy("ground", "Consultation by law")


class ClockRow(models.Model):
    """Columns of `dossiers.clock.Clock`; its owner is the dossier, or one of its steps."""

    dossier = models.ForeignKey("dossiers.Dossier", on_delete=models.CASCADE, related_name="clocks")
    step_run = models.OneToOneField(
        "dossiers.StepRun", null=True, on_delete=models.CASCADE, related_name="clock"
    )
    # Whose part of a limit split by agency it counts; of no other clock.
    agency = models.ForeignKey(
        "workflows.Agency", null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=20, choices=ClockKind.choices)
    calendar = models.ForeignKey("workflows.Calendar", on_delete=models.PROTECT, related_name="+")

    state = models.CharField(max_length=20)
    started_at = models.DateTimeField(null=True)
    limit = models.JSONField(null=True)
    anchor_at = models.DateTimeField(null=True)
    anchor_budget = models.DurationField(null=True)
    given_limit_at = models.DateTimeField(null=True)
    # Ended stops since the anchor, as [[from, to], …], for a recount; grounds are in `Stop`.
    stops = models.JSONField(default=list, db_column="ended_stops")
    # Those before the anchor: a restart left them behind; the index subtracts them.
    earlier_stops = models.JSONField(default=list)
    limit_at = models.DateTimeField(null=True)
    limit_set_at = models.DateTimeField(null=True)
    promised_at = models.DateTimeField(null=True)
    promise_number = models.PositiveSmallIntegerField(default=1)
    promise_gap = models.DurationField(null=True)
    stopped_at = models.DateTimeField(null=True)
    grounds = models.JSONField(default=list)
    remaining = models.DurationField(null=True)
    finished_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=20, blank=True)
    margin = models.DurationField(null=True)
    # Working time from start to end without any stop, restarted or not: the index needs it.
    used = models.DurationField(null=True)
    # Numbers of the promise whose passing has been recorded: a breach is there once.
    breached = models.JSONField(default=list)
    # The revision of the calendar that the limit was last counted by; behind it, a recount is due.
    counted_by = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="clock_of_dossier_once",
                fields=["dossier", "kind"],
                condition=models.Q(kind__in=["dossier", "intake"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["dossier"],
                name="clock_unfinished",
                condition=~models.Q(state="finished"),
            ),
            models.Index(
                fields=["calendar"],
                name="clock_by_calendar",
                condition=~models.Q(state="finished"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dossier_id}"


class LimitValue(models.Model):
    """Every value a clock's limit and promise took, from `at` on, with cause and event."""

    clock = models.ForeignKey(ClockRow, on_delete=models.CASCADE, related_name="values")
    at = models.DateTimeField()
    limit_at = models.DateTimeField(null=True)
    promised_at = models.DateTimeField(null=True)
    promise_number = models.PositiveSmallIntegerField(default=1)
    cause = models.CharField(max_length=40)
    event_n = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.at}: {self.limit_at}"


class Stop(models.Model):
    """One stretch during which a ground stopped a clock."""

    clock = models.ForeignKey(ClockRow, on_delete=models.CASCADE, related_name="stop_rows")
    ground = models.CharField(max_length=20, choices=Ground.choices)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)
    event_n = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="stop_open_once_per_ground",
                fields=["clock", "ground"],
                condition=models.Q(to_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ground} {self.from_at}–{self.to_at}"
