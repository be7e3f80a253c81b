"""The addresses of the API of the catalogue; mounted at `/api/`."""

from __future__ import annotations

from django.urls import path

from workflows.api.calendars import CalendarDetail, CalendarList
from workflows.api.procedures import ProcedureDetail, ProcedureList

app_name = "workflows-api"
urlpatterns = [
    path("calendars/", CalendarList.as_view(), name="calendars"),
    path("calendars/<str:code>/", CalendarDetail.as_view(), name="calendar"),
    path("procedures/", ProcedureList.as_view(), name="procedures"),
    path("procedures/<str:code>/", ProcedureDetail.as_view(), name="procedure"),
]
