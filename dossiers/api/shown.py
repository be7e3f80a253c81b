"""What callers are shown: the form of the answers, drawn from frozen values and loaded rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import translation
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from dossiers.lifecycle.registry import Open
from dossiers.models import (
    Apology,
    Breach,
    ClockKind,
    ClockRow,
    Consultation,
    Dossier,
    Event,
    FeeDemand,
    Paper,
    Party,
    Statement,
    StepRun,
)
from dossiers.reading.timeleft import time_left, without_restart


class PlaceShown(serializers.Serializer[Any]):
    """An agency or a unit."""

    code = serializers.CharField()
    name = serializers.CharField()


class ClockShown(serializers.Serializer[ClockRow]):
    """The legal clock: the limit decides what is late, the promise is what the applicant was told.
    Working time is in seconds; negative is time over the limit."""

    state = serializers.CharField()
    limit_at = serializers.DateTimeField(allow_null=True)
    promised_at = serializers.DateTimeField(allow_null=True)
    first_promised_at = serializers.SerializerMethodField(
        help_text="What was promised first, where the promise has moved since; else null"
    )
    promise_number = serializers.IntegerField()
    stopped_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    result = serializers.CharField(allow_blank=True)
    used_seconds = serializers.SerializerMethodField(
        help_text="Once ended: the working time from start to end without any stop, whether or not "
        "the limit started again. The index counts by it."
    )
    limit_without_restart = serializers.SerializerMethodField(
        help_text="Where the limit would lie had every stop only stopped it: the index's reading."
    )
    time_left = serializers.SerializerMethodField(
        help_text="ample, short, today, late, stopped, ended_early, ended_on_time, ended_late, none"
    )
    remaining_seconds = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_first_promised_at(self, row: ClockRow) -> str | None:
        """The first promise, where another one holds now."""
        first: datetime | None = getattr(row, "first_promised_at", None)
        if first is None or first == row.promised_at:
            return None
        return serializers.DateTimeField().to_representation(first)

    def get_time_left(self, row: ClockRow) -> str:
        """One state of the limit, as the badges of the pages show it."""
        return time_left(row, self.context["at"]).state

    def get_used_seconds(self, row: ClockRow) -> int | None:
        """The time without the waits."""
        return None if row.used is None else int(row.used.total_seconds())

    def get_limit_without_restart(self, row: ClockRow) -> datetime | None:
        """The limit without the restart."""
        return without_restart(row)

    def get_remaining_seconds(self, row: ClockRow) -> int | None:
        """Working seconds left (kept while stopped; the margin once ended)."""
        left = time_left(row, self.context["at"])
        if left.late_by is not None:
            return -int(left.late_by.total_seconds())
        return None if left.remaining is None else int(left.remaining.total_seconds())


class StepShown(serializers.Serializer[StepRun]):
    """One passage through one step."""

    ordinal = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.SerializerMethodField()
    kind = serializers.CharField()
    state = serializers.CharField()
    role = serializers.CharField()
    agency = PlaceShown()
    unit = PlaceShown(allow_null=True)
    officer = serializers.CharField(source="officer.name", default=None, allow_null=True)
    opened_at = serializers.DateTimeField()
    claimed_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField(allow_blank=True)
    is_return = serializers.BooleanField()
    outcomes = serializers.SerializerMethodField(help_text="How the step under way can be finished")

    def get_name(self, run: StepRun) -> str:
        """The step's name in the reader's language."""
        graph = run.dossier.definition.graph()
        return graph.step(run.key).name.in_language(_language()) if graph.has(run.key) else run.key

    def get_outcomes(self, run: StepRun) -> list[str]:
        """The outcomes of the step under way; none of one that is done."""
        graph = run.dossier.definition.graph()
        if not run.is_under_way or not graph.has(run.key):
            return []
        return [outcome.key for outcome in graph.step(run.key).outcomes]


class EventShown(serializers.Serializer[Event]):
    """One change, with its place in the chain."""

    n = serializers.IntegerField()
    kind = serializers.CharField()
    label = serializers.CharField(source="get_kind_display")  # type: ignore[assignment]
    at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    from_status = serializers.CharField(allow_blank=True)
    to_status = serializers.CharField(allow_blank=True)
    by = serializers.CharField(source="post.name", default=None, allow_null=True)
    by_applicant = serializers.BooleanField()
    late_entry = serializers.BooleanField()
    undoes = serializers.IntegerField(allow_null=True)
    facts = serializers.JSONField()
    sha256 = serializers.CharField()


class CommandShown(serializers.Serializer[Open]):
    """A command of this reader on this dossier, with the reason where it is closed."""

    name = serializers.CharField(source="command.name")
    label = serializers.CharField(source="command.label")  # type: ignore[assignment]
    is_open = serializers.BooleanField()
    code = serializers.CharField(source="closed.code", default=None, allow_null=True)
    reason = serializers.CharField(source="closed.sentence", default=None, allow_null=True)


class PartyShown(serializers.ModelSerializer[Party]):
    """A person or body behind the dossier."""

    class Meta:
        model = Party
        fields = [
            "role", "kind", "name", "identity", "phone", "email", "address", "authorised_by",
            "language",
        ]  # fmt: skip


class PaperShown(serializers.ModelSerializer[Paper]):
    """A paper handed in."""

    class Meta:
        model = Paper
        fields = ["item", "name", "form", "count", "digitised", "reused"]


class StatementShown(serializers.ModelSerializer[Statement]):
    """One turn of the thread under a delay."""

    by = serializers.CharField(source="post.name")

    class Meta:
        model = Statement
        fields = ["kind", "reason", "text", "by", "at"]


class BreachShown(serializers.ModelSerializer[Breach]):
    """A limit that passed, and what was said about it."""

    agency = PlaceShown()
    unit = PlaceShown(allow_null=True)
    step = serializers.CharField(source="step_run.key", default=None, allow_null=True)
    dossier = serializers.CharField(source="dossier.handle")
    officer = serializers.CharField(source="officer.name", default=None, allow_null=True)
    delay_seconds = serializers.SerializerMethodField(
        help_text="Working time past what passed: in the end, or so far; null of one annulled."
    )
    thread = StatementShown(source="statements", many=True)

    class Meta:
        model = Breach
        fields = [
            "id", "dossier", "of", "promise_number", "limit_at", "breached_at", "agency", "unit",
            "step", "officer", "attribution", "debts", "delay_seconds", "ended_at",
            "owes_explanation", "owes_apology", "apology_due_at", "state", "reason", "thread",
            "annulled_at",
        ]  # fmt: skip

    def get_delay_seconds(self, breach: Breach) -> int | None:
        """One definition of how late, in working time."""
        if breach.annulled_at is not None:
            return None
        return int(breach.delay_by(self.context["at"]).total_seconds())


class ApologyShown(serializers.ModelSerializer[Apology]):
    """A written apology."""

    dossier = serializers.CharField(source="dossier.handle")

    class Meta:
        model = Apology
        fields = [
            "id", "dossier", "number", "state", "foreseen", "reason", "text", "new_promise_at",
            "closing", "drafted_at", "signed_at", "returned_because", "settled_at", "handed_at",
            "handed_how", "annulled_at",
        ]  # fmt: skip


class OpinionShown(serializers.ModelSerializer[Consultation]):
    """An opinion asked of another unit."""

    agency = PlaceShown()
    unit = PlaceShown()
    limit_at = serializers.DateTimeField(source="clock.limit_at")

    class Meta:
        model = Consultation
        fields = [
            "id", "state", "agency", "unit", "question", "asked_at", "limit_at", "stops_clock",
            "legal_ground", "answer", "answered_at",
        ]  # fmt: skip


class FeeShown(serializers.ModelSerializer[FeeDemand]):
    """A payment demanded."""

    class Meta:
        model = FeeDemand
        fields = ["state", "amount", "legal_ground", "demanded_at", "paid_at", "receipt_no"]


class DossierShown(serializers.Serializer[Dossier]):
    """A dossier as a line of a list."""

    code = serializers.CharField(source="handle")
    status = serializers.CharField()
    status_label = serializers.CharField(source="get_status_display")
    national_status = serializers.IntegerField(source="national_code")
    procedure = serializers.CharField(source="procedure.code")
    procedure_name = serializers.CharField(source="procedure.name")
    channel = serializers.CharField(source="channel.code")
    receiving_agency = PlaceShown()
    answering_agency = PlaceShown()
    unit = PlaceShown()
    received_at = serializers.DateTimeField(allow_null=True)
    concluded_at = serializers.DateTimeField(allow_null=True)
    returned_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    voided_at = serializers.DateTimeField(allow_null=True)
    clock = serializers.SerializerMethodField()

    @extend_schema_field(ClockShown(allow_null=True))
    def get_clock(self, dossier: Dossier) -> Mapping[str, Any] | None:
        """The dossier's own clock."""
        row = next((row for row in dossier.clocks.all() if row.kind == ClockKind.DOSSIER), None)
        return None if row is None else ClockShown(row, context=self.context).data


class DossierWhole(DossierShown):
    """A dossier with its whole story."""

    edition = serializers.IntegerField(source="edition.number")
    case = serializers.CharField(source="case.key", default=None, allow_null=True)
    waits_for_counter = serializers.BooleanField()
    result_negative = serializers.BooleanField()
    return_method = serializers.CharField()
    parties = PartyShown(many=True)
    papers = PaperShown(many=True)
    steps = StepShown(source="step_runs", many=True)
    events = EventShown(many=True)
    breaches = BreachShown(many=True)
    apologies = ApologyShown(many=True)
    opinions = OpinionShown(many=True, source="consultations")
    fees = FeeShown(many=True, source="fee_demands")
    commands = CommandShown(many=True, source="open_commands")


class DossierReceived(DossierWhole):
    """The answer to receiving: with the look-up code that the receipt prints."""

    lookup_code = serializers.CharField()


class ProblemShown(serializers.Serializer[Any]):
    """Why nothing was done (RFC 9457); `fields` says it field by field."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment]
    facts = serializers.DictField()


def _language() -> str:
    return translation.get_language() or "vi"


def as_of(at: datetime) -> dict[str, datetime]:
    """What the serializers must be told."""
    return {"at": at}
