"""What lies before a dossier under way: what its steps left normally take, the working time left
for them, and the day that could be promised anew. Rows in, the rules of `foresight` applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dossiers import foresight
from dossiers.models import ClockRow, Dossier, StepRun
from workflows.worktime import WorkingCalendar

_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Working time: `needed` by the steps left, `left` until the limit (negative after it);
    `appointment` is the new day that the system proposes."""

    needed: timedelta
    left: timedelta
    appointment: datetime

    @property
    def probably_late(self) -> bool:
        return foresight.probably_late(self.needed, self.left)


def outlook(
    dossier: Dossier, row: ClockRow, run: StepRun | None, step_clock: ClockRow | None, at: datetime
) -> Outlook:
    """What lies before `dossier` at `at`: `row` is its clock, `run` the step under way and
    `step_clock` that step's own clock, if it has a share of the time."""
    calendar = row.calendar.working()
    needed = _NONE
    if run is not None:
        needed = foresight.normal_time(
            dossier.definition.graph(),
            run.key,
            dossier.facts,
            _worth(row, calendar),
            used=_used(step_clock, at),
        )
    return Outlook(
        needed=needed,
        left=_left(row, at) or _NONE,
        appointment=foresight.appointment(calendar, at, row.limit_at, needed),
    )


def _worth(row: ClockRow, calendar: WorkingCalendar) -> timedelta | None:
    if row.anchor_at is None or row.limit_at is None:
        return None
    return calendar.between(row.anchor_at, row.limit_at)


def _left(row: ClockRow, at: datetime) -> timedelta | None:
    if row.state == "stopped" or row.limit_at is None:
        return row.remaining
    return row.calendar.working().between(at, row.limit_at)


def _used(clock: ClockRow | None, at: datetime) -> timedelta:
    """How much of its share the step under way has used; nothing where it has none."""
    if clock is None or clock.limit_at is None or clock.anchor_at is None:
        return _NONE
    share = clock.calendar.working().between(clock.anchor_at, clock.limit_at)
    return share - (_left(clock, at) or _NONE)
