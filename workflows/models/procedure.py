"""The catalogue: procedures, their editions in force from a day, limits, papers, fees, offers.

A dossier keeps the edition it was received under. A city's own shorter limit is a row beside the
national one with a decision of its own; an import of the national catalogue never touches it.
"""

from __future__ import annotations

from datetime import date

import structlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows import ladder
from workflows.ladder import Ladder
from workflows.models.agency import Agency, Unit

log = structlog.get_logger(__name__)


class Channel(models.Model):
    """A way a dossier comes in (kênh): counter, online, public post; an import may add more."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    national_code = models.PositiveSmallIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name


class Field(models.Model):
    """A field of work (lĩnh vực) under which procedures are grouped."""

    name = models.CharField(max_length=200, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Procedure(models.Model):
    """An administrative procedure by its national code; what holds of it lies in editions."""

    code = models.CharField(max_length=60, unique=True)
    name = models.TextField()
    field = models.ForeignKey(Field, on_delete=models.PROTECT, related_name="procedures")
    search_key = models.TextField(editable=False)
    origin = models.CharField(max_length=40, default="national")
    # What this procedure changes of the city's ladder of reminders (`workflows.ladder`).
    ladder = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def edition_on(self, on: date) -> Edition | None:
        """The edition in force on the day `on`, or None."""
        return (
            self.editions.filter(in_force_from__lte=on)
            .order_by("-in_force_from", "-number")
            .first()
        )

    def rungs(self) -> Ladder:
        """The ladder of reminders that holds; the city's where the procedure's cannot be read."""
        try:
            return ladder.read(self.ladder)
        except ladder.LadderError as fault:
            # Refused when it is entered; what a hand on the database made of it stops no clock.
            log.error("ladder.unreadable", procedure=self.code, fault=str(fault))
            return ladder.CITY


class Edition(models.Model):
    """What a procedure asks and promises from a day on, by a numbered decision."""

    class AfterSupplement(models.TextChoices):
        RESTART = "restart", _("The limit starts again")
        RESUME = "resume", _("The limit goes on")

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    in_force_from = models.DateField()
    decision_no = models.CharField(max_length=200, blank=True)
    published_by = models.CharField(max_length=200, blank=True)
    name = models.TextField()
    levels = models.JSONField(default=list)
    applicants = models.JSONField(default=list)
    competent_agency = models.TextField(blank=True)
    legal_bases = models.JSONField(default=list)
    results = models.JSONField(default=list)
    requirements = models.TextField(blank=True)
    steps_text = models.TextField(blank=True)
    url = models.TextField(blank=True)
    source = models.CharField(max_length=500, blank=True)
    # SHA-256 over the imported record: importing the same again makes no new edition.
    fingerprint = models.CharField(max_length=64)
    after_supplement = models.CharField(
        max_length=10, choices=AfterSupplement.choices, default=AfterSupplement.RESTART
    )
    supplement_term_days = models.PositiveSmallIntegerField(default=15)
    # The applicant's own term to pay a fee demanded in processing; none where no law names one.
    payment_term_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # Within how many working days an opinion asked for is to be given.
    opinion_term_days = models.PositiveSmallIntegerField(default=3)
    # The law by which a consultation stops the limit; empty where none does: then it runs on.
    consultation_stops_by = models.CharField(max_length=300, blank=True)
    # By which source, whom and when a person set a term of the four above, under the term's name.
    term_sources = models.JSONField(default=dict, blank=True)
    on_the_spot = models.BooleanField(default=False)

    class Meta:
        ordering = ["procedure_id", "-number"]
        constraints = [
            models.UniqueConstraint(name="edition_number", fields=["procedure", "number"])
        ]

    def __str__(self) -> str:
        return f"{self.procedure.code} ({self.number})"


class Case(models.Model):
    """An alternative (trường hợp) under which other papers or another limit hold."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="cases")
    key = models.CharField(max_length=64)
    name = models.TextField()
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(name="case_key", fields=["edition", "key"])]

    def __str__(self) -> str:
        return self.name


class Limit(models.Model):
    """The time limit of an edition, in common or for one channel or case.

    `limit` is a `TimeLimit` as plain data, or null while a person must still decide (`flag` says
    why): nothing is guessed, and nobody can receive dossiers under an undecided limit.
    `by_city` marks a city's own limit, with its decision in `source`.
    """

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="limits")
    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.CASCADE, related_name="limits"
    )
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.PROTECT)
    case_key = models.CharField(max_length=64, blank=True)
    limit = models.JSONField(null=True, blank=True)
    # How the whole is split between agencies, as `workflows.parts` writes it; mostly not at all.
    parts = models.JSONField(default=list, blank=True)
    text = models.TextField(blank=True)
    flag = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=500, blank=True)
    by_city = models.ForeignKey(
        Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_by_person = models.BooleanField(default=False)
    # When a person decided it, and by which post; without one by a sheet on the command line.
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "workflows.Post", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    in_force_from = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="limit_once",
                fields=["procedure", "edition", "channel", "case_key", "by_city", "in_force_from"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="limit_decided_or_flagged",
                condition=models.Q(limit__isnull=False) | ~models.Q(flag=""),
            ),
        ]

    def __str__(self) -> str:
        return self.text or str(self.limit)


class PaperItem(models.Model):
    """One line of an edition's list of papers."""

    class Kind(models.TextChoices):
        HAND_IN = "hand_in", _("To hand in")
        SHOW = "show", _("To show")
        LOOKED_UP = "looked_up", _("Looked up by the office")
        NOTE = "note", _("Note")

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="papers")
    case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.CASCADE, related_name="papers"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.TextField()
    originals = models.PositiveSmallIntegerField(default=0)
    copies = models.PositiveSmallIntegerField(default=0)
    template = models.TextField(blank=True)
    # Papers of one group are alternatives: one of them is enough.
    group = models.CharField(max_length=64, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Fee(models.Model):
    """What a channel costs, as printed; amounts in đồng where the text names them."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="fees")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT)
    free = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    amounts = models.JSONField(default=list)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="fee_once", fields=["edition", "channel"])]

    def __str__(self) -> str:
        return self.text


class Offer(models.Model):
    """An agency answers for a procedure, led by one of its units, from a day on."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="offers")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="offers")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="offers")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="offer_once",
                fields=["procedure", "agency"],
                condition=models.Q(valid_to=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.procedure} – {self.agency}"
