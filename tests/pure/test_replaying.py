"""A life replayed: under its own limit it is the life that was, under others law by law."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dossiers.clock import Clock
from dossiers.replaying import replay
from dossiers.stretches import Halt
from tests.given.campaign import examples
from tests.given.working_hours import MINUTE, calendar, moment
from workflows.timelimit import TimeLimit

OFFICE = calendar(saturday="08:00-11:30", exceptions={"2026-03-11": ""})
START = moment("2026-03-02 08:10")
RESTARTING = frozenset({"supplement"})
limits = st.builds(
    TimeLimit,
    st.integers(0, 8),
    st.sampled_from(["working_hour", "working_day", "calendar_day"]),
)
spans = st.lists(
    st.tuples(
        st.integers(1, 3000), st.integers(1, 3000), st.sampled_from(["supplement", "payment"])
    ),
    max_size=4,
)


def halts_of(parts):
    """Stops one after another, from the gaps between them and their lengths."""
    found, at = [], START
    for gap, length, ground in parts:
        begin = at + gap * MINUTE
        at = begin + length * MINUTE
        found.append(Halt(ground, begin, at))
    return found, at


@settings(max_examples=examples(200), deadline=None)
@given(limits, spans, st.integers(0, 5000))
def test_replayed_under_its_own_limit_a_life_is_as_it_was(limit, parts, rest):
    halts, at = halts_of(parts)
    lived = Clock.start(limit, OFFICE, START)
    for halt in halts:
        lived = lived.stop(halt.ground, halt.from_at)
        if halt.ground in RESTARTING:
            lived = lived.restart(OFFICE, halt.to_at)
        else:
            lived = lived.resume(halt.ground, OFFICE, halt.to_at)
    lived = lived.finish(at + rest * MINUTE)

    again = replay(
        limit, OFFICE, START, halts, restarting=RESTARTING, finished_at=at + rest * MINUTE
    )

    assert again == lived


@settings(max_examples=examples(200), deadline=None)
@given(st.integers(1, 8), st.integers(1, 5), spans, st.integers(0, 5000))
def test_a_longer_limit_makes_nobody_late_who_was_not(amount, more, parts, rest):
    halts, at = halts_of(parts)
    end = at + rest * MINUTE

    shorter, longer = (
        replay(TimeLimit(days, "working_day"), OFFICE, START, halts, finished_at=end)
        for days in (amount, amount + more)
    )

    assert shorter.limit_at <= longer.limit_at
    assert not (longer.result == "late" and shorter.result != "late")


def test_under_a_shorter_limit_a_supplement_asked_too_late_starts_nothing_again():
    halts = [Halt("supplement", moment("2026-03-05 09:00"), moment("2026-03-10 09:00"))]
    end = moment("2026-03-12 09:00")

    was = replay(
        TimeLimit(5, "working_day"), OFFICE, START, halts, restarting=RESTARTING, finished_at=end
    )
    would = replay(
        TimeLimit(2, "working_day"), OFFICE, START, halts, restarting=RESTARTING, finished_at=end
    )

    assert (was.result, would.result) == ("early", "late")
    assert would.limit_at == moment("2026-03-04 17:30")


def test_a_stop_that_outlasts_the_end_ends_with_it():
    halts = [Halt("payment", moment("2026-03-03 08:10"), None)]

    ended = replay(
        TimeLimit(8, "working_hour"),
        OFFICE,
        START,
        halts,
        finished_at=moment("2026-03-04 08:10"),
    )

    assert (ended.result, ended.margin) == ("on_time", timedelta(0))


def test_overlapping_grounds_stop_once():
    halts = [
        Halt("payment", moment("2026-03-03 08:10"), moment("2026-03-04 08:10")),
        Halt("consultation", moment("2026-03-03 10:10"), moment("2026-03-05 08:10")),
    ]

    ended = replay(
        TimeLimit(16, "working_hour"),
        OFFICE,
        START,
        halts,
        finished_at=moment("2026-03-06 08:10"),
    )

    assert ended.limit_at == moment("2026-03-06 08:10")
