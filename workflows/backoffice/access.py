"""Who may open the catalogue's pages, and who sits at this one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from workflows import permissions
from workflows.actors import Actor, actor_for
from workflows.catalogue.life import RIGHT
from workflows.models import Definition, Role

View = Callable[..., HttpResponse]
READERS = (Role.CATALOGUE_MANAGER, Role.INSPECTOR, Role.SUPERVISOR)


def reader(view: View) -> View:
    """Only for who may read definitions; `request.sitter` is who it is."""
    return _guarded(view, lambda actor: bool(actor.holding(*READERS)))


def manager(view: View) -> View:
    """Only for who may change definitions; `request.sitter` is who it is."""
    return _guarded(view, may_edit)


def sitter(request: HttpRequest) -> Actor:
    """Who sits at this page: put on the request by `reader` and `manager`."""
    return request.sitter  # type: ignore[attr-defined]


def may_edit(actor: Actor) -> bool:
    """Whether this person changes definitions."""
    return permissions.may(actor, RIGHT)


def definition_of(pk: int) -> Definition:
    """The definition with its procedure. Raises: Http404."""
    found = Definition.objects.select_related("procedure").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _guarded(view: View, allowed: Callable[[Actor], bool]) -> View:
    @wraps(view)
    @login_required
    @never_cache
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        actor = actor_for(user.pk or 0, str(user), timezone.localdate())
        if not allowed(actor):
            raise PermissionDenied
        request.sitter = actor  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return checked
