"""The agency head's page: apologies drafted, to be read, signed singly or together, returned."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from dossiers.backoffice.access import actor_of, staff
from dossiers.errors import Refusal
from dossiers.lifecycle.signing import sign_apology
from dossiers.reading import letters
from workflows.models import Role


@staff(Role.APPROVER)
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest) -> HttpResponse:
    """The letters to sign; a POST signs those chosen, each by itself."""
    at = timezone.now()
    actor = actor_of(request)
    if request.method == "POST":
        _sign_chosen(request)
        return redirect("backoffice:sign")
    context = {"letters": letters.to_sign(actor, at), "now": at}
    return render(request, "backoffice/sign.html", context)


def _sign_chosen(request: HttpRequest) -> None:
    """Sign letter by letter: what is refused is said and stops no other."""
    signed = 0
    at = timezone.now()
    for number in request.POST.getlist("letter"):
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            continue
        try:
            sign_apology(int(number), by=actor_of(request), at=at)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            signed += 1
    if signed:
        sentence = ngettext(
            "%(count)s letter is signed and sent.", "%(count)s letters are signed and sent.", signed
        )
        messages.success(request, sentence % {"count": signed})
    elif not request.POST.getlist("letter"):
        messages.error(request, _("Choose at least one letter."))
