"""The papers that a person prints, as PDF: receipt, slips, letters, notices (forms 01 to 06)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dossiers.backoffice.access import actor_of, dossier_of, staff
from dossiers.documents import filling, slips
from dossiers.documents.apology import apology as print_apology
from dossiers.documents.control_slip import control_slip as print_control_slip
from dossiers.documents.receipt import receipt as print_receipt
from dossiers.documents.refusal import refusal as print_refusal
from dossiers.documents.stop import stop as print_stop
from dossiers.documents.supplement import supplement as print_supplement
from dossiers.models import Apology, Dossier, GuidanceSlip
from workflows.models import Role


@staff()
@require_GET
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """Form 01 of a received dossier."""
    dossier = dossier_of(request, code)
    return _pdf(print_receipt(filling.receipt_paper(dossier)), f"{dossier.handle}.pdf")


@staff()
@require_GET
def apology(request: HttpRequest, apology: int) -> HttpResponse:
    """Form 04; a letter not yet signed prints as a draft."""
    letter = get_object_or_404(
        Apology.objects.select_related(
            "reason",
            "drafted_by",
            "signed_by",
            "dossier__procedure",
            "dossier__edition",
            "dossier__case",
            "dossier__answering_agency__parent",
            "dossier__receiving_agency",
            "dossier__receiving_unit",
        ),
        pk=apology,
        dossier__in=Dossier.objects.visible_to(actor_of(request)),
    )
    name = f"{letter.dossier.handle}-xin-loi.pdf"
    return _pdf(print_apology(filling.apology_paper(letter)), name)


@staff()
@require_GET
def supplement(request: HttpRequest, code: str) -> HttpResponse:
    """Form 02 of the last request for papers."""
    dossier = dossier_of(request, code)
    asked = dossier.supplements.select_related("asked_by", "clock").last()
    if asked is None:
        raise Http404
    asked.dossier = dossier
    return _pdf(print_supplement(filling.supplement_paper(asked)), f"{dossier.handle}-bo-sung.pdf")


@staff()
@require_GET
def refusal(request: HttpRequest, code: str) -> HttpResponse:
    """Form 03 of what was not accepted or was discontinued."""
    dossier = dossier_of(request, code)
    return _slip_of(dossier, slips.refusal_paper, print_refusal, "tu-choi")


@staff()
@require_GET
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """Form 05 of what the applicant withdrew."""
    dossier = dossier_of(request, code)
    return _slip_of(dossier, slips.stop_paper, print_stop, "dung")


@staff()
@require_GET
def control_slip(request: HttpRequest, code: str) -> HttpResponse:
    """Form 06 as it stands now; it travels with the dossier."""
    at = timezone.now()
    dossier = dossier_of(request, code)
    fill = partial(slips.control_slip_paper, at=at)
    return _slip_of(dossier, fill, print_control_slip, "kiem-soat")


def _slip_of(
    dossier: Dossier, fill: Callable[[Dossier], Any], print_it: Callable[[Any], bytes], name: str
) -> HttpResponse:
    """The form as PDF. Raises: Http404 where the dossier has not come to it."""
    try:
        paper = fill(dossier)
    except ValueError as not_there:
        raise Http404 from not_there
    return _pdf(print_it(paper), f"{dossier.handle}-{name}.pdf")


@staff(Role.CLERK)
@require_GET
def guided(request: HttpRequest, number: str) -> HttpResponse:
    """The guidance that was given, with its slip to print."""
    return render(request, "backoffice/guided.html", {"slip": _slip(request, number)})


@staff(Role.CLERK)
@require_GET
def guidance(request: HttpRequest, number: str) -> HttpResponse:
    """Form 02 without a dossier."""
    slip = _slip(request, number)
    return _pdf(print_supplement(filling.guidance_paper(slip)), f"{slip.number}.pdf")


def _slip(request: HttpRequest, number: str) -> GuidanceSlip:
    agencies = [held.agency_id for held in actor_of(request).holding(Role.CLERK)]
    if "\x00" in number:
        raise Http404
    rows = GuidanceSlip.objects.select_related("procedure", "agency__parent", "post")
    return get_object_or_404(rows, number=number, agency__in=agencies)


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
