"""Why this date, for programs: the stretches of a clock, which add up, and its promises."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dossiers.api import rows, shown
from dossiers.api.reader import actor_of, moment_of
from dossiers.errors import Missing
from dossiers.reading import why as reading

PROBLEMS = dict.fromkeys((401, 403, 404), shown.ProblemShown)


class EditionNamed(serializers.Serializer[Any]):
    """The edition of the procedure that the dossier was received under."""

    number = serializers.IntegerField()
    in_force_from = serializers.DateField()
    decision_no = serializers.CharField(allow_blank=True)


class StretchShown(serializers.Serializer[Any]):
    """One stretch; the `used_seconds` of those that count add up to `worth_seconds`."""

    kind = serializers.CharField(
        help_text="ran, left, stopped, idle, given_up, waited, adjusted, restated"
    )
    counts = serializers.BooleanField()
    from_at = serializers.DateTimeField(allow_null=True)
    to_at = serializers.DateTimeField(allow_null=True)
    used_seconds = serializers.SerializerMethodField(help_text="Working time")
    grounds = serializers.ListField(child=serializers.CharField())
    days_off = serializers.ListField(child=serializers.DateField())

    def get_used_seconds(self, stretch: Any) -> float:
        """Working time, to the microsecond."""
        return float(stretch.used.total_seconds())


class PromiseShown(serializers.Serializer[Any]):
    """A value that limit and promise took."""

    at = serializers.DateTimeField()
    limit_at = serializers.DateTimeField(allow_null=True)
    promised_at = serializers.DateTimeField(allow_null=True)
    promise_number = serializers.IntegerField()
    cause = serializers.CharField()


class LineShown(serializers.Serializer[Any]):
    """The same as the page says it, in the reader's language."""

    kind = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    text = serializers.CharField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    used = serializers.CharField(allow_blank=True)
    counts = serializers.BooleanField()
    promised_at = serializers.DateTimeField(source="moment", allow_null=True)
    replaced = serializers.BooleanField()


class WhyShown(serializers.Serializer[Any]):
    """Why the limit and the promise lie where they do."""

    edition = EditionNamed()
    clock = shown.ClockShown()
    limit = serializers.CharField(allow_blank=True, help_text="In words")
    worth_seconds = serializers.FloatField(
        allow_null=True, help_text="Working time from the beginning of the limit to its end"
    )
    total = serializers.CharField(allow_blank=True, help_text="The same in words")
    stretches = StretchShown(many=True)
    promises = PromiseShown(many=True)
    lines = LineShown(many=True)


class ClockWhy(generics.GenericAPIView[Any]):
    """A dossier's clock, explained."""

    serializer_class = WhyShown

    @extend_schema(operation_id="clock", responses={200: WhyShown} | PROBLEMS)
    def get(self, request: Request, code: str) -> Response:
        """Why this date: one line a stretch, adding up to the limit, and every promise made."""
        at = moment_of(request)
        told = reading.of_dossier(rows.id_of(actor_of(request), code), at)
        if told is None:
            raise Missing("not_found")
        worth = told.why.explained.worth
        answer = {
            "edition": told.dossier.edition,
            "clock": told.row,
            "limit": told.limit,
            "worth_seconds": None if worth is None else worth.total_seconds(),
            "total": told.why.total,
            "stretches": told.why.explained.stretches,
            "promises": told.values,
            "lines": told.why.lines,
        }
        return Response(WhyShown(answer, context=shown.as_of(at)).data)
