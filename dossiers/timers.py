"""Which timers a clock wants: the moments that time alone will act on it.

Below the commands, which set and clear; firing lies above them. Each kind of clock says here what
it wants to be woken for; a new owner registers its own kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from dossiers.clock import Clock
from dossiers.models import ClockKind, TimerKind
from workflows.worktime import WorkingCalendar

Wanted = Mapping[TimerKind, datetime]
DUE_SOON_BEFORE = timedelta(hours=8)

_wanted: dict[str, Callable[[Clock, WorkingCalendar, datetime], Wanted]] = {}


def register(kind: str, wanted: Callable[[Clock, WorkingCalendar, datetime], Wanted]) -> None:
    """Say what clocks of a kind want to be woken for."""
    _wanted[kind] = wanted


def wanted(kind: str, clock: Clock, calendar: WorkingCalendar, at: datetime) -> Wanted:
    """The timers that a clock wants as it stands at `at`; none once it has finished.

    Reminders that would already be past are left out; a limit that is past fires at once.
    """
    if clock.state not in ("running", "stopped"):
        return {}
    return _wanted[kind](clock, calendar, at)


def _breaches(clock: Clock) -> dict[TimerKind, datetime]:
    kinds = {1: TimerKind.BREACH, 2: TimerKind.REPEATED_BREACH}
    return {kinds[number]: moment for number, moment in clock.breach_moments()}


def _dossier(clock: Clock, calendar: WorkingCalendar, at: datetime) -> Wanted:
    due = _breaches(clock)
    if clock.limit_at is not None and clock.state == "running":
        soon = calendar.add(clock.limit_at, -DUE_SOON_BEFORE)
        if soon > at:
            due[TimerKind.DUE_SOON] = soon
    return due


def _limit_only(clock: Clock, calendar: WorkingCalendar, at: datetime) -> Wanted:
    return _breaches(clock)


def _supplement(clock: Clock, calendar: WorkingCalendar, at: datetime) -> Wanted:
    if clock.limit_at is None or clock.state != "running":
        return {}
    return {TimerKind.SUPPLEMENT_LAPSE: clock.limit_at}


register(ClockKind.DOSSIER, _dossier)
register(ClockKind.STEP, _limit_only)
register(ClockKind.INTAKE, _limit_only)
register(ClockKind.SUPPLEMENT, _supplement)
