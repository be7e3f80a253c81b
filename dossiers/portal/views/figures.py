"""The public figures of a month: the page, and the same as CSV and JSON."""

from __future__ import annotations

from datetime import date, datetime

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dossiers.portal import apologies, month, open_data
from dossiers.reading import overdue
from dossiers.statistics.periods import local_day, month_start
from dossiers.statistics.ranking import MonthPage, month_page

KINDS = ("departments", "communes", "others")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the month asked for, by default the running one."""
    now = timezone.now()
    shown = _month(request, now)
    kind = _kind(request, shown)
    rows = month.trend(shown)
    context = {
        "page": shown,
        "section": "figures",
        "now": now,
        "months": month.chooser(now),
        "stats": month.stats(shown),
        "kind": kind,
        "ranked": month.ranked(getattr(shown, kind), shown),
        "named": shown.late[: month.FIRST_NAMED],
        "named_more": shown.late[month.FIRST_NAMED :],
        "trend": rows,
        "apologies": apologies.of_month(shown),
        "chart": month.trend_chart(rows, shown.as_of) if len(rows) > 1 else "",
    }
    if not shown.is_over:
        context |= _overdue(shown)
    return render(request, "portal/figures.html", context)


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The month as a file for spreadsheets."""
    shown = _month(request, timezone.now())
    response = HttpResponse(open_data.as_csv(shown), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="figures-{shown.month:%Y-%m}.csv"'
    return _open(response)


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """The month as JSON."""
    shown = _month(request, timezone.now())
    options = {"ensure_ascii": False, "indent": 1}
    return _open(JsonResponse(open_data.as_json(shown), json_dumps_params=options))


@require_safe
def apologies_as_json(request: HttpRequest) -> HttpResponse:
    """The month's duty to apologise as JSON."""
    shown = _month(request, timezone.now())
    options = {"ensure_ascii": False, "indent": 1}
    return _open(JsonResponse(apologies.as_json(shown), json_dumps_params=options))


def _overdue(shown: MonthPage) -> dict[str, object]:
    """What the running month can still say of single dossiers: who waits longest, and how long."""
    ages = overdue.ages(shown.as_of)
    return {
        "longest": overdue.longest(shown.as_of),
        "ages": [(month.age_label(age), age.number) for age in ages],
        "ages_total": sum(age.number for age in ages),
        "age_chart": month.age_chart(ages, shown.as_of) if ages else "",
    }


def _month(request: HttpRequest, now: datetime) -> MonthPage:
    """The month of the address (`?month=2026-10`). Raises: Http404 for none, or one ahead."""
    asked = request.GET.get("month", "")
    try:
        first = date.fromisoformat(f"{asked}-01") if asked else month_start(local_day(now))
    except ValueError:
        raise Http404 from None
    shown = month_page(first, now)
    if shown is None:
        raise Http404
    return shown


def _kind(request: HttpRequest, shown: MonthPage) -> str:
    """Which kind of agency is ranked: the one asked for, else the first that has figures."""
    asked = request.GET.get("kind", "")
    if asked in KINDS:
        return asked
    return next((kind for kind in KINDS if getattr(shown, kind)), KINDS[0])


def _open(response: HttpResponse) -> HttpResponse:
    """Open data: any page anywhere may read it."""
    response["Access-Control-Allow-Origin"] = "*"
    return response
