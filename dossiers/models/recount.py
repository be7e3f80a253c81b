"""How far running clocks have been counted again under an amended calendar."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class Recount(models.Model):
    """One amendment's recount: found again by beat until it is done, whatever was killed meanwhile.

    What is still to be done is not kept here: it is every running clock whose `counted_by` lies
    behind its calendar. The expected numbers are those of the preview at the moment of the change.
    """

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("recount", "Under way")
        DONE = "done", pgettext_lazy("recount", "Done")

    amendment = models.OneToOneField(
        "workflows.Amendment", on_delete=models.PROTECT, related_name="recount"
    )
    state = models.CharField(max_length=20, choices=State.choices, default=State.RUNNING)
    to_move = models.PositiveIntegerField()
    to_be_late = models.PositiveIntegerField()
    no_longer_late = models.PositiveIntegerField()
    moved = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    # Ids of dossiers that could not be counted again: seen, and passed over.
    set_aside = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(
                fields=["amendment"], name="recount_running", condition=~models.Q(state="done")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amendment_id} {self.state}"
