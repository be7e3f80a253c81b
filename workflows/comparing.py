"""What differs between two versions of a definition, step by step. Steps are the same where they
bear the same key. The words are made elsewhere. Pure: standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflows.graph import Definition, Outcome, Step


class How(StrEnum):
    """What became of a step."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a step that differs; `outcome` names the outcome it belongs to. A value of None
    means that there is nothing."""

    field: str
    before: Any
    after: Any
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A step in both versions, or in one of them; `moved` if its place among those that stay has
    changed."""

    how: How
    before: Step | None
    after: Step | None
    differences: tuple[Difference, ...] = ()
    moved: bool = False


_FIELDS = ("name", "kind", "who", "share", "optional", "needs", "gives", "consultation", "opens")
_OF_OUTCOME = ("label", "ways", "when", "returns", "at_most")


def compare(before: Definition, after: Definition) -> tuple[Pair, ...]:
    """The steps of both versions in one list: in the order of the later one, what is gone standing
    where it stood."""
    moved = _moved(before, after)
    pairs: list[Pair] = []
    for step in after.steps:
        if not before.has(step.key):
            pairs.append(Pair(How.ADDED, None, step))
            continue
        old = before.step(step.key)
        found = tuple(_differences(old, step))
        how = How.CHANGED if found or step.key in moved else How.SAME
        pairs.append(Pair(how, old, step, found, step.key in moved))
    for place, step in enumerate(before.steps):
        if not after.has(step.key):
            pairs.insert(_after_neighbour(before, place, pairs), Pair(How.GONE, step, None))
    return tuple(pairs)


def _after_neighbour(before: Definition, place: int, pairs: list[Pair]) -> int:
    """Behind the nearest earlier step of the old version that is in the list."""
    where = {pair.before.key: index for index, pair in enumerate(pairs) if pair.before is not None}
    for step in reversed(before.steps[:place]):
        if step.key in where:
            return where[step.key] + 1
    return 0


def _moved(before: Definition, after: Definition) -> set[str]:
    """The fewest steps that must be moved for those in both versions to stand in the new order."""
    order = [step.key for step in before.steps if after.has(step.key)]
    places = {key: place for place, key in enumerate(order)}
    new = [step.key for step in after.steps if before.has(step.key)]
    longest: list[list[str]] = []
    for key in new:
        best = max((run for run in longest if places[run[-1]] < places[key]), key=len, default=[])
        longest.append([*best, key])
    kept = max(longest, key=len, default=[])
    return set(new) - set(kept)


def _differences(before: Step, after: Step) -> Iterator[Difference]:
    for name in _FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Difference(name, old, new)
    keys = dict.fromkeys([one.key for one in (*before.outcomes, *after.outcomes)])
    for key in keys:
        yield from _of_outcomes(key, before.outcome(key), after.outcome(key))


def _of_outcomes(key: str, before: Outcome | None, after: Outcome | None) -> Iterator[Difference]:
    if before is None or after is None:
        yield Difference("outcome", before, after, key)
        return
    for name in _OF_OUTCOME:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Difference(name, old, new, key)
