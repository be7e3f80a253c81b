"""Who may open which page, and the moment of a request, asked once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from dossiers.models import Dossier
from dossiers.reading import story
from workflows.actors import Actor

View = Callable[..., HttpResponse]


def staff(*roles: Iterable[str] | str) -> Callable[[View], View]:
    """Only for logged-in people who hold one of `roles` (any post at all if none is named)."""

    def guard(view: View) -> View:
        @wraps(view)
        @login_required
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = actor_of(request)
            if not (actor.holding(*roles) if roles else actor.posts):  # type: ignore[arg-type]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return checked

    return guard


def actor_of(request: HttpRequest) -> Actor:
    """Who acts: put on the request by the middleware."""
    return request.actor  # type: ignore[attr-defined]


def dossier_of(request: HttpRequest, code: str) -> Dossier:
    """The dossier of this code. Raises: Http404 also for what the person may not see."""
    # PostgreSQL takes no NUL in a text: such a code is nobody's.
    found = None if "\x00" in code else story.find(code, actor_of(request))
    if found is None:
        raise Http404
    return found
