"""One case of an imported log as `history.py` takes it: values, with rows of the catalogue and the
organisation that it points at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workflows.models import (
    Agency,
    Calendar,
    Channel,
    Definition,
    Edition,
    Post,
    Procedure,
    Role,
    Unit,
)
from workflows.timelimit import TimeLimit

RECEIVE, GO_ON, DELIVER = "receive", "go_on", "deliver"
"""Steps that every definition of an imported history has, beside the log's own activities: what is
done after the log's last step is `go_on`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Whose a case is and what holds of it."""

    procedure: Procedure
    edition: Edition
    definition: Definition
    channel: Channel
    receiving_agency: Agency
    agency: Agency
    unit: Unit
    calendar: Calendar
    owes_explanation: bool
    owes_apology: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAct:
    """A step finished (`step`, with its kind and role), or the clock stopped (`stop`) or resumed
    (`resume`) for a ground. Who asked for a supplement must be known."""

    act: str
    at: datetime
    post: Post | None = None
    step: str = ""
    kind: str = "process"
    role: str = Role.OFFICER
    ground: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCase:
    """One case: acts in the order of time, none before the start or after the end. `ending` is
    concluded, withdrawn or discontinued, empty while it is open. `limit` is a moment, or a time
    limit that counts from `counted_from`."""

    source: str
    case: str
    fingerprint: str
    setting: Setting
    started_at: datetime
    limit: TimeLimit | datetime | None
    counted_from: datetime | None
    acts: Sequence[ImportedAct]
    ended_at: datetime | None = None
    ending: str = ""
    ended_by: Post | None = None
