"""Addresses of the pages for staff."""

from django.urls import path

from dossiers.backoffice import (
    apologies,
    board,
    calendars,
    counter,
    counter_lists,
    desk,
    dossier,
    duty,
    letters,
    repeated,
    sign,
    versions,
    what_if,
)

app_name = "backoffice"
urlpatterns = [
    path("work/", desk.work, name="work"),
    path("work/counter/", counter.counter, name="counter"),
    path("work/counter/procedures/", counter.procedures, name="counter-procedures"),
    path("work/counter/results/", counter_lists.results, name="counter-results"),
    path("work/counter/submissions/", counter_lists.submissions, name="counter-submissions"),
    path("work/counter/received/<str:code>/", counter.received, name="counter-received"),
    path("work/counter/guided/<str:number>/", letters.guided, name="guided"),
    path("work/counter/guided/<str:number>.pdf", letters.guidance, name="guidance"),
    path("work/desk/", desk.desk, name="desk"),
    path("work/search/", desk.search, name="search"),
    path("work/sign/", sign.sign, name="sign"),
    path("work/board/", board.board, name="board"),
    path("work/board/apologies/", duty.duty, name="duty"),
    path("work/board/repeated/", repeated.records, name="repeated"),
    path("work/board/repeated/<int:pk>/", repeated.record, name="repeated-record"),
    path("work/dossiers/<str:code>/", dossier.dossier, name="dossier"),
    path("work/dossiers/<str:code>/receipt.pdf", letters.receipt, name="receipt"),
    path("work/dossiers/<str:code>/supplement.pdf", letters.supplement, name="supplement"),
    path("work/dossiers/<str:code>/refusal.pdf", letters.refusal, name="refusal"),
    path("work/dossiers/<str:code>/stop.pdf", letters.stop, name="stop"),
    path("work/dossiers/<str:code>/control-slip.pdf", letters.control_slip, name="control-slip"),
    path("work/dossiers/<str:code>/acts/<slug:command>/", dossier.act, name="act"),
    path("catalogue/definitions/<int:pk>/dossiers/", versions.dossiers, name="definition-dossiers"),
    path("catalogue/definitions/<int:pk>/time/", versions.times, name="definition-times"),
    path("catalogue/calendars/", calendars.index, name="calendars"),
    path("catalogue/calendars/amend/", calendars.amend, name="calendar-amend"),
    path(
        "catalogue/calendars/amendments/<int:pk>/", calendars.amendment, name="calendar-amendment"
    ),
    path("catalogue/calendars/<str:code>/", calendars.calendar, name="calendar"),
    path("work/apologies/", apologies.to_write, name="apologies"),
    path("work/counter/letters/", apologies.to_hand_over, name="counter-letters"),
    path("work/apologies/<int:apology>.pdf", letters.apology, name="apology"),
    # With the catalogue's pages, but over the dossiers: the catalogue knows none.
    path("catalogue/limits/what-if/", what_if.what_if, name="what-if"),
]
