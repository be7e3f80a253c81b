"""The pages on which working calendars are kept: list, year, amendment, preview, recount."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from dossiers.backoffice.access import actor_of, staff
from dossiers.backoffice.calendar_form import AmendForm
from dossiers.backoffice.workplace import BOARD_ROLES, CATALOGUE_ROLES
from dossiers.errors import Refusal
from dossiers.lifecycle import recalendar, recount
from dossiers.models import ClockKind, Recount
from dossiers.reading import calendars as reading
from workflows import permissions
from workflows.actors import Actor
from workflows.catalogue.amendment import Amendment, AmendmentFault, read
from workflows.models import NATIONAL, Agency, Calendar, CalendarDay, CalendarHours

READERS = (*CATALOGUE_ROLES, *BOARD_ROLES)
LOOK_AGAIN = "5"  # seconds


@staff(*READERS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every calendar; and an agency that has none yet may be given one by amending it."""
    actor = actor_of(request)
    year = timezone.localdate().year
    context = {
        "calendars": reading.calendars(year),
        "year": year,
        "may_national": permissions.calendar_post(actor, None) is not None,
        "agencies": _agencies(actor),
    }
    return render(request, "backoffice/calendars.html", context)


@staff(*READERS)
@never_cache
@require_GET
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """A calendar's year: its hours, the days that differ, its amendments."""
    found = _calendar(code)
    asked = request.GET.get("year", "")
    this = timezone.localdate().year
    year = int(asked) if asked.isascii() and asked.isdigit() and 1990 < int(asked) < 2100 else this
    shown = reading.year_of(found, year)
    path = None if shown.agency is None or code == NATIONAL else shown.agency.path
    context = {
        "shown": shown,
        "weekdays": reading.weekday_names(),
        "may_amend": permissions.calendar_post(actor_of(request), path) is not None,
    }
    return render(request, "backoffice/calendar.html", context)


@staff(*CATALOGUE_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def amend(request: HttpRequest) -> HttpResponse:
    """Fill in, look at what would move, confirm: three times this page."""
    at = timezone.now()
    found, agency = _target(request)
    if request.method == "POST" and "amendment" in request.POST:
        return _confirm(request, found, agency)
    form = _form(request, found, agency)
    if request.method == "POST" and form.is_valid():
        given = form.amendment("" if agency else found.code, agency.code if agency else "")
        if given is not None:
            try:
                preview = recalendar.preview(given, by=actor_of(request), at=at)
            except Refusal as refusal:
                form.show(refusal)
            else:
                return _preview(request, found, agency, given, preview)
    status = 422 if request.method == "POST" else 200
    return _page(request, found, agency, form, status)


@staff(*READERS)
@never_cache
@require_GET
def amendment(request: HttpRequest, pk: int) -> HttpResponse:
    """One amendment and how far running clocks have been counted again."""
    rows = Recount.objects.select_related("amendment__calendar__base", "amendment__post")
    found = get_object_or_404(rows, amendment=pk)
    running = found.state != Recount.State.DONE
    context = {
        "recount": found,
        "amendment": found.amendment,
        "given": read(found.amendment.changes),
        "left": recount.left(found) if running else 0,
        "weekdays": reading.weekday_names(),
    }
    response = render(request, "backoffice/calendar_amendment.html", context)
    if running:
        response["Refresh"] = LOOK_AGAIN
    return response


def _confirm(request: HttpRequest, found: Calendar, agency: Agency | None) -> HttpResponse:
    """What was shown is amended; counted once more, so that nothing else is done than told."""
    try:
        given = read(json.loads(request.POST["amendment"]))
    except (ValueError, AmendmentFault):
        raise Http404 from None
    try:
        begun = recalendar.amend(given, by=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        form = AmendForm(None, *_standing(found))
        return _page(request, found, agency, form, 409)
    messages.success(request, _("The calendar is amended. Running clocks are counted again."))
    return redirect("backoffice:calendar-amendment", pk=begun.amendment_id)


def _preview(
    request: HttpRequest,
    found: Calendar,
    agency: Agency | None,
    given: Amendment,
    preview: recalendar.Preview,
) -> HttpResponse:
    context = {
        "calendar": found,
        "agency": agency,
        "given": given,
        "as_json": json.dumps(given.to_json(), ensure_ascii=False),
        "preview": preview,
        "weekdays": reading.weekday_names(),
        "kinds": [(ClockKind(kind).label, n) for kind, n in preview.by_kind.most_common()],
        "rows": [(one, ClockKind(one.kind).label) for one in preview.moved],
        "left_out": sum(preview.by_kind.values()) - len(preview.moved),
    }
    return render(request, "backoffice/calendar_preview.html", context)


def _page(
    request: HttpRequest, found: Calendar, agency: Agency | None, form: AmendForm, status: int
) -> HttpResponse:
    context: dict[str, Any] = {"calendar": found, "agency": agency, "form": form}
    return render(request, "backoffice/calendar_amend.html", context, status=status)


def _form(request: HttpRequest, found: Calendar, agency: Agency | None) -> AmendForm:
    data = request.POST if request.method == "POST" else None
    return AmendForm(data, *_standing(found if agency is None or found.pk else found))


def _standing(found: Calendar) -> tuple[list[CalendarDay], list[str]]:
    """The days that may be taken back and the hours of the week as they stand."""
    own = list(CalendarDay.objects.filter(calendar=found).order_by("-on")[:60]) if found.pk else []
    rows = CalendarHours.objects.filter(calendar__in=[found.base_id, found.pk or 0])
    newest: dict[int, list[str]] = {day: [] for day in reading.WEEKDAYS}
    keys = {(row.calendar_id == found.pk, str(row.since or "")) for row in rows}
    for row in rows:
        if (row.calendar_id == found.pk, str(row.since or "")) == max(keys):
            newest[row.weekday].append(f"{row.opens:%H:%M}-{row.closes:%H:%M}")
    return own, [", ".join(newest[day]) for day in reading.WEEKDAYS]


def _calendar(code: str) -> Calendar:
    found = None if "\x00" in code else reading.find(code)
    if found is None:
        raise Http404
    return found


def _target(request: HttpRequest) -> tuple[Calendar, Agency | None]:
    """The calendar to amend; of an agency without its own, the national one with the agency.

    Raises: Http404, PermissionDenied.
    """
    code = request.GET.get("agency", "").replace("\x00", "")
    agency = None
    if code:
        agency = get_object_or_404(Agency, code=code)
        found = agency.calendar or Calendar(code="", name=agency.name, base=_calendar(NATIONAL))
        path: str | None = agency.path
    else:
        found = _calendar(request.GET.get("calendar", NATIONAL))
        owner = Agency.objects.filter(calendar=found).order_by("path").first()
        path = None if found.code == NATIONAL or owner is None else owner.path
    if permissions.calendar_post(actor_of(request), path) is None:
        raise PermissionDenied
    return found, agency


def _agencies(actor: Actor) -> list[Agency]:
    """The agencies whose own calendar this person may amend, or make by amending."""
    paths = [held.agency_path for held in actor.holding(*CATALOGUE_ROLES) if held.unit_id is None]
    if not paths:
        return []
    rows = Agency.objects.filter(valid_to=None).order_by("sort_key")
    return [agency for agency in rows if any(agency.is_under(path) for path in paths)]
