"""The laws of the legal clock, over random lives, against a count minute by minute."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dossiers.clock import Clock
from tests.given.campaign import examples
from tests.given.working_hours import HANOI, MINUTE, calendar, hours, moment, open_minutes
from workflows.timelimit import TimeLimit

EXCEPTIONS = {"2026-03-11": "", "2026-03-14": "08:00-12:00"}
OFFICE = calendar(saturday="08:00-11:30", exceptions=EXCEPTIONS)
BEGIN = moment("2026-03-02 00:00")
OPEN = open_minutes(
    dict.fromkeys(range(5), hours("08:00-12:00 13:30-17:30")) | {5: hours("08:00-11:30")},
    {date.fromisoformat(day): hours(text) for day, text in EXCEPTIONS.items()},
    HANOI,
    date(2026, 3, 1),
    date(2026, 6, 30),
)
ORDERED = sorted(OPEN)

gaps = st.lists(st.integers(0, 3000), max_size=8)
limits = st.builds(
    TimeLimit,
    st.integers(0, 8),
    st.sampled_from(["working_hour", "working_day", "calendar_day"]),
)
starts = st.integers(0, 7 * 24 * 60).map(lambda n: BEGIN + n * MINUTE)


def minutes(a, b):
    """The open minutes from `a` to `b`."""
    return ORDERED[bisect_left(ORDERED, a) : bisect_left(ORDERED, b)] if a < b else []


def live(limit, start, gaps):
    """A clock that stopped and resumed after each of these minutes, and how far it lived."""
    clock, at = Clock.start(limit, OFFICE, start), start
    for number, gap in enumerate(gaps):
        at += gap * MINUTE
        if number % 2 == 0:
            clock = clock.stop("payment", at)
        else:
            clock = clock.resume("payment", OFFICE, at)
    if clock.state == "stopped":
        clock = clock.resume("payment", OFFICE, at)
    return clock, at


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts, gaps)
def test_a_clock_is_late_once_it_ran_through_its_worth_of_open_minutes(limit, start, gaps):
    clock, _ = live(limit, start, gaps)
    worth = limit.worth(OFFICE, start) // MINUTE

    ran = sum(not any(a <= m < b for a, b in clock.stops) for m in minutes(start, clock.limit_at))
    assert ran == worth


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts, gaps)
def test_counting_again_under_the_same_calendar_changes_nothing(limit, start, gaps):
    clock, at = live(limit, start, gaps)

    assert clock.recount(OFFICE, at) == clock
    stopped = clock.stop("supplement", at)
    assert stopped.recount(OFFICE, at) == stopped
    assert Clock.from_columns(clock.columns(), OFFICE) == clock


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts, gaps, st.integers(0, 5000), st.integers(0, 5000))
def test_two_stops_without_a_break_are_one(limit, start, gaps, first, second):
    clock, at = live(limit, start, gaps)
    middle, end = at + first * MINUTE, at + (first + second) * MINUTE

    once = clock.stop("payment", at).resume("payment", OFFICE, end)
    twice = clock.stop("payment", at).resume("payment", OFFICE, middle)
    twice = twice.stop("payment", middle).resume("payment", OFFICE, end)

    assert OFFICE.between(once.limit_at, twice.limit_at) == timedelta(0)
    assert once.late(end) == twice.late(end)


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts, gaps, st.integers(0, 5000))
def test_stopping_never_makes_late_and_never_hides_lateness(limit, start, gaps, length):
    clock, at = live(limit, start, gaps)
    end = at + length * MINUTE

    resumed = clock.stop("payment", at).resume("payment", OFFICE, end)

    assert resumed.late(end) == clock.late(at)
    assert resumed.limit_at >= clock.limit_at
    assert resumed.time_left(OFFICE, end) == (
        OFFICE.between(end, clock.limit_at) if clock.late(at) else clock.time_left(OFFICE, at)
    )


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts, gaps, st.integers(1, 20_000), st.integers(0, 3000), st.integers(0, 3000))
def test_a_restated_promise_keeps_its_working_time_behind_the_limit(
    limit, start, gaps, later, run, stopped
):
    clock, at = live(limit, start, gaps)
    promise = max(at, clock.limit_at) + later * MINUTE
    clock = clock.restate(promise, at)
    stop_at, end = at + run * MINUTE, at + (run + stopped) * MINUTE

    resumed = clock.stop("payment", stop_at).resume("payment", OFFICE, end)

    gap = OFFICE.between(clock.limit_at, promise)
    assert OFFICE.between(resumed.limit_at, resumed.promised_at) == gap
    if resumed.limit_at == clock.limit_at:
        assert resumed.promised_at == promise
    restarted = clock.stop("supplement", stop_at).restart(OFFICE, end)
    assert OFFICE.between(restarted.limit_at, restarted.promised_at) == gap


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts, gaps, st.integers(0, 5000))
def test_early_on_time_and_late_are_told_by_moment_and_local_date(limit, start, gaps, rest):
    clock, at = live(limit, start, gaps)
    end = at + rest * MINUTE

    ended = clock.finish(end)

    days = [t.astimezone(HANOI).date() for t in (end, clock.limit_at)]
    late = end.astimezone(UTC) > clock.limit_at
    assert ended.result == ("late" if late else "early" if days[0] < days[1] else "on_time")
    assert (ended.result == "late") == clock.late(end)
    left, over = len(minutes(end, clock.limit_at)), len(minutes(clock.limit_at, end))
    assert ended.margin == (left - over) * MINUTE


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts, gaps, st.integers(0, 5000), st.integers(0, 5000))
def test_reopening_is_as_if_the_clock_had_been_stopped(limit, start, gaps, run, pause):
    clock, at = live(limit, start, gaps)
    end = at + run * MINUTE
    again = end + pause * MINUTE

    reopened = clock.finish(end).reopen(OFFICE, again)

    assert reopened == clock.stop("payment", end).resume("payment", OFFICE, again)
    assert reopened.late(again) == clock.late(end)
