"""The duty to apologise on the board: a month by agency and unit, each count opening its rows."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from dossiers.backoffice.access import actor_of, staff
from dossiers.backoffice.workplace import BOARD_ROLES
from dossiers.reading import duty as reading
from dossiers.statistics.duty import STANDINGS, Duty

LABELS: dict[str, Promise] = {
    "foreseen": pgettext_lazy("apology owed", "Before the limit"),
    "in_time": pgettext_lazy("apology owed", "In time"),
    "late": pgettext_lazy("apology owed", "Late"),
    "missing": pgettext_lazy("apology owed", "Missing"),
    "to_come": pgettext_lazy("apology owed", "Still in time"),
}


@staff(*BOARD_ROLES)
@require_GET
def duty(request: HttpRequest) -> HttpResponse:
    """A month's apologies: owed, before the limit, in time, late, missing, still in time."""
    at = timezone.now()
    asked = {name: request.GET.get(name, "").replace("\x00", "") for name in ("agency", "unit")}
    show = request.GET.get("show", "missing")
    page = request.GET.get("page", "")
    found = reading.month(
        actor_of(request),
        _month(request.GET.get("month", ""), at),
        at,
        show=show,
        page=min(10_000, max(1, int(page))) if page.isascii() and page.isdigit() else 1,
        **asked,
    )
    context = {
        "found": found,
        "labels": _numbers(found.total),
        "lines": [(line, _numbers(line.duty)) for line in found.lines],
        "label": LABELS.get(found.show, ""),
        "before": _previous(found.month),
        **asked,
        "now": at,
    }
    return render(request, "backoffice/duty.html", context)


def _numbers(numbers: Duty) -> list[tuple[str, Promise, int]]:
    """The standings in their order, each with its word."""
    return [(name, LABELS[name], getattr(numbers, name)) for name in STANDINGS]


def _previous(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def _month(text: str, at: datetime) -> date:
    """The month written as YYYY-MM, else the running one; none that lies ahead."""
    today = timezone.localdate(at)
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today
    return min(first, today)
