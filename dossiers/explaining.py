"""Why a clock ends when it does: its history as stretches that add up to the limit and the promise.

Pure: given are the clock, the values its limit and promise took, and its stops with their grounds.
Each stretch says from when to when, how much working time it used, and what it crossed. What counts
adds up, to the microsecond, to what the limit is worth; the last one ends at the limit itself, and
a promise set apart is one stretch more. Words are for whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from dossiers.clock import RUNNING, STOPPED, Clock
from dossiers.stretches import Explanation, Halt, Kind, Stretch, Told
from workflows.timelimit import TimeLimit, Unit
from workflows.worktime import WorkingCalendar

RESTARTED = "restarted"
ENDED = "ended"  # the ground of a stop that was the dossier's end, until it was opened again
_NO_TIME = timedelta(0)
_ONE_DAY = timedelta(days=1)


def explain(clock: Clock, told: Sequence[Told] = (), halts: Sequence[Halt] = ()) -> Explanation:
    """The history of `clock` (with its calendar) line by line.

    `told` names the restarts before the last one; `halts` the grounds.
    Law: design of the clock; 61/2018/NĐ-CP art. 19.4 (restart), 19.9 (the promise set apart).
    """
    calendar = clock.calendar
    if calendar is None or clock.anchor_at is None or clock.limit_at is None:
        return Explanation(
            stretches=(),
            worth=None,
            anchor_at=clock.anchor_at,
            limit_at=clock.limit_at,
            promised_at=clock.promised_at,
        )
    lines: list[Stretch] = []
    for begin, end in pairwise(_anchors(clock, told)):
        lines += _before_restart(calendar, halts, begin, end)
    lines += _since_anchor(clock, calendar, halts)
    if clock.promise_gap is not None and clock.promised_at is not None:
        lines.append(_between(calendar, Kind.RESTATED, clock.limit_at, clock.promised_at))
    return Explanation(
        stretches=tuple(lines),
        worth=_worth(clock, calendar),
        anchor_at=clock.anchor_at,
        limit_at=clock.limit_at,
        promised_at=clock.promised_at,
        counted_from=_counted_from(clock, calendar),
        moved_from=_moved_from(clock, calendar),
    )


def _anchors(clock: Clock, told: Sequence[Told]) -> list[datetime]:
    """The start, and each restart up to the one that counts."""
    last, first = clock.anchor_at, clock.started_at
    if last is None or first is None:
        return []
    between = {one.at for one in told if one.cause == RESTARTED and first < one.at < last}
    return sorted({first, *between, last})


def _before_restart(
    calendar: WorkingCalendar, halts: Sequence[Halt], begin: datetime, end: datetime
) -> list[Stretch]:
    """What ran and what stood between two beginnings of the limit: none of it counts any more."""
    lines: list[Stretch] = []
    at = begin
    for stopped_at, resumed_at in _rows_of(halts, begin, end):
        if at < stopped_at:
            lines.append(_between(calendar, Kind.GIVEN_UP, at, stopped_at))
        grounds = _grounds(halts, stopped_at, resumed_at)
        lines.append(_between(calendar, Kind.WAITED, stopped_at, resumed_at, grounds))
        at = resumed_at
    if at < end:
        lines.append(_between(calendar, Kind.GIVEN_UP, at, end))
    return lines


def _since_anchor(clock: Clock, calendar: WorkingCalendar, halts: Sequence[Halt]) -> list[Stretch]:
    """What ran and stood since the limit last began, up to the limit and beyond it."""
    lines: list[Stretch] = []
    idle: list[Stretch] = []
    at, limit_at = _known(clock.anchor_at), _known(clock.limit_at)
    for stopped_at, resumed_at, moves in _stops_since_anchor(clock, calendar):
        grounds = _grounds(halts, stopped_at, resumed_at)
        if not moves:
            idle.append(_between(calendar, Kind.IDLE, stopped_at, resumed_at, grounds))
            continue
        lines.append(_between(calendar, Kind.RAN, at, stopped_at))
        lines.append(_between(calendar, Kind.STOPPED, stopped_at, resumed_at, grounds))
        at = resumed_at
    if clock.state == STOPPED and clock.stopped_at is not None:
        open_kind = Kind.STOPPED if clock.may_restart else Kind.IDLE
        stop = Stretch(
            kind=open_kind,
            from_at=clock.stopped_at,
            to_at=None,
            used=_NO_TIME,
            grounds=tuple(sorted(clock.grounds)),
        )
        if clock.may_restart:
            lines += [_between(calendar, Kind.RAN, at, clock.stopped_at), stop]
            return [*lines, _left(clock, calendar), *idle]
        idle.append(stop)
    reckoned = _limit_after(clock, calendar, len(clock.stops))
    lines.append(_between(calendar, Kind.RAN, at, reckoned))
    if reckoned != limit_at:
        lines.append(_between(calendar, Kind.ADJUSTED, reckoned, limit_at))
    return [*lines, *idle]


def _stops_since_anchor(
    clock: Clock, calendar: WorkingCalendar
) -> Iterator[tuple[datetime, datetime, bool]]:
    """The stops since the limit last began, and whether each moved it. A limit that was put right
    has the stops before in it, which moved it as long as they ended before it."""
    anchor, given = _known(clock.anchor_at), clock.given_limit_at
    if given is not None:
        for stopped_at, resumed_at in clock.earlier_stops:
            if stopped_at >= anchor:
                yield stopped_at, resumed_at, resumed_at <= given
    for number, (stopped_at, resumed_at) in enumerate(clock.stops):
        yield stopped_at, resumed_at, stopped_at <= _limit_after(clock, calendar, number)


def _worth(clock: Clock, calendar: WorkingCalendar) -> timedelta:
    """The working time from the anchor to the limit as if the clock had never stopped."""
    worth = calendar.between(_known(clock.anchor_at), _limit_after(clock, calendar, 0))
    within = [
        calendar.between(stopped_at, resumed_at)
        for stopped_at, resumed_at, moves in _stops_since_anchor(clock, calendar)
        if moves and (stopped_at, resumed_at) not in clock.stops
    ]
    return worth - sum(within, _NO_TIME)


def _left(clock: Clock, calendar: WorkingCalendar) -> Stretch:
    """What will still count when the clock that stands now runs again."""
    stopped_at = _known(clock.stopped_at)
    left = calendar.between(stopped_at, _limit_after(clock, calendar, len(clock.stops)))
    return Stretch(kind=Kind.LEFT, from_at=None, to_at=None, used=left)


def _limit_after(clock: Clock, calendar: WorkingCalendar, stops: int) -> datetime:
    """The limit as it was counted with only so many of the stops since the anchor."""
    then = replace(
        clock,
        state=RUNNING,
        stops=clock.stops[:stops],
        stopped_at=None,
        grounds=frozenset(),
        remaining=None,
        finished_at=None,
        promise_gap=None,
    )
    return _known(then.recount(calendar, _known(clock.anchor_at)).limit_at)


def _counted_from(clock: Clock, calendar: WorkingCalendar) -> datetime | None:
    """Where a cut-off hour put the beginning off."""
    limit = _own_limit(clock)
    if limit is None or limit.rule.cutoff is None:
        return None
    anchor = _known(clock.anchor_at)
    begins = limit.counted_from(calendar, anchor)
    return None if begins == anchor else begins


def _moved_from(clock: Clock, calendar: WorkingCalendar) -> date | None:
    """The last day of a limit in calendar days or months that was a day off and moved."""
    limit = _own_limit(clock)
    if limit is None or clock.stops or not limit.rule.moved:
        return None
    if limit.unit not in {Unit.CALENDAR_DAY, Unit.MONTH}:
        return None
    last = limit.last_day(calendar, _known(clock.anchor_at))
    return None if calendar.is_working_day(last) else last


def _own_limit(clock: Clock) -> TimeLimit | None:
    """The `TimeLimit` that the limit was counted by, if one was."""
    given = clock.given_limit_at is not None or clock.anchor_budget is not None
    return None if given or clock.limit is None else clock.limit


def _between(
    calendar: WorkingCalendar,
    kind: Kind,
    from_at: datetime,
    to_at: datetime,
    grounds: tuple[str, ...] = (),
) -> Stretch:
    used = calendar.between(from_at, to_at)
    off = () if grounds else _days_off(calendar, from_at, to_at)
    return Stretch(
        kind=kind, from_at=from_at, to_at=to_at, used=used, grounds=grounds, days_off=off
    )


def _days_off(calendar: WorkingCalendar, a: datetime, b: datetime) -> tuple[date, ...]:
    """The days off from the day of `a` to that of `b`."""
    day, last = a.astimezone(calendar.tz).date(), b.astimezone(calendar.tz).date()
    found = []
    while day <= last:
        if not calendar.is_working_day(day):
            found.append(day)
        day += _ONE_DAY
    return tuple(found)


def _rows_of(
    halts: Sequence[Halt], begin: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """The stops within a stretch, those that overlap as one."""
    rows: list[tuple[datetime, datetime]] = []
    for halt in sorted(halts, key=lambda one: one.from_at):
        since = max(halt.from_at, begin)
        until = end if halt.to_at is None else min(halt.to_at, end)
        if since >= until:
            continue
        if rows and since <= rows[-1][1]:
            rows[-1] = (rows[-1][0], max(rows[-1][1], until))
        else:
            rows.append((since, until))
    return rows


def _grounds(halts: Sequence[Halt], stopped_at: datetime, resumed_at: datetime) -> tuple[str, ...]:
    """The grounds of a stop; without one it was the end of the dossier, until it was reopened."""
    found = {
        halt.ground
        for halt in halts
        if halt.from_at < resumed_at and (halt.to_at is None or halt.to_at > stopped_at)
    }
    return tuple(sorted(found)) or (ENDED,)


def _known(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError("the clock lacks a moment that its limit was counted by")
    return moment
