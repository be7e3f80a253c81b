"""Who works where: the posts people hold, each a role in an agency or one of its units.

An event points at the post, and the post keeps name and title as of then, so that a story reads
true after its people have moved on.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.models.agency import Agency, Unit


class Role(models.TextChoices):
    """The ten roles (design: people and permissions), held per agency or unit."""

    CLERK = "clerk", _("Counter clerk")
    OFFICER = "officer", _("Processing officer")
    UNIT_HEAD = "unit_head", _("Unit head")
    APPROVER = "approver", _("Agency head")
    ARCHIVE_CLERK = "archive_clerk", _("Archive clerk")
    SUPERVISOR = "supervisor", _("Supervisor")
    PUBLISHER = "publisher", _("Publisher")
    INSPECTOR = "inspector", _("Inspector")
    CATALOGUE_MANAGER = "catalogue_manager", _("Catalogue manager")
    ADMINISTRATOR = "administrator", _("Administrator")


class PostQuerySet(models.QuerySet["Post"]):
    def held_on(self, on: date) -> PostQuerySet:
        """Posts in force on the day `on`."""
        return self.filter(valid_from__lte=on).filter(
            models.Q(valid_to=None) | models.Q(valid_to__gte=on)
        )


class Post(models.Model):
    """One person's one role in one place, from a day on. Staff of an import have no login."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="posts",
    )
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="posts")
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="posts"
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="post_role_known", condition=models.Q(role__in=Role.values)
            ),
            models.UniqueConstraint(
                name="post_held_once",
                fields=["user", "role", "agency", "unit"],
                condition=models.Q(valid_to=None) & ~models.Q(user=None),
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["agency", "role"], name="post_agency_role")]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_role_display()}"
