"""The addresses of the API of the catalogue; mounted at `/api/`."""

from __future__ import annotations

from django.urls import path

from workflows.api.procedures import ProcedureDetail, ProcedureList

app_name = "workflows-api"
urlpatterns = [
    path("procedures/", ProcedureList.as_view(), name="procedures"),
    path("procedures/<str:code>/", ProcedureDetail.as_view(), name="procedure"),
]
