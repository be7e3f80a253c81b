"""Workflow definitions as versioned data: a published version never changes."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows import graph, parsing
from workflows.models.procedure import Procedure


class Definition(models.Model):
    """One version of how a procedure is carried through the units (quy trình nội bộ)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CHECKED = "checked", _("Checked")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    # Empty only while a draft from a file waits to be attached to its procedure.
    procedure = models.ForeignKey(
        Procedure, on_delete=models.PROTECT, related_name="definitions", null=True, blank=True
    )
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    body = models.JSONField()
    source = models.CharField(max_length=500, blank=True)
    origin = models.CharField(max_length=200, blank=True)  # its name in the file it came from
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["procedure_id", "-version"]
        constraints = [
            models.UniqueConstraint(name="definition_version", fields=["procedure", "version"]),
            models.UniqueConstraint(
                name="definition_published_once",
                fields=["procedure"],
                condition=models.Q(state="published"),
            ),
            models.CheckConstraint(
                name="definition_in_force_is_attached",
                condition=models.Q(procedure__isnull=False)
                | models.Q(state__in=["draft", "checked"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure} v{self.version}"

    def graph(self) -> graph.Definition:
        """The parsed definition (cached: a published body never changes)."""
        if self.state in (self.State.PUBLISHED, self.State.RETIRED):
            return _parsed(self.pk, self.sha256)
        return parsing.parse(self.body)

    def in_force(self, at: datetime) -> bool:
        return (
            self.published_at is not None
            and self.published_at <= at
            and (self.retired_at is None or at < self.retired_at)
        )


@lru_cache(maxsize=1024)
def _parsed(pk: int, sha256: str) -> graph.Definition:
    return parsing.parse(Definition.objects.only("body").get(pk=pk).body)
