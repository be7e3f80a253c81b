"""Whom the acts tell, and what every message of a dossier carries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from dossiers import codes
from dossiers.lifecycle._work import Work
from dossiers.models import Party
from notifications.recipients import CITIZEN, STAFF, Recipient
from workflows.models import Post, Role

# What tells of an act that can be taken back waits so long: nothing sent is taken back.
PAUSE = timedelta(minutes=2)


def context(work: Work, **more: Any) -> dict[str, Any]:
    """What every topic of a dossier knows; no names of persons."""
    dossier = work.dossier
    return {
        "code": dossier.handle,
        "procedure": dossier.procedure.name,
        "agency": dossier.answering_agency.name,
        "phone": dossier.answering_agency.phone,
        "link": link(dossier.handle),
        **more,
    }


def citizen(
    work: Work,
    topic: str,
    *,
    parties: Iterable[Party] | None = None,
    key: str = "",
    not_before: datetime | None = None,
    **more: Any,
) -> None:
    """Tell who handed in (else the holder); `parties` where they are not in the database yet."""
    rows = work.dossier.parties.all() if parties is None else parties
    by_role = {party.role: party for party in rows}
    who = by_role.get(Party.Role.SUBMITTER) or by_role.get(Party.Role.HOLDER)
    if who is not None and (who.email or who.phone):
        told = recipient_of(who)
        work.tell(topic, told, context(work, **more), key=key, not_before=not_before)


def recipient_of(party: Party) -> Recipient:
    return Recipient(
        kind=CITIZEN,
        name=party.name,
        email=party.email,
        phone=party.phone,
        language=party.language,
    )


def staff(
    work: Work,
    posts: Iterable[Post],
    topic: str,
    *,
    not_before: datetime | None = None,
    **more: Any,
) -> None:
    """Tell the people who hold these posts; a post without a login is told nothing."""
    for post in posts:
        if post.user_id is not None:
            told = recipient_at(post)
            work.tell(topic, told, context(work, **more), not_before=not_before)


def after_pause(work: Work) -> datetime:
    """When a message leaves that tells of an act which can be taken back."""
    return work.recorded_at + PAUSE


def recipient_at(post: Post) -> Recipient:
    """The person who holds this post."""
    return Recipient(kind=STAFF, name=post.name, user_id=post.user_id)


def heads_of(works: Iterable[Work]) -> dict[int, list[Post]]:
    """The unit heads of the works' leading units, by unit, in one query."""
    units = {work.dossier.unit_id for work in works}
    heads: dict[int, list[Post]] = {}
    for post in Post.objects.filter(unit_id__in=units, role=Role.UNIT_HEAD, valid_to=None):
        if post.unit_id is not None:
            heads.setdefault(post.unit_id, []).append(post)
    return heads


def supervisors_of(works: Iterable[Work]) -> list[Post]:
    """Supervisors; who of them watches a dossier is told by the tree."""
    if not list(works):
        return []
    return list(Post.objects.filter(role=Role.SUPERVISOR, valid_to=None).select_related("agency"))


def link(code: str) -> str:
    """The signed tracking path that the receipt's QR code and messages carry."""
    return codes.tracking_path(code, key=str(settings.SECRET_KEY).encode())
