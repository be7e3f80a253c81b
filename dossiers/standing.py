"""How a legal clock stands: its fields, and the questions that they answer.

What moves it are the verbs of `dossiers.clock`. Pure: moments, grounds and working time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from dossiers.moments import ClockError, Stops, known, read, utc, written
from workflows.timelimit import TimeLimit
from workflows.worktime import WorkingCalendar

NOT_BEGUN = "not_begun"
RUNNING = "running"
STOPPED = "stopped"
FINISHED = "finished"
STATES = (NOT_BEGUN, RUNNING, STOPPED, FINISHED)

EARLY = "early"
ON_TIME = "on_time"
LATE = "late"
WITHOUT_LIMIT = "without_limit"
RESULTS = (EARLY, ON_TIME, LATE, WITHOUT_LIMIT)

_NO_TIME = timedelta(0)
_MOMENTS = (
    "started_at",
    "anchor_at",
    "given_limit_at",
    "limit_at",
    "limit_set_at",
    "promised_at",
    "stopped_at",
    "finished_at",
)


class Outcome(NamedTuple):
    """How a clock ended: one of RESULTS, and the working time from the end to the limit.

    `margin` is negative when late, and None without a limit.
    """

    result: str
    margin: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A legal clock as it stands. All moments are held in UTC; `columns()` gives the fields as
    plain values.

    The limit is counted from `anchor_at` (the start, or the last restart): by `limit`, or as a span
    of working time (`anchor_budget`), or it is given (`given_limit_at`: imported, corrected).
    `stops` are the stops that have ended and that the limit is counted through; with them it can be
    explained and counted again. `earlier_stops` are those that a restart left behind or a corrected
    limit includes: only the index subtracts them. While `promise_gap` is None the promise is the
    limit, once restated it lies that much working time behind it. `remaining` is the working time
    that was left when the clock stopped; `used`, once it ended, what it had run without any stop.
    `calendar`, no column, is the one that the limit was last counted by.
    """

    state: str
    limit: TimeLimit | None = None
    started_at: datetime | None = None
    anchor_at: datetime | None = None
    anchor_budget: timedelta | None = None
    given_limit_at: datetime | None = None
    stops: Stops = ()
    earlier_stops: Stops = ()
    limit_at: datetime | None = None
    limit_set_at: datetime | None = None
    promised_at: datetime | None = None
    promise_number: int = 1
    promise_gap: timedelta | None = None
    stopped_at: datetime | None = None
    grounds: frozenset[str] = frozenset()
    remaining: timedelta | None = None
    finished_at: datetime | None = None
    result: str = ""
    margin: timedelta | None = None
    used: timedelta | None = None
    calendar: WorkingCalendar | None = field(default=None, compare=False, repr=False)

    # Questions

    @property
    def may_restart(self) -> bool:
        """Whether a stopped clock's limit had not passed before it stopped."""
        return self.state == STOPPED and not self.late(known(self.stopped_at))

    def late(self, at: datetime) -> bool:
        """Whether the limit has passed at `at`; of a stopped clock: whether it had before."""
        if self.state == FINISHED:
            return self.result == LATE
        if self.limit_at is None:
            return False
        return (self.stopped_at or utc(at)) > self.limit_at

    def promise_broken(self, at: datetime) -> bool:
        """Whether a restated promise has passed at `at`: the repeated breach.

        A stop hides it only if the limit itself had not passed before.
        """
        if self.promise_number == 1 or self.promised_at is None:
            return False
        moment = self.finished_at or utc(at)
        if self.stopped_at is not None and self.may_restart:
            moment = self.stopped_at
        return moment > self.promised_at

    def breach_moments(self) -> tuple[tuple[int, datetime], ...]:
        """Numbers of the promise and the moments after which each is breached if nothing happens.

        A limit that was moved into the past is breached at the moment of the change. Nothing runs
        out while a clock is stopped whose limit had not passed before.
        """
        if self.limit_at is None or self.state in {NOT_BEGUN, FINISHED} or self.may_restart:
            return ()
        set_at = known(self.limit_set_at)
        first = (1, max(self.limit_at, set_at))
        if self.promise_number == 1 or self.promised_at is None:
            return (first,)
        return first, (2, max(self.promised_at, set_at))

    def time_left(self, calendar: WorkingCalendar, at: datetime) -> timedelta | None:
        """Working time until the limit, negative after it; what remained while stopped."""
        return self.remaining if self.state == STOPPED else self._left(calendar, utc(at))

    def time_used(self, calendar: WorkingCalendar, at: datetime) -> timedelta:
        """Working time from the start to `at` (or the end) in which the clock was not stopped,
        whatever a restart has made of the limit."""
        until = self.finished_at or self.stopped_at or utc(at)
        stops = (*self.earlier_stops, *self.stops)
        stopped = sum((calendar.between(since, to) for since, to in stops), _NO_TIME)
        return calendar.between(known(self.started_at), until) - stopped

    def outcome(self, at: datetime) -> Outcome:
        """How a running clock would end at `at`, and how a finished one did (domain: 4.10)."""
        if self.state == FINISHED:
            return Outcome(self.result, self.margin)
        if self.limit_at is None:
            return Outcome(WITHOUT_LIMIT, None)
        calendar, at = self._with_calendar(), utc(at)
        margin = calendar.between(at, self.limit_at)
        if at > self.limit_at:
            return Outcome(LATE, margin)
        days = at.astimezone(calendar.tz).date(), self.limit_at.astimezone(calendar.tz).date()
        return Outcome(EARLY if days[0] < days[1] else ON_TIME, margin)

    # Stored as a handful of columns

    def columns(self) -> dict[str, Any]:
        """Every field as a plain value, by its column's name."""
        values = {name: getattr(self, name) for name in _COLUMNS}
        values["limit"] = None if self.limit is None else self.limit.to_json()
        values["stops"] = written(self.stops)
        values["earlier_stops"] = written(self.earlier_stops)
        values["grounds"] = sorted(self.grounds)
        return values

    @classmethod
    def from_columns(cls, columns: Mapping[str, Any], calendar: WorkingCalendar) -> Self:
        """The clock that `columns()` described; `calendar` is the one that counts it."""
        values = dict(columns)
        for name in _MOMENTS:
            if values.get(name) is not None:
                values[name] = utc(values[name])
        if values.get("limit") is not None:
            values["limit"] = TimeLimit.from_json(values["limit"])
        values["stops"] = read(values.get("stops", ()))
        values["earlier_stops"] = read(values.get("earlier_stops", ()))
        values["grounds"] = frozenset(values.get("grounds", ()))
        return cls(**values, calendar=calendar)

    def _left(self, calendar: WorkingCalendar | None, at: datetime) -> timedelta | None:
        if self.limit_at is None:
            return None
        return (calendar or self._with_calendar()).between(at, self.limit_at)

    # What a verb may ask of the clock

    def _with_calendar(self) -> WorkingCalendar:
        if self.calendar is None:
            raise ClockError("no_calendar", "the clock has no calendar to count by")
        return self.calendar

    def _require(self, *states: str) -> None:
        if self.state not in states:
            code = "finished" if self.state == FINISHED else f"not_{states[0]}"
            raise ClockError(code, f"the clock is {self.state}, not {' or '.join(states)}")

    def _require_limit(self) -> None:
        if self.limit_at is None:
            raise ClockError("without_limit", "the clock runs without a limit")

    def _without(self, ground: str) -> frozenset[str]:
        self._require(STOPPED)
        if ground not in self.grounds:
            raise ClockError("ground_unknown", f"the clock has not stopped for {ground}")
        return self.grounds - {ground}

    def _in_order(self, at: datetime) -> datetime:
        """`at` in UTC, which may not lie before what the clock has already lived through."""
        at = utc(at)
        lived = (self.started_at, self.anchor_at, self.stopped_at, self.finished_at)
        ends = [moment for moment in lived if moment is not None]
        ends += [to for _, to in (*self.earlier_stops, *self.stops)[-1:]]
        if ends and at < max(ends):
            raise ClockError("out_of_order", f"{at} lies before the clock's last act, {max(ends)}")
        return at


_COLUMNS = tuple(one.name for one in fields(Standing) if one.name != "calendar")
