"""A dry run: an imagined dossier walks through a definition, outcome by outcome, with the moments
that a real calendar gives it. Nothing is written anywhere. Pure: standard library only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from workflows import conditions, routing
from workflows.graph import Definition, Kind, Outcome, ShareUnit, Step
from workflows.timelimit import TimeLimit
from workflows.worktime import WorkingCalendar

MOST_WALKED = 200
"""Steps walked at most: a circle of automatic steps would never end."""


LEFT_OUT = "~"
"""The choice to leave out an optional step; no outcome bears this key."""


@dataclass(frozen=True, slots=True)
class Imagined:
    """What is imagined: when the dossier is received, what it says, and how much of each share is
    used (100: all of it)."""

    at: datetime
    facts: Mapping[str, Any]
    pace: int = 100


@dataclass(frozen=True, slots=True)
class Passed:
    """One passage. `due_at` is when its share ends (None without one); `left_at` is None for the
    one that waits for a choice among `choices`."""

    step: Step
    entered_at: datetime
    due_at: datetime | None
    left_at: datetime | None = None
    outcome: Outcome | None = None
    choices: tuple[Outcome, ...] = ()
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """The whole way so far. `stuck` is the code of what hinders it; `margin` is the working time
    left to the limit at the end (negative: late), None while it is not told."""

    passed: tuple[Passed, ...]
    limit_at: datetime | None
    ended_at: datetime | None
    margin: timedelta | None
    stuck: str = ""

    @property
    def waiting(self) -> Passed | None:
        """The step that waits for a choice."""
        last = self.passed[-1] if self.passed else None
        return last if last is not None and last.left_at is None else None

    @property
    def is_late(self) -> bool:
        """Whether the end lies after the limit."""
        return self.margin is not None and self.margin < timedelta()

    @property
    def late_by(self) -> timedelta:
        """By how much working time it lies after the limit."""
        return -self.margin if self.margin is not None and self.is_late else timedelta()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The choices made, as they are given again."""
        by_person = (one for one in self.passed if _is_chosen(one.step))
        return tuple(
            LEFT_OUT if one.outcome is None else one.outcome.key
            for one in by_person
            if one.is_left_out or one.outcome is not None
        )


def walk(
    definition: Definition,
    imagined: Imagined,
    chosen: Sequence[str],
    calendar: WorkingCalendar,
    limit: TimeLimit | None = None,
) -> Walk:
    """The way of an imagined dossier with these choices, one for each step that a person does;
    choices that are not open end it there. Receiving takes no time, as at the counter."""
    return _Walker(definition, imagined, list(chosen), calendar, limit).walked()


def asked_for(definition: Definition) -> tuple[str, ...]:
    """The facts that the conditions of a definition ask for, in the order of their names."""
    found: set[str] = set()
    for step in definition.steps:
        found.update(*(conditions.variables(opened.when) for opened in step.opens))
        for outcome in step.outcomes:
            found |= conditions.variables(outcome.when)
            found.update(*(conditions.variables(way.when) for way in outcome.ways))
    return tuple(sorted(found))


def _is_chosen(step: Step) -> bool:
    return step.kind not in (Kind.RECEIVE, Kind.AUTOMATIC)


class _Walker:
    def __init__(
        self,
        definition: Definition,
        imagined: Imagined,
        chosen: list[str],
        calendar: WorkingCalendar,
        limit: TimeLimit | None,
    ) -> None:
        self.definition, self.imagined, self.calendar = definition, imagined, calendar
        self.chosen = chosen
        self.limit_at = None if limit is None else limit.due(calendar, imagined.at)
        self.worth = None if limit is None else limit.worth(calendar, imagined.at)
        self.passed: list[Passed] = []
        self.returned: Counter[tuple[str, str]] = Counter()

    def walked(self) -> Walk:
        at = self.imagined.at
        try:
            step: Step | None = routing.first_step(self.definition)
            while step is not None and len(self.passed) < MOST_WALKED:
                outcome = self.outcome_of(step)
                if outcome is None:
                    self.passed.append(self.waiting(step, at))
                    return self.so_far(None)
                following = self.after(step, outcome)
                at = self.leave(step, outcome, at)
                step = following
        except routing.NoWay as fault:
            return self.so_far(None, fault.code)
        return self.so_far(at) if step is None else self.so_far(None, "loop_without_person")

    def outcome_of(self, step: Step) -> str | None:
        """What is chosen; None if a choice is wanted."""
        if not _is_chosen(step):
            return routing.usual_outcome(self.definition, step.key, self.imagined.facts).key
        return self.chosen.pop(0) if self.chosen else None

    def after(self, step: Step, outcome: str) -> Step | None:
        if outcome == LEFT_OUT:
            return routing.pass_over(self.definition, step.key, self.imagined.facts).step
        count = self.returned[step.key, outcome]
        following = routing.next_step(
            self.definition, step.key, outcome, self.imagined.facts, returned=count
        )
        self.returned[step.key, outcome] += following.returns
        return following.step

    def leave(self, step: Step, outcome: str, at: datetime) -> datetime:
        if outcome == LEFT_OUT:
            self.passed.append(Passed(step, at, None, at, is_left_out=True))
            return at
        budget = self.budget(step)
        due_at = None if budget is None else self.calendar.add(at, budget)
        used = (budget or timedelta()) * (self.imagined.pace / 100)
        left_at = self.calendar.add(at, used) if used else at
        self.passed.append(Passed(step, at, due_at, left_at, step.outcome(outcome)))
        return left_at

    def waiting(self, step: Step, at: datetime) -> Passed:
        budget = self.budget(step)
        due_at = None if budget is None else self.calendar.add(at, budget)
        counts = {key: count for (of, key), count in self.returned.items() if of == step.key}
        choices = routing.open_outcomes(
            self.definition, step.key, self.imagined.facts, returned=counts
        )
        return Passed(step, at, due_at, choices=choices)

    def budget(self, step: Step) -> timedelta | None:
        """The share in working time; 8 hours a day."""
        share = step.share
        if share is None or step.kind is Kind.RECEIVE:
            return None
        if share.unit is ShareUnit.PERCENT:
            return None if self.worth is None else self.worth * float(Fraction(share.amount) / 100)
        hours = share.hours()
        return None if not hours else timedelta(microseconds=int(hours * 3_600_000_000))

    def so_far(self, ended_at: datetime | None, stuck: str = "") -> Walk:
        margin = None
        if ended_at is not None and self.limit_at is not None:
            margin = self.calendar.between(ended_at, self.limit_at)
        return Walk(tuple(self.passed), self.limit_at, ended_at, margin, stuck)
