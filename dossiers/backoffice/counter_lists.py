"""What waits at the counter: results and supplements, and submissions to be answered."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dossiers.backoffice.access import actor_of, staff
from dossiers.reading import counter as reading
from workflows.actors import Actor
from workflows.models import Role


@staff(Role.CLERK)
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """What waits at the counter: results to take over and to hand out, supplements to come."""
    at = timezone.now()
    agencies = agencies_of(actor_of(request))
    context = {"waiting": reading.waiting(agencies, at), "now": at}
    return render(request, "backoffice/counter_results.html", context)


@staff(Role.CLERK)
@require_GET
def submissions(request: HttpRequest) -> HttpResponse:
    """What came in online or by post and waits to be received or refused, by the time left."""
    at = timezone.now()
    agencies = agencies_of(actor_of(request))
    context = {"submissions": reading.submissions(agencies, at), "now": at}
    return render(request, "backoffice/counter_submissions.html", context)


def agencies_of(actor: Actor) -> list[int]:
    """The agencies at whose counters the person sits."""
    return [held.agency_id for held in actor.holding(Role.CLERK)]
