"""The supervisor's board."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dossiers.backoffice.access import actor_of, staff
from dossiers.backoffice.duty import LABELS
from dossiers.backoffice.workplace import BOARD_ROLES
from dossiers.reading import board as reading
from dossiers.reading import timers
from dossiers.reading.duty import total
from dossiers.reading.repeated import open_count
from dossiers.statistics.duty import STANDINGS


@staff(*BOARD_ROLES)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """What is late now and what is unanswered; each count opens exactly its rows."""
    at = timezone.now()
    show = request.GET.get("show", reading.LATE)
    page = request.GET.get("page", "")
    agency, unit = (request.GET.get(name, "").replace("\x00", "") for name in ("agency", "unit"))
    actor = actor_of(request)
    alarm = timers.alarm(actor, at)
    since = None if alarm is None else alarm.late_since
    found = reading.board(
        actor,
        at,
        show=show if show in reading.SHOWS else reading.LATE,
        agency=agency,
        unit=unit,
        page=min(10_000, max(1, int(page))) if page.isascii() and page.isdigit() else 1,
    )
    owed = total(actor, at)
    context = {
        "board": found,
        "duty": owed,
        "duty_labels": [(name, LABELS[name], getattr(owed, name)) for name in STANDINGS],
        "repeated": open_count(actor),
        "alarm": alarm,
        "late_today": since is not None and timezone.localdate(since) == timezone.localdate(at),
        "agency": agency,
        "unit": unit,
        "now": at,
    }
    return render(request, "backoffice/board.html", context)
