"""Whom a message is for: a plain frozen value, stored with the message.

So this package needs to know neither dossiers nor the people who work on them. Which address is
used is decided at sending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CITIZEN = "citizen"
STAFF = "staff"
KINDS = frozenset({CITIZEN, STAFF})

LANGUAGES = frozenset({"vi", "en"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person to be told, with every address they gave; an empty address cannot be used.

    `language` is the one they read, `user_id` the account in which a notice can be left.
    Raises: ValueError for a kind or language that is not known.
    """

    kind: str
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = "vi"
    user_id: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a recipient is a citizen or staff, not {self.kind!r}")
        if self.language not in LANGUAGES:
            raise ValueError(f"messages are written in vi and en, not in {self.language!r}")

    def as_json(self) -> dict[str, Any]:
        """The value as it is stored: plain JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "language": self.language,
            "user_id": self.user_id,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Recipient:
        """The value read back from its row; addresses that were forgotten are empty."""
        return cls(
            kind=stored["kind"],
            name=stored.get("name", ""),
            email=stored.get("email", ""),
            phone=stored.get("phone", ""),
            language=stored.get("language", "vi"),
            user_id=stored.get("user_id"),
        )
