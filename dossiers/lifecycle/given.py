"""What is given to commands as plain frozen values: people and papers, and that an act is entered
after it happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dossiers.models import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyGiven:
    """A person or body as given at the counter; `role` and `kind` are those of `Party`."""

    role: str
    name: str
    kind: str = Party.Kind.CITIZEN
    identity: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    authorised_by: str = ""
    language: str = "vi"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperGiven:
    """A paper ticked: a line of the procedure's list, in which form, how many."""

    item: int
    form: str
    count: int = 1
    digitised: bool = False
    reused: bool = False


@dataclass(frozen=True, slots=True)
class LateEntry:
    """An act entered after it happened: when it was entered, and why so late."""

    recorded_at: datetime
    reason: str
