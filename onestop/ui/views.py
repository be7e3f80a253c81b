"""The theme switch and the gallery of components."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from onestop.ui.context import THEME_COOKIE, THEMES
from onestop.ui.gallery import gallery

_YEAR = 365 * 24 * 60 * 60


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme this browser asked for (none: as the system) and go back."""
    target = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    response = HttpResponseRedirect(target if allowed else "/")
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=_YEAR, samesite="Lax", secure=request.is_secure()
        )
    else:
        response.delete_cookie(THEME_COOKIE)
    return response


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state: for staff, and for anyone in trial mode."""
    open_to_all = settings.DEBUG or getattr(settings, "TRIAL_MODE", False)
    if not (open_to_all or request.user.is_authenticated):
        raise Http404
    return render(request, "ui/components.html", gallery())
