"""When a limit passed and from when to when a dossier was overdue, counted anew from the values
its limit took, the stops of its clock and the spells in which it was pending.

Pure, and not shared with the clock itself: two that agree have each counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from dossiers.statistics.periods import TICK

OVERDUE, WITHOUT_LIMIT = "overdue", "without_limit"
NEVER = datetime.max.replace(tzinfo=UTC)

Change = tuple[str, int, datetime]
"""Overdue or without a limit, +1 or −1, and from when on."""


class Limit(NamedTuple):
    """A value that a clock's limit took from `at` on."""

    at: datetime
    limit_at: datetime | None
    event_n: int


class Halt(NamedTuple):
    """A stretch during which a clock was stopped."""

    begin: datetime
    end: datetime | None
    event_n: int


@dataclass(slots=True)
class Told:
    """A clock's limits and stops, in the order in which they were recorded, and the time zone of
    its calendar."""

    limits: list[Limit] = field(default_factory=list)
    halts: list[Halt] = field(default_factory=list)
    tz: tzinfo = UTC


class Spell(NamedTuple):
    """A stretch of being pending; `end` is None while it lasts."""

    begin: datetime
    end: datetime | None


def standing(clock: Told, gone: frozenset[int]) -> list[Limit]:
    """The values of a limit that were not taken back, each once, the last of one moment only."""
    values: list[Limit] = []
    for value in clock.limits:
        if value.event_n in gone:
            continue
        if values and values[-1].at == value.at:
            values.pop()
        if not values or values[-1].limit_at != value.limit_at:
            values.append(value)
    return values


def lateness(
    clock: Told,
    gone: frozenset[int],
    spells: Sequence[Spell],
    annulled: frozenset[datetime],
    now: datetime,
) -> tuple[datetime | None, list[Change]]:
    """The moment the limit passed, if it did, and every change of overdue and without a limit.

    `gone` are the numbers of events taken back, `annulled` the moments of breaches that were.
    """
    values = standing(clock, gone)
    halts = [halt for halt in clock.halts if halt.event_n not in gone]
    passed: datetime | None = None
    changes: list[Change] = []
    for spell in spells:
        state = ""
        for value, begin, end in _stretches(values, spell, now):
            fires_at = _fires_at(value, end, halts)
            wanted = _at_first(value, begin, passed)
            if wanted != state:
                changes += _change(state, wanted, begin)
                state = wanted
            if passed is None and fires_at is not None and fires_at not in annulled:
                passed, state = fires_at, OVERDUE
                changes += _change("", OVERDUE, fires_at + TICK)
        if spell.end is not None:
            changes += _change(state, "", spell.end)
    return passed, changes


def _at_first(value: Limit, begin: datetime, passed: datetime | None) -> str:
    """What a dossier is when a value of its limit begins to hold."""
    if value.limit_at is None:
        return WITHOUT_LIMIT
    return OVERDUE if passed is not None and begin > value.limit_at else ""


def _stretches(
    values: Sequence[Limit], spell: Spell, now: datetime
) -> Iterator[tuple[Limit, datetime, datetime]]:
    """Each value of the limit with the stretch of the spell in which it held."""
    until = spell.end or now
    for value, following in zip(values, [*values[1:], None], strict=True):
        begin = max(value.at, spell.begin)
        end = until if following is None else min(following.at, until)
        if begin < end or (begin == end and following is None):
            yield value, begin, end


def _fires_at(value: Limit, end: datetime, halts: Iterable[Halt]) -> datetime | None:
    """When the limit passes, if before `end`; nothing runs out while the clock is stopped.

    A limit that was moved into the past passes at the moment of the change, and a stop that began
    after it hides nothing.
    """
    if value.limit_at is None:
        return None
    fires_at = max(value.limit_at, value.at)
    hiding = [halt for halt in halts if halt.begin <= value.limit_at]
    if fires_at >= end or any(halt.begin <= fires_at < (halt.end or NEVER) for halt in hiding):
        return None
    return fires_at


def _change(state: str, wanted: str, at: datetime) -> Iterator[Change]:
    if state:
        yield state, -1, at
    if wanted:
        yield wanted, 1, at
