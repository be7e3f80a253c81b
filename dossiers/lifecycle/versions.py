"""Moving dossiers to another version of their workflow: previewed, recorded, each step mapped.

Limit and promise stay, what was stopped stays stopped, every timer stays the timer it was: only
where the dossier stands is named anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers.errors import Invalid, Missing, Refusal
from dossiers.lifecycle import _flush, _parts, _steps, _write
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.registry import command
from dossiers.models import OPEN, ClockKind, Dossier, EventKind, StepRun, Timer
from workflows import graph
from workflows.actors import Actor
from workflows.graph import Kind, Step
from workflows.models import Definition, Role

NO_COUNTERPART = ""
"""What a step that lies behind a dossier is mapped to when the new version has nothing like it."""


@command("move_to_version", _("Move to another version of the workflow"))
def move_to_version(
    dossier_id: int,
    *,
    definition: int,
    mapping: Mapping[str, str],
    reason: str,
    by: Actor,
    at: datetime,
) -> Dossier:
    """Let the dossier go on by another version of its procedure's workflow, the one in force.

    `mapping` says for every step that the dossier is at or has behind it which step of the new
    version it is. The step under way keeps its clock and, where role and place are the same, who
    holds it.
    Raises: Invalid (no such version, a mapping that is not total or does not fit, no reason),
    NotAllowed, NotNow.
    """
    work = _write.lock(dossier_id, "move_to_version", by=by, at=at, statuses=OPEN)
    if not reason.strip():
        raise Invalid("reason_needed", fields={"reason": "reason_needed"})
    dossier, target = work.dossier, _target(work, definition)
    _require_total(work, target.graph(), mapping)
    left = dossier.definition
    facts: dict[str, object] = {
        "from_version": left.version,
        "to_version": target.version,
        "from_definition": left.pk,
        "to_definition": target.pk,
        "mapping": {key: mapping[key] for key in sorted(mapping)},
    }
    dossier.definition = target
    if work.step is not None:
        facts |= _stand(work, work.step, target.graph().step(mapping[work.step.key]))
    work.event(EventKind.MOVED_TO_VERSION, facts, note=reason.strip())
    written = _write.write(work)
    # A seldom act: its column is left out of the statement that every other act is written by.
    Dossier.objects.filter(pk=dossier.pk).update(definition=target)
    return written


def fits(run_kind: str, target: Step) -> str:
    """Why a dossier that stands at a step of this kind cannot stand at `target`, as a code."""
    if target.kind in (Kind.AUTOMATIC, Kind.RECEIVE):
        return "mapping_nobody"
    if (run_kind == Kind.DELIVER) != (target.kind is Kind.DELIVER):
        return "mapping_delivers"
    return ""


def suggested(before: graph.Definition, after: graph.Definition) -> dict[str, str]:
    """A mapping of the steps of `before` by equal keys, as far as they fit."""
    found = {}
    for step in before.steps:
        if not after.has(step.key):
            continue
        same = after.step(step.key)
        if step.kind is same.kind or not fits(step.kind, same):
            found[step.key] = step.key
    return found


@dataclass(frozen=True, slots=True)
class Preview:
    """What moving these dossiers would meet: how many stand at each step, how many timers wait for
    them, and what of the mapping does not fit (by step, a code)."""

    dossiers: int
    standing: Mapping[str, int]
    passed: Mapping[str, int]
    timers: int
    faults: Mapping[str, str]


def preview(
    dossiers: Sequence[int],
    after: graph.Definition,
    mapping: Mapping[str, str],
    *,
    at: datetime,
) -> Preview:
    """Look at what `move_all` would do; four queries for any number of dossiers."""
    runs = StepRun.objects.filter(dossier__in=dossiers).exclude(
        state__in=[StepRun.State.CANCELLED, StepRun.State.UNDONE]
    )
    standing: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    kinds: dict[str, str] = {}
    for key, kind, state in runs.values_list("key", "kind", "state"):
        under_way = state in (StepRun.State.WAITING, StepRun.State.WORKING)
        (standing if under_way else passed)[key] += 1
        if under_way:
            kinds[key] = kind
    faults = {}
    for key in {*standing, *passed}:
        code = _fault(after, mapping, key, kinds.get(key))
        if code:
            faults[key] = code
    return Preview(len(dossiers), standing, passed, _timers(dossiers, at), faults)


@dataclass(slots=True)
class Moved:
    """What became of a batch: who was moved, who not and why; timers that waited before and after,
    those of the same kind and moment being the same."""

    moved: list[str] = field(default_factory=list)
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    timers_before: int = 0
    timers_after: int = 0
    timers_changed: int = 0


def move_all(
    dossiers: Sequence[int],
    *,
    definition: int,
    mapping: Mapping[str, str],
    reason: str,
    by: Actor,
    at: datetime,
) -> Moved:
    """Move each of these dossiers by itself, in a transaction of its own; count their timers before
    and after."""
    result = Moved()
    codes = dict(Dossier.objects.filter(pk__in=dossiers).values_list("pk", "code"))
    for pk in sorted(dict.fromkeys(dossiers)):
        before = _waiting(pk, at)
        try:
            if pk not in codes:
                raise Missing("not_found")
            moved = move_to_version(
                pk, definition=definition, mapping=mapping, reason=reason, by=by, at=at
            )
        except Refusal as refusal:
            result.refused.append((codes.get(pk) or str(pk), refusal))
            continue
        after = _waiting(pk, at)
        result.moved.append(moved.handle)
        result.timers_before += sum(before.values())
        result.timers_after += sum(after.values())
        result.timers_changed += sum(((before - after) + (after - before)).values())
    return result


def _waiting(dossier: int, at: datetime) -> Counter[tuple[str, datetime]]:
    """The timers of a dossier that are not yet due, by kind and moment."""
    rows = Timer.objects.filter(dossier=dossier, fires_at__gte=at)
    return Counter(rows.values_list("kind", "fires_at"))


def _timers(dossiers: Sequence[int], at: datetime) -> int:
    return Timer.objects.filter(dossier__in=dossiers, fires_at__gte=at).count()


def _target(work: Work, definition: int) -> Definition:
    found = Definition.objects.filter(
        pk=definition, procedure=work.dossier.procedure_id, state=Definition.State.PUBLISHED
    ).first()
    if found is None:
        raise Invalid("no_such_version", fields={"definition": "no_such_version"})
    if found.pk == work.dossier.definition_id:
        raise Invalid("version_already", fields={"definition": "version_already"})
    return found


def _require_total(work: Work, after: graph.Definition, mapping: Mapping[str, str]) -> None:
    gone = (StepRun.State.CANCELLED, StepRun.State.UNDONE)
    runs = StepRun.objects.filter(dossier=work.dossier).exclude(state__in=gone)
    passed = dict.fromkeys(runs.order_by("ordinal").values_list("key", flat=True))
    under_way = work.step.key if work.step is not None else None
    for key in passed:
        kind = work.step.kind if work.step is not None and key == under_way else None
        code = _fault(after, mapping, key, kind)
        if code:
            named = mapping.get(key) if code != "mapping_not_total" else key
            raise Invalid(code, fields={"mapping": code}, step=named or key)


def _fault(after: graph.Definition, mapping: Mapping[str, str], key: str, kind: str | None) -> str:
    """What is wrong with what becomes of a step; `kind` where a dossier stands there."""
    if key not in mapping or (kind is not None and mapping[key] == NO_COUNTERPART):
        return "mapping_not_total"
    if mapping[key] == NO_COUNTERPART:
        return ""
    if not after.has(mapping[key]):
        return "mapping_unknown"
    return "" if kind is None else fits(kind, after.step(mapping[key]))


def _stand(work: Work, run: StepRun, target: Step) -> dict[str, object]:
    """Let the step under way be `target`: the same passage where nothing of it differs, else a new
    one, with the same clock."""
    agency, unit = _steps.place(work.dossier, target)
    same_place = (agency.pk, unit.pk if unit else None, target.role or Role.OFFICER) == (
        run.agency_id,
        run.unit_id,
        run.role,
    )
    if same_place and (target.key, target.kind) == (run.key, run.kind):
        return {}
    passage = StepRun(
        pk=_flush.reserve(StepRun),
        dossier=work.dossier,
        ordinal=run.ordinal + 1,
        key=target.key,
        kind=target.kind,
        agency=agency,
        unit=unit,
        role=target.role or Role.OFFICER,
        state=run.state if same_place else StepRun.State.WAITING,
        officer=run.officer if same_place else None,
        claimed_at=run.claimed_at if same_place else None,
        opened_at=work.at,
        is_return=run.is_return,
    )
    run.state, run.ended_at, run.outcome = StepRun.State.DONE, work.at, _steps.MOVED
    work.changes.change(run, "state", "ended_at", "outcome")
    work.changes.add(passage)
    _steps.hand_clock_on(work, run, passage)
    for row in work.clocks:
        if row.kind == ClockKind.HAND_OVER and row.step_run_id == run.pk:
            row.step_run = passage
            work.changes.change(row, "step_run")
    work.step = passage
    if agency.pk != run.agency_id:
        _parts.follow(work, agency)
    return {"step": run.key, "ordinal": run.ordinal, "next": target.key}
