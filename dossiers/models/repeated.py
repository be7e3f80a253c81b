"""Repeated lateness of a unit or an officer in a period: a record for who watches, with cases."""

from __future__ import annotations

from django.db import models

from dossiers.models.scope import WATCHERS
from workflows.actors import Actor

REPEATED_ONCE = "repeated_once_per_period"


class RepeatedQuerySet(models.QuerySet["RepeatedLateness"]):
    def seen_by(self, actor: Actor) -> RepeatedQuerySet:
        """Records of agencies that the actor watches."""
        reach = models.Q(pk__in=[])
        for held in actor.holding(*WATCHERS):
            reach |= models.Q(agency__path__startswith=held.agency_path)
        return self.filter(reach)

    def with_standing(self) -> RepeatedQuerySet:
        """With `standing`, the number of its cases that were not annulled or voided since; records
        that are left with none are left out."""
        stands = models.Q(breaches__annulled_at=None, breaches__dossier__voided_at=None)
        return self.annotate(standing=models.Count("breaches", filter=stands)).filter(
            standing__gt=0
        )

    def open(self) -> RepeatedQuerySet:
        """Nobody has noted yet what was done."""
        return self.filter(noted_at=None)


class RepeatedLateness(models.Model):
    """Raised once for a unit, or an officer, and a period; whoever watches notes what was done."""

    agency = models.ForeignKey("workflows.Agency", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        "workflows.Unit", null=True, on_delete=models.PROTECT, related_name="+"
    )
    # None: it is the unit's own record.
    officer = models.ForeignKey(
        "workflows.Post", null=True, on_delete=models.PROTECT, related_name="+"
    )
    # The first of its limits passed at `since`; what passes before `until` joins it.
    since = models.DateTimeField()
    until = models.DateTimeField()
    raised_at = models.DateTimeField()
    breaches = models.ManyToManyField(
        "dossiers.Breach", through="dossiers.RepeatedCase", related_name="+"
    )
    noted_at = models.DateTimeField(null=True)
    noted_by = models.ForeignKey(
        "workflows.Post", null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.TextField(blank=True)

    objects = RepeatedQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name=REPEATED_ONCE,
                fields=["agency", "unit", "officer", "since"],
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["agency", "noted_at"], name="repeated_of_agency")]

    def __str__(self) -> str:
        return f"{self.agency_id}/{self.unit_id}/{self.officer_id} {self.since}"


class RepeatedCase(models.Model):
    """One of the breaches that a record is about; each at most once a record."""

    record = models.ForeignKey(RepeatedLateness, on_delete=models.PROTECT, related_name="cases")
    breach = models.ForeignKey("dossiers.Breach", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="repeated_case_once", fields=["record", "breach"])
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.breach_id}"
