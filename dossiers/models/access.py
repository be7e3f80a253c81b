"""Every look at personal data by staff outside the handling units."""

from __future__ import annotations

from django.db import models


class AccessLog(models.Model):
    dossier = models.ForeignKey("dossiers.Dossier", on_delete=models.PROTECT, related_name="looks")
    post = models.ForeignKey("workflows.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    relation = models.CharField(max_length=40)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.at}"
