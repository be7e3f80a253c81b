"""The public pages."""

from django.urls import path

from dossiers.portal.views import figures, home, track

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("track/", track.track, name="track"),
    path("track/<str:signed>/", track.tracked, name="tracked"),
    path("track/<str:signed>/apology.pdf", track.apology, name="tracked-apology"),
    path("t/<str:code>/<str:signature>/", track.by_link, name="tracked-by-link"),
    path("figures/", figures.page, name="figures"),
    path("figures/figures.csv", figures.as_csv, name="figures-csv"),
    path("figures/figures.json", figures.as_json, name="figures-json"),
    path("figures/apologies.json", figures.apologies_as_json, name="apologies-json"),
]
