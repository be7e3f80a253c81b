"""The legal clock by example: what each verb does to limit and promise, and what it refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from dossiers.clock import Clock, ClockError, Outcome
from tests.given.working_hours import calendar, moment
from workflows.timelimit import TimeLimit

# 08:00-12:00 13:30-17:30, Monday to Friday; 2 March 2026 is a Monday.
OFFICE = calendar()
FIVE_DAYS = TimeLimit(5, "working_day")
EIGHT_HOURS = TimeLimit(8, "working_hour")
MONDAY = moment("2026-03-02 09:00")
LIMIT = moment("2026-03-09 17:30")


def running(limit=FIVE_DAYS, at=MONDAY):
    return Clock.start(limit, OFFICE, at)


def hours(number):
    return timedelta(hours=number)


def refused(verb, *arguments, **named):
    """The code with which a verb refuses."""
    with pytest.raises(ClockError) as refusal:
        verb(*arguments, **named)
    return refusal.value.code


# Beginning


def test_a_clock_starts_with_its_limit_and_promises_it():
    clock = running()

    assert (clock.state, clock.started_at) == ("running", MONDAY)
    assert clock.limit_at == clock.promised_at == LIMIT
    assert (clock.limit_set_at, clock.promise_number) == (MONDAY, 1)
    assert clock.breach_moments() == ((1, LIMIT),)
    assert clock.time_left(OFFICE, moment("2026-03-09 15:30")) == hours(2)
    assert clock.time_left(OFFICE, moment("2026-03-10 10:00")) == hours(-2)


def test_a_clock_received_for_another_territory_waits_to_begin():
    waiting = Clock.waiting(FIVE_DAYS)

    assert (waiting.state, waiting.limit_at, waiting.late(MONDAY)) == ("not_begun", None, False)
    assert waiting.begin(OFFICE, MONDAY) == running()
    assert waiting.recount(OFFICE, MONDAY) == waiting
    assert refused(waiting.stop, "supplement", MONDAY) == "not_running"
    assert waiting.finish(MONDAY).result == "without_limit"
    assert waiting.finish(MONDAY).reopen(OFFICE, MONDAY) == waiting


def test_a_clock_may_run_without_a_limit():
    clock = Clock.start(None, OFFICE, MONDAY).stop("payment", moment("2026-03-03 09:00"))

    assert (clock.limit_at, clock.promised_at, clock.remaining) == (None, None, None)
    resumed = clock.resume("payment", OFFICE, moment("2026-03-04 09:00"))
    assert resumed.breach_moments() == ()
    assert not resumed.late(moment("2036-03-04 09:00"))
    assert resumed.finish(moment("2026-03-05 09:00")).outcome(MONDAY) == Outcome(
        "without_limit", None
    )
    assert refused(resumed.restate, LIMIT, moment("2026-03-04 09:00")) == "without_limit"
    assert refused(resumed.extend, FIVE_DAYS, OFFICE, LIMIT) == "without_limit"


def test_a_steps_share_and_a_logs_moment_are_limits_too():
    share = Clock.start_for(hours(12), OFFICE, MONDAY)
    given = Clock.start_until(moment("2026-03-07 20:00"), OFFICE, MONDAY)

    assert share.limit_at == moment("2026-03-03 14:30")
    assert given.limit_at == moment("2026-03-07 20:00")


# Late


def test_exactly_at_the_limit_is_on_time():
    clock = running()

    assert not clock.late(LIMIT)
    assert clock.late(LIMIT + timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("case", "at", "result", "margin"),
    [
        ("at once", "2026-03-02 09:00", "early", hours(47)),
        ("the evening before", "2026-03-08 23:59", "early", hours(8)),
        ("on the day", "2026-03-09 00:00", "on_time", hours(8)),
        ("at the limit", "2026-03-09 17:30", "on_time", hours(0)),
        ("a minute later", "2026-03-09 17:31", "late", hours(0)),
        ("the next morning", "2026-03-10 09:00", "late", hours(-1)),
    ],
)
def test_it_ends_early_on_time_or_late(case, at, result, margin):
    ended = running().finish(moment(at))

    assert ended.outcome(moment(at)) == (result, margin), case
    assert (ended.state, ended.finished_at) == ("finished", moment(at))
    assert ended.late(LIMIT) is (result == "late")
    assert ended.breach_moments() == ()


# Stop and resume


def test_a_stopped_clock_does_not_run():
    stopped = running().stop("payment", moment("2026-03-04 15:30"))
    year_on = moment("2027-03-04 15:30")

    assert (stopped.state, stopped.remaining) == ("stopped", hours(26))
    assert not stopped.late(year_on)
    assert stopped.breach_moments() == ()
    assert stopped.time_left(OFFICE, year_on) == hours(26)
    resumed = stopped.resume("payment", OFFICE, moment("2026-03-11 10:00"))
    assert resumed.limit_at == resumed.promised_at == moment("2026-03-16 11:00") + hours(1)
    assert resumed.time_left(OFFICE, moment("2026-03-11 10:00")) == hours(26)
    assert resumed.limit_set_at == moment("2026-03-11 10:00")
    assert resumed.breach_moments() == ((1, moment("2026-03-16 12:00")),)


@pytest.mark.parametrize(
    ("case", "stopped_at", "resumed_at"),
    [
        ("at one moment", "2026-03-04 10:00", "2026-03-04 10:00"),
        ("over a night", "2026-03-04 17:30", "2026-03-05 08:00"),
        ("over a weekend", "2026-03-06 18:00", "2026-03-08 12:00"),
        ("over noon", "2026-03-05 12:00", "2026-03-05 13:30"),
        ("at the limit itself", "2026-03-09 17:30", "2026-03-09 17:30"),
    ],
)
def test_a_stop_without_working_time_moves_nothing(case, stopped_at, resumed_at):
    clock = running().stop("payment", moment(stopped_at))

    resumed = clock.resume("payment", OFFICE, moment(resumed_at))

    assert (resumed.limit_at, resumed.limit_set_at) == (LIMIT, MONDAY), case


def test_a_limit_that_ends_on_a_day_off_is_kept_by_an_empty_stop():
    given = Clock.start_until(moment("2026-03-08 00:00"), OFFICE, MONDAY)

    stopped = given.stop("payment", moment("2026-03-07 10:00"))

    same = stopped.resume("payment", OFFICE, moment("2026-03-07 20:00"))
    assert same.limit_at == moment("2026-03-08 00:00")
    later = stopped.resume("payment", OFFICE, moment("2026-03-11 20:00"))
    assert later.limit_at == moment("2026-03-12 08:00")  # nothing remained, but it is not late yet


def test_a_stop_at_the_limit_leaves_nothing_and_is_not_late():
    stopped = running().stop("payment", LIMIT)

    resumed = stopped.resume("payment", OFFICE, moment("2026-03-11 07:00"))

    assert stopped.remaining == hours(0)
    assert resumed.limit_at == moment("2026-03-11 08:00")
    assert not resumed.late(moment("2026-03-11 07:00"))
    evening = moment("2026-03-09 20:00")
    assert stopped.resume("payment", OFFICE, evening).limit_at == moment("2026-03-10 08:00")


def test_two_grounds_stop_it_once():
    clock = running().stop("supplement", moment("2026-03-03 09:00"))
    both = clock.stop("payment", moment("2026-03-04 09:00"))

    assert both.grounds == {"supplement", "payment"}
    assert (both.stopped_at, both.remaining) == (clock.stopped_at, clock.remaining)
    one = both.resume("supplement", OFFICE, moment("2026-03-05 09:00"))
    assert (one.state, one.grounds) == ("stopped", {"payment"})
    none = one.resume("payment", OFFICE, moment("2026-03-06 09:00"))
    assert none.limit_at == moment("2026-03-12 17:30")
    assert none.stops == ((moment("2026-03-03 09:00"), moment("2026-03-06 09:00")),)
    assert refused(both.stop, "payment", moment("2026-03-05 09:00")) == "ground_already"
    assert refused(one.resume, "supplement", OFFICE, moment("2026-03-06 09:00")) == "ground_unknown"


def test_a_stop_begun_after_the_limit_passed_hides_nothing():
    after = moment("2026-03-10 10:00")
    stopped = running().stop("supplement", after)

    assert stopped.late(after)
    assert stopped.remaining == hours(-2)
    assert not stopped.may_restart
    assert stopped.breach_moments() == ((1, LIMIT),)
    later = moment("2026-03-16 10:00")
    resumed = stopped.resume("supplement", OFFICE, later)
    assert (resumed.limit_at, resumed.late(later)) == (LIMIT, True)
    assert stopped.restart(OFFICE, later) == resumed
    assert resumed.finish(later).result == "late"
    assert stopped.finish(later).result == "late"


# Restart


def test_after_a_supplement_the_limit_begins_anew():
    stopped = running().stop("supplement", moment("2026-03-09 16:00"))

    clock = stopped.restart(OFFICE, moment("2026-03-20 10:00"))

    assert (clock.state, clock.anchor_at) == ("running", moment("2026-03-20 10:00"))
    assert clock.limit_at == clock.promised_at == moment("2026-03-27 17:30")
    assert (clock.started_at, clock.stops, clock.grounds) == (MONDAY, (), frozenset())
    assert refused(clock.restart, OFFICE, moment("2026-03-20 11:00")) == "not_stopped"


def test_a_restart_leaves_earlier_stops_behind_but_the_time_used_knows_them():
    clock = running().stop("payment", moment("2026-03-03 08:00"))
    clock = clock.resume("payment", OFFICE, moment("2026-03-04 08:00"))
    clock = clock.stop("supplement", moment("2026-03-05 08:00"))

    again = clock.restart(OFFICE, moment("2026-03-06 08:00"))

    assert again.limit_at == moment("2026-03-13 17:30")
    assert again.time_used(OFFICE, moment("2026-03-06 17:30")) == hours(7 + 8 + 8)
    corrected = again.correct(moment("2026-03-12 17:30"), moment("2026-03-06 09:00"))
    longer = corrected.extend(TimeLimit(8, "working_day"), OFFICE, moment("2026-03-06 10:00"))
    assert longer.limit_at == moment("2026-03-18 17:30")


def test_a_restart_with_another_ground_left_begins_stopped():
    both = running().stop("supplement", MONDAY + hours(1)).stop("payment", MONDAY + hours(2))
    papers, paid = moment("2026-03-11 09:00"), moment("2026-03-13 09:00")

    assert refused(both.restart, OFFICE, papers) == "which_ground"
    clock = both.restart(OFFICE, papers, ground="supplement")

    assert (clock.state, clock.grounds, clock.remaining) == ("stopped", {"payment"}, hours(47))
    resumed = clock.resume("payment", OFFICE, paid)
    assert resumed.limit_at == moment("2026-03-20 17:30")
    assert resumed.time_left(OFFICE, paid) == hours(47)


def test_a_share_and_a_given_limit_restart_with_what_they_were_worth():
    at, again = moment("2026-03-03 09:00"), moment("2026-03-11 09:00")
    share = Clock.start_for(hours(12), OFFICE, MONDAY).stop("supplement", at)
    given = Clock.start_until(moment("2026-03-03 17:30"), OFFICE, MONDAY).stop("supplement", at)

    assert share.restart(OFFICE, again).limit_at == moment("2026-03-12 14:30")
    assert given.restart(OFFICE, again).limit_at == moment("2026-03-12 17:30")


# Extension, correction, promise


def test_a_correction_forgets_no_stop():
    stopped = running().stop("payment", moment("2026-03-03 09:00"))
    clock = stopped.resume("payment", OFFICE, moment("2026-03-04 09:00"))
    corrected = clock.correct(moment("2026-03-06 17:30"), moment("2026-03-05 09:00"))
    friday = moment("2026-03-06 09:00")

    assert corrected.time_used(OFFICE, friday) == hours(24)
    longer = corrected.extend(TimeLimit(8, "working_day"), OFFICE, friday)
    assert longer.limit_at == clock.extend(TimeLimit(8, "working_day"), OFFICE, friday).limit_at
    early = moment("2026-03-03 10:00")
    assert refused(corrected.finish, early) == "out_of_order"


def test_a_share_corrected_twice_restarts_with_what_it_was_worth():
    clock = Clock.start_for(hours(16), OFFICE, MONDAY).stop("payment", moment("2026-03-03 09:00"))
    clock = clock.resume("payment", OFFICE, moment("2026-03-04 09:00"))
    at, end = moment("2026-03-04 10:00"), moment("2026-03-06 09:00")

    twice = clock.correct(moment("2026-03-05 09:00"), at).correct(end, at)

    again = twice.stop("supplement", at).restart(OFFICE, moment("2026-03-09 08:00"))
    assert again.limit_at == moment("2026-03-11 17:30")  # 24 hours


def test_an_extension_counts_the_whole_limit_from_the_same_beginning():
    clock = running().stop("payment", moment("2026-03-03 09:00"))
    clock = clock.resume("payment", OFFICE, moment("2026-03-04 09:00"))
    at = moment("2026-03-05 09:00")

    longer = clock.extend(TimeLimit(8, "working_day"), OFFICE, at)

    assert clock.limit_at == moment("2026-03-10 17:30")
    assert longer.limit_at == longer.promised_at == moment("2026-03-13 17:30")
    assert refused(clock.extend, TimeLimit(4, "working_day"), OFFICE, at) == "not_longer"
    passed = moment("2026-03-10 17:31")
    assert refused(clock.extend, TimeLimit(8, "working_day"), OFFICE, passed) == "limit_passed"


def test_extending_and_correcting_a_stopped_clock_changes_what_remains():
    stopped = running().stop("payment", moment("2026-03-06 17:30"))
    at = moment("2026-03-09 09:00")

    longer = stopped.extend(TimeLimit(6, "working_day"), OFFICE, at)
    corrected = stopped.correct(moment("2026-03-10 12:00"), at)

    assert (stopped.remaining, longer.remaining, corrected.remaining) == (
        hours(8),
        hours(16),
        hours(12),
    )
    resumed = corrected.resume("payment", OFFICE, moment("2026-03-11 08:00"))
    assert resumed.limit_at == moment("2026-03-12 12:00")


def test_a_wrong_entry_is_put_right():
    at = moment("2026-03-04 09:00")

    clock = running().correct(moment("2026-03-06 12:00"), at)

    assert clock.limit_at == clock.promised_at == moment("2026-03-06 12:00")
    assert (clock.limit_set_at, clock.promise_number) == (at, 1)


def test_a_limit_corrected_into_the_past_is_breached_at_the_correction():
    at = moment("2026-03-05 09:00")

    clock = running().correct(moment("2026-03-04 12:00"), at)

    assert clock.late(at)
    assert clock.breach_moments() == ((1, at),)


def test_a_promise_is_restated_once_and_leaves_the_limit():
    at, promise = moment("2026-03-10 08:30"), moment("2026-03-12 17:30")

    clock = running().restate(promise, at)

    assert (clock.limit_at, clock.promised_at, clock.promise_number) == (LIMIT, promise, 2)
    assert clock.late(at)
    assert clock.breach_moments() == ((1, LIMIT), (2, promise))
    assert not clock.promise_broken(promise)
    assert clock.promise_broken(promise + timedelta(seconds=1))
    assert clock.finish(moment("2026-03-11 09:00")).result == "late"
    again = moment("2026-03-20 17:30")
    assert refused(clock.restate, again, moment("2026-03-11 08:00")) == "promise_restated"
    assert refused(running().restate, LIMIT, MONDAY) == "promise_not_later"
    assert refused(running().restate, at, at) == "promise_not_later"


def test_a_promise_is_not_broken_during_a_stop_unless_the_limit_had_passed_before():
    promise, year_on = moment("2026-03-12 17:30"), moment("2027-03-12 17:30")
    foreseen = running().restate(promise, moment("2026-03-05 09:00"))
    passed = running().restate(promise, moment("2026-03-10 09:00"))

    stopped = foreseen.stop("payment", moment("2026-03-06 09:00"))
    hiding = passed.stop("payment", moment("2026-03-11 09:00"))

    assert not stopped.promise_broken(year_on)
    assert stopped.breach_moments() == ()
    assert hiding.promise_broken(year_on)
    assert hiding.breach_moments() == ((1, LIMIT), (2, promise))


def test_what_moves_the_limit_moves_a_restated_promise_by_the_same_working_time():
    foreseen = running().restate(moment("2026-03-12 17:30"), moment("2026-03-05 09:00"))
    stopped = foreseen.stop("payment", moment("2026-03-06 08:00"))

    resumed = stopped.resume("payment", OFFICE, moment("2026-03-10 08:00"))

    assert resumed.limit_at == moment("2026-03-11 17:30")
    assert resumed.promised_at == moment("2026-03-16 17:30")
    same = stopped.resume("payment", OFFICE, moment("2026-03-06 08:00"))
    assert same.promised_at == moment("2026-03-12 17:30")
    stopped = foreseen.stop("supplement", moment("2026-03-06 08:00"))
    restarted = stopped.restart(OFFICE, moment("2026-03-10 09:00"))
    assert restarted.limit_at == moment("2026-03-17 17:30")
    assert restarted.promised_at == moment("2026-03-20 17:30")


def test_a_promise_at_an_opening_stays_where_no_limit_moves():
    promise = moment("2026-03-12 08:00")
    clock = running().restate(promise, moment("2026-03-10 09:00"))

    stopped = clock.stop("payment", moment("2026-03-10 10:00"))

    assert stopped.resume("payment", OFFICE, moment("2026-03-11 10:00")).promised_at == promise
    assert clock.recount(OFFICE, moment("2026-03-11 10:00")).promised_at == promise


# End and reopening


def test_a_stopped_clock_ends_as_if_it_had_resumed():
    stopped = running().stop("supplement", moment("2026-03-09 15:30"))

    ended = stopped.finish(moment("2026-03-20 10:00"))

    assert (ended.result, ended.margin) == ("on_time", hours(2))
    assert ended.limit_at == moment("2026-03-20 12:00")
    assert (ended.grounds, ended.stopped_at, ended.remaining) == (frozenset(), None, None)


def test_reopening_goes_on_with_what_remained():
    ended = running().finish(moment("2026-03-06 17:30"))

    clock = ended.reopen(OFFICE, moment("2026-03-18 08:00"))

    assert (clock.state, clock.result, clock.margin) == ("running", "", None)
    assert clock.limit_at == clock.promised_at == moment("2026-03-18 17:30")
    assert ended.reopen(OFFICE, moment("2026-03-06 17:30")) == running()


def test_reopening_leaves_a_passed_limit_passed():
    ended = running().finish(moment("2026-03-10 09:00"))
    at = moment("2026-03-18 08:00")

    clock = ended.reopen(OFFICE, at)

    assert (clock.limit_at, clock.late(at)) == (LIMIT, True)


@pytest.mark.parametrize(
    "verb",
    [
        lambda clock, at: clock.stop("payment", at),
        lambda clock, at: clock.resume("payment", OFFICE, at),
        lambda clock, at: clock.restart(OFFICE, at),
        lambda clock, at: clock.extend(FIVE_DAYS, OFFICE, at),
        lambda clock, at: clock.correct(LIMIT, at),
        lambda clock, at: clock.restate(LIMIT, at),
        lambda clock, at: clock.finish(at),
        lambda clock, at: clock.begin(OFFICE, at),
        lambda clock, at: clock.recount(OFFICE, at),
    ],
)
def test_a_finished_clock_obeys_no_verb_but_reopen(verb):
    ended = running().finish(moment("2026-03-10 09:00"))

    assert refused(verb, ended, moment("2026-03-11 09:00")) == "finished"


def test_time_runs_one_way():
    stopped = running().stop("payment", moment("2026-03-04 09:00"))
    before = moment("2026-03-03 09:00")

    assert refused(running().stop, "payment", moment("2026-03-01 09:00")) == "out_of_order"
    assert refused(stopped.resume, "payment", OFFICE, before) == "out_of_order"
    assert refused(stopped.finish, before) == "out_of_order"
    resumed = stopped.resume("payment", OFFICE, moment("2026-03-05 09:00"))
    assert refused(resumed.stop, "payment", moment("2026-03-04 10:00")) == "out_of_order"
    assert refused(running().finish(LIMIT).reopen, OFFICE, MONDAY) == "out_of_order"


def test_what_makes_no_sense_is_refused():
    assert refused(running().resume, "payment", OFFICE, LIMIT) == "not_stopped"
    assert refused(running().begin, OFFICE, LIMIT) == "not_not_begun"
    assert refused(running().reopen, OFFICE, LIMIT) == "not_finished"
    assert refused(running().stop, "", LIMIT) == "no_ground"
    naive = datetime(2026, 3, 4, 9)  # noqa: DTZ001
    assert refused(running().finish, naive) == "naive"
    assert refused(Clock.start, FIVE_DAYS, OFFICE, naive) == "naive"


# An amended calendar


def test_a_day_off_announced_later_moves_every_limit_that_runs_over_it():
    storm = calendar(exceptions={"2026-03-05": ""})
    at = moment("2026-03-04 16:00")

    clock = running().recount(storm, at)

    assert clock.limit_at == clock.promised_at == moment("2026-03-10 17:30")
    assert clock.limit_set_at == at
    assert running().recount(OFFICE, at) == running()
    assert Clock.start_for(hours(32), OFFICE, MONDAY).recount(storm, at).limit_at == moment(
        "2026-03-09 09:00"
    )


def test_a_limit_given_as_a_moment_is_not_moved_by_a_calendar():
    storm = calendar(exceptions={"2026-03-05": ""})
    given = Clock.start_until(LIMIT, OFFICE, MONDAY)

    assert given.recount(storm, moment("2026-03-04 16:00")).limit_at == LIMIT
    corrected = running().correct(LIMIT, moment("2026-03-03 16:00"))
    assert corrected.recount(storm, moment("2026-03-04 16:00")).limit_at == LIMIT


def test_what_stops_have_added_to_a_given_limit_is_counted_again():
    given = Clock.start_until(LIMIT, OFFICE, MONDAY).stop("payment", moment("2026-03-03 08:00"))
    clock = given.resume("payment", OFFICE, moment("2026-03-04 08:00"))
    at = moment("2026-03-04 16:00")

    before = clock.recount(calendar(exceptions={"2026-03-05": ""}), at)
    after = clock.recount(calendar(exceptions={"2026-03-10": ""}), at)

    assert clock.limit_at == before.limit_at == moment("2026-03-10 17:30")
    assert after.limit_at == moment("2026-03-11 17:30")


def test_a_stopped_clock_is_counted_again_too():
    stopped = running().stop("payment", moment("2026-03-03 17:30"))
    storm = calendar(exceptions={"2026-03-05": ""})

    counted = stopped.recount(storm, moment("2026-03-04 16:00"))

    assert (stopped.remaining, counted.remaining) == (hours(32), hours(32))
    assert counted.limit_at == moment("2026-03-10 17:30")
    resumed = counted.resume("payment", storm, moment("2026-03-06 08:00"))
    assert resumed.limit_at == moment("2026-03-11 17:30")


def test_a_day_off_declared_behind_a_stop_is_counted_through_it():
    clock = running().stop("payment", moment("2026-03-04 08:00"))
    clock = clock.resume("payment", OFFICE, moment("2026-03-05 08:00"))

    counted = clock.recount(calendar(exceptions={"2026-03-03": ""}), moment("2026-03-06 08:00"))

    assert clock.limit_at == moment("2026-03-10 17:30")
    assert counted.limit_at == moment("2026-03-11 17:30")


def test_a_limit_that_a_calendar_moves_into_the_past_is_breached_at_the_change():
    short = TimeLimit(1, "working_day")
    at = moment("2026-03-07 18:00")
    worked_saturday = calendar(exceptions={"2026-03-07": "08:00-12:00"})

    clock = running(short, moment("2026-03-06 10:00")).recount(worked_saturday, at)

    assert clock.limit_at == moment("2026-03-07 12:00")
    assert clock.late(at)
    assert clock.breach_moments() == ((1, at),)


def test_a_restated_promise_keeps_its_distance_under_an_amended_calendar():
    clock = running().restate(moment("2026-03-12 17:30"), moment("2026-03-10 09:00"))
    storm = calendar(exceptions={"2026-03-12": ""})

    counted = clock.recount(storm, moment("2026-03-11 20:00"))

    assert (counted.limit_at, counted.promised_at) == (LIMIT, moment("2026-03-13 17:30"))


# As columns


def clocks():
    stopped = running().stop("supplement", moment("2026-03-04 10:00"))
    twice = stopped.resume("supplement", OFFICE, moment("2026-03-05 10:00"))
    return [
        Clock.waiting(FIVE_DAYS),
        Clock.waiting(None),
        running(),
        Clock.start(None, OFFICE, MONDAY),
        Clock.start_for(hours(12), OFFICE, MONDAY),
        Clock.start_until(LIMIT, OFFICE, MONDAY),
        stopped,
        stopped.stop("payment", moment("2026-03-04 11:00")),
        twice,
        twice.restate(moment("2026-03-20 17:30"), moment("2026-03-05 11:00")),
        twice.finish(moment("2026-03-05 11:00")),
    ]


@pytest.mark.parametrize("clock", clocks())
def test_a_clock_is_stored_as_plain_columns(clock):
    columns = clock.columns()
    json.dumps([columns["limit"], columns["stops"], columns["grounds"]])

    again = Clock.from_columns(columns, OFFICE)

    assert again == clock
    assert again.columns() == columns
    assert again.calendar is OFFICE
    assert "calendar" not in columns


def test_all_moments_are_held_in_utc():
    columns = running().stop("payment", moment("2026-03-04 10:00")).columns()

    moments = [value for value in columns.values() if isinstance(value, datetime)]
    assert len(moments) == 6
    assert all(value.tzinfo is UTC for value in moments)
