"""The legal clock: one frozen value for every time limit, and the verbs that move it.

A clock belongs to a dossier, a step, a wait to be received, a petition or a demand. Who acted, why and
by what law stands in rows beside it; this module knows only moments, grounds and working time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

NOT_BEGUN = "not_begun"
RUNNING = "running"
STOPPED = "stopped"
FINISHED = "finished"
STATES = (NOT_BEGUN, RUNNING, STOPPED, FINISHED)

EARLY = "early"
ON_TIME = "on_time"
LATE = "late"
WITHOUT_LIMIT = "without_limit"
RESULTS = (EARLY, ON_TIME, LATE, WITHOUT_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A legal clock. All moments are held in UTC.

    Columns (`columns()` gives exactly these, plain values; nullable where None is allowed):

    state           str       one of STATES
    limit           dict|None TimeLimit.to_json(); None: no limit of its own
    started_at      datetime|None
    anchor_at       datetime|None   what the limit is counted from: the start, or the last restart
    anchor_budget   timedelta|None  the limit is this much working time from the anchor (a step's share)
    given_limit_at  datetime|None   the limit is this moment (imported, corrected); a recount leaves it
    stops           list[[iso, iso]]  ended stops since the anchor, for recounting and explaining
    limit_at        datetime|None   what the law allows
    limit_set_at    datetime|None   when the limit last took another value
    promised_at     datetime|None   what the citizen was last told
    promise_number  int       1, and 2 once restated
    promise_gap     timedelta|None  working time from limit to promise; None: the promise is the limit
    stopped_at      datetime|None
    grounds         list[str] why it is stopped now
    remaining       timedelta|None  working time left, while stopped (negative if the limit had passed)
    finished_at     datetime|None
    result          str       "" or one of RESULTS
    margin          timedelta|None  working time from the end to the limit; negative when late
    """

    state: str
    limit: object = None
    started_at: datetime | None = None
    anchor_at: datetime | None = None
    anchor_budget: timedelta | None = None
    given_limit_at: datetime | None = None
    stops: tuple[tuple[datetime, datetime], ...] = ()
    limit_at: datetime | None = None
    limit_set_at: datetime | None = None
    promised_at: datetime | None = None
    promise_number: int = 1
    promise_gap: timedelta | None = None
    stopped_at: datetime | None = None
    grounds: frozenset[str] = field(default_factory=frozenset)
    remaining: timedelta | None = None
    finished_at: datetime | None = None
    result: str = ""
    margin: timedelta | None = None
