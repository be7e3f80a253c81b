"""Insert-only figures: entries that commands post, daily rollups, and the months published."""

from __future__ import annotations

from django.db import models


class Measure(models.TextChoices):
    """What is counted. Stocks (pending) are sums of flows; overdue and without_limit are posted
    as +1 and −1."""

    RECEIVED = "received"
    REOPENED = "reopened"
    MOVED_IN = "moved_in"
    MOVED_OUT = "moved_out"
    RESOLVED_EARLY = "resolved_early"
    RESOLVED_ON_TIME = "resolved_on_time"
    RESOLVED_LATE = "resolved_late"
    RESOLVED_WITHOUT_LIMIT = "resolved_without_limit"
    WITHDRAWN = "withdrawn"
    DISCONTINUED = "discontinued"
    OVERDUE = "overdue"
    WITHOUT_LIMIT = "without_limit"
    NOT_ACCEPTED = "not_accepted"
    ENDED_UNRECEIVED = "ended_unreceived"
    RECEIVED_LATE = "received_late"
    BREACHES = "breaches"
    APOLOGIES_OWED = "apologies_owed"
    APOLOGIES_MADE = "apologies_made"
    APOLOGIES_FORESEEN = "apologies_foreseen"


class Cell(models.Model):
    """The keys a figure can be cut by. `at`: when it became true; `counts_at`: the moment that
    decides its period (they differ only for an apology, which counts with its breach)."""

    agency = models.ForeignKey("workflows.Agency", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        "workflows.Unit", null=True, on_delete=models.PROTECT, related_name="+"
    )
    receiving_agency = models.ForeignKey(
        "workflows.Agency", on_delete=models.PROTECT, related_name="+"
    )
    procedure = models.ForeignKey("workflows.Procedure", on_delete=models.PROTECT, related_name="+")
    edition = models.ForeignKey("workflows.Edition", on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey("workflows.Channel", on_delete=models.PROTECT, related_name="+")
    measure = models.CharField(max_length=30, choices=Measure.choices)
    amount = models.IntegerField()

    class Meta:
        abstract = True


class Entry(Cell):
    """±1 posted by a command in its own transaction; never changed, never removed."""

    dossier = models.ForeignKey("dossiers.Dossier", on_delete=models.PROTECT, related_name="+")
    event_n = models.PositiveIntegerField()
    at = models.DateTimeField()
    counts_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="entry_amount_is_one", condition=models.Q(amount__in=[1, -1])
            )
        ]
        indexes = [
            models.Index(fields=["at"], name="entry_at"),
            models.Index(fields=["dossier"], name="entry_of_dossier"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.amount:+d} {self.at}"


class Unfolded(models.Model):
    """Entries that no rollup holds yet: a small queue beside the entries, which never change."""

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return str(self.entry_id)


class Rollup(Cell):
    """Entries of whole local days, summed: `on` is the day of `at`, `counts_on` of `counts_at`."""

    on = models.DateField()
    counts_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="rollup_cell",
                fields=[
                    "on",
                    "counts_on",
                    "agency",
                    "unit",
                    "receiving_agency",
                    "edition",
                    "channel",
                    "measure",
                ],
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["counts_on"], name="rollup_counts_on")]

    def __str__(self) -> str:
        return f"{self.measure} {self.on}: {self.amount}"


class PublishedMonth(models.Model):
    """A published month, frozen: no act may lie in it but as part of its revision."""

    month = models.DateField()
    revision = models.PositiveSmallIntegerField(default=1)
    published_at = models.DateTimeField()
    report = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="published_month_revision", fields=["month", "revision"])
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} r{self.revision}"
