"""Who is asking, and when: the API's only look at the session and the clock."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from rest_framework.request import Request

from workflows.actors import Actor, actor_for


def moment_of(request: Request) -> datetime:
    """The moment of the request: the clock is read once and every rule gets the same answer."""
    known: datetime | None = getattr(request, "onestop_moment", None)
    if known is None:
        known = timezone.now()
        request.onestop_moment = known  # type: ignore[attr-defined]
    return known


def actor_of(request: Request) -> Actor:
    """The logged-in person with the posts held today."""
    user = request.user
    if user.pk is None:
        raise TypeError("an actor is somebody who logged in")
    on = timezone.localdate(moment_of(request))
    return actor_for(user.pk, user.get_full_name() or user.get_username(), on)
