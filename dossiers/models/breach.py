"""A limit that passed: when, who held it, what the unit said about it, what was judged."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import pgettext_lazy

BREACH_ONCE = "breach_once_per_promise"

# Code, Vietnamese, English; the managed list of Circular 01/2020/TT-VPCP, table II.07.
REASONS = (
    ("late_hand_over", "Chuyển hồ sơ chậm", "Late hand-over"),
    ("late_assignment", "Phân công chậm", "Late assignment"),
    ("overload", "Quá tải hoặc vắng người", "Overload or absence"),
    ("other_agency", "Chờ ý kiến cơ quan khác", "Waiting for another agency's opinion"),
    ("site_inspection", "Kiểm tra thực tế chậm", "Site inspection delayed"),
    ("complex", "Nội dung phức tạp", "Complex content"),
    ("intake_error", "Sai sót khi tiếp nhận", "Error in intake"),
    ("system_fault", "Lỗi hệ thống", "System fault"),
    ("force_majeure", "Bất khả kháng", "Force majeure"),
    ("limit_entered_wrongly", "Nhập sai thời hạn", "Limit entered wrongly"),
    ("other", "Lý do khác", "Other"),
)


class Reason(models.Model):
    """The managed list of reasons for a delay (Circular 01/2020/TT-VPCP, table II.07)."""

    code = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()
    # A reason no longer offered stays readable where it was given.
    is_offered = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


def put_reasons(**_signal: object) -> None:
    """Put in the rows of the managed list that are missing; what an office renamed stays."""
    Reason.objects.bulk_create(
        [
            Reason(code=code, name=name, name_en=name_en, position=position)
            for position, (code, name, name_en) in enumerate(REASONS, start=1)
        ],
        ignore_conflicts=True,
    )


class BreachQuerySet(models.QuerySet["Breach"]):
    def standing(self) -> BreachQuerySet:
        """Not annulled, of dossiers whose receipt stands."""
        return self.filter(annulled_at=None, dossier__voided_at=None)

    def public(self) -> BreachQuerySet:
        """Passed limits of dossiers, each once: what is published. A late step, an opinion or a
        hand-over inside an on-time dossier is the unit's own matter."""
        return self.standing().filter(of=Breach.Of.DOSSIER, promise_number=1)


class Breach(models.Model):
    """One per clock and number of the promise among those not annulled; never deleted."""

    class Of(models.TextChoices):
        DOSSIER = "dossier", pgettext_lazy("breach", "Dossier")
        STEP = "step", pgettext_lazy("breach", "Step")
        INTAKE = "intake", pgettext_lazy("breach", "Reception")
        CONSULTATION = "consultation", pgettext_lazy("breach", "Opinion asked for")
        HAND_OVER = "hand_over", pgettext_lazy("breach", "Hand-over to the counter")
        PART = "part", pgettext_lazy("breach", "An agency's part of the limit")

    class State(models.TextChoices):
        UNEXPLAINED = "unexplained", pgettext_lazy("breach", "Not explained")
        EXPLAINED = "explained", pgettext_lazy("breach", "Explained, to be judged")
        RETURNED = "returned", pgettext_lazy("breach", "Explanation returned")
        ACCEPTED = "accepted", pgettext_lazy("breach", "Explanation accepted")

    dossier = models.ForeignKey(
        "dossiers.Dossier", on_delete=models.PROTECT, related_name="breaches"
    )
    clock = models.ForeignKey(
        "dossiers.ClockRow", on_delete=models.PROTECT, related_name="breaches"
    )
    of = models.CharField(max_length=20, choices=Of.choices)
    promise_number = models.PositiveSmallIntegerField(default=1)
    # What passed: the limit, or for a repeated breach the new appointment.
    limit_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField()
    noticed_at = models.DateTimeField()
    event_n = models.PositiveIntegerField()
    # Whom it counts to, and who held the dossier when the time ran out.
    agency = models.ForeignKey("workflows.Agency", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        "workflows.Unit", null=True, on_delete=models.PROTECT, related_name="+"
    )
    held_by_agency = models.ForeignKey(
        "workflows.Agency", null=True, on_delete=models.PROTECT, related_name="+"
    )
    held_by_unit = models.ForeignKey(
        "workflows.Unit", null=True, on_delete=models.PROTECT, related_name="+"
    )
    step_run = models.ForeignKey(
        "dossiers.StepRun", null=True, on_delete=models.PROTECT, related_name="+"
    )
    officer = models.ForeignKey(
        "workflows.Post", null=True, on_delete=models.PROTECT, related_name="+"
    )
    # Working seconds used per unit before: [{"agency", "unit", "step", "seconds"}].
    attribution = models.JSONField(default=list)
    # The agencies that owe it, as codes: [{"agency", "seconds" used, "over" its share}].
    debts = models.JSONField(default=list)
    # When the lateness ended, and by how much working time in the end.
    ended_at = models.DateTimeField(null=True)
    delay = models.DurationField(null=True)
    owes_explanation = models.BooleanField(default=True)
    owes_apology = models.BooleanField()
    # Until when the letter owed is signed in time; None where none is owed.
    apology_due_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.UNEXPLAINED)
    reason = models.ForeignKey(Reason, null=True, on_delete=models.PROTECT, related_name="+")
    apology = models.ForeignKey(
        "dossiers.Apology", null=True, on_delete=models.PROTECT, related_name="breaches"
    )
    annulled_at = models.DateTimeField(null=True)
    annulled_because = models.CharField(max_length=40, blank=True)

    objects = BreachQuerySet.as_manager()

    class Meta:
        ordering = ["breached_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name=BREACH_ONCE,
                fields=["clock", "promise_number"],
                condition=models.Q(annulled_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "state", "breached_at"], name="breach_of_agency"),
            models.Index(
                fields=["breached_at"],
                name="breach_public",
                condition=models.Q(of="dossier", promise_number=1, annulled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of} {self.dossier_id} {self.breached_at}"

    @property
    def is_repeated(self) -> bool:
        return self.promise_number > 1

    def delay_by(self, at: datetime) -> timedelta:
        """The working time past the limit (a repeated breach: past the new appointment): in the end
        if it has ended, else so far at `at`. Its clock and calendar are read."""
        if self.delay is not None:
            return self.delay
        clock = self.clock
        passed = clock.limit_at if self.promise_number == 1 else clock.promised_at
        since = passed or self.limit_at or self.breached_at
        return max(clock.calendar.working().between(since, self.ended_at or at), timedelta(0))


class Statement(models.Model):
    """One turn of the thread under a breach: an explanation, a question back, an acceptance."""

    class Kind(models.TextChoices):
        EXPLANATION = "explanation", pgettext_lazy("statement", "Explanation")
        RETURN = "return", pgettext_lazy("statement", "Returned with a question")
        ACCEPTANCE = "acceptance", pgettext_lazy("statement", "Accepted")

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="statements")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    reason = models.ForeignKey(Reason, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    post = models.ForeignKey("workflows.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"
