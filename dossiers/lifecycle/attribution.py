"""Where the time lay: the working time each unit used before a limit passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from dossiers.lifecycle import _reads
from dossiers.lifecycle._statements import one_trip
from dossiers.models import StepRun
from workflows.worktime import WorkingCalendar

Span = tuple[datetime, datetime]


def runs_of(ids: Sequence[int]) -> dict[int, list[StepRun]]:
    """All passages through steps of these dossiers, in order, with their clocks' shares."""
    with one_trip():
        passages, clocks = _reads.PASSAGES.ask(ids), _reads.SHARES.ask(ids)
    runs: dict[int, list[StepRun]] = defaultdict(list)
    for run in passages():
        if run.state != StepRun.State.UNDONE:
            runs[run.dossier_id].append(run)
    own = {clock.step_run_id: clock for clock in clocks()}
    way = StepRun._meta.get_field("clock")
    for run in (one for passed in runs.values() for one in passed):
        way.set_cached_value(run, own.get(run.pk))
    return runs


def used(
    run: StepRun, stops: Iterable[Span], calendar: WorkingCalendar, until: datetime
) -> timedelta:
    """Working time of a passage up to `until`, without what lies in stops of the clock."""
    end = min(run.ended_at or until, until)
    if end <= run.opened_at:
        return timedelta(0)
    time = calendar.between(run.opened_at, end)
    for since, to in stops:
        first, last = max(since, run.opened_at), min(to, end)
        if first < last:
            time -= calendar.between(first, last)
    return time


def debts(
    runs: Sequence[StepRun], stops: Sequence[Span], calendar: WorkingCalendar, until: datetime
) -> list[dict[str, Any]]:
    """Who owes the delay, agency by agency, the deepest first: those whose steps had used more than
    their share of the time by `until`; where none had, whoever held the dossier then.

    `seconds` is the working time an agency used in all, `over` what lies beyond its steps' shares.
    """
    passed = [run for run in runs if run.opened_at < until]
    lines: dict[str, dict[str, Any]] = {}
    for run in passed:
        time, share = used(run, stops, calendar, until), _share(run)
        line = lines.setdefault(
            run.agency.code, {"agency": run.agency.code, "seconds": 0, "over": 0}
        )
        line["seconds"] += round(time.total_seconds())
        if share is not None and time > share:
            line["over"] += round((time - share).total_seconds())
    owing = [line for line in lines.values() if line["over"]]
    if not owing and passed:
        owing = [lines[passed[-1].agency.code]]
    return sorted(owing, key=lambda line: (-line["over"], line["agency"]))


def _share(run: StepRun) -> timedelta | None:
    """The step's own part of the time, if it had one."""
    clock = getattr(run, "clock", None)
    return None if clock is None else clock.anchor_budget


def shares(
    runs: Sequence[StepRun], stops: Sequence[Span], calendar: WorkingCalendar, until: datetime
) -> list[dict[str, Any]]:
    """Per step passed: agency, unit, step and the working seconds used up to `until`."""
    return [
        {
            "agency": run.agency.code,
            "unit": run.unit.code if run.unit is not None else "",
            "step": run.key,
            "seconds": round(used(run, stops, calendar, until).total_seconds()),
        }
        for run in runs
        if run.opened_at < until
    ]
