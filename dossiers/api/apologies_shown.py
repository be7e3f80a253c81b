"""What the doors to apologies take and show: forms alone, nothing decided here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from dossiers.api import given
from dossiers.reading import apologising, repeated
from dossiers.statistics.duty import KEYS, STANDINGS, Asked
from dossiers.statistics.periods import day_end

MOST_TOGETHER = 200


class DutyAsked(given.Given):
    """Which limits: those that passed from one local day to another, both included."""

    to = serializers.DateField(required=False, allow_null=True, default=None)
    as_of = serializers.DateTimeField(required=False, allow_null=True, default=None)
    by = serializers.CharField(
        required=False, default="", help_text=f"Keys, comma between: {', '.join(KEYS)}."
    )
    agency = serializers.CharField(required=False, default="")
    unit = serializers.CharField(required=False, default="")

    def get_fields(self) -> dict[str, Any]:
        """`from` is no name in Python."""
        since = serializers.DateField(required=False, allow_null=True, default=None)
        return {"from": since, **super().get_fields()}

    def reading(self, at: datetime, paths: tuple[str, ...] = ()) -> Asked:
        """The question in the reading's own form. Raises: ValidationError."""
        asked = self.validated_data
        since, until = asked["from"], asked["to"]
        as_of = asked["as_of"] or (at if until is None else min(day_end(until), at))
        return Asked(since, until, min(as_of, at), paths, asked["agency"], asked["unit"])


class CasesAsked(DutyAsked):
    """Also which of the counts to open."""

    standing = serializers.ChoiceField(choices=STANDINGS, required=False, default="")
    first = serializers.IntegerField(min_value=0, max_value=10_000_000, required=False, default=0)
    most = serializers.IntegerField(min_value=1, max_value=200, required=False, default=50)


class OwedShown(serializers.Serializer[Any]):
    """One dossier behind a count."""

    dossier = serializers.CharField(source="code")
    breached_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    standing = serializers.CharField()


class DraftableShown(serializers.Serializer[Any]):
    """A dossier that may be apologised for; times are working seconds."""

    dossier = serializers.CharField(source="code")
    promised_at = serializers.DateTimeField(allow_null=True)
    needed_seconds = serializers.SerializerMethodField()
    appointment = serializers.DateTimeField(allow_null=True)
    step = serializers.CharField()
    returned_because = serializers.CharField()

    def get_needed_seconds(self, row: apologising.Draftable) -> int:
        """What the steps left normally take."""
        return int(row.needed.total_seconds())


class ToWriteShown(serializers.Serializer[Any]):
    """What will probably be late in the next two working days; what is late without a letter."""

    foreseen = DraftableShown(many=True)
    owed = DraftableShown(many=True)


class ToHandOverShown(serializers.Serializer[Any]):
    """A letter that could not be delivered."""

    id = serializers.IntegerField(source="pk")
    dossier = serializers.CharField(source="code")
    number = serializers.CharField()
    addressed_to = serializers.CharField()
    phone = serializers.CharField()
    signed_at = serializers.DateTimeField()
    new_promise_at = serializers.DateTimeField(allow_null=True)
    tried = serializers.BooleanField()


class DraftTogether(given.Given):
    """Dossiers by their codes, one reason, one text."""

    dossiers = serializers.ListField(
        child=serializers.CharField(), allow_empty=False, max_length=MOST_TOGETHER
    )
    reason = serializers.CharField()
    text = serializers.CharField(required=False, allow_blank=True, default="")


class SignTogether(given.Given):
    """Letters by their ids."""

    apologies = serializers.ListField(
        child=serializers.IntegerField(), allow_empty=False, max_length=MOST_TOGETHER
    )


class DoneShown(serializers.Serializer[Any]):
    """A letter that was drafted or signed."""

    dossier = serializers.CharField(source="code")
    apology = serializers.IntegerField(source="letter_id")


class RefusedShown(serializers.Serializer[Any]):
    """Why one was not."""

    dossier = serializers.CharField(source="code")
    apology = serializers.IntegerField(source="letter_id", allow_null=True)
    code = serializers.CharField(source="refusal.code")
    detail = serializers.CharField(source="refusal.sentence")


class TogetherShown(serializers.Serializer[Any]):
    """What was done and what was refused, each dossier by itself."""

    done = DoneShown(many=True)
    refused = RefusedShown(many=True)


class RecordShown(serializers.Serializer[Any]):
    """A record of repeated lateness."""

    id = serializers.IntegerField(source="pk")
    agency = serializers.CharField()
    unit = serializers.CharField()
    officer = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    cases = serializers.IntegerField()
    raised_at = serializers.DateTimeField()
    noted_at = serializers.DateTimeField(allow_null=True)
    noted_by = serializers.CharField()
    note = serializers.CharField()


class RecordCaseShown(serializers.Serializer[Any]):
    """One of its cases."""

    dossier = serializers.CharField(source="code")
    breached_at = serializers.DateTimeField()
    delay_seconds = serializers.SerializerMethodField()
    ended = serializers.BooleanField()
    annulled = serializers.BooleanField()

    def get_delay_seconds(self, case: repeated.Case) -> int:
        """Working time past the limit, in the end or so far."""
        return int(case.delay.total_seconds())


class RecordWhole(RecordShown):
    """With its cases."""

    dossiers = RecordCaseShown(many=True)
