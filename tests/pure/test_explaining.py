"""Why this date: the lines of a clock's history add up to its limit and to its promise."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dossiers import explaining, stretches
from dossiers.clock import Clock, ClockError
from dossiers.explaining import ENDED
from dossiers.stretches import Explanation, Halt, Kind, Told
from tests.given.campaign import examples
from tests.given.working_hours import MINUTE, calendar, moment
from tests.pure.test_worktime_laws import office
from workflows.timelimit import TimeLimit
from workflows.worktime import WorkingCalendar

OFFICE = calendar(exceptions={"2026-11-24": ""})
BEGIN = datetime(2026, 3, 5, tzinfo=UTC)
ACTS = (
    "supplement",
    "payment",
    "restart",
    "resume",
    "restate",
    "recount",
    "reopen",
    "correct",
    "extend",
)

gaps = st.integers(0, 3000)
limits = st.builds(
    TimeLimit,
    st.integers(0, 8),
    st.sampled_from(["working_hour", "working_day", "calendar_day", "month"]),
)
lives = st.lists(st.tuples(st.sampled_from(ACTS), gaps), max_size=10)


class Life:
    """A clock with the rows that would be kept beside it."""

    def __init__(self, limit: TimeLimit, calendar: WorkingCalendar, at: datetime) -> None:
        self.clock = Clock.start(limit, calendar, at)
        self.told = [Told(at, self.clock.limit_at, self.clock.promised_at, "begun")]
        self.halts: list[Halt] = []
        self.calendar = calendar

    def put(self, clock: Clock, at: datetime, cause: str) -> None:
        if (clock.limit_at, clock.promised_at) != (self.clock.limit_at, self.clock.promised_at):
            self.told.append(Told(at, clock.limit_at, clock.promised_at, cause))
        self.clock = clock

    def stop(self, ground: str, at: datetime) -> None:
        self.put(self.clock.stop(ground, at), at, ground)
        self.halts.append(Halt(ground, at, None))

    def lift(self, at: datetime, *, restart: bool) -> None:
        ground = min(self.clock.grounds) if self.clock.grounds else "supplement"
        if restart:
            self.put(self.clock.restart(self.calendar, at, ground=ground), at, "restarted")
        else:
            self.put(self.clock.resume(ground, self.calendar, at), at, "resumed")
        for number, halt in enumerate(self.halts):
            if halt.ground == ground and halt.to_at is None:
                self.halts[number] = Halt(ground, halt.from_at, at)

    def act(self, name: str, at: datetime) -> None:
        if name in ("supplement", "payment"):
            self.stop(name, at)
        elif name in ("restart", "resume"):
            self.lift(at, restart=name == "restart")
        elif name == "restate":
            promise = self.calendar.add(max(at, self.clock.limit_at or at), timedelta(hours=9))
            self.put(self.clock.restate(promise, at), at, "rescheduled")
        elif name == "correct":
            limit_at = self.calendar.add(at, timedelta(hours=5))
            self.put(self.clock.correct(limit_at, at), at, "corrected")
        elif name == "extend":
            longer = TimeLimit(20, "working_day")
            self.put(self.clock.extend(longer, self.calendar, at), at, "extended")
        elif name == "recount":
            self.put(self.clock.recount(self.calendar, at), at, "recalendared")
        else:
            self.put(self.clock.finish(at), at, "finished")
            self.put(self.clock.reopen(self.calendar, at + MINUTE), at + MINUTE, "reopened")

    def explained(self) -> Explanation:
        return explaining.explain(self.clock, self.told, self.halts)


def lived(parts: Any, limit: TimeLimit, acts: list[tuple[str, int]]) -> Life:
    """A life of random acts; one that its clock refuses leaves it as it was."""
    life, at = Life(limit, WorkingCalendar(*parts), BEGIN), BEGIN
    for name, gap in acts:
        at += gap * MINUTE
        with suppress(ClockError):
            life.act(name, at)
    return life


offices = office().filter(lambda parts: any(parts[0].values()))


@settings(max_examples=examples(300), deadline=None)
@given(offices, limits, lives)
def test_what_counts_adds_up_to_what_the_limit_is_worth(parts, limit, acts):
    life = lived(parts, limit, acts)

    explained = life.explained()

    assert explained.total == explained.worth
    own = life.clock.limit
    if life.clock.given_limit_at is None and own is not None:
        assert explained.total == own.worth(life.calendar, life.clock.anchor_at)


@settings(max_examples=examples(300), deadline=None)
@given(offices, limits, lives)
def test_the_lines_follow_on_each_other_from_the_start_to_the_limit_and_the_promise(
    parts, limit, acts
):
    life = lived(parts, limit, acts)

    lines = [one for one in life.explained().stretches if one.kind is not Kind.IDLE]

    timed = [one for one in lines if one.kind is not Kind.LEFT]
    assert timed[0].from_at == life.clock.started_at
    assert all(a.to_at == b.from_at for a, b in pairwise(timed) if b.kind is not Kind.RESTATED)
    assert all(one.kind is not Kind.ADJUSTED for one in lines)
    if life.clock.promise_gap is not None:
        assert lines[-1].to_at == life.clock.promised_at
        assert lines[-1].used == life.clock.promise_gap
    elif not life.clock.may_restart:
        assert lines[-1].to_at == life.clock.limit_at


@settings(max_examples=examples(200), deadline=None)
@given(offices, limits, lives)
def test_while_the_clock_stands_what_is_left_is_what_it_says_remains(parts, limit, acts):
    life = lived(parts, limit, acts)

    left = [one.used for one in life.explained().stretches if one.kind is Kind.LEFT]

    assert left == ([life.clock.remaining] if life.clock.may_restart else [])


@given(st.lists(st.integers(0, 10**11).map(lambda n: timedelta(microseconds=n)), max_size=12))
def test_whole_minutes_still_add_up(spans):
    shown = stretches.whole_minutes(spans)

    assert sum(shown) == sum(spans, timedelta()) // MINUTE
    assert all(abs(n - span / MINUTE) <= 1 for n, span in zip(shown, spans, strict=True))


def test_the_drawn_dossier_is_told_line_by_line():
    """The one of the look's picture: a supplement restarts ten working days over a day off."""
    life = Life(TimeLimit(10, "working_day"), OFFICE, moment("2026-11-09 09:40"))
    life.stop("supplement", moment("2026-11-11 15:10"))
    life.lift(moment("2026-11-17 14:20"), restart=True)

    given_up, waited, ran = life.explained().stretches

    assert (given_up.kind, given_up.used) == (Kind.GIVEN_UP, timedelta(hours=20))
    assert (waited.kind, waited.grounds) == (Kind.WAITED, ("supplement",))
    assert ran.to_at == moment("2026-12-02 17:30")
    assert ran.used == timedelta(days=3, hours=11, minutes=10)
    assert stretches.in_rows(ran.days_off) == [
        (date(2026, 11, 21), date(2026, 11, 22)),
        (date(2026, 11, 24), date(2026, 11, 24)),
        (date(2026, 11, 28), date(2026, 11, 29)),
    ]


def test_overlapping_grounds_are_one_stop_with_both_named():
    life = Life(TimeLimit(5, "working_day"), OFFICE, moment("2026-03-02 09:00"))
    life.stop("supplement", moment("2026-03-03 09:00"))
    life.stop("payment", moment("2026-03-03 10:00"))
    life.lift(moment("2026-03-04 09:00"), restart=False)
    life.lift(moment("2026-03-05 09:00"), restart=False)

    _first, stopped, _rest = life.explained().stretches

    assert (stopped.kind, stopped.grounds) == (Kind.STOPPED, ("payment", "supplement"))
    assert stopped.used == timedelta(hours=16)


def test_a_stop_that_outlasts_a_restart_is_told_before_and_after_it():
    life = Life(TimeLimit(5, "working_day"), OFFICE, moment("2026-03-02 09:00"))
    life.stop("payment", moment("2026-03-03 09:00"))
    life.stop("supplement", moment("2026-03-03 10:00"))
    supplied = life.clock.restart(OFFICE, moment("2026-03-04 09:00"), ground="supplement")
    life.put(supplied, moment("2026-03-04 09:00"), "restarted")
    life.halts[1] = Halt("supplement", moment("2026-03-03 10:00"), moment("2026-03-04 09:00"))
    life.lift(moment("2026-03-05 09:00"), restart=False)
    life.stop("supplement", moment("2026-03-06 09:00"))
    life.lift(moment("2026-03-09 09:00"), restart=True)

    kinds = [(one.kind, one.grounds) for one in life.explained().stretches]

    assert kinds == [
        (Kind.GIVEN_UP, ()),
        (Kind.WAITED, ("payment", "supplement")),
        (Kind.WAITED, ("payment",)),
        (Kind.GIVEN_UP, ()),
        (Kind.WAITED, ("supplement",)),
        (Kind.RAN, ()),
    ]


def test_a_stop_after_the_limit_moves_nothing_and_is_told_as_such():
    life = Life(TimeLimit(1, "working_day"), OFFICE, moment("2026-03-02 09:00"))
    life.stop("supplement", moment("2026-03-05 09:00"))
    life.lift(moment("2026-03-06 09:00"), restart=True)

    ran, idle = life.explained().stretches

    assert (ran.to_at, idle.kind) == (moment("2026-03-03 17:30"), Kind.IDLE)


def test_the_end_of_a_dossier_that_was_opened_again_is_a_stop():
    life = Life(TimeLimit(5, "working_day"), OFFICE, moment("2026-03-02 09:00"))
    life.put(life.clock.finish(moment("2026-03-04 09:00")), moment("2026-03-04 09:00"), "finished")
    reopened = life.clock.reopen(OFFICE, moment("2026-03-06 09:00"))
    life.put(reopened, moment("2026-03-06 09:00"), "reopened")

    assert [one.grounds for one in life.explained().stretches] == [(), (ENDED,), ()]


def test_a_limit_that_another_calendar_counted_is_said_to_be_so():
    told = Clock.start(TimeLimit(5, "working_day"), OFFICE, moment("2026-03-02 09:00"))
    amended = calendar(exceptions={"2026-03-05": ""})
    row = Clock.from_columns(told.columns(), amended)

    ran, adjusted = explaining.explain(row).stretches

    assert ran.to_at == moment("2026-03-10 17:30")
    assert (adjusted.kind, adjusted.used) == (Kind.ADJUSTED, timedelta(hours=-8))
    assert adjusted.to_at == told.limit_at == moment("2026-03-09 17:30")


def test_a_limit_put_right_keeps_the_stops_that_are_in_it():
    life = Life(TimeLimit(5, "working_day"), OFFICE, moment("2026-03-02 08:00"))
    life.stop("payment", moment("2026-03-03 08:00"))
    life.lift(moment("2026-03-04 08:00"), restart=False)
    right = life.clock.correct(moment("2026-03-06 17:30"), moment("2026-03-04 09:00"))
    life.put(right, moment("2026-03-04 09:00"), "corrected")

    explained = life.explained()

    assert [one.kind for one in explained.stretches] == [Kind.RAN, Kind.STOPPED, Kind.RAN]
    assert explained.total == explained.worth == timedelta(hours=32)


def test_the_cut_off_hour_and_a_last_day_off_are_told():
    rule = {"begins": "same_moment", "ends": "close_of_day", "cutoff": "15:00", "moved": True}
    limit = TimeLimit.from_json({"amount": "5", "unit": "calendar_day", "rule": rule})
    clock = Clock.start(limit, OFFICE, moment("2026-03-02 16:00"))

    explained = explaining.explain(clock)

    assert explained.counted_from == moment("2026-03-03 08:00")
    assert explained.moved_from == date(2026, 3, 8)
    assert clock.limit_at == moment("2026-03-09 17:30")


def test_a_clock_without_a_limit_has_no_lines():
    explained = explaining.explain(Clock.start(None, OFFICE, moment("2026-03-02 09:00")))

    assert (explained.stretches, explained.worth) == ((), None)
