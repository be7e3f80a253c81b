"""The road of one dossier as a citizen reads it: steps done, the one under way, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dossiers.models import Dossier, StepRun
from dossiers.reading.steps import name_of
from workflows import routing
from workflows.graph import AgencyOf, Definition, Kind, Step
from workflows.models import Agency, Unit

HANDED_ON = "moved"
"""The outcome of a passage that another one carries on."""


@dataclass(frozen=True, slots=True)
class RoadStep:
    """One step; `state` is done, now, late or next; `place` is unit and agency."""

    name: str
    state: str
    place: str
    at: datetime | None = None
    is_delivery: bool = False


def road(
    dossier: Dossier, runs: Sequence[StepRun], *, late: bool, language: str
) -> tuple[RoadStep, ...]:
    """The road: passages so far (a step gone through again counts once), then the usual way on.

    `runs` are the dossier's passages in order, with agency and unit; one query, for the units of
    the steps to come.
    """
    definition = dossier.definition.graph()
    shown = [_passed(dossier, run, late=late, language=language) for run in _latest(runs)]
    if dossier.is_open and runs:
        shown += _to_come(dossier, runs[-1], definition, language)
    return tuple(shown)


def _latest(runs: Sequence[StepRun]) -> list[StepRun]:
    """The last passage of each step; a return takes back what came after the step returned to."""
    kept: dict[str, StepRun] = {}
    for run in runs:
        if run.outcome == HANDED_ON:
            continue  # the next passage is this one going on elsewhere, or by another version
        if run.key in kept:
            keys = list(kept)
            for key in keys[keys.index(run.key) :]:
                del kept[key]
        kept[run.key] = run
    return [run for run in kept.values() if run.state != StepRun.State.CANCELLED]


def _passed(dossier: Dossier, run: StepRun, *, late: bool, language: str) -> RoadStep:
    state = "done"
    if run.is_under_way:
        state = "late" if late else "now"
    return RoadStep(
        name=name_of(dossier, run.key, language),
        state=state,
        place=_named(run.agency, run.unit),
        at=run.ended_at,
        is_delivery=run.kind == Kind.DELIVER,
    )


def _to_come(
    dossier: Dossier, run: StepRun, definition: Definition, language: str
) -> list[RoadStep]:
    if not definition.has(run.key):
        return []
    try:
        steps = routing.road(definition, run.key, dossier.facts)
    except routing.NoWay:
        return []
    following = steps[1:] if run.is_under_way else ()
    places = _places(dossier, following)
    return [
        RoadStep(
            name=step.name.in_language(language),
            state="next",
            place=place,
            is_delivery=step.kind == Kind.DELIVER,
        )
        for step, place in zip(following, places, strict=True)
    ]


def _places(dossier: Dossier, steps: Sequence[Step]) -> list[str]:
    agencies = [_agency(dossier, step) for step in steps]
    wanted = {
        f"{agency.code}.{step.who.unit}"
        for step, agency in zip(steps, agencies, strict=True)
        if agency is not None and step.who is not None and step.who.unit
    }
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=wanted)}
    return [
        ""
        if agency is None
        else _named(agency, units.get(f"{agency.code}.{step.who.unit if step.who else ''}"))
        for step, agency in zip(steps, agencies, strict=True)
    ]


def _agency(dossier: Dossier, step: Step) -> Agency | None:
    """The agency of a step to come where the dossier itself tells it."""
    if step.agency_of is AgencyOf.RECEIVING:
        return dossier.receiving_agency
    return dossier.answering_agency if step.agency_of is AgencyOf.ANSWERING else None


def _named(agency: Agency, unit: Unit | None) -> str:
    return agency.name if unit is None else f"{unit.name}, {agency.name}"
