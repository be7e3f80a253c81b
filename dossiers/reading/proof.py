"""Who may see a dossier without an account: whoever has its code and a secret, or the signed link.

An unknown code and a wrong secret are the same, in answer and in work done.
"""

from __future__ import annotations

import hmac

from django.db.models import QuerySet

from dossiers import codes
from dossiers.models import Dossier, Party

SECRET_DIGITS = 4
_NOBODY = "?" * SECRET_DIGITS


def proved(code: str, secret: str) -> int | None:
    """The dossier that `code` and `secret` open together, else None: the caller cannot tell which
    of the two was wrong, nor by the time it takes.

    The secret is the look-up code of the receipt, or the last four characters of the identity
    paper of who handed in; organisations have only the look-up code, for tax codes are public.
    """
    found = list(_of_code(code).values_list("pk", "lookup_code")[:3])
    parties = list(
        Party.objects.filter(dossier__in=[pk for pk, _code in found] or [0])
        .order_by("pk")
        .values_list("dossier_id", "role", "kind", "identity")
    )
    given = codes.folded(secret)
    opened = None
    # What is not there is compared too, so that unknown costs what wrong costs.
    for pk, lookup in found or [(0, "?" * codes.LOOKUP_LENGTH)]:
        tail = _identity_tail([party[1:] for party in parties if party[0] == pk])
        matches = [_same(given, lookup), _same(given, tail)]
        # Signs alone fold to nothing, which must not open an imported dossier without secrets.
        if any(matches) and given and pk and opened is None:
            opened = pk
    return opened


def by_code(code: str) -> int | None:
    """The dossier of a code whose signed link was checked, else None."""
    pk: int | None = _of_code(code).values_list("pk", flat=True).first()
    return pk


def _of_code(text: str) -> QuerySet[Dossier]:
    read = codes.parse(text)
    key = (read.folded if read else codes.folded(text))[:60]
    return Dossier.objects.filter(code_key=key or "?", code__isnull=False).order_by("-pk")


def _identity_tail(parties: list[tuple[str, str, str]]) -> str:
    """The last four characters of the identity of the citizen who handed in, else of nobody."""
    roles = {role: (kind, identity) for role, kind, identity in parties}
    kind, identity = roles.get(Party.Role.SUBMITTER) or roles.get(Party.Role.HOLDER) or ("", "")
    if kind != Party.Kind.CITIZEN or len(identity) < SECRET_DIGITS:
        return _NOBODY
    return identity[-SECRET_DIGITS:].upper()


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(), secret.encode())
