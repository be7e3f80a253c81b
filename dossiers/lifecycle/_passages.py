"""Which step held an imported case from when to when. Private to the telling of history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from dossiers.lifecycle.imported import DELIVER, GO_ON, RECEIVE, ImportedCase
from dossiers.models import Status, StepRun
from workflows.models import Role


def passages(case: ImportedCase) -> Iterator[StepRun]:
    """The passages through steps. The log says when a step was done; it began when the one before
    was. What was done after the last of them, nobody wrote down: the step `go_on`."""
    start, end = case.started_at, case.ended_at
    steps = [act for act in case.acts if act.act == "step"]
    keys = [act.step for act in steps]
    last = steps[-1].at if steps else start
    goes_on = end is None or end > last or case.ending != Status.CONCLUDED
    keys += ([GO_ON] if goes_on else []) + ([DELIVER] if case.ending == Status.CONCLUDED else [])
    yield _run(case, 1, RECEIVE, start, start, keys[0], kind=RECEIVE, role=Role.CLERK)
    opened = start
    for place, act in enumerate(steps):
        run = _run(
            case, place + 2, act.step, opened, act.at, keys[place + 1], kind=act.kind, role=act.role
        )
        run.officer, run.claimed_at = act.post, act.at if act.post is None else opened
        opened = act.at
        yield run
    if goes_on:
        run = _run(case, len(steps) + 2, GO_ON, opened, end, DELIVER)
        if end is not None and case.ending != Status.CONCLUDED:
            run.state, run.outcome = StepRun.State.CANCELLED, ""
        yield run
    if case.ending == Status.CONCLUDED and end is not None:
        yield _run(case, len(keys) + 1, DELIVER, end, end, "done", kind=DELIVER, role=Role.CLERK)


def _run(
    case: ImportedCase,
    ordinal: int,
    key: str,
    opened: datetime,
    ended: datetime | None,
    outcome: str,
    *,
    kind: str = "process",
    role: str = Role.OFFICER,
) -> StepRun:
    at_counter = kind in (RECEIVE, DELIVER)
    return StepRun(
        ordinal=ordinal,
        key=key,
        kind=kind,
        agency=case.setting.receiving_agency if at_counter else case.setting.agency,
        unit=None if at_counter else case.setting.unit,
        role=role,
        state=StepRun.State.WAITING if ended is None else StepRun.State.DONE,
        opened_at=opened,
        ended_at=ended,
        outcome="" if ended is None else outcome,
    )


def under_way(runs: Sequence[StepRun], at: datetime) -> StepRun:
    """The passage that held the dossier at a moment: the last one opened by then and not ended."""
    open_then = [run for run in runs if run.opened_at <= at and (run.ended_at or at) >= at]
    return open_then[-1] if open_then else runs[0]
