"""Vietnamese first: a page is in English only for whoever chose it.

Django's own middleware asks the browser, and many offices run English systems: their officers
would meet an English page and citizens a mixture. Here the cookie of the switch decides, else the
language of the house.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header


def chosen_language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: activate the language the person chose, and say it in the response."""

    def respond(request: HttpRequest) -> HttpResponse:
        language = _asked_for(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Cookie", "Accept-Language"))
        return response

    return respond


def _asked_for(request: HttpRequest) -> str:
    """A page's reader chose by the switch; a program that calls the API says it in its header."""
    languages = dict(settings.LANGUAGES)
    if request.path.startswith("/api/"):
        for name, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
            if name.split("-")[0] in languages:
                return name.split("-")[0]
        return settings.LANGUAGE_CODE
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in languages else settings.LANGUAGE_CODE
