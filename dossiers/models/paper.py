"""Papers handed in with a dossier, supplements asked for, and guidance slips."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class Paper(models.Model):
    """One paper handed in, as listed on the receipt."""

    class Form(models.TextChoices):
        ORIGINAL = "original", pgettext_lazy("paper", "Original")
        CERTIFIED = "certified", pgettext_lazy("paper", "Certified copy")
        COPY = "copy", pgettext_lazy("paper", "Copy")
        ELECTRONIC = "electronic", pgettext_lazy("paper", "Electronic")

    dossier = models.ForeignKey("dossiers.Dossier", on_delete=models.CASCADE, related_name="papers")
    item = models.ForeignKey(
        "workflows.PaperItem", null=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.TextField()
    form = models.CharField(max_length=20, choices=Form.choices)
    count = models.PositiveSmallIntegerField(default=1)
    digitised = models.BooleanField(default=False)
    reused = models.BooleanField(default=False)
    supplement = models.ForeignKey(
        "dossiers.Supplement", null=True, on_delete=models.CASCADE, related_name="papers"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name[:80]


class Supplement(models.Model):
    """A request for papers on the procedure's list (form 02); in processing only once."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("supplement", "Waiting for the applicant")
        SUPPLIED = "supplied", pgettext_lazy("supplement", "Handed in")
        LAPSED = "lapsed", pgettext_lazy("supplement", "Lapsed")
        CLOSED = "closed", pgettext_lazy("supplement", "Closed with the dossier")
        UNDONE = "undone", pgettext_lazy("supplement", "Taken back")

    dossier = models.ForeignKey(
        "dossiers.Dossier", on_delete=models.CASCADE, related_name="supplements"
    )
    clock = models.OneToOneField(
        "dossiers.ClockRow", null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=20, choices=State.choices)
    back_to = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("workflows.Post", on_delete=models.PROTECT, related_name="+")
    # Asked after the third working day since reception (61/2018/NĐ-CP art. 19.4): marked so.
    asked_late = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    # [{"item": id, "name", "note"}]: papers are picked from the list.
    wanted = models.JSONField()
    supplied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="supplement_open_once",
                fields=["dossier"],
                condition=models.Q(state="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.state}"


class GuidanceSlip(models.Model):
    """Guidance given to who came with too little (form 02, no dossier)."""

    number = models.CharField(max_length=60, unique=True)
    procedure = models.ForeignKey("workflows.Procedure", on_delete=models.PROTECT)
    agency = models.ForeignKey("workflows.Agency", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    post = models.ForeignKey("workflows.Post", on_delete=models.PROTECT, related_name="+")
    missing = models.JSONField()
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.number
