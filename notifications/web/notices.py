"""A person's own notices inside the application."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications.models import Notice

PAGE_SIZE = 50


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """The notices of who is logged in, newest first."""
    mine = Notice.objects.of(_account(request))
    page = Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "unread": mine.unread().count()}
    return render(request, "notifications/notices.html", context)


@require_POST
@login_required
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark all notices of who is logged in as read."""
    Notice.objects.of(_account(request)).unread().update(read_at=timezone.now())
    return redirect("notices")


def _account(request: HttpRequest) -> int:
    return int(request.user.pk or 0)
