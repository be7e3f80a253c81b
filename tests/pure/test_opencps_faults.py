"""Each fault of the closest peer's due-date code (OpenCPS 2, `DueDateUtils`) as a case of ours.

Numbered as in our reading of github.com/VietOpenCPS/opencps-v2, release-candidate-3.0.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from dossiers.clock import Clock
from tests.given.working_hours import HANOI, calendar, hours, moment
from workflows.timelimit import Begins, Ends, Rule, TimeLimit
from workflows.worktime import HoursError, NoOpenTimeError, WorkingCalendar

OFFICE = calendar(weekdays="07:30-11:30 13:00-17:00")  # 2 March 2026 is a Monday
HOUR = timedelta(hours=1)


def test_1_saturday_has_its_own_hours():
    office = calendar(saturday="08:00-11:00")

    assert office.add(moment("2026-03-07 10:30"), HOUR) == moment("2026-03-09 08:30")
    assert office.close(date(2026, 3, 7)) == moment("2026-03-07 11:00")


def test_2_a_day_may_have_one_session_or_three():
    half = calendar(weekdays="07:30-11:30")
    thirds = calendar(weekdays="07:00-09:00 10:00-12:00 14:00-16:00")

    assert half.add(moment("2026-03-02 08:30"), 4 * HOUR) == moment("2026-03-03 08:30")
    assert thirds.add(moment("2026-03-02 08:00"), 4 * HOUR) == moment("2026-03-02 15:00")


def test_3_a_weekday_without_hours_is_a_day_off():
    office = WorkingCalendar({0: hours("08:00-12:00"), 1: []}, {}, HANOI)

    assert not office.is_working_day(date(2026, 3, 3))
    assert office.add(moment("2026-03-02 11:00"), 2 * HOUR) == moment("2026-03-09 09:00")


def test_4_a_day_made_up_after_a_day_off_is_worked_by_its_own_hours():
    office = calendar(exceptions={"2026-03-08": "08:00-10:00"})  # a Sunday

    assert office.nth_working_day(date(2026, 3, 6), 1) == date(2026, 3, 8)
    assert office.add(moment("2026-03-06 17:00"), 2 * HOUR) == moment("2026-03-08 09:30")
    assert office.add(moment("2026-03-06 17:30"), 3 * HOUR) == moment("2026-03-09 09:00")


def test_5_a_day_off_or_made_up_on_the_day_of_receipt_counts():
    office = calendar(exceptions={"2026-03-02": "", "2026-03-07": "08:00-12:00"})

    assert office.add(moment("2026-03-02 10:00"), HOUR) == moment("2026-03-03 09:00")
    assert office.add(moment("2026-03-07 10:00"), HOUR) == moment("2026-03-07 11:00")


def test_6_a_working_day_of_a_limit_is_a_day_whatever_the_office_works():
    seven = calendar(weekdays="08:00-11:30 13:30-17:00")

    due = TimeLimit(3, "working_day").due(seven, moment("2026-03-02 09:00"))

    assert due == moment("2026-03-05 17:00")
    same_hour = TimeLimit(3, "working_day", Rule(Begins.SAME_MOMENT, Ends.SAME_HOUR))
    assert same_hour.due(seven, moment("2026-03-02 09:00")) == moment("2026-03-05 09:00")


@pytest.mark.parametrize("resumed_at", ["17:00", "17:30", "23:59"])
def test_7_resuming_after_the_close_adds_no_day(resumed_at):
    clock = Clock.start(TimeLimit(8, "working_hour"), OFFICE, moment("2026-03-02 07:30"))
    stopped = clock.stop("supplement", moment("2026-03-02 16:00"))

    resumed = stopped.resume("supplement", OFFICE, moment(f"2026-03-03 {resumed_at}"))

    worked = OFFICE.between(moment("2026-03-02 16:00"), moment(f"2026-03-03 {resumed_at}"))
    assert worked == 9 * HOUR
    assert resumed.limit_at == moment("2026-03-04 08:30")


def test_8_minutes_carry_at_sixty():
    start = moment("2026-03-02 09:59")

    assert OFFICE.add(start, timedelta(minutes=45)) == moment("2026-03-02 10:44")
    assert OFFICE.add(moment("2026-03-02 16:40"), timedelta(minutes=30)) == moment(
        "2026-03-03 07:40"
    )


def test_9_a_day_of_odd_length_is_summed_exactly():
    odd = calendar(weekdays="07:45-11:30 13:15-17:00")

    assert odd.add(moment("2026-03-02 07:45"), 7.5 * HOUR) == moment("2026-03-02 17:00")
    assert odd.add(moment("2026-03-02 07:45"), 15 * HOUR) == moment("2026-03-03 17:00")
    assert odd.add(moment("2026-03-02 07:45"), 7.6 * HOUR) == moment("2026-03-03 07:51")


def test_10_a_limit_of_years_has_no_silent_end():
    due = TimeLimit(2000, "working_day").due(OFFICE, moment("2026-03-02 09:00"))

    assert due == moment("2033-10-31 17:00")
    plain = TimeLimit(3650, "calendar_day").due(OFFICE, moment("2026-03-02 09:00"))
    assert plain == moment("2036-02-28 17:00")


def test_10_a_limit_in_calendar_days_never_ends_on_a_day_off():
    office = calendar(exceptions={"2026-03-09": ""})

    due = TimeLimit(5, "calendar_day").due(office, moment("2026-03-02 09:00"))

    assert due == moment("2026-03-10 17:30")


def test_11_an_error_is_raised_and_no_due_date_is_empty():
    with pytest.raises(HoursError):
        calendar(weekdays="11:30-07:30")
    with pytest.raises(NoOpenTimeError):
        TimeLimit(1, "working_day").due(WorkingCalendar({}, {}, HANOI), moment("2026-03-02 09:00"))


def test_12_two_offices_do_not_share_their_hours():
    other = calendar(weekdays="09:00-10:00")

    assert OFFICE.add(moment("2026-03-02 07:30"), HOUR) == moment("2026-03-02 08:30")
    assert other.add(moment("2026-03-02 07:30"), HOUR) == moment("2026-03-02 10:00")
    assert OFFICE.add(moment("2026-03-02 07:30"), HOUR) == moment("2026-03-02 08:30")
    assert OFFICE.add(moment("2026-03-02 07:30"), timedelta(minutes=1)).minute == 31


def test_13_a_day_off_announced_later_moves_the_limit():
    clock = Clock.start(TimeLimit(3, "working_day"), OFFICE, moment("2026-03-02 09:00"))
    amended = calendar(weekdays="07:30-11:30 13:00-17:00", exceptions={"2026-03-04": ""})

    moved = clock.recount(amended, moment("2026-03-03 10:00"))

    assert (clock.limit_at, moved.limit_at) == (
        moment("2026-03-05 17:00"),
        moment("2026-03-06 17:00"),
    )


def test_14_the_offices_zone_decides_not_the_servers():
    start = datetime(2026, 3, 1, 20, 30, tzinfo=ZoneInfo("America/New_York"))

    assert OFFICE.add(start, HOUR) == moment("2026-03-02 09:30")
    due = TimeLimit(1, "working_day").due(OFFICE, start)
    assert due == moment("2026-03-03 17:00")


def test_the_same_hour_of_the_next_day_or_its_close_is_a_choice():
    start = moment("2026-03-02 07:30")

    assert TimeLimit(1, "working_day").due(OFFICE, start) == moment("2026-03-03 17:00")
    assert OFFICE.add(start, 8 * HOUR) == moment("2026-03-02 17:00")


def test_the_cut_off_shown_and_stored_is_one():
    rule = Rule(Begins.NEXT_WORKING_DAY, Ends.CLOSE_OF_DAY, cutoff=time(15))
    limit = TimeLimit(1, "working_day", rule)
    late = moment("2026-03-02 15:30")

    due = limit.due(OFFICE, late)

    assert due == moment("2026-03-04 17:00")
    assert Clock.start(limit, OFFICE, late).limit_at == due


def test_a_supplement_asked_after_the_limit_hides_no_breach():
    clock = Clock.start(TimeLimit(1, "working_day"), OFFICE, moment("2026-03-02 09:00"))
    asked = moment("2026-03-04 09:00")

    waiting = clock.stop("supplement", asked)

    assert waiting.late(asked)
    assert waiting.restart(OFFICE, moment("2026-03-10 09:00")).late(moment("2026-03-10 09:00"))


def test_reopening_does_not_make_a_late_result_disappear():
    clock = Clock.start(TimeLimit(1, "working_day"), OFFICE, moment("2026-03-02 09:00"))
    ended = clock.finish(moment("2026-03-04 09:00"))

    reopened = ended.reopen(OFFICE, moment("2026-03-05 09:00"))

    assert ended.result == "late"
    assert reopened.limit_at == moment("2026-03-03 17:00")
    assert reopened.finish(moment("2026-03-05 10:00")).result == "late"
