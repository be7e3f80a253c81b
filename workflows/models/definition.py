"""Workflow definitions as versioned data: draft, checked, published, retired. A published version
never changes: a trigger in the database refuses it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from workflows import graph, parsing
from workflows.models.procedure import Procedure
from workflows.models.staff import Post


class Definition(models.Model):
    """One version of how a procedure is carried through the units (quy trình nội bộ)."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("definition state", "Draft")
        CHECKED = "checked", _("Checked")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    # Empty only while a draft from a file waits to be attached to its procedure.
    procedure = models.ForeignKey(
        Procedure, on_delete=models.PROTECT, related_name="definitions", null=True, blank=True
    )
    version = models.PositiveIntegerField()
    state = FSMField(max_length=20, choices=State.choices, default=State.DRAFT, protected=True)
    body = models.JSONField()
    source = models.CharField(max_length=500, blank=True)
    origin = models.CharField(max_length=200, blank=True)  # its name in the file it came from
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    # The day at whose beginning a checked definition comes into force by itself.
    publish_on = models.DateField(null=True, blank=True)

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

    @property
    def is_open(self) -> bool:
        """Whether it can still be changed."""
        return self.state in (self.State.DRAFT, self.State.CHECKED)

    @transition("state", source=State.DRAFT, target=State.CHECKED)
    def state_checked(self) -> None: ...

    @transition("state", source=State.CHECKED, target=State.DRAFT)
    def state_draft(self) -> None: ...

    @transition("state", source=State.CHECKED, target=State.PUBLISHED)
    def state_published(self) -> None: ...

    @transition("state", source=State.PUBLISHED, target=State.RETIRED)
    def state_retired(self) -> None: ...

    def in_force(self, at: datetime) -> bool:
        return (
            self.published_at is not None
            and self.published_at <= at
            and (self.retired_at is None or at < self.retired_at)
        )


class DefinitionAct(models.Model):
    """One thing done to a definition: what, when, by which post (none: by file or by itself)."""

    class Kind(models.TextChoices):
        DRAFTED = "drafted", pgettext_lazy("definition", "Drafted")
        REVISED = "revised", pgettext_lazy("definition", "Changed")
        ATTACHED = "attached", pgettext_lazy("definition", "Attached to its procedure")
        CHECKED = "checked", pgettext_lazy("definition", "Checked")
        SCHEDULED = "scheduled", pgettext_lazy("definition", "Day of coming into force set")
        PUBLISHED = "published", pgettext_lazy("definition", "Published")
        NOT_PUBLISHED = "not_published", pgettext_lazy("definition", "Did not come into force")
        RETIRED = "retired", pgettext_lazy("definition", "Retired")
        MOVED_TO = "moved_to", pgettext_lazy("definition", "Dossiers moved to it")

    definition = models.ForeignKey(Definition, on_delete=models.CASCADE, related_name="acts")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField()
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.definition_id} {self.kind}"


@lru_cache(maxsize=1024)
def _parsed(pk: int, sha256: str) -> graph.Definition:
    return parsing.parse(Definition.objects.only("body").get(pk=pk).body)
