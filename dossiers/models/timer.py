"""The next things that time alone will cause, one narrow row each."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class TimerKind(models.TextChoices):
    DUE_SOON = "due_soon", pgettext_lazy("timer", "Due soon")
    DUE_TODAY = "due_today", pgettext_lazy("timer", "Due today")
    BREACH = "breach", pgettext_lazy("timer", "Limit passes")
    REPEATED_BREACH = "repeated_breach", pgettext_lazy("timer", "New appointment passes")
    UNEXPLAINED = "unexplained", pgettext_lazy("timer", "Breach unexplained")
    APOLOGY_OVERDUE = "apology_overdue", pgettext_lazy("timer", "Apology overdue")
    SUPPLEMENT_LAPSE = "supplement_lapse", pgettext_lazy("timer", "Supplement lapses")
    PAYMENT_LAPSE = "payment_lapse", pgettext_lazy("timer", "Payment lapses")
    UNCOLLECTED = "uncollected", pgettext_lazy("timer", "Result not collected")


class Timer(models.Model):
    """Fires once, at `fires_at`, for its clock; gone when it has fired."""

    clock = models.ForeignKey("dossiers.ClockRow", on_delete=models.CASCADE, related_name="timers")
    dossier = models.ForeignKey("dossiers.Dossier", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=TimerKind.choices)
    fires_at = models.DateTimeField()
    set_aside_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="timer_once", fields=["clock", "kind"])]
        indexes = [
            models.Index(
                fields=["fires_at", "id"],
                name="timer_due",
                condition=models.Q(set_aside_at=None),
            ),
            models.Index(fields=["dossier", "fires_at"], name="timer_of_dossier"),
            models.Index(
                fields=["set_aside_at", "id"],
                name="timer_set_aside",
                condition=~models.Q(set_aside_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.fires_at}"
