"""The doors of the API: each parses, calls one command or one query, and answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from dossiers.api import given, rows, shown
from dossiers.api.reader import actor_of, moment_of
from dossiers.errors import Missing
from dossiers.lifecycle import access, intake, registry, submission
from dossiers.lifecycle.given import LateEntry
from dossiers.models import Apology, Consultation, Dossier
from dossiers.models.scope import DossierQuerySet

KEY_HEADER = "Idempotency-Key"
KEY_GIVEN = OpenApiParameter(KEY_HEADER, str, OpenApiParameter.HEADER, required=True)
LONGEST_KEY = 80
PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 422), shown.ProblemShown)


class NewestFirst(CursorPagination):
    """Pages that stay put while new dossiers come in."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class DossierList(generics.ListAPIView[Any]):
    """Dossiers that the reader may see; and receiving a new one."""

    serializer_class = shown.DossierShown
    pagination_class = NewestFirst

    def get_queryset(self) -> DossierQuerySet:
        """What was asked for, within what the reader may see."""
        asked = given.ListGiven(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return rows.listed(actor_of(self.request), asked.validated_data, moment_of(self.request))

    def get_serializer_context(self) -> dict[str, Any]:
        """Every line is told for the same moment."""
        return {**super().get_serializer_context(), **shown.as_of(moment_of(self.request))}

    @extend_schema(
        operation_id="dossiers",
        parameters=[given.ListGiven],
        responses={200: shown.DossierShown(many=True)} | PROBLEMS,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List dossiers, the newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="receive",
        request=given.ReceiveGiven,
        parameters=[KEY_GIVEN],
        responses={201: shown.DossierReceived, 200: shown.DossierReceived} | PROBLEMS,
    )
    def post(self, request: Request) -> Response:
        """Receive a complete dossier. The same key again answers with the same dossier, 200."""
        return _made(request, given.ReceiveGiven, intake.receive)


class Submissions(generics.GenericAPIView[Any]):
    """What comes in online or by post."""

    serializer_class = given.SubmitGiven

    @extend_schema(
        operation_id="submit",
        parameters=[KEY_GIVEN],
        responses={201: shown.DossierReceived, 200: shown.DossierReceived} | PROBLEMS,
    )
    def post(self, request: Request) -> Response:
        """Put in a dossier that the counter must still accept. The same key again answers with
        the same dossier, 200."""
        return _made(request, given.SubmitGiven, submission.submit)


class DossierDetail(generics.GenericAPIView[Any]):
    """One dossier."""

    serializer_class = shown.DossierWhole

    @extend_schema(operation_id="dossier", responses={200: shown.DossierWhole} | PROBLEMS)
    def get(self, request: Request, code: str) -> Response:
        """The dossier's whole story, and what the reader may do with it."""
        actor, at = actor_of(request), moment_of(request)
        dossier = rows.whole(rows.id_of(actor, code), actor, at)
        access.look(dossier, registry.current_step(dossier), by=actor, at=at)
        return Response(shown.DossierWhole(dossier, context=shown.as_of(at)).data)


class CommandSchema(AutoSchema):
    """Describes each command by what it takes and what it answers."""

    view: CommandView  # type: ignore[override]

    def get_operation_id(self) -> str:
        """The command's name."""
        return self.view.command

    def get_description(self) -> str:  # type: ignore[override]
        """The command's own docstring."""
        function = registry.COMMANDS[self.view.command].function
        return (function.__doc__ or "").strip()

    def get_request_serializer(self) -> Any:
        """What the command takes."""
        return self.view.takes

    def get_response_serializers(self) -> Any:
        """What it answers, and why it may refuse."""
        return {200: self.view.shows} | PROBLEMS


class CommandView(generics.GenericAPIView[Any]):
    """One command: what is given is checked for its form, the command decides the rest."""

    schema = CommandSchema()
    command = ""
    takes: type[given.Given] = given.NothingGiven
    shows: Any = shown.DossierWhole

    def run(self, request: Request, subject: int) -> Any:
        """Call the command; it raises its refusals."""
        asked = self.takes(data=request.data)
        asked.is_valid(raise_exception=True)
        values = _entered(asked, moment_of(request))
        function = registry.COMMANDS[self.command].function
        return function(subject, by=actor_of(request), **values)


class DossierCommand(CommandView):
    """A command on a dossier."""

    def post(self, request: Request, code: str) -> Response:
        """Do it, and answer with the dossier as it is now."""
        actor, at = actor_of(request), moment_of(request)
        pk = rows.id_of(actor, code)
        self.run(request, pk)
        return Response(shown.DossierWhole(rows.whole(pk, actor, at), context=shown.as_of(at)).data)


class BreachCommand(CommandView):
    """A command on a breach."""

    shows = shown.BreachShown

    def post(self, request: Request, breach_id: int) -> Response:
        """Do it, and answer with the breach as it is now."""
        rows.require_breach(actor_of(request), breach_id)
        self.run(request, breach_id)
        context = shown.as_of(moment_of(request))
        return Response(shown.BreachShown(rows.breach(breach_id), context=context).data)


class ApologyCommand(CommandView):
    """A command on an apology."""

    shows = shown.ApologyShown

    def post(self, request: Request, apology_id: int) -> Response:
        """Do it, and answer with the letter as it is now."""
        rows.require_apology(actor_of(request), apology_id)
        self.run(request, apology_id)
        return Response(shown.ApologyShown(Apology.objects.get(pk=apology_id)).data)


class OpinionCommand(CommandView):
    """A command on an opinion asked for."""

    shows = shown.OpinionShown

    def post(self, request: Request, consultation_id: int) -> Response:
        """Do it, and answer with the opinion as it is now."""
        rows.require_opinion(actor_of(request), consultation_id)
        self.run(request, consultation_id)
        return Response(shown.OpinionShown(Consultation.objects.get(pk=consultation_id)).data)


@extend_schema(exclude=True)
class NoSuchCommand(generics.GenericAPIView[Any]):
    """Whatever else is asked for under commands/."""

    def post(self, request: Request, **_named: Any) -> Response:
        """Nothing is there."""
        raise Missing("not_found")


def _entered(asked: given.Given, at: datetime) -> dict[str, Any]:
    """What the command takes, with its moment: now, or that of a late entry."""
    values = asked.plain()
    values.setdefault("at", at)
    if isinstance(asked, given.LateGiven):
        reason = values.pop("late_reason")
        if "at" in asked.validated_data:
            values["late"] = LateEntry(recorded_at=at, reason=reason)
    return values


def _recorded_at(dossier: Dossier) -> datetime:
    """When the dossier was entered."""
    moment: datetime = dossier.events.values_list("recorded_at", flat=True).earliest("n")
    return moment


def _made(request: Request, takes: type[given.Given], make: Callable[..., Dossier]) -> Response:
    """Make a dossier once, however often the call is repeated."""
    actor, at = actor_of(request), moment_of(request)
    key = _idempotency_key(request)
    asked = takes(data=request.data)
    asked.is_valid(raise_exception=True)
    values = _entered(asked, at)
    dossier = make(**values, idempotency_key=key, by=actor)
    # One made by an earlier call bears that call's moment.
    made_now = at in (dossier.submitted_at, _recorded_at(dossier))
    answer = shown.DossierReceived(rows.whole(dossier.pk, actor, at), context=shown.as_of(at))
    return Response(answer.data, status=status.HTTP_201_CREATED if made_now else status.HTTP_200_OK)


def _idempotency_key(request: Request) -> str:
    """The caller's key, kept apart from those of others: a key never opens another's dossier."""
    key = request.headers.get(KEY_HEADER, "").strip()
    if not key or len(key) > LONGEST_KEY:
        raise ValidationError({KEY_HEADER: [_("Send a key of 1 to 80 characters in this header.")]})
    return f"api/{request.user.pk}/{key}"
