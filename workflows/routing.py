"""What comes after an outcome. Conditions are evaluated over the facts of the dossier, returns are
counted, optional steps can be passed over; nothing here knows a dossier or a clock. Pure: standard
library only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows import conditions
from workflows.graph import END, Definition, Outcome, Step

NOTHING: Mapping[str, Any] = {}


class NoWay(ValueError):
    """An outcome cannot be taken. `code` says why: `unknown_step`, `unknown_outcome`,
    `outcome_closed` (its condition does not hold), `returned_too_often`, `not_optional`,
    `no_way_on`."""

    def __init__(self, code: str, step: str, outcome: str = "") -> None:
        self.code, self.step, self.outcome = code, step, outcome
        super().__init__(f"{code}: {step} {outcome}".strip())


@dataclass(frozen=True, slots=True)
class Next:
    """What follows: a step, or the end when `step` is None. `returns` if it goes back to an
    earlier one."""

    step: Step | None
    outcome: Outcome
    returns: bool = False

    @property
    def ends(self) -> bool:
        """Whether nothing follows."""
        return self.step is None


def first_step(definition: Definition) -> Step:
    """The step that a dossier begins with. Raises NoWay."""
    return _step(definition, definition.start)


def next_step(
    definition: Definition,
    key: str,
    outcome: str,
    facts: Mapping[str, Any] = NOTHING,
    *,
    returned: int = 0,
) -> Next:
    """What follows when the step `key` is finished with `outcome`. `facts` are what conditions may
    ask for, `returned` is how often this outcome of this step has gone back before. Raises
    NoWay."""
    step = _step(definition, key)
    taken = step.outcome(outcome)
    if taken is None:
        raise NoWay("unknown_outcome", key, outcome)
    closed = why_closed(taken, facts, returned=returned)
    if closed:
        raise NoWay(closed, key, outcome)
    way = next(
        (way for way in taken.ways if way.when is None or conditions.holds(way.when, facts)), None
    )
    if way is None:
        raise NoWay("no_way_on", key, outcome)
    return Next(None if way.to == END else _step(definition, way.to), taken, taken.returns)


def why_closed(outcome: Outcome, facts: Mapping[str, Any] = NOTHING, *, returned: int = 0) -> str:
    """Why an outcome cannot be chosen now, as a code of NoWay; empty if it can."""
    if outcome.when is not None and not conditions.holds(outcome.when, facts):
        return "outcome_closed"
    if outcome.returns and outcome.at_most is not None and returned >= outcome.at_most:
        return "returned_too_often"
    return ""


def open_outcomes(
    definition: Definition,
    key: str,
    facts: Mapping[str, Any] = NOTHING,
    returned: Mapping[str, int] | None = None,
) -> tuple[Outcome, ...]:
    """The outcomes that can be chosen at the step `key`; `returned` counts by outcome. Raises
    NoWay."""
    counts = returned or {}
    return tuple(
        outcome
        for outcome in _step(definition, key).outcomes
        if not why_closed(outcome, facts, returned=counts.get(outcome.key, 0))
    )


def usual_outcome(definition: Definition, key: str, facts: Mapping[str, Any] = NOTHING) -> Outcome:
    """The outcome that carries the work forward: the first that is open and no return. Raises
    NoWay."""
    for outcome in open_outcomes(definition, key, facts):
        if not outcome.returns:
            return outcome
    raise NoWay("no_way_on", key)


def pass_over(definition: Definition, key: str, facts: Mapping[str, Any] = NOTHING) -> Next:
    """What follows when the optional step `key` is left out. Raises NoWay if it may not be."""
    if not _step(definition, key).optional:
        raise NoWay("not_optional", key)
    return next_step(definition, key, usual_outcome(definition, key, facts).key, facts)


def road(definition: Definition, key: str, facts: Mapping[str, Any] = NOTHING) -> tuple[Step, ...]:
    """The steps from `key` to the end if each goes its usual way, `key` first; it stops where the
    way turns back on itself. Raises NoWay."""
    passed: list[Step] = []
    step: Step | None = _step(definition, key)
    while step is not None and step not in passed:
        passed.append(step)
        step = next_step(
            definition, step.key, usual_outcome(definition, step.key, facts).key, facts
        ).step
    return tuple(passed)


def _step(definition: Definition, key: str) -> Step:
    if not definition.has(key):
        raise NoWay("unknown_step", key)
    return definition.step(key)
