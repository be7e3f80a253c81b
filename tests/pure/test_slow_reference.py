"""Limits and clocks against a reference that walks minute by minute (`tests.given.slow_clock`)."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dossiers.clock import Clock, ClockError
from tests.given.campaign import examples
from tests.given.slow_clock import (
    OutOfReach,
    Refused,
    SlowClock,
    SlowLimit,
    SlowOffice,
    minute_of,
    moment_of,
)
from tests.given.working_hours import HANOI
from workflows.timelimit import Begins, Ends, Rule, TimeLimit
from workflows.worktime import NoOpenTimeError, WorkingCalendar

SLOW = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
BEGIN = minute_of(datetime(2026, 3, 2, tzinfo=HANOI))
ZONES = [HANOI, HANOI, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")]
OFFICE_DAY = [(time(8), time(12)), (time(13, 30), time(17, 30))]
MORNING = [(time(7, 30), time(11, 30))]
GROUNDS = ["supplement", "payment", "consultation"]


@st.composite
def day_hours(draw):
    """None to three intervals on quarters of an hour, some touching, some until midnight."""
    ends = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    pairs = [(ends[n], ends[n + 1]) for n in range(0, len(ends) - 1, draw(st.sampled_from([1, 2])))]
    return [(hour(start), hour(end)) for start, end in pairs]


def hour(quarters):
    return time(quarters // 4 % 24, quarters % 4 * 15)


any_hours = st.sampled_from([OFFICE_DAY, OFFICE_DAY, MORNING, []]) | day_hours()
near_days = st.integers(0, 70).map(lambda n: date(2026, 2, 25) + timedelta(days=n))
weeks = st.dictionaries(st.integers(0, 6), any_hours, min_size=3).filter(lambda w: any(w.values()))
singles = st.dictionaries(near_days, any_hours, max_size=8)
offices = st.tuples(weeks, singles, st.sampled_from(ZONES))
amounts = st.integers(0, 12).map(Fraction)
quarters = st.integers(1, 40).map(lambda n: Fraction(n, 4))


@st.composite
def limits(draw):
    """A limit twice: as the product has it, as the reference has it."""
    unit = draw(st.sampled_from(["working_hour", "working_day", "calendar_day", "month"]))
    amount = draw(amounts | quarters) if unit.startswith("working") else draw(amounts)
    amount = min(amount, 3) if unit == "month" else amount
    cutoff = draw(st.sampled_from([None, None, time(11), time(15)]))
    later, close, moved = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    begins = Begins.NEXT_WORKING_DAY if later else Begins.SAME_MOMENT
    rule = Rule(begins, Ends.CLOSE_OF_DAY if close else Ends.SAME_HOUR, cutoff, moved)
    slow = SlowLimit(
        amount, unit, from_next_day=later, until_close=close, cutoff=cutoff, moved=moved
    )
    return TimeLimit(amount, unit, rule), slow


starts = st.integers(0, 30 * 24 * 60).map(lambda n: BEGIN + n) | st.integers(0, 30 * 96).map(
    lambda n: BEGIN + n * 15
)


@settings(SLOW, max_examples=examples(100))
@given(offices, limits(), starts)
def test_a_limit_ends_where_a_walk_through_the_days_ends(office, limit, start):
    fast, slow = limit
    with reachable():
        due = slow.due(SlowOffice(*office, FIRST, LAST), start)

        assert fast.due(WorkingCalendar(*office), moment_of(start)) == moment_of(due)


# A life: acts, each so many minutes after the one before, or at a corner of the clock.
gaps = (
    st.integers(0, 4000)
    | st.integers(0, 200).map(lambda n: n * 15)
    | st.sampled_from(["limit", "limit", "after the limit", "promise", "after the promise"])
)
stopping = st.tuples(st.just("stop"), st.sampled_from(GROUNDS))
# Mostly a ground that holds; which one is told by a number.
going_on = st.tuples(st.sampled_from(["resume", "restart"]), st.integers(0, 2))
acts = st.one_of(
    stopping,
    stopping,
    going_on,
    going_on,
    st.tuples(st.just("restate"), st.integers(-1000, 20_000)),
    st.tuples(st.just("correct"), st.integers(-3000, 20_000)),
    st.tuples(st.just("extend"), limits()),
    st.tuples(st.just("recount"), singles),
    st.tuples(st.just("unstop"), st.integers(0, 2)),
    st.tuples(st.sampled_from(["finish", "finish", "reopen", "unfinish"]), st.none()),
)
lives = st.lists(st.tuples(gaps, acts), max_size=12)


class Both:
    """The same clock twice; every act is done to both, and both must say the same."""

    def __init__(self, office, kind, start):
        self.parts, self.now = office, start
        self.calendar, laid = WorkingCalendar(*office), SlowOffice(*office, FIRST, LAST)
        at = moment_of(start)
        if isinstance(kind, tuple):
            self.fast = Clock.start(kind[0], self.calendar, at)
            self.slow = SlowClock(laid, kind[1], start)
        elif isinstance(kind, timedelta):
            self.fast = Clock.start_for(kind, self.calendar, at)
            self.slow = SlowClock(laid, kind // timedelta(minutes=1), start)
        elif kind is None:
            self.fast = Clock.start(None, self.calendar, at)
            self.slow = SlowClock(laid, None, start)
        else:
            self.fast = Clock.start_until(moment_of(start + kind), self.calendar, at)
            self.slow = SlowClock(laid, None, start, given=start + kind)

    def act(self, gap, name, value):
        self.now = self._after(gap)
        self.slow.pass_until(self.now)
        if name in ("resume", "restart", "unstop"):
            value = [*sorted(self.slow.grounds), *GROUNDS][value]
        fast, code = self._fast(name, value), None
        try:
            self._slow(name, value)
        except Refused as refusal:
            code = refusal.args[0]
        if isinstance(fast, str):
            assert fast == code
        else:
            assert code is None
            self.fast = fast

    def _after(self, gap):
        if isinstance(gap, int):
            return self.now + gap
        corner = self.slow.promise if "promise" in gap else self.slow.end
        if corner is None or corner > self.now + 60 * 24 * 60:
            return self.now
        return max(self.now, corner + gap.startswith("after"))

    def _fast(self, name, value):
        clock, at = self.fast, moment_of(self.now)
        try:
            if name == "stop":
                return clock.stop(value, at)
            if name == "resume":
                return clock.resume(value, self.calendar, at)
            if name == "restart":
                return clock.restart(self.calendar, at, ground=value)
            if name == "extend":
                return clock.extend(value[0], self.calendar, at)
            if name in ("restate", "correct"):
                return getattr(clock, name)(moment_of(self.now + value), at)
            if name in ("unstop", "unfinish"):
                return getattr(clock, name)(*([value] if value else []))
            if name == "finish":
                return clock.finish(at)
            if name == "reopen":
                return clock.reopen(self.calendar, at)
            amended = WorkingCalendar(self.parts[0], value, self.parts[2])
            counted = clock.recount(amended, at)
        except ClockError as refusal:
            return refusal.code
        self.calendar = amended
        return counted

    def _slow(self, name, value):
        clock, at = self.slow, self.now
        if name in ("stop", "resume", "restart"):
            getattr(clock, name)(value, at)
        elif name in ("unstop", "unfinish"):
            getattr(clock, name)(*([value] if value else []))
        elif name == "extend":
            clock.extend(value[1], at)
        elif name in ("restate", "correct"):
            getattr(clock, name)(at + value, at)
        elif name == "recount":
            clock.recount(SlowOffice(self.parts[0], value, self.parts[2], FIRST, LAST), at)
        else:
            getattr(clock, name)(at)

    def agree_on_the_whole(self):
        used = self.fast.time_used(self.calendar, moment_of(self.now))
        assert in_minutes(used) == self.slow.ran()
        unstarted = self.fast.limit_without_restart(self.calendar)
        assert unstarted == as_moment(self.slow.end_had_it_only_stopped())

    def agree(self):
        assert described(self.fast, self.calendar, self.now) == told(self.slow, self.now)
        assert Clock.from_columns(self.fast.columns(), self.calendar) == self.fast


def described(clock, calendar, now):
    at = moment_of(now)
    return {
        "state": clock.state,
        "grounds": clock.grounds,
        "limit": clock.limit_at,
        "promise": clock.promised_at,
        "left": in_minutes(
            clock.margin if clock.state == "finished" else clock.time_left(calendar, at)
        ),
        "late": clock.late(at),
        "broken": clock.promise_broken(at),
        "breaches": list(clock.breach_moments()),
        "result": clock.result,
    }


def told(clock, now):
    return {
        "state": clock.state,
        "grounds": clock.grounds,
        "limit": as_moment(clock.end),
        "promise": as_moment(clock.promise),
        "left": None if clock.end is None else clock.left,
        "late": clock.passed,
        "broken": clock.broken,
        "breaches": [(n, moment_of(minute)) for n, minute in clock.breaches],
        "result": clock.result,
    }


def as_moment(minute):
    return None if minute is None else moment_of(minute)


def in_minutes(span):
    if span is None:
        return None
    minutes, rest = divmod(span, timedelta(minutes=1))
    assert not rest
    return minutes


@contextmanager
def reachable():
    """Lives that lead past the last day laid out are left aside."""
    try:
        yield
    except (OutOfReach, NoOpenTimeError):
        assume(False)


kinds = st.one_of(
    limits(),
    limits(),
    st.integers(0, 40 * 60).map(lambda n: timedelta(minutes=n)),
    st.integers(1, 20_000),
    st.none(),
)


@settings(SLOW, max_examples=examples(80))
@given(offices, kinds, starts, lives)
def test_a_clock_lives_as_one_that_counts_down_minute_by_minute(office, kind, start, life):
    with reachable():
        both = Both(office, kind, start)
        both.agree()
        for gap, (name, value) in life:
            both.act(gap, name, value)
            both.agree()
        both.agree_on_the_whole()
