"""A stop or an end taken back, and the time without the waits: laws over random lives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dossiers.clock import Clock, ClockError
from tests.given.campaign import examples
from tests.given.working_hours import MINUTE, moment
from tests.pure.test_clock_laws import OFFICE, gaps, limits, live, minutes, starts
from workflows.timelimit import TimeLimit

FIVE_DAYS = TimeLimit(5, "working_day")


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts, gaps, st.integers(0, 5000), st.sampled_from(["", "consultation"]))
def test_a_stop_taken_back_never_was(limit, start, gaps, run, other):
    clock, at = live(limit, start, gaps)
    if other:
        clock = clock.stop(other, at)

    assert clock.stop("payment", at + run * MINUTE).unstop("payment") == clock


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts, gaps, st.integers(0, 5000))
def test_an_end_taken_back_never_was(limit, start, gaps, run):
    clock, at = live(limit, start, gaps)

    again = clock.finish(at + run * MINUTE).unfinish()

    assert again == clock
    assert again.breach_moments() == clock.breach_moments()


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts, gaps, st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000))
def test_the_index_reads_the_limit_as_if_it_had_resumed(limit, start, gaps, run, wait, more):
    clock, at = live(limit, start, gaps)
    stop_at, end = at + run * MINUTE, at + (run + wait) * MINUTE
    stopped = clock.stop("supplement", stop_at)

    restarted = stopped.restart(OFFICE, end)
    resumed = stopped.resume("supplement", OFFICE, end)

    assert restarted.limit_without_restart(OFFICE) == resumed.limit_at
    assert resumed.limit_without_restart(OFFICE) == resumed.limit_at
    done = end + more * MINUTE
    assert restarted.finish(done).used == resumed.finish(done).used


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts, gaps, st.integers(0, 5000))
def test_the_time_used_is_counted_minute_by_minute_without_the_waits(limit, start, gaps, run):
    clock, at = live(limit, start, gaps)
    end = at + run * MINUTE

    used = clock.finish(end).used

    ran = sum(not any(a <= m < b for a, b in clock.stops) for m in minutes(start, end))
    assert used == ran * MINUTE


def test_a_restart_keeps_both_figures():
    clock = Clock.start(FIVE_DAYS, OFFICE, moment("2026-03-02 08:00"))
    clock = clock.stop("supplement", moment("2026-03-03 08:00"))
    clock = clock.restart(OFFICE, moment("2026-03-05 08:00"))
    assert clock.limit_at == moment("2026-03-12 17:30")
    assert clock.limit_without_restart(OFFICE) == moment("2026-03-10 17:30")

    done = clock.finish(moment("2026-03-06 08:00"))

    # Monday and Thursday: the two days of waiting are no work.
    assert done.used == 16 * 60 * MINUTE
    assert Clock.from_columns(done.columns(), OFFICE) == done
    assert done.result == "early"


def test_a_second_restart_forgets_no_wait():
    clock = Clock.start(FIVE_DAYS, OFFICE, moment("2026-03-02 08:00"))
    for day in ("03", "05"):
        clock = clock.stop("supplement", moment(f"2026-03-{day} 08:00"))
        clock = clock.restart(OFFICE, moment(f"2026-03-{int(day) + 1:02d} 08:00"))

    assert [len(clock.earlier_stops), len(clock.stops)] == [2, 0]
    # Monday, Wednesday, Friday and Saturday morning.
    assert clock.finish(moment("2026-03-09 08:00")).used == 27.5 * 60 * MINUTE


def test_what_never_was_cannot_be_taken_back():
    clock = Clock.start(FIVE_DAYS, OFFICE, moment("2026-03-02 08:00"))

    with pytest.raises(ClockError) as running:
        clock.unfinish()
    with pytest.raises(ClockError) as unstopped:
        clock.stop("payment", moment("2026-03-03 08:00")).unstop("supplement")

    assert (running.value.code, unstopped.value.code) == ("not_finished", "ground_unknown")


# Stopped and ended in one instant it has not stood: that leaves no trace to stand on again.
@settings(max_examples=200, deadline=None)
@given(limits, starts, gaps, st.integers(0, 3000), st.integers(1, 3000))
def test_the_end_of_a_clock_that_stood_taken_back_leaves_it_standing(limit, start, gaps, run, wait):
    clock, at = live(limit, start, gaps)
    stopped = clock.stop("supplement", at + run * MINUTE)

    again = stopped.finish(at + (run + wait) * MINUTE).unfinish(stopped.grounds)

    assert (again.state, again.stopped_at, again.grounds, again.stops) == (
        "stopped",
        stopped.stopped_at,
        stopped.grounds,
        stopped.stops,
    )
    assert (again.limit_at, again.promised_at, again.remaining) == (
        stopped.limit_at,
        stopped.promised_at,
        stopped.remaining,
    )
