"""The public first page: what this is, the way to one's dossier and to the figures."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dossiers.portal.forms import TrackForm


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the first page."""
    return render(request, "portal/home.html", {"form": TrackForm()})
