"""The legal clock once more, as slowly and plainly as it can be said: minute after minute.

Nothing here is shared with `workflows.worktime`, `workflows.timelimit` or `dossiers.clock`: no
prefix sums, no formula for a stop. An office is the set of its open minutes, a limit is found by
walking through days and minutes, and a clock counts down while time passes. Minutes are whole
numbers since 1970. Slow on purpose; the fast ones must agree with it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fractions import Fraction

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def minute_of(moment: datetime) -> int:
    return (moment - EPOCH) // MINUTE


def moment_of(minute: int) -> datetime:
    return EPOCH + minute * MINUTE


class OutOfReach(Exception):
    """The answer lies after the last day that was laid out."""


class SlowOffice:
    """The open minutes of an office, and of each day, between two days."""

    def __init__(
        self,
        weekly: Mapping[int, Sequence[tuple[time, time]]],
        exceptions: Mapping[date, Sequence[tuple[time, time]]],
        tz: tzinfo,
        first: date,
        last: date,
    ) -> None:
        self.tz = tz
        self.open: set[int] = set()
        self.of_day: dict[date, list[int]] = {}
        day = first
        while day <= last:
            self.of_day[day] = []
            for opens, closes in sorted(exceptions.get(day, weekly.get(day.weekday(), ()))):
                start = self.minute(day, opens)
                end = self.minute(day + DAY if closes == time(0) else day, closes)
                self.of_day[day].extend(range(start, end))
            self.open.update(self.of_day[day])
            day += DAY
        self.last = max(self.open)

    def minute(self, day: date, hour: time) -> int:
        return minute_of(datetime.combine(day, hour, self.tz).astimezone(UTC))

    def local(self, minute: int) -> datetime:
        return moment_of(minute).astimezone(self.tz)

    def worked(self, day: date) -> bool:
        if day not in self.of_day:
            raise OutOfReach
        return bool(self.of_day[day])

    def next_worked(self, day: date) -> date:
        day += DAY
        while not self.worked(day):
            day += DAY
        return day

    def opening(self, day: date) -> int:
        return self.of_day[day][0]

    def close(self, day: date) -> int:
        return self.of_day[day][-1] + 1

    def next_open(self, minute: int) -> int:
        while minute not in self.open:
            if minute > self.last:
                raise OutOfReach
            minute += 1
        return minute

    def walk(self, minute: int, work: int) -> int:
        """The end of the last of so many open minutes from here."""
        minute = self.next_open(minute)
        while work > 0:
            if minute in self.open:
                work -= 1
            if minute > self.last:
                raise OutOfReach
            minute += 1
        return minute

    def count(self, a: int, b: int) -> int:
        """Open minutes from a to b, one by one; negative if b comes first."""
        if b < a:
            return -self.count(b, a)
        return sum(1 for minute in range(a, b) if minute in self.open)


class SlowLimit:
    """An amount of a unit, counted as the law's words go."""

    def __init__(
        self,
        amount: Fraction,
        unit: str,
        *,
        from_next_day: bool,
        until_close: bool,
        cutoff: time | None,
        moved: bool,
    ) -> None:
        self.amount, self.unit = amount, unit
        self.from_next_day, self.until_close = from_next_day, until_close
        self.cutoff, self.moved = cutoff, moved

    def due(self, office: SlowOffice, start: int) -> int:
        start = self._received(office, start)
        if self.unit == "working_hour":
            return self._hours(office, start)
        if self.amount == 0:
            return office.close(office.local(office.next_open(start)).date())
        if self.unit == "working_day":
            return self._working_days(office, start)
        return self._dates(office, start)

    def _received(self, office: SlowOffice, start: int) -> int:
        if self.cutoff is None:
            return start
        local = office.local(start)
        if office.worked(local.date()) and local.time() <= self.cutoff:
            return start
        return office.opening(office.next_worked(local.date()))

    def _hours(self, office: SlowOffice, start: int) -> int:
        if self.from_next_day:
            start = office.opening(office.next_worked(office.local(start).date()))
        work = int(self.amount * 60)
        end = office.walk(start, work)
        if not self.until_close:
            return end
        lived = end - 1 if work else end  # a close belongs to the day it closes
        return office.close(office.local(lived).date())

    def _working_days(self, office: SlowOffice, start: int) -> int:
        days, end = int(self.amount), start
        if days:
            if not self.from_next_day:
                start = office.next_open(start)
            day = office.local(start).date()
            for _ in range(days):
                day = office.next_worked(day)
            end = self._end_of(office, day, office.local(start).time())
        rest = int((self.amount - days) * 8 * 60)
        return office.walk(end, rest) if rest else end

    def _dates(self, office: SlowOffice, start: int) -> int:
        local = office.local(start)
        day = local.date()
        if self.from_next_day:
            day = office.next_worked(day) - DAY
        if self.unit == "month":
            day = _months_on(day, int(self.amount))
        else:
            for _ in range(int(self.amount)):
                day += DAY
        while self.moved and not office.worked(day):
            day += DAY
        return self._end_of(office, day, local.time())

    def _end_of(self, office: SlowOffice, day: date, hour: time) -> int:
        if not office.worked(day):
            return (
                office.minute(day + DAY, time(0)) if self.until_close else office.minute(day, hour)
            )
        minute = office.minute(day, hour)
        if self.until_close or minute >= office.close(day):
            return office.close(day)
        return office.next_open(minute)


def _months_on(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    number = day.day
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


class Refused(Exception):
    """An act that the clock does not allow; the argument says why."""


class SlowClock:
    """Counts down while minutes pass. What it lived through since its anchor can be lived again."""

    def __init__(
        self, office: SlowOffice, limit: SlowLimit | int | None, at: int, given: int | None = None
    ) -> None:
        """`limit`: a law's, or so many working minutes; `given`: the end itself."""
        self.office, self.limit, self.given, self.anchor, self.now = office, limit, given, at, at
        self.state, self.grounds, self.started = "running", frozenset[str](), at
        self.life: tuple[tuple[int, str | int], ...] = ()  # since the anchor
        self.whole: tuple[tuple[int, str], ...] = ()  # stops since the start
        self.set_at, self.gap, self.result, self.margin = at, None, "", None
        self.end = self.promise = None
        self._live_again()

    # Acts

    def stop(self, ground: str, at: int) -> None:
        self._only("running", "stopped")
        if ground in self.grounds:
            raise Refused("ground_already")
        self.pass_until(at)
        self.grounds |= {ground}
        if self.state == "running":
            self._do("stop")

    def resume(self, ground: str, at: int) -> None:
        self._lift(ground, at)
        if not self.grounds:
            self._do("go on")

    def restart(self, ground: str, at: int) -> None:
        self._lift(ground, at)
        if self.stopped_late:
            if not self.grounds:
                self._do("go on")
            return
        if self.limit is None and self.end is not None:
            self.limit = self.used + self.left
        self.whole += ((at, "go on"), (at, "stop")) if self.grounds else ((at, "go on"),)
        self.anchor, self.given, self.life = at, None, ((at, "stop"),) if self.grounds else ()
        self._live_again()

    def extend(self, limit: SlowLimit, at: int) -> None:
        self._only("running", "stopped")
        self.pass_until(at)
        if self.end is None:
            raise Refused("without_limit")
        if self.passed:
            raise Refused("limit_passed")
        longer = copy.copy(self)
        longer.limit, longer.given = limit, None
        longer.life = tuple((at, act) for at, act in self.life if isinstance(act, str))
        longer._live_again()
        if longer.end <= self.end:
            raise Refused("not_longer")
        self.__dict__ = longer.__dict__

    def correct(self, end: int, at: int) -> None:
        self._only("running", "stopped")
        self.pass_until(at)
        self._do(end)
        if not isinstance(self.limit, SlowLimit):
            self.limit = self.used + self.left

    def restate(self, promise: int, at: int) -> None:
        self._only("running", "stopped")
        self.pass_until(at)
        if self.end is None:
            raise Refused("without_limit")
        if self.gap is not None:
            raise Refused("promise_restated")
        if promise <= at or promise <= self.end:
            raise Refused("promise_not_later")
        self.promise, self.gap = promise, self.office.count(self.end, promise)

    def recount(self, office: SlowOffice, at: int) -> None:
        self._only("running", "stopped")
        self.pass_until(at)
        self.office = office
        self._live_again()

    def finish(self, at: int) -> None:
        self._only("running", "stopped")
        self.pass_until(at)
        if self.state == "stopped":
            self.grounds = frozenset()
            self._do("go on")
        self._do("stop")
        self.state = "finished"
        if self.end is None:
            self.result, self.margin = "without_limit", None
            return
        day, last = (self.office.local(minute).date() for minute in (at, self.end))
        self.result = "late" if at > self.end else "early" if day < last else "on_time"
        self.margin = self.left

    def reopen(self, at: int) -> None:
        self._only("finished")
        self.pass_until(at)
        self._do("go on")
        self.result, self.margin = "", None

    def unstop(self, ground: str) -> None:
        until = self.now
        self._lift(ground, until)
        if not self.grounds:
            self._forget_stop()

    def unfinish(self) -> None:
        self._only("finished")
        self.result, self.margin = "", None
        self._forget_stop()

    # Questions

    def ran(self) -> int:
        """Open minutes since the start in which the clock was not stopped."""
        stopped, count, acts = False, 0, dict[int, list[str]]()
        for at, act in self.whole:
            acts.setdefault(at, []).append(act)
        for minute in range(self.started, self.now):
            for act in acts.get(minute, ()):
                stopped = act == "stop"
            count += not stopped and minute in self.office.open
        return count

    def end_had_it_only_stopped(self) -> int | None:
        """The end if no supplement had ever started the limit again."""
        if self.given is not None or any(isinstance(act, int) for _, act in self.life):
            return self.end
        other = SlowClock(self.office, self.limit, self.started)
        other.life, other.now = self.whole, self.now
        other._live_again()
        return other.end

    @property
    def passed(self) -> bool:
        """Whether the limit has passed; of a stopped clock: whether it had before."""
        if self.state == "finished":
            return self.result == "late"
        if self.end is None:
            return False
        return self.stopped_late if self.state == "stopped" else self.now > self.end

    @property
    def broken(self) -> bool:
        """Whether a promise set apart has passed while nothing excused it."""
        if self.gap is None:
            return False
        excused = self.state == "stopped" and not self.stopped_late
        ended = self.state == "finished"
        return (self.stopped_at if excused or ended else self.now) > self.promise

    @property
    def breaches(self) -> list[tuple[int, int]]:
        if self.end is None or self.state == "finished":
            return []
        if self.state == "stopped" and not self.stopped_late:
            return []
        promises = [self.end] if self.gap is None else [self.end, self.promise]
        return [(n, max(end, self.set_at)) for n, end in enumerate(promises, 1)]

    # Time

    def pass_until(self, at: int) -> None:
        """Let the minutes until `at` pass, one by one."""
        while self.now < at:
            if self.now in self.office.open:
                if self.state == "running":
                    self.used += 1
                    self.left -= 1
                else:
                    self.lost += 1
            self.now += 1

    def _do(self, act: str | int) -> None:
        """An act that is lived through again when the limit is counted anew."""
        before = self.end
        self.life += ((self.now, act),)
        if isinstance(act, str):
            self.whole += ((self.now, act),)
        self._act(act)
        self._tell(before)

    def _act(self, act: str | int) -> None:
        if act == "stop":
            self.state, self.stopped_at, self.lost = "stopped", self.now, 0
            self.stopped_late = self.end is not None and self.now > self.end
        elif act == "go on":
            self.state = "running"
            if self.end is None:
                return
            if self.stopped_late:
                self.left -= self.lost  # the stop hides nothing
            elif self.lost or self.now > self.end:
                self.end = self.office.walk(self.now, self.left)
        else:  # a corrected end
            self.end = act
            since = self.stopped_at if self.state == "stopped" else self.now
            self.stopped_late = since > act
            self.left = self.office.count(since, act)

    def _live_again(self) -> None:
        """Live through everything since the anchor, minute by minute."""
        until, before = self.now, self.end
        self.now, self.state, self.used, self.left = self.anchor, "running", 0, 0
        self.end = self._from_anchor()
        if self.end is not None:
            self.left = self.office.count(self.anchor, self.end)
        for at, act in self.life:
            self.pass_until(at)
            self._act(act)
        self.pass_until(until)
        self._tell(before)

    def _forget_stop(self) -> None:
        """As if the last stop had not been."""
        for name in ("life", "whole"):
            acts = list(getattr(self, name))
            last = max(n for n, (_, act) in enumerate(acts) if act == "stop")
            setattr(self, name, tuple(acts[:last] + acts[last + 1 :]))
        self._live_again()

    def _from_anchor(self) -> int | None:
        if self.given is not None:
            return self.given
        if isinstance(self.limit, SlowLimit):
            return self.limit.due(self.office, self.anchor)
        return None if self.limit is None else self.office.walk(self.anchor, self.limit)

    def _tell(self, before: int | None) -> None:
        """Note when the limit moved; the promise keeps as many open minutes behind it."""
        if self.end != before:
            self.set_at = self.now
        if self.gap is None:
            self.promise = self.end
        elif self.office.count(self.end, self.promise) != self.gap:
            self.promise = self.office.walk(self.end, self.gap)

    # What is refused

    def _only(self, *states: str) -> None:
        if self.state not in states:
            raise Refused("finished" if self.state == "finished" else f"not_{states[0]}")

    def _lift(self, ground: str, at: int) -> None:
        self._only("stopped")
        if ground not in self.grounds:
            raise Refused("ground_unknown")
        self.pass_until(at)
        self.grounds -= {ground}
