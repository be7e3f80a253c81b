"""The faults of a workflow definition: all of them, each with its step and a code, before anybody
publishes it. What only the organisation or the catalogue knows (agencies, who holds which role,
the papers of a procedure, its limit) is handed in. The sentences for people are made elsewhere,
from code and facts. Pure: standard library only."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from workflows.graph import END, ROLES, AgencyOf, Definition, Kind, Outcome, Step, Who

BLOCKING = {
    "duplicate_step", "duplicate_outcome", "unknown_start", "start_receives_not",
    "received_twice", "no_outcome", "unknown_target", "unreachable", "no_end",
    "end_without_delivery", "loop_without_person", "no_way_on", "returns_forward",
    "shares_over_limit", "role_unknown", "agency_unnamed", "agency_unknown", "unit_unknown",
    "choice_unknown", "consultation_missing", "consultation_idle", "answers_too_many",
    "paper_unknown", "procedure_unknown", "percent_without_limit",
}  # fmt: skip
WARNING = {"shares_under_limit", "role_unheld", "return_uncounted", "automatic_waits"}
"""Said, but no hindrance: shares that leave time over, a role that nobody holds yet, a return
without a count."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a step (empty: the definition as a whole). `facts` fill the sentence
    shown."""

    code: str
    step: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        """Whether a definition with it cannot be published."""
        return self.code in BLOCKING


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known outside the definition; None is not known, and then not checked. `limit_hours`
    are the nominal working hours of the procedure's limit (8 for a day); `holds_role` says whether
    anybody can do a step."""

    limit_hours: Fraction | None = None
    agencies: Collection[str] | None = None
    papers: Collection[str] | None = None
    procedures: Collection[str] | None = None
    units: Collection[str] | None = None
    holds_role: Callable[[Who], bool] | None = None


def faults(definition: Definition, known: Surroundings | None = None) -> list[Fault]:
    """Every fault of `definition`, in the order of its steps, those of the whole first."""
    known = known or Surroundings()
    found = [*_of_the_whole(definition), *_of_reach(definition), *_of_shares(definition, known)]
    for step in definition.steps:
        found += [
            *_of_outcomes(definition, step),
            *_of_people(definition, step, known),
            *_of_matter(step, known),
        ]
    order = {step.key: place for place, step in reversed(list(enumerate(definition.steps)))}
    return sorted(found, key=lambda fault: order.get(fault.step, -1))


def longest_hours(definition: Definition, limit: Fraction | None = None) -> Fraction | None:
    """Nominal hours of the shares along the way that takes longest, returns left aside; None if no
    step has a share or a way without returns leads in a circle."""
    if all(step.share is None for step in definition.steps):
        return None
    hours = {
        step.key: (step.share.hours(limit) if step.share else None) or Fraction(0)
        for step in definition.steps
    }
    order = _order(definition)
    if order is None:
        return None
    longest: dict[str, Fraction] = {END: Fraction(0)}
    for key in reversed(order):
        after = (
            longest.get(target, Fraction(0))
            for target in definition.step(key).targets(returning=False)
        )
        longest[key] = hours[key] + max(after, default=Fraction(0))
    return longest.get(definition.start)


def _of_the_whole(definition: Definition) -> Iterator[Fault]:
    keys = [step.key for step in definition.steps]
    yield from (Fault("duplicate_step", key) for key in dict.fromkeys(keys) if keys.count(key) > 1)
    if not definition.has(definition.start):
        yield Fault("unknown_start", facts={"start": definition.start})
    elif definition.step(definition.start).kind is not Kind.RECEIVE:
        yield Fault("start_receives_not", definition.start)
    for step in definition.steps if definition.has(definition.start) else ():
        if step.kind is Kind.RECEIVE and step.key != definition.start:
            yield Fault("received_twice", step.key)


def _of_reach(definition: Definition) -> Iterator[Fault]:
    forward = {step.key: list(step.targets()) for step in definition.steps}
    reached = _closure({definition.start}, forward)
    backward: dict[str, list[str]] = {}
    for key, targets in forward.items():
        for target in targets:
            backward.setdefault(target, []).append(key)
    ending = _closure({END}, backward)
    for key in forward:
        if definition.has(definition.start) and key not in reached:
            yield Fault("unreachable", key)
        if key not in ending:
            yield Fault("no_end", key)
    yield from _of_loops(definition)


def _of_loops(definition: Definition) -> Iterator[Fault]:
    """A circle that no person breaks would run for ever: one of automatic steps only."""
    by_itself = {
        step.key: list(step.targets()) for step in definition.steps if not step.needs_person
    }
    for key, targets in by_itself.items():
        if key in _closure({target for target in targets if target in by_itself}, by_itself):
            yield Fault("loop_without_person", key)
    if _order(definition) is None:
        going_round = {key for key in _circles(definition) if definition.step(key).needs_person}
        yield from (Fault("return_uncounted", key) for key in going_round)


def _of_outcomes(definition: Definition, step: Step) -> Iterator[Fault]:
    if not step.outcomes:
        yield Fault("no_outcome", step.key)
    keys = [outcome.key for outcome in step.outcomes]
    for key in dict.fromkeys(keys):
        if keys.count(key) > 1:
            yield Fault("duplicate_outcome", step.key, {"outcome": key})
    if step.outcomes and all(outcome.when is not None for outcome in step.outcomes):
        yield Fault("no_way_on", step.key)
    for outcome in step.outcomes:
        yield from _of_outcome(definition, step, outcome)


def _of_outcome(definition: Definition, step: Step, outcome: Outcome) -> Iterator[Fault]:
    facts = {"outcome": outcome.key}
    for way in outcome.ways:
        if way.to == END:
            if step.kind is not Kind.DELIVER:
                yield Fault("end_without_delivery", step.key, facts)
        elif not definition.has(way.to):
            yield Fault("unknown_target", step.key, {**facts, "target": way.to})
        elif outcome.returns and not _lies_before(definition, way.to, step.key):
            yield Fault("returns_forward", step.key, {**facts, "target": way.to})
    if outcome.ways[-1].when is not None:
        yield Fault("no_way_on", step.key, facts)
    if outcome.returns and outcome.at_most is None:
        yield Fault("return_uncounted", step.key, facts)


def _of_people(definition: Definition, step: Step, known: Surroundings) -> Iterator[Fault]:
    for who in _everybody(step):
        if who.role not in ROLES:
            yield Fault("role_unknown", step.key, {"role": who.role})
        if who.agency is AgencyOf.NAMED and not who.code:
            yield Fault("agency_unnamed", step.key)
        if who.code and known.agencies is not None and who.code not in known.agencies:
            yield Fault("agency_unknown", step.key, {"agency": who.code})
        if who.unit and known.units is not None and who.unit not in known.units:
            yield Fault("unit_unknown", step.key, {"unit": who.unit})
        needed = [who.chosen_at] if who.agency is AgencyOf.CHOSEN else []
        needed += [who.same_as] if who.assignment == "same" else []
        for earlier in needed:
            if earlier == step.key or not _lies_before(definition, earlier, step.key):
                yield Fault("choice_unknown", step.key, {"target": earlier})
        if known.holds_role is not None and who.role in ROLES and not known.holds_role(who):
            yield Fault("role_unheld", step.key, {"role": who.role})


def _of_matter(step: Step, known: Surroundings) -> Iterator[Fault]:
    if step.kind is Kind.CONSULT and step.consultation is None:
        yield Fault("consultation_missing", step.key)
    if step.consultation and not step.consultation.asked:
        yield Fault("consultation_idle", step.key)
    elif step.consultation and step.consultation.answers > len(step.consultation.asked):
        yield Fault("answers_too_many", step.key)
    if step.kind is Kind.AUTOMATIC and step.share is not None:
        yield Fault("automatic_waits", step.key)
    for needed in step.needs:
        name = needed.removeprefix("paper:")
        if name != needed and known.papers is not None and name not in known.papers:
            yield Fault("paper_unknown", step.key, {"paper": name})
    for opened in step.opens:
        if known.procedures is not None and opened.procedure not in known.procedures:
            yield Fault("procedure_unknown", step.key, {"procedure": opened.procedure})


def _of_shares(definition: Definition, known: Surroundings) -> Iterator[Fault]:
    """Shares are compared with the limit along the way that takes longest. A step without one is
    lawful: it is done within the others' time."""
    limit = known.limit_hours
    if limit is None:
        for step in definition.steps:
            if step.share is not None and step.share.hours(None) is None:
                yield Fault("percent_without_limit", step.key)
        return
    total = longest_hours(definition, limit)
    if total is None or total == limit:
        return
    facts = {"hours": _plain(total), "limit": _plain(limit)}
    yield Fault("shares_over_limit" if total > limit else "shares_under_limit", facts=facts)


def _order(definition: Definition) -> list[str] | None:
    """The steps so that each comes before what follows it, returns left aside; None if they go in
    a circle."""
    targets = {
        step.key: {target for target in step.targets(returning=False) if definition.has(target)}
        for step in definition.steps
    }
    waiting = dict.fromkeys(targets, 0)
    for reached in targets.values():
        for key in reached:
            waiting[key] += 1
    ready = [key for key, count in waiting.items() if count == 0]
    order: list[str] = []
    while ready:
        order.append(key := ready.pop(0))
        for target in targets[key]:
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    return order if len(order) == len(targets) else None


def _circles(definition: Definition) -> list[str]:
    """Steps that come again by ways that are not called returns."""
    forward = {step.key: list(step.targets(returning=False)) for step in definition.steps}
    return [key for key, targets in forward.items() if key in _closure(set(targets), forward)]


def _lies_before(definition: Definition, earlier: str, later: str) -> bool:
    forward = {step.key: list(step.targets(returning=False)) for step in definition.steps}
    return later in _closure(set(forward.get(earlier, ())), forward) or earlier == later


def _closure(first: Iterable[str], following: Mapping[str, Iterable[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(first)
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting.extend(following.get(key, ()))
    return reached


def _everybody(step: Step) -> Iterator[Who]:
    if step.who is not None:
        yield step.who
    for asked in step.consultation.asked if step.consultation else ():
        yield asked.who
        yield from (unit.who for unit in asked.units)
    yield from (opened.agency for opened in step.opens if opened.agency is not None)


def _plain(hours: Fraction) -> str:
    return f"{float(hours):g}"
