"""How time acts on each kind of clock: what it wants to be woken for, and what waking it means.

Below the commands, which set and clear timers; firing lies above them. A new kind of clock
registers itself (`register`): the timers it wants, and what a breach of it is called. A new kind of
timer registers what its firing does (`fires`), in the module of `lifecycle` that knows. The owner
of all these clocks is the dossier: it is locked first, by ascending id, and its timers read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from dossiers.clock import Clock
from dossiers.models import Breach, ClockKind, Timer, TimerKind
from dossiers.moments import known
from workflows.ladder import CITY, Ladder
from workflows.worktime import WorkingCalendar

Wanted = Mapping[TimerKind, datetime]
# Given the work under settlement, the timer and the batch (`dossiers.lifecycle.settling`).
Act = Callable[[Any, Timer, Any], None]
# Given the work, the clock's row, its limit and promise before, and what the batch shares.
Move = Callable[[Any, Any, "Before", Any], None]

# Reminders that would already be past are not set; a limit that is past fires at once.
REMINDERS = (TimerKind.DUE_SOON, TimerKind.DUE_TODAY)
# By whose calendar a clock counts.
ANSWERING, RECEIVING, OF_STEP = "answering", "receiving", "step"
# Timers of what follows a breach, not of the clock's own moments: moving the clock leaves them.
FOLLOWING = (TimerKind.UNEXPLAINED, TimerKind.APOLOGY_OVERDUE)


@dataclass(frozen=True, slots=True)
class Sort:
    """What the timers of one kind of clock are.

    `wanted` gives them for a clock that has not finished, by the procedure's ladder. `breach_of` is
    what passing its limit is called; empty where that is no breach (the applicant's own time).
    `place` says by whose calendar it counts, should that agency get one of its own while it runs;
    empty where whoever began the clock chose for good.
    """

    wanted: Callable[[Clock, WorkingCalendar, Ladder], Wanted]
    breach_of: str = ""
    place: str = ANSWERING


_sorts: dict[str, Sort] = {}
_acts: dict[str, Act] = {}
_moves: dict[str, Move] = {}


def register(kind: str, sort: Sort) -> None:
    """Say how time acts on clocks of a kind."""
    _sorts[kind] = sort


def sort_of(kind: str) -> Sort:
    """How time acts on clocks of this kind."""
    return _sorts[kind]


def fires(*kinds: TimerKind) -> Callable[[Act], Act]:
    """Enter a function as what the firing of timers of these kinds does."""

    def enter(act: Act) -> Act:
        for kind in kinds:
            _acts[kind] = act
        return act

    return enter


def act_of(kind: str) -> Act:
    """What the firing of a timer of this kind does."""
    return _acts[kind]


class Before(NamedTuple):
    """Where limit and promise of a clock were before an amended calendar moved them."""

    limit_at: datetime | None
    promised_at: datetime | None


def moves(*kinds: str) -> Callable[[Move], Move]:
    """Enter a function as what else it means that the limit of such a clock was moved by a
    calendar; row, timers, event and breaches follow for every kind (`lifecycle._recounting`)."""

    def enter(move: Move) -> Move:
        for kind in kinds:
            _moves[kind] = move
        return move

    return enter


def move_of(kind: str) -> Move | None:
    """What else a moved limit means; None where nothing."""
    return _moves.get(kind)


def wanted(
    kind: str, clock: Clock, calendar: WorkingCalendar, at: datetime, ladder: Ladder = CITY
) -> Wanted:
    """The timers that a clock wants as it stands at `at`; none once it has finished."""
    if clock.state not in ("running", "stopped"):
        return {}
    moments = _sorts[kind].wanted(clock, calendar, ladder)
    return {
        name: moment for name, moment in moments.items() if name not in REMINDERS or moment > at
    }


def passes_at(clock: Clock) -> datetime:
    """When a term runs out; one that was moved into the past does at the moment of the change."""
    limit_at = known(clock.limit_at)
    return max(limit_at, clock.limit_set_at or limit_at)


def breaches(clock: Clock) -> dict[TimerKind, datetime]:
    """The moments at which limit and new appointment pass."""
    kinds = {1: TimerKind.BREACH, 2: TimerKind.REPEATED_BREACH}
    return {kinds[number]: moment for number, moment in clock.breach_moments()}


def reminders(
    kind: str, clock: Clock, calendar: WorkingCalendar, ladder: Ladder
) -> dict[TimerKind, datetime]:
    """The moments at which it is said that the limit nears; none while the clock stands still."""
    if clock.limit_at is None or clock.state != "running":
        return {}
    whole = _whole(clock, calendar)
    moments = ladder.reminders(kind, clock.limit_at, whole, calendar)
    return {TimerKind(name): moment for name, moment in moments.items()}


def _whole(clock: Clock, calendar: WorkingCalendar) -> timedelta:
    """The working time that the clock has from its anchor to its limit, without its stops."""
    if clock.anchor_at is None or clock.limit_at is None:
        return timedelta(0)
    time = calendar.between(clock.anchor_at, clock.limit_at)
    return time - sum((calendar.between(*stop) for stop in clock.stops), timedelta(0))


def limited(kind: str) -> Callable[[Clock, WorkingCalendar, Ladder], Wanted]:
    """What clocks want whose limit, when it passes, is a breach."""

    def want(clock: Clock, calendar: WorkingCalendar, ladder: Ladder) -> Wanted:
        return breaches(clock) | reminders(kind, clock, calendar, ladder)

    return want


def _supplement(clock: Clock, calendar: WorkingCalendar, ladder: Ladder) -> Wanted:
    if clock.limit_at is None or clock.state != "running":
        return {}
    soon = reminders(ClockKind.SUPPLEMENT, clock, calendar, ladder)
    return {TimerKind.SUPPLEMENT_LAPSE: passes_at(clock)} | soon


def _payment(clock: Clock, calendar: WorkingCalendar, ladder: Ladder) -> Wanted:
    if clock.limit_at is None or clock.state != "running":
        return {}
    soon = reminders(ClockKind.PAYMENT, clock, calendar, ladder)
    return {TimerKind.PAYMENT_LAPSE: passes_at(clock)} | soon


def _uncollected(clock: Clock, calendar: WorkingCalendar, ladder: Ladder) -> Wanted:
    """Its limit is the moment of the next reminder."""
    return {} if clock.limit_at is None else {TimerKind.UNCOLLECTED: clock.limit_at}


register(ClockKind.DOSSIER, Sort(limited(ClockKind.DOSSIER), Breach.Of.DOSSIER))
register(ClockKind.STEP, Sort(limited(ClockKind.STEP), Breach.Of.STEP, OF_STEP))
register(ClockKind.INTAKE, Sort(limited(ClockKind.INTAKE), Breach.Of.INTAKE, RECEIVING))
register(ClockKind.SUPPLEMENT, Sort(_supplement))
register(ClockKind.PAYMENT, Sort(_payment))
register(ClockKind.CONSULTATION, Sort(limited(ClockKind.CONSULTATION), Breach.Of.CONSULTATION, ""))
register(ClockKind.HAND_OVER, Sort(limited(ClockKind.HAND_OVER), Breach.Of.HAND_OVER))
register(ClockKind.PART, Sort(limited(ClockKind.PART), Breach.Of.PART, ""))
register(ClockKind.UNCOLLECTED, Sort(_uncollected))
