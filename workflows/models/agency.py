"""Agencies and their units: who exists, from when to when, and who followed whom.

An agency that ended is never rewritten: it gets a last day, the number of the decision and its
successors. The tree is kept twice, as `parent` and as `path`, so that "this agency and all below
it" is one indexed prefix search.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _


class AgencyKind(models.TextChoices):
    CITY = "city", _("City")
    DEPARTMENT = "department", _("Department")
    COMMUNE = "commune", _("Commune or ward")
    CENTRE = "centre", _("Public Administration Service Centre")
    BRANCH = "branch", _("Branch of the Service Centre")
    OTHER = "other", _("Other agency")


class AgencyQuerySet(models.QuerySet["Agency"]):
    def valid_on(self, on: date) -> AgencyQuerySet:
        """Agencies that exist on the day `on`."""
        return self.filter(valid_from__lte=on).filter(
            models.Q(valid_to=None) | models.Q(valid_to__gte=on)
        )

    def at_or_below(self, agency: Agency) -> AgencyQuerySet:
        """`agency` itself and everything under it in the tree."""
        return self.filter(path__startswith=agency.path)


class Agency(models.Model):
    """A public authority with an identification code (Decision 20/2020/QĐ-TTg)."""

    code = models.CharField(max_length=40, unique=True)
    code_as_given = models.CharField(max_length=40, blank=True)
    code_is_demo = models.BooleanField(default=False)
    name = models.CharField(max_length=250)
    short_name = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=20, choices=AgencyKind.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=400, unique=True, editable=False)
    calendar = models.ForeignKey(
        "workflows.Calendar", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    decision_no = models.CharField(max_length=120, blank=True)
    end_decision_no = models.CharField(max_length=120, blank=True)
    sort_key = models.CharField(max_length=400, editable=False)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key"]
        constraints = [
            models.CheckConstraint(
                name="agency_ends_after_it_begins",
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
            ),
        ]
        indexes = [
            models.Index(fields=["path"], name="agency_path", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.name

    def is_under(self, other_path: str) -> bool:
        """Whether this agency is the one at `other_path` or lies below it."""
        return self.path.startswith(other_path)


class Unit(models.Model):
    """A part of an agency that holds work: a division, a one-stop counter, the archive."""

    class Kind(models.TextChoices):
        COUNTER = "counter", _("One-stop counter")
        DIVISION = "division", _("Division")
        OFFICE = "office", _("Office and archive")
        LEADERSHIP = "leadership", _("Leadership")

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="units")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=250)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    decision_no = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="unit_ends_after_it_begins",
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


RUNS_THE_COUNTER = (Unit.Kind.COUNTER, Unit.Kind.OFFICE)
"""The units that run an agency's one-stop counter: the counter itself, else its office."""


class Succession(models.Model):
    """Agency (or unit) A ended or changed and B took over its work, by a numbered decision."""

    predecessor = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="inheritances")
    predecessor_unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="successions"
    )
    successor_unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="inheritances"
    )
    on = models.DateField()
    decision_no = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="succession_once",
                fields=["predecessor", "successor", "predecessor_unit", "successor_unit"],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"
