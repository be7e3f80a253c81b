"""The desk of whoever processes: my steps by working time left; where each person's work begins."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dossiers.backoffice.access import actor_of, staff
from dossiers.backoffice.workplace import DESK_ROLES, DRAFT_ROLES, home_of
from dossiers.reading import apologising
from dossiers.reading import desk as reading
from dossiers.reading.handing import between
from dossiers.reading.search import search as find


@login_required
@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """Lead a person to where the work of their role begins."""
    address = home_of(actor_of(request))
    if not address:
        return render(request, "backoffice/no_post.html")
    return redirect(address)


@staff(*DESK_ROLES)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """My steps, my unit's, the stopped ones."""
    at = timezone.now()
    tab = request.GET.get("tab", "mine")
    chosen = tab if tab in reading.TABS else "mine"
    actor = actor_of(request)
    context = {
        "desk": reading.desk(actor, chosen, at),
        "foreseen": apologising.foreseen(actor, at) if actor.holding(*DRAFT_ROLES) else [],
        "between": between(actor, at),
        "now": at,
    }
    return render(request, "backoffice/desk.html", context)


@staff()
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """What the bar's search finds; a single exact code opens its dossier at once."""
    at = timezone.now()
    text = request.GET.get("q", "").strip()
    found = find(text, actor_of(request), at)
    if len(found) == 1 and found[0].code.upper() == text.upper():
        return redirect("backoffice:dossier", code=found[0].code)
    return render(request, "backoffice/search.html", {"found": found, "q": text, "now": at})
