"""Hashing of what must not be changed unseen: canonical JSON and the chain of a dossier's events.

Each kind of thing is hashed under a name of its own (its domain), so that the hash of one can
never pass for that of another. Pure: no database, no clock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

EVENT = b"onestop/event/1\n"


class Chained(Protocol):
    """What of an event goes into its hash."""

    n: int
    kind: str
    at: datetime
    recorded_at: datetime
    from_status: str
    to_status: str
    post_id: int | None
    on_behalf_of_id: int | None
    by_applicant: bool
    late_entry: bool
    undoes: int | None
    facts: Any


def moment(at: datetime) -> str:
    """A moment in one spelling: UTC, always with microseconds.

    Raises: ValueError for a naive one.
    """
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(value: Any) -> bytes:
    """The one JSON spelling of a plain value: sorted keys, no blanks, UTF-8, no NaN.

    Raises: TypeError for what JSON does not know, ValueError for NaN and infinity.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def event_fields(dossier: str, event: Chained) -> dict[str, Any]:
    """The fields of an event that its hash covers; `dossier` is the text of the dossier's `ref`."""
    return {
        "dossier": dossier,
        "n": event.n,
        "kind": str(event.kind),
        "at": moment(event.at),
        "recorded_at": moment(event.recorded_at),
        "from": str(event.from_status),
        "to": str(event.to_status),
        "post": event.post_id,
        "on_behalf_of": event.on_behalf_of_id,
        "by_applicant": event.by_applicant,
        "late_entry": event.late_entry,
        "undoes": event.undoes,
        "facts": event.facts,
    }


def event_hash(fields: Mapping[str, Any], previous: str) -> str:
    """SHA-256 over an event's fields and the hash of the event before ("" for the first)."""
    body = canonical({"fields": dict(fields), "previous": previous})
    return hashlib.sha256(EVENT + body).hexdigest()
