"""Tracking one dossier: the form, the signed link of a receipt's QR code, the page, the letter."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dossiers import codes
from dossiers.documents import letter
from dossiers.models import Status
from dossiers.portal import throttle, tickets
from dossiers.portal.forms import TrackForm
from dossiers.reading import proof, tracking
from dossiers.reading.owed import owed

NOT_FOUND, TOO_OFTEN, RAN_OUT, BAD_LINK = "not_found", "too_often", "ran_out", "bad_link"
STATUS = {NOT_FOUND: 404, TOO_OFTEN: 429, RAN_OUT: 410, BAD_LINK: 404}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Ask for code and secret; what they open together is shown under an address of its own."""
    if request.method != "POST":
        return _form(request, TrackForm())
    form = TrackForm(request.POST)
    if not form.is_valid():
        return _form(request, form)
    code = _key(form.cleaned_data["code"])
    if not throttle.take(request, code):
        return _form(request, TrackForm(), problem=TOO_OFTEN)
    found = proof.proved(form.cleaned_data["code"], form.cleaned_data["secret"])
    if found is None:
        # Nothing of what was typed comes back: both answers are the same to the byte.
        return _form(request, TrackForm(), problem=NOT_FOUND)
    throttle.give_back(request, code)
    return redirect("portal:tracked", tickets.issue(found))


@never_cache
@require_safe
def tracked(request: HttpRequest, signed: str) -> HttpResponse:
    """The dossier of a ticket, while the ticket holds."""
    found = tickets.read(signed)
    if found is None:
        return _form(request, TrackForm(), problem=RAN_OUT)
    return _page(request, found, signed)


@never_cache
@require_safe
def by_link(request: HttpRequest, code: str, signature: str) -> HttpResponse:
    """The dossier of a receipt's QR code: who holds the paper needs no secret."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    signed = codes.is_tracking_signature(code, signature, keys=[str(key).encode() for key in keys])
    found = proof.by_code(code) if signed else None
    if found is None:
        return _form(request, TrackForm(), problem=BAD_LINK)
    return _page(request, found, tickets.issue(found))


@never_cache
@require_safe
def apology(request: HttpRequest, signed: str) -> HttpResponse:
    """The signed apology as a PDF, for who proved to be concerned."""
    found = tickets.read(signed)
    if found is None:
        return _form(request, TrackForm(), problem=RAN_OUT)
    written = tracking.signed_letter(found)
    if written is None:
        raise Http404
    response = HttpResponse(letter.apology_letter(written), content_type=letter.PDF)
    response["Content-Disposition"] = 'attachment; filename="thu-xin-loi.pdf"'
    return _private(response)


def _page(request: HttpRequest, dossier_id: int, ticket: str) -> HttpResponse:
    now = timezone.now()
    page = tracking.tracked(dossier_id, at=now, language=get_language() or "vi")
    if page is None:
        return _form(request, TrackForm(), problem=NOT_FOUND)
    context = {
        "page": page,
        "owed": owed(dossier_id) if page.status == Status.PAYMENT_REQUESTED else None,
        "now": now,
        "section": "track",
        "letter_url": reverse("portal:tracked-apology", args=[ticket]),
    }
    return _private(render(request, "portal/tracked.html", context))


def _form(request: HttpRequest, form: TrackForm, problem: str = "") -> HttpResponse:
    context = {
        "form": form,
        "problem": problem,
        "has_errors": bool(problem),
        "section": "track",
    }
    status = STATUS.get(problem, 422 if form.errors else 200)
    return _private(render(request, "portal/track.html", context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Found by no search engine; `never_cache` keeps it out of every cache (no-store)."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _key(code: str) -> str:
    """One key for all spellings of a code, so that tries cannot be spread over them."""
    read = codes.parse(code)
    return read.folded if read else codes.folded(code)
