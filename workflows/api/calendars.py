"""Working calendars, read-only: hours of the week, days that differ, amendments, with sources."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from workflows.models import Amendment, Calendar, CalendarDay, CalendarHours

YEARS = range(1990, 2101)


class CalendarShown(serializers.ModelSerializer[Calendar]):
    """A calendar as a line of a list; `base` is the code of the one it stands over."""

    base = serializers.CharField(source="base.code", default=None, allow_null=True)

    class Meta:
        model = Calendar
        fields = ["code", "name", "base", "tz", "version"]


class HoursShown(serializers.ModelSerializer[CalendarHours]):
    """One interval of a weekday (0 is Monday) from a day on; null: since ever."""

    class Meta:
        model = CalendarHours
        fields = ["since", "weekday", "opens", "closes"]


class DayShown(serializers.ModelSerializer[CalendarDay]):
    """A day that differs; `hours` of a worked day, empty where it is off or worked as usual."""

    calendar = serializers.CharField(source="calendar.code")

    class Meta:
        model = CalendarDay
        fields = ["on", "kind", "name", "hours", "confirmed", "source", "calendar"]


class AmendmentShown(serializers.ModelSerializer[Amendment]):
    """One amendment as it was confirmed."""

    class Meta:
        model = Amendment
        fields = ["id", "at", "source", "first_on", "last_on", "changes"]


class CalendarYearShown(CalendarShown):
    """A calendar with the hours of its weeks and the days of one year, the base's too."""

    hours = HoursShown(many=True)
    days = serializers.SerializerMethodField()
    amendments = AmendmentShown(many=True)

    class Meta(CalendarShown.Meta):
        fields = [*CalendarShown.Meta.fields, "hours", "days", "amendments"]

    def get_days(self, calendar: Calendar) -> list[dict[str, Any]]:
        """The days of the year asked for; what the calendar says stands over its base."""
        both = [calendar.base_id, calendar.pk]
        rows = CalendarDay.objects.filter(calendar__in=both, on__year=self.context["year"])
        own = sorted(rows.select_related("calendar"), key=lambda day: day.calendar_id != both[0])
        by_date = {day.on: day for day in own}
        return [dict(DayShown(by_date[on]).data) for on in sorted(by_date)]


class CalendarList(generics.ListAPIView[Calendar]):
    """Every working calendar."""

    serializer_class = CalendarShown
    pagination_class = None
    queryset = Calendar.objects.select_related("base").order_by("code")

    @extend_schema(operation_id="calendars")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The calendars: the national one and those of agencies."""
        return self.list(request)


class CalendarDetail(generics.GenericAPIView[Calendar]):
    """One calendar's year."""

    serializer_class = CalendarYearShown

    @extend_schema(
        operation_id="calendar",
        parameters=[OpenApiParameter("year", int, description="Default: this year")],
    )
    def get(self, request: Request, code: str) -> Response:
        """Hours of the week, the days of the year that differ, amendments."""
        calendar = get_object_or_404(Calendar.objects.select_related("base"), code=code)
        asked = request.query_params.get("year", "")
        known = asked.isascii() and asked.isdigit() and int(asked) in YEARS
        year = int(asked) if known else timezone.localdate().year
        return Response(CalendarYearShown(calendar, context={"year": year}).data)
