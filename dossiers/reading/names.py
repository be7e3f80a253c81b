"""What people call a dossier: its code however typed, or its handle before it has one."""

from __future__ import annotations

import re
from uuid import UUID

from django.db.models import Q

from dossiers import codes

_HANDLE = re.compile(r"S-([0-9A-F]{8})", re.IGNORECASE)


def called(name: str) -> Q:
    """The dossiers that `name` may mean."""
    handle = _HANDLE.fullmatch(name.strip())
    if handle is None:
        return Q(code_key=codes.folded(name), code__isnull=False)
    first = handle[1].lower()
    return Q(code=None, ref__range=(UUID(first + "0" * 24), UUID(first + "f" * 24)))
