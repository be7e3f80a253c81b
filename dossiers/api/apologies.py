"""Doors to apologies that are no single letter's: the duty as figures, what may be apologised for,
what waits for the counter, a selection drafted or signed together, and records of lateness."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dossiers.api.apologies_shown import (
    CasesAsked,
    DraftTogether,
    DutyAsked,
    OwedShown,
    RecordCaseShown,
    RecordShown,
    RecordWhole,
    SignTogether,
    TogetherShown,
    ToHandOverShown,
    ToWriteShown,
)
from dossiers.api.reader import actor_of, moment_of
from dossiers.api.views import PROBLEMS, CommandView
from dossiers.errors import Missing
from dossiers.lifecycle.in_batch import Outcome, draft_apologies, sign_apologies
from dossiers.reading import apologising, letters, repeated
from dossiers.reading import duty as reading
from dossiers.statistics.duty import duty, owed
from dossiers.statistics.periods import PeriodError, local, local_day
from workflows.actors import Actor


class DutyFigures(generics.GenericAPIView[Any]):
    """The duty to apologise as figures."""

    serializer_class = serializers.Serializer

    @extend_schema(
        operation_id="apology_duty", parameters=[DutyAsked], responses={200: dict} | PROBLEMS
    )
    def get(self, request: Request) -> Response:
        """Owed, foreseen, in time, late, missing, to come, made: in the form of `figures`."""
        asked = _asked(DutyAsked, request)
        keys = [key for key in asked.validated_data["by"].split(",") if key]
        question = asked.reading(moment_of(request))
        try:
            rows = duty(question, keys)
        except (PeriodError, ValueError) as fault:
            raise ValidationError({"by": [str(fault)]}) from None
        return Response(
            {
                "from": question.since,
                "to": question.until or local_day(question.as_of),
                "as_of": local(question.as_of),
                "rows": [{**row.keys, **_numbers(row.duty)} for row in rows],
            }
        )


class DutyCases(generics.GenericAPIView[Any]):
    """The dossiers behind a count."""

    serializer_class = OwedShown

    @extend_schema(
        operation_id="apology_duty_cases",
        parameters=[CasesAsked],
        responses={200: OwedShown(many=True)} | PROBLEMS,
    )
    def get(self, request: Request) -> Response:
        """Those that the reader watches, the longest late first."""
        asked = _asked(CasesAsked, request)
        question = asked.reading(moment_of(request), reading.paths(actor_of(request)))
        try:
            found = owed(
                question,
                asked.validated_data["standing"],
                first=asked.validated_data["first"],
                most=asked.validated_data["most"],
            )
        except PeriodError as fault:
            raise ValidationError({"to": [str(fault)]}) from None
        return Response(OwedShown(reading.cases(found), many=True).data)


class ToWrite(generics.GenericAPIView[Any]):
    """What may be apologised for."""

    serializer_class = ToWriteShown

    @extend_schema(operation_id="apologies_to_write", responses={200: ToWriteShown} | PROBLEMS)
    def get(self, request: Request) -> Response:
        """Of the reader's units, with the new day that the system proposes."""
        actor, at = actor_of(request), moment_of(request)
        found = {"foreseen": apologising.foreseen(actor, at), "owed": apologising.owed(actor, at)}
        return Response(ToWriteShown(found).data)


class ToHandOver(generics.GenericAPIView[Any]):
    """What waits for the counter."""

    serializer_class = ToHandOverShown

    @extend_schema(
        operation_id="apologies_to_hand_over",
        responses={200: ToHandOverShown(many=True)} | PROBLEMS,
    )
    def get(self, request: Request) -> Response:
        """The letters that could not be delivered, the oldest first."""
        return Response(ToHandOverShown(letters.to_hand_over(actor_of(request)), many=True).data)


class Draft(generics.GenericAPIView[Any]):
    """A selection drafted with one reason."""

    serializer_class = DraftTogether

    @extend_schema(
        operation_id="draft_apologies",
        request=DraftTogether,
        responses={200: TogetherShown} | PROBLEMS,
    )
    def post(self, request: Request) -> Response:
        """Draft a letter for each, with the day proposed; what is refused stops no other."""
        asked = DraftTogether(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.plain()
        return _together(
            draft_apologies(
                values["dossiers"],
                reason=values["reason"],
                text=values["text"],
                by=actor_of(request),
                at=moment_of(request),
            )
        )


class Sign(generics.GenericAPIView[Any]):
    """A selection signed."""

    serializer_class = SignTogether

    @extend_schema(
        operation_id="sign_apologies",
        request=SignTogether,
        responses={200: TogetherShown} | PROBLEMS,
    )
    def post(self, request: Request) -> Response:
        """Sign each; what is refused stops no other."""
        asked = SignTogether(data=request.data)
        asked.is_valid(raise_exception=True)
        ids = asked.plain()["apologies"]
        return _together(sign_apologies(ids, by=actor_of(request), at=moment_of(request)))


class Records(generics.GenericAPIView[Any]):
    """Repeated lateness."""

    serializer_class = RecordShown

    @extend_schema(
        operation_id="repeated_lateness",
        parameters=[OpenApiParameter("noted", bool, default=False)],
        responses={200: RecordShown(many=True)} | PROBLEMS,
    )
    def get(self, request: Request) -> Response:
        """The records that wait for a note, or those noted."""
        noted = request.query_params.get("noted", "").lower() in ("1", "true")
        return Response(RecordShown(repeated.lines(actor_of(request), noted=noted), many=True).data)


class Record(generics.GenericAPIView[Any]):
    """One record."""

    serializer_class = RecordWhole

    @extend_schema(operation_id="repeated_lateness_record", responses={200: RecordWhole} | PROBLEMS)
    def get(self, request: Request, record_id: int) -> Response:
        """With its cases."""
        return Response(_record(actor_of(request), record_id, moment_of(request)))


class RecordCommand(CommandView):
    """A command on a record."""

    shows = RecordWhole

    def post(self, request: Request, record_id: int) -> Response:
        """Do it, and answer with the record as it is now."""
        actor, at = actor_of(request), moment_of(request)
        _record(actor, record_id, at)
        self.run(request, record_id)
        return Response(_record(actor, record_id, at))


def _asked(form: type[DutyAsked], request: Request) -> Any:
    asked = form(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return asked


def _numbers(row: Any) -> dict[str, int]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def _together(outcomes: list[Outcome]) -> Response:
    done = [outcome for outcome in outcomes if outcome.refusal is None]
    refused = [outcome for outcome in outcomes if outcome.refusal is not None]
    return Response(TogetherShown({"done": done, "refused": refused}).data)


def _record(actor: Actor, record_id: int, at: datetime) -> Any:
    found = repeated.whole(actor, record_id, at)
    if found is None:
        raise Missing("no_record")
    cases = RecordCaseShown(found.cases, many=True).data
    return {**RecordShown(found.line).data, "dossiers": cases}
