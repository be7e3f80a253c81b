"""The days of a clock as a strip of cells: ran, stood, off, to come, and where now is.

Pure: an explanation and a moment in, cells out. A day on which the clock both ran and stood is what
it mostly did; words and drawing are the page's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from dossiers.stretches import Explanation, Kind, Stretch
from workflows.timelimit import Begins, TimeLimit, Unit
from workflows.worktime import WorkingCalendar

MOST_DAYS = 120
_NO_TIME = timedelta(0)
_ONE_DAY = timedelta(days=1)


class Did(StrEnum):
    """What the clock mostly does on a day."""

    RUN = "run"
    NEXT = "next"  # counts, but has not come yet
    BEFORE = "before"  # ran before a restart, counts no more
    STOPPED = "stopped"
    OFF = "off"
    LATE = "late"  # after the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One day. `number` says which of the limit's days it is, where they can be numbered."""

    on: date
    did: Did
    number: int | None = None
    is_now: bool = False
    is_start: bool = False
    is_stop: bool = False
    is_restart: bool = False
    is_limit: bool = False
    is_promise: bool = False


_DID = {
    Kind.RAN: Did.RUN,
    Kind.STOPPED: Did.STOPPED,
    Kind.IDLE: Did.LATE,
    Kind.GIVEN_UP: Did.BEFORE,
    Kind.WAITED: Did.STOPPED,
}


def cells(
    explained: Explanation,
    limit: TimeLimit | None,
    calendar: WorkingCalendar,
    at: datetime,
    *,
    ended_at: datetime | None = None,
) -> tuple[Cell, ...]:
    """The strip as it stands at `at`; none of a clock without a limit, or of a very long one."""
    stretches = explained.stretches
    if not stretches or stretches[0].from_at is None or explained.limit_at is None:
        return ()
    moments = [explained.limit_at, explained.promised_at or explained.limit_at]
    stands = any(one.kind is Kind.LEFT for one in stretches)
    until = at if ended_at is None else ended_at
    if stands:
        moments = [until]
    elif until > explained.limit_at:
        moments.append(until)
    first = _day(stretches[0].from_at, calendar)
    last = max(_day(moment, calendar) for moment in moments)
    if not 0 <= (last - first).days < MOST_DAYS:
        return ()
    days = [first + n * _ONE_DAY for n in range((last - first).days + 1)]
    marks = _marks(explained, calendar, at, stands=stands, ended=ended_at is not None)
    made = [_cell(day, stretches, calendar, at, marks) for day in days]
    return tuple(_numbered(made, explained, limit, calendar))


def _cell(
    day: date,
    stretches: Sequence[Stretch],
    calendar: WorkingCalendar,
    at: datetime,
    marks: dict[str, set[date]],
) -> Cell:
    flags = {name: day in days for name, days in marks.items()}
    if not calendar.is_working_day(day):
        return Cell(on=day, did=Did.OFF, **flags)
    begin, end = calendar.opening(day), calendar.close(day)
    done = dict.fromkeys(Did, _NO_TIME)
    for one in stretches:
        if one.from_at is None or one.kind not in _DID:
            continue
        a, b = max(one.from_at, begin), min(one.to_at or end, end)
        if a < b:
            done[_DID[one.kind]] += calendar.between(a, b)
    did = max(done, key=lambda name: done[name]) if any(done.values()) else Did.LATE
    if did is Did.RUN and day > _day(at, calendar):
        did = Did.NEXT
    return Cell(on=day, did=did, **flags)


def _marks(
    explained: Explanation,
    calendar: WorkingCalendar,
    at: datetime,
    *,
    stands: bool,
    ended: bool,
) -> dict[str, set[date]]:
    """The days that bear a flag."""
    stretches = explained.stretches
    stops = {Kind.STOPPED, Kind.WAITED, Kind.IDLE}
    begins, anchor = stretches[0].from_at, explained.anchor_at

    def days(*moments: datetime | None) -> set[date]:
        return {_day(moment, calendar) for moment in moments if moment is not None}

    return {
        "is_now": set() if ended else days(at),
        "is_start": days(begins),
        "is_stop": days(*(one.from_at for one in stretches if one.kind in stops)),
        "is_restart": days(anchor) if anchor != begins else set(),
        "is_limit": set() if stands else days(explained.limit_at),
        "is_promise": set()
        if explained.promised_at == explained.limit_at
        else days(explained.promised_at),
    }


def _numbered(
    made: list[Cell], explained: Explanation, limit: TimeLimit | None, calendar: WorkingCalendar
) -> list[Cell]:
    """With the days of the limit counted, where no stop has parted them."""
    parted = any(one.kind in {Kind.STOPPED, Kind.ADJUSTED} for one in explained.stretches)
    if parted or limit is None or explained.anchor_at is None:
        return made
    dated = limit.unit in {Unit.CALENDAR_DAY, Unit.MONTH}
    whole_days = limit.unit is Unit.WORKING_DAY and limit.rule.begins is Begins.NEXT_WORKING_DAY
    if not (dated or whole_days) or limit.rule.begins is Begins.NEXT_WORKING_DAY and dated:
        return made
    eve = _day(limit.counted_from(calendar, explained.anchor_at), calendar)
    numbered, number = [], 0
    for cell in made:
        counts = cell.on > eve and (dated or cell.did in {Did.RUN, Did.NEXT})
        if counts and number < limit.amount:
            number += 1
            numbered.append(replace(cell, number=number))
        else:
            numbered.append(cell)
    return numbered


def _day(moment: datetime, calendar: WorkingCalendar) -> date:
    return moment.astimezone(calendar.tz).date()
