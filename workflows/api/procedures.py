"""Finding a procedure by a few letters, and what it asks for: read-only."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from workflows.folding import fold
from workflows.models import Case, Edition, Offer, PaperItem, Procedure

MOST = 50


class ProcedureShown(serializers.ModelSerializer[Procedure]):
    """A procedure as a line of a list."""

    field = serializers.CharField(source="field.name")

    class Meta:
        model = Procedure
        fields = ["code", "name", "field"]


class CaseShown(serializers.ModelSerializer[Case]):
    """An alternative under which other papers or another limit hold."""

    class Meta:
        model = Case
        fields = ["key", "name"]


class PaperItemShown(serializers.ModelSerializer[PaperItem]):
    """One line of the list of papers."""

    case = serializers.CharField(source="case.key", default=None, allow_null=True)

    class Meta:
        model = PaperItem
        fields = ["id", "kind", "name", "case", "originals", "copies", "group"]


class EditionShown(serializers.ModelSerializer[Edition]):
    """What a procedure asks for today: its edition in force, and who answers for it."""

    code = serializers.CharField(source="procedure.code")
    name = serializers.CharField(source="procedure.name")
    field = serializers.CharField(source="procedure.field.name")
    edition = serializers.IntegerField(source="number")
    cases = CaseShown(many=True)
    papers = PaperItemShown(many=True)
    answering_agencies = serializers.SerializerMethodField()

    class Meta:
        model = Edition
        fields = [
            "code", "name", "field", "edition", "in_force_from", "decision_no", "cases", "papers",
            "answering_agencies",
        ]  # fmt: skip

    def get_answering_agencies(self, edition: Edition) -> list[str]:
        """The codes of the agencies that answer for it on the day asked."""
        on = self.context["on"]
        offers = Offer.objects.filter(procedure_id=edition.procedure_id, valid_from__lte=on)
        standing = offers.filter(Q(valid_to=None) | Q(valid_to__gte=on))
        return list(standing.order_by("agency__code").values_list("agency__code", flat=True))


class ProcedureList(generics.ListAPIView[Procedure]):
    """Procedures whose name holds every word asked for, or whose code begins so."""

    serializer_class = ProcedureShown
    pagination_class = None
    queryset = Procedure.objects.all()

    def get_queryset(self) -> Any:
        """The first of them; words are compared without diacritics."""
        text = self.request.query_params.get("q", "")
        words = Q()
        for word in fold(text).split():
            words &= Q(search_key__contains=word)
        found = Procedure.objects.filter(words | Q(code__startswith=text.strip()))
        return found.select_related("field").order_by("code")[:MOST]

    @extend_schema(
        operation_id="procedures",
        parameters=[OpenApiParameter("q", str, description="A few letters")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Find procedures by part of their name, with or without diacritics."""
        return self.list(request)


class ProcedureDetail(generics.GenericAPIView[Edition]):
    """What one procedure asks for."""

    serializer_class = EditionShown

    @extend_schema(operation_id="procedure")
    def get(self, request: Request, code: str) -> Response:
        """Cases and papers of the edition in force today."""
        on = timezone.localdate()
        procedure = get_object_or_404(Procedure, code=code)
        edition = get_object_or_404(
            Edition.objects.select_related("procedure", "procedure__field").prefetch_related(
                "cases", "papers", "papers__case"
            ),
            pk=getattr(procedure.edition_on(on), "pk", None),
        )
        return Response(EditionShown(edition, context={"on": on}).data)
