"""The mailbox page: e-mail that was printed instead of sent, for whoever tries OneStop out.

It holds what citizens were told, so it is open in trial mode and otherwise to the operator alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications.channels.mailbox import BACKEND
from notifications.models import PrintedMail

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that came with an e-mail."""

    filename: str
    mimetype: str
    content: bytes


@require_safe
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """The printed e-mails, newest first; `q` looks in recipient and subject."""
    _check_open(request)
    wanted = request.GET.get("q", "").strip()
    printed = PrintedMail.objects.defer("raw", "body")
    if wanted:
        printed = printed.filter(Q(recipient__icontains=wanted) | Q(subject__icontains=wanted))
    page = Paginator(printed, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "notifications/mailbox.html", {"page": page, "q": wanted})


@require_safe
@never_cache
def reading(request: HttpRequest, pk: int) -> HttpResponse:
    """One e-mail with its files."""
    _check_open(request)
    printed = get_object_or_404(PrintedMail, pk=pk)
    context = {"mail": printed, "enclosures": _enclosures(printed)}
    return render(request, "notifications/mail.html", context)


@require_safe
@never_cache
def enclosure(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """A file of an e-mail, to download."""
    _check_open(request)
    found = _enclosures(get_object_or_404(PrintedMail, pk=pk))
    if place >= len(found):
        raise Http404
    response = HttpResponse(found[place].content, content_type=found[place].mimetype)
    response.headers["Content-Disposition"] = "attachment"
    response.headers["Content-Disposition"] += f'; filename="{_ascii(found[place].filename)}"'
    return response


def _check_open(request: HttpRequest) -> None:
    trial = settings.DEBUG or getattr(settings, "TRIAL_MODE", False)
    operator = request.user.is_authenticated and request.user.is_superuser
    if settings.EMAIL_BACKEND != BACKEND or not (trial or operator):
        raise Http404


def _enclosures(printed: PrintedMail) -> list[Enclosure]:
    whole = message_from_bytes(bytes(printed.raw), policy=policy.default)
    assert isinstance(whole, EmailMessage)  # noqa: S101 what this policy makes
    return [
        Enclosure(part.get_filename() or f"{place}", part.get_content_type(), part.get_content())
        for place, part in enumerate(whole.iter_attachments(), 1)
        if isinstance(part.get_payload(decode=True), bytes)
    ]


def _ascii(filename: str) -> str:
    return filename.encode("ascii", "replace").decode().replace('"', "")
