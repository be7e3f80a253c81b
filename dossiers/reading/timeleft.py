"""How much working time a clock leaves: the value that the tag `time_left` dresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dossiers.clock import Clock
from dossiers.models import ClockRow

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
ONE_WORKING_DAY = timedelta(hours=8)
_ENDED = {"early": "ended_early", "on_time": "ended_on_time", "late": "ended_late"}


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """One state of a limit with its working time, and the moment that goes with it."""

    state: str
    remaining: timedelta | None = None
    late_by: timedelta | None = None
    moment: datetime | None = None


NO_LIMIT = TimeLeft("none")


def time_left(row: ClockRow | None, at: datetime) -> TimeLeft:
    """What `row` (its calendar loaded) leaves at `at`; exactly at the limit is still in time."""
    if row is None:
        return NO_LIMIT
    if row.state == "finished":
        return _ended(row)
    if row.limit_at is None:
        return NO_LIMIT
    if row.state == "stopped":
        left = row.remaining
        late_by = -left if left is not None and left < timedelta(0) else None
        return TimeLeft("stopped", remaining=left, late_by=late_by)
    return _running(row, row.limit_at, at)


def without_restart(row: ClockRow) -> datetime | None:
    """The limit as the index reads it: every wait only stopped it, none let it start again."""
    if not row.earlier_stops:
        return row.limit_at
    calendar = row.calendar.working()
    names = (field for field in Clock.__dataclass_fields__ if field != "calendar")
    clock = Clock.from_columns({name: getattr(row, name) for name in names}, calendar)
    return clock.limit_without_restart(calendar)


def _running(row: ClockRow, limit_at: datetime, at: datetime) -> TimeLeft:
    calendar = row.calendar.working()
    if at > limit_at:
        return TimeLeft("late", late_by=calendar.between(limit_at, at), moment=limit_at)
    remaining = calendar.between(at, limit_at)
    if limit_at.astimezone(LOCAL).date() == at.astimezone(LOCAL).date():
        state = "today"
    else:
        state = "short" if remaining < ONE_WORKING_DAY else "ample"
    return TimeLeft(state, remaining=remaining, moment=limit_at)


def _ended(row: ClockRow) -> TimeLeft:
    margin = row.margin
    late_by = -margin if margin is not None and margin < timedelta(0) else None
    return TimeLeft(
        _ENDED.get(row.result, "none"), remaining=margin, late_by=late_by, moment=row.finished_at
    )
