"""The addresses of the API of dossiers, one for each command; mounted at `/api/`."""

from __future__ import annotations

from django.urls import path

from dossiers.api import apologies, given, views
from dossiers.api.clock import ClockWhy
from dossiers.api.tokens import TokenView

app_name = "api"
urlpatterns = [
    path("token/", TokenView.as_view(), name="token"),
    path("dossiers/", views.DossierList.as_view(), name="dossiers"),
    path("submissions/", views.Submissions.as_view(), name="submissions"),
    path("dossiers/<str:code>/clock/", ClockWhy.as_view(), name="clock"),
    path("dossiers/<str:code>/", views.DossierDetail.as_view(), name="dossier"),
    *(
        path(
            f"dossiers/<str:code>/commands/{name}/",
            views.DossierCommand.as_view(command=name, takes=takes),
            name=name,
        )
        for name, takes in given.COMMANDS.items()
    ),
    *(
        path(
            f"breaches/<int:breach_id>/commands/{name}/",
            views.BreachCommand.as_view(command=name, takes=takes),
            name=name,
        )
        for name, takes in given.BREACH_COMMANDS.items()
    ),
    *(
        path(
            f"apologies/<int:apology_id>/commands/{name}/",
            views.ApologyCommand.as_view(command=name, takes=takes),
            name=name,
        )
        for name, takes in given.APOLOGY_COMMANDS.items()
    ),
    *(
        path(
            f"opinions/<int:consultation_id>/commands/{name}/",
            views.OpinionCommand.as_view(command=name, takes=takes),
            name=name,
        )
        for name, takes in given.OPINION_COMMANDS.items()
    ),
    path("apologies/duty/", apologies.DutyFigures.as_view(), name="apology-duty"),
    path("apologies/duty/cases/", apologies.DutyCases.as_view(), name="apology-duty-cases"),
    path("apologies/to-write/", apologies.ToWrite.as_view(), name="apologies-to-write"),
    path("apologies/to-hand-over/", apologies.ToHandOver.as_view(), name="apologies-to-hand-over"),
    path("apologies/draft/", apologies.Draft.as_view(), name="draft-apologies"),
    path("apologies/sign/", apologies.Sign.as_view(), name="sign-apologies"),
    path("repeated-lateness/", apologies.Records.as_view(), name="repeated-lateness"),
    path("repeated-lateness/<int:record_id>/", apologies.Record.as_view(), name="repeated-record"),
    *(
        path(
            f"repeated-lateness/<int:record_id>/commands/{name}/",
            apologies.RecordCommand.as_view(command=name, takes=takes),
            name=name,
        )
        for name, takes in given.RECORD_COMMANDS.items()
    ),
    path("dossiers/<str:code>/commands/<str:name>/", views.NoSuchCommand.as_view()),
]
