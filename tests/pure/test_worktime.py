"""Working time by example: breaks, half days, midnight, changes of the clock, errors."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest

from tests.given.working_hours import HANOI, calendar, hours, moment
from workflows.worktime import (
    DayOffError,
    HoursError,
    NaiveMomentError,
    NoOpenTimeError,
    WorkingCalendar,
    WorktimeError,
)

OFFICE = calendar()  # 08:00-12:00 13:30-17:30, Monday to Friday; 2 March 2026 is a Monday
SATURDAYS = calendar(saturday="08:00-11:30")
HOLIDAYS = calendar(
    exceptions={
        "2026-02-16": "",
        "2026-02-17": "",
        "2026-02-18": "",
        "2026-02-19": "",
        "2026-02-20": "",
        "2026-02-28": "08:00-12:00 13:30-17:30",  # a Saturday worked instead
        "2026-12-31": "08:00-12:00",
    }
)
WHOLE_DAYS = WorkingCalendar({n: [(time(0), time(0))] for n in range(7)}, {}, HANOI)
EVENINGS = calendar(weekdays="18:00-00:00")
NEW_YORK = ZoneInfo("America/New_York")
NEVER = WorkingCalendar({}, {}, HANOI)
ONE_DAY_ONLY = WorkingCalendar({}, {date(2026, 3, 2): hours("08:00-12:00")}, HANOI)


class ToldItsOffset(tzinfo):
    """A zone as pytz makes them: on its own it knows the mean time of 1883 only."""

    def utcoffset(self, moment):
        return timedelta(hours=-4, minutes=-56)

    def fromutc(self, moment):
        return (moment - timedelta(hours=5)).replace(tzinfo=timezone(timedelta(hours=-5)))


def span(text):
    """`"1:30"` or `"-8:00"` as a span of time."""
    sign = -1 if text.startswith("-") else 1
    whole, minutes = text.lstrip("-").split(":")
    return sign * timedelta(hours=int(whole), minutes=int(minutes))


@pytest.mark.parametrize(
    ("case", "office", "start", "amount", "end"),
    [
        ("inside the morning", OFFICE, "2026-03-02 08:10", "1:00", "2026-03-02 09:10"),
        ("over the noon break", OFFICE, "2026-03-02 11:30", "1:00", "2026-03-02 14:00"),
        ("used up at noon", OFFICE, "2026-03-02 08:00", "4:00", "2026-03-02 12:00"),
        ("used up at the close", OFFICE, "2026-03-02 08:00", "8:00", "2026-03-02 17:30"),
        ("a minute more", OFFICE, "2026-03-02 08:00", "8:01", "2026-03-03 08:01"),
        ("from before the opening", OFFICE, "2026-03-02 06:00", "1:00", "2026-03-02 09:00"),
        ("from the break", OFFICE, "2026-03-02 12:45", "1:00", "2026-03-02 14:30"),
        ("from the noon close", OFFICE, "2026-03-02 12:00", "1:00", "2026-03-02 14:30"),
        ("from the close", OFFICE, "2026-03-02 17:30", "1:00", "2026-03-03 09:00"),
        ("from the night", OFFICE, "2026-03-02 23:59", "1:00", "2026-03-03 09:00"),
        ("over a weekend", OFFICE, "2026-03-06 17:00", "1:00", "2026-03-09 08:30"),
        ("from a Sunday", OFFICE, "2026-03-08 10:00", "8:00", "2026-03-09 17:30"),
        ("nothing, when open", OFFICE, "2026-03-02 08:10", "0:00", "2026-03-02 08:10"),
        ("nothing, at the opening", OFFICE, "2026-03-02 08:00", "0:00", "2026-03-02 08:00"),
        ("nothing, at the close", OFFICE, "2026-03-02 17:30", "0:00", "2026-03-03 08:00"),
        ("nothing, in the break", OFFICE, "2026-03-02 12:30", "0:00", "2026-03-02 13:30"),
        ("back inside", OFFICE, "2026-03-02 10:00", "-1:00", "2026-03-02 09:00"),
        ("back over the break", OFFICE, "2026-03-02 14:00", "-1:00", "2026-03-02 11:30"),
        ("back, used up at 13:30", OFFICE, "2026-03-02 14:30", "-1:00", "2026-03-02 13:30"),
        ("back, used up at 08:00", OFFICE, "2026-03-02 17:30", "-8:00", "2026-03-02 08:00"),
        ("back from the opening", OFFICE, "2026-03-02 08:00", "-1:00", "2026-02-27 16:30"),
        ("back from the night", OFFICE, "2026-03-03 03:00", "-8:00", "2026-03-02 08:00"),
        ("back from a Sunday", OFFICE, "2026-03-08 10:00", "-0:30", "2026-03-06 17:00"),
        ("into a Saturday morning", SATURDAYS, "2026-03-06 17:00", "1:00", "2026-03-07 08:30"),
        ("past a Saturday morning", SATURDAYS, "2026-03-07 11:00", "1:00", "2026-03-09 08:30"),
        ("used up on Saturday", SATURDAYS, "2026-03-07 08:00", "3:30", "2026-03-07 11:30"),
        ("over the New Year", HOLIDAYS, "2026-02-13 17:00", "1:00", "2026-02-23 08:30"),
        ("a swapped Saturday", HOLIDAYS, "2026-02-27 17:00", "1:00", "2026-02-28 08:30"),
        ("a holiday's own hours", HOLIDAYS, "2026-12-31 11:00", "2:00", "2027-01-01 09:00"),
        ("until midnight", EVENINGS, "2026-03-02 18:00", "6:00", "2026-03-03 00:00"),
        ("past midnight", EVENINGS, "2026-03-02 23:00", "2:00", "2026-03-03 19:00"),
        ("from midnight", EVENINGS, "2026-03-03 00:00", "0:00", "2026-03-03 18:00"),
        ("back from midnight", EVENINGS, "2026-03-03 00:00", "-6:00", "2026-03-02 18:00"),
        ("day and night", WHOLE_DAYS, "2026-03-02 13:00", "49:00", "2026-03-04 14:00"),
        ("day and night, back", WHOLE_DAYS, "2026-03-02 00:00", "-24:00", "2026-03-01 00:00"),
        ("two thousand days", OFFICE, "2026-03-02 08:00", "16000:00", "2033-10-28 17:30"),
        ("far away", OFFICE, "2126-03-04 08:00", "8:00", "2126-03-04 17:30"),
        ("long ago", OFFICE, "1950-03-06 08:00", "8:00", "1950-03-06 17:30"),
    ],
)
def test_added_working_time_ends(case, office, start, amount, end):
    assert office.add(moment(start), span(amount)) == moment(end), case


@pytest.mark.parametrize(
    ("case", "office", "a", "b", "worked"),
    [
        ("a day", OFFICE, "2026-03-02 08:00", "2026-03-02 17:30", "8:00"),
        ("from night to night", OFFICE, "2026-03-02 00:00", "2026-03-03 00:00", "8:00"),
        ("inside the break", OFFICE, "2026-03-02 12:10", "2026-03-02 13:20", "0:00"),
        ("a weekend", OFFICE, "2026-03-06 17:30", "2026-03-09 08:00", "0:00"),
        ("a week", OFFICE, "2026-03-02 10:00", "2026-03-09 10:00", "40:00"),
        ("backwards", OFFICE, "2026-03-09 10:00", "2026-03-02 10:00", "-40:00"),
        ("a week with a Saturday", SATURDAYS, "2026-03-02 10:00", "2026-03-09 10:00", "43:30"),
        ("the New Year", HOLIDAYS, "2026-02-13 17:30", "2026-02-23 08:00", "0:00"),
        ("an eve", HOLIDAYS, "2026-12-31 10:00", "2027-01-01 09:00", "3:00"),
        ("evenings", EVENINGS, "2026-03-02 23:00", "2026-03-03 18:30", "1:30"),
        ("day and night", WHOLE_DAYS, "2026-03-02 23:00", "2026-03-04 01:00", "26:00"),
    ],
)
def test_working_time_between(case, office, a, b, worked):
    assert office.between(moment(a), moment(b)) == span(worked), case


@pytest.mark.parametrize(
    ("at", "is_open", "next_open"),
    [
        ("2026-03-02 07:59", False, "2026-03-02 08:00"),
        ("2026-03-02 08:00", True, "2026-03-02 08:00"),
        ("2026-03-02 11:59", True, "2026-03-02 11:59"),
        ("2026-03-02 12:00", False, "2026-03-02 13:30"),
        ("2026-03-06 17:30", False, "2026-03-09 08:00"),
        ("2026-03-07 10:00", False, "2026-03-09 08:00"),
    ],
)
def test_an_opening_is_open_and_a_close_is_not(at, is_open, next_open):
    assert OFFICE.is_open(moment(at)) is is_open
    assert OFFICE.next_open(moment(at)) == moment(next_open)


def test_every_microsecond_counts():
    last = moment("2026-03-02 17:30") - timedelta(microseconds=1)

    assert OFFICE.is_open(last)
    assert OFFICE.add(last, timedelta(microseconds=1)) == moment("2026-03-02 17:30")
    assert OFFICE.add(last, timedelta(microseconds=2)) == moment("2026-03-03 08:00") + timedelta(
        microseconds=1
    )


def test_working_days_skip_weekends_and_days_off():
    friday = date(2026, 2, 13)

    assert HOLIDAYS.nth_working_day(friday, 1) == date(2026, 2, 23)
    assert HOLIDAYS.nth_working_day(date(2026, 2, 27), 1) == date(2026, 2, 28)
    assert HOLIDAYS.nth_working_day(date(2026, 2, 18), -1) == friday
    assert HOLIDAYS.nth_working_day(date(2026, 2, 18), 0) == date(2026, 2, 18)
    assert HOLIDAYS.working_days_between(friday, date(2026, 3, 2)) == 7
    assert HOLIDAYS.working_days_between(date(2026, 3, 2), friday) == -7
    assert not HOLIDAYS.is_working_day(date(2026, 2, 16))
    assert HOLIDAYS.is_working_day(date(2026, 2, 28))


def test_a_day_has_an_opening_and_a_close():
    assert OFFICE.opening(date(2026, 3, 2)) == moment("2026-03-02 08:00")
    assert OFFICE.close(date(2026, 3, 2)) == moment("2026-03-02 17:30")
    assert EVENINGS.close(date(2026, 3, 2)) == moment("2026-03-03 00:00")
    assert OFFICE.hours(date(2026, 3, 2)) == tuple(hours("08:00-12:00 13:30-17:30"))
    with pytest.raises(DayOffError):
        OFFICE.opening(date(2026, 3, 1))
    with pytest.raises(DayOffError):
        OFFICE.close(date(2026, 3, 1))


@pytest.mark.parametrize(
    ("case", "day", "worked"),
    [
        ("23 hours", "2026-03-08", 23),
        ("25 hours", "2026-11-01", 25),
        ("24 hours", "2026-03-09", 24),
    ],
)
def test_a_day_on_which_the_clock_changes_has_its_true_length(case, day, worked):
    office = WorkingCalendar({n: [(time(0), time(0))] for n in range(7)}, {}, NEW_YORK)
    first = date.fromisoformat(day)
    opening, close = office.opening(first), office.close(first)

    assert office.between(opening, close) == timedelta(hours=worked), case
    assert office.add(opening, timedelta(hours=worked)) == close


def test_an_end_in_a_gap_or_that_comes_twice_is_read_once():
    night = WorkingCalendar({6: hours("01:00-02:30")}, {}, NEW_YORK)

    in_gap = night.hours(date(2026, 3, 8)), night.opening(date(2026, 3, 8))
    assert in_gap == (tuple(hours("01:00-02:30")), datetime(2026, 3, 8, 6, 0, tzinfo=UTC))
    assert night.close(date(2026, 3, 8)) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    twice = WorkingCalendar({6: hours("00:30-01:30")}, {}, NEW_YORK)
    # In an hour that comes twice Python calls moments of two zones unequal, so compare in UTC.
    close = twice.close(date(2026, 11, 1)).astimezone(UTC)
    assert close == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert not twice.is_open(datetime(2026, 11, 1, 1, 15, fold=1, tzinfo=NEW_YORK))
    assert twice.is_open(datetime(2026, 11, 1, 1, 15, fold=0, tzinfo=NEW_YORK))


def test_intervals_that_a_gap_lays_over_each_other_count_once():
    night = WorkingCalendar({6: hours("01:00-02:30 03:00-05:00")}, {}, NEW_YORK)
    day = date(2026, 3, 8)

    # 01:00 to 03:30 and 03:00 to 05:00 on the new clock, one hour of which does not exist.
    assert night.between(night.opening(day), night.close(day)) == timedelta(hours=3)


def test_an_interval_that_changes_places_in_a_gap_is_counted_in_order():
    night = WorkingCalendar({6: hours("02:10-02:20 03:00-04:00")}, {}, NEW_YORK)
    opens, closes = datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC)

    # 02:10 does not exist and is read as 03:10, inside the second interval.
    assert night.next_open(datetime(2026, 3, 7, 20, tzinfo=UTC)) == opens
    assert night.between(opens, closes) == timedelta(hours=1)


def test_an_interval_that_a_gap_swallows_is_no_opening():
    night = WorkingCalendar({6: hours("02:00-03:00")}, {}, NEW_YORK)

    opens = night.next_open(datetime(2026, 3, 7, 20, tzinfo=UTC))

    assert opens == datetime(2026, 3, 15, 6, tzinfo=UTC)


def test_a_moment_of_another_zone_is_the_same_moment():
    start = datetime(2026, 3, 2, 1, 10, tzinfo=UTC)

    end = OFFICE.add(start, timedelta(hours=1))

    assert end == moment("2026-03-02 09:10")
    assert end.utcoffset() == timedelta(hours=7)
    assert end.tzinfo is HANOI


def test_a_shift_past_midnight_is_two_intervals_and_runs_as_one():
    nights = WorkingCalendar({0: hours("22:00-00:00"), 1: hours("00:00-06:00")}, {}, HANOI)

    assert nights.add(moment("2026-03-02 23:00"), timedelta(hours=3)) == moment("2026-03-03 02:00")
    assert nights.is_open(moment("2026-03-03 00:00"))
    assert nights.add(moment("2026-03-02 22:00"), timedelta(hours=2)) == moment("2026-03-03 00:00")
    assert nights.add(moment("2026-03-03 06:00"), timedelta(hours=-8)) == moment("2026-03-02 22:00")
    with pytest.raises(HoursError, match="past midnight there are two"):
        calendar(weekdays="22:00-06:00")


def test_hours_are_read_once():
    office = WorkingCalendar({0: iter(hours("08:00-12:00"))}, {}, HANOI)

    assert office.hours(date(2026, 3, 2)) == ((time(8), time(12)),)


def test_touching_intervals_are_one():
    split = calendar(weekdays="13:00-17:00 08:00-12:00 12:00-13:00")

    assert split.hours(date(2026, 3, 2)) == ((time(8), time(17)),)
    assert split == calendar(weekdays="08:00-17:00")


@pytest.mark.parametrize(
    ("case", "weekday_hours"),
    [
        ("overlapping", "08:00-12:00 11:00-17:00"),
        ("the same twice", "08:00-12:00 08:00-12:00"),
        ("empty", "08:00-08:00"),
        ("reversed", "17:00-08:00"),
        ("over midnight", "22:00-06:00"),
        ("after midnight's end", "08:00-00:00 23:00-23:30"),
    ],
)
def test_hours_that_nobody_can_keep_are_refused(case, weekday_hours):
    with pytest.raises(HoursError):
        calendar(weekdays=weekday_hours)
    with pytest.raises(ValueError, match="2026-03-02"):
        calendar(exceptions={"2026-03-02": weekday_hours})


@pytest.mark.parametrize(
    ("case", "weekly", "exceptions", "tz"),
    [
        ("an eighth weekday", {7: []}, {}, HANOI),
        ("a weekday by name", {"mon": []}, {}, HANOI),
        ("a moment for a date", {}, {datetime(2026, 3, 2, tzinfo=UTC): []}, HANOI),
        ("no list of hours", {0: None}, {}, HANOI),
        ("no zone", {}, {}, None),
        ("a zone that must be told its offset", {}, {}, ToldItsOffset()),
        ("text for a time", {0: [("08:00", "12:00")]}, {}, HANOI),
        ("one time", {0: [(time(8),)]}, {}, HANOI),
        ("a time with a zone", {0: [(time(8, tzinfo=UTC), time(12, tzinfo=UTC))]}, {}, HANOI),
    ],
)
def test_a_calendar_of_the_wrong_make_is_refused(case, weekly, exceptions, tz):
    with pytest.raises(HoursError):
        WorkingCalendar(weekly, exceptions, tz)


@pytest.mark.parametrize(
    "question",
    [
        lambda c, t: c.add(t, timedelta(hours=1)),
        lambda c, t: c.add(t, timedelta(0)),
        lambda c, t: c.between(t, moment("2026-03-02 08:00")),
        lambda c, t: c.between(moment("2026-03-02 08:00"), t),
        lambda c, t: c.is_open(t),
        lambda c, t: c.next_open(t),
    ],
)
def test_a_naive_datetime_is_no_moment(question):
    with pytest.raises(NaiveMomentError, match="no time zone"):
        question(OFFICE, datetime(2026, 3, 2, 8))  # noqa: DTZ001


@pytest.mark.parametrize(
    "question",
    [
        lambda: NEVER.add(moment("2026-03-02 08:00"), timedelta(hours=1)),
        lambda: NEVER.add(moment("2026-03-02 08:00"), timedelta(hours=-1)),
        lambda: NEVER.next_open(moment("2026-03-02 08:00")),
        lambda: NEVER.nth_working_day(date(2026, 3, 2), 1),
        lambda: ONE_DAY_ONLY.add(moment("2026-03-02 08:00"), timedelta(hours=4, microseconds=1)),
        lambda: ONE_DAY_ONLY.add(moment("2026-03-03 08:00"), timedelta(0)),
        lambda: ONE_DAY_ONLY.nth_working_day(date(2026, 3, 2), -1),
        lambda: ONE_DAY_ONLY.next_open(moment("1000-01-01 08:00")),
        lambda: ONE_DAY_ONLY.add(moment("1000-01-01 08:00"), timedelta(hours=1)),
        lambda: ONE_DAY_ONLY.nth_working_day(date(1000, 1, 1), 1),
        lambda: OFFICE.nth_working_day(date(2026, 3, 2), 10**30),
        lambda: OFFICE.nth_working_day(date(2026, 3, 2), -(10**30)),
        lambda: OFFICE.add(moment("2026-03-02 08:00"), timedelta(hours=10**8)),
        lambda: OFFICE.add(moment("2026-03-02 08:00"), timedelta.max),
        lambda: OFFICE.add(moment("2026-03-02 08:00"), timedelta.min),
    ],
)
def test_an_answer_that_would_never_come_is_an_error(question):
    with pytest.raises(NoOpenTimeError):
        question()


def test_a_calendar_open_on_one_day_answers_what_it_can():
    start = moment("1990-01-01 00:00")

    assert ONE_DAY_ONLY.add(start, timedelta(hours=4)) == moment("2026-03-02 12:00")
    assert ONE_DAY_ONLY.between(start, moment("2090-01-01 00:00")) == timedelta(hours=4)
    assert NEVER.between(start, moment("2090-01-01 00:00")) == timedelta(0)
    assert not NEVER.is_open(start)


def test_a_question_about_the_far_future_costs_no_table_until_then():
    office = calendar()
    office.is_open(moment("2026-03-02 08:00"))

    began = perf_counter()
    assert office.add(moment("9000-03-03 08:00"), timedelta(hours=8)).hour == 17
    assert perf_counter() - began < 1


def test_what_would_take_a_thousand_years_is_refused_at_once():
    office = calendar()

    began = perf_counter()
    with pytest.raises(NoOpenTimeError, match="1000 years"):
        office.nth_working_day(date(2026, 3, 2), 400_000)
    with pytest.raises(NoOpenTimeError, match="1000 years"):
        office.add(moment("2026-03-02 08:00"), timedelta(days=400_000))
    with pytest.raises(WorktimeError, match="over 1000 years at most"):
        office.between(moment("1000-01-01 08:00"), moment("2026-03-02 08:00"))
    assert perf_counter() - began < 1


def test_the_ends_of_pythons_years_are_refused_clearly():
    with pytest.raises(WorktimeError, match="years 2 to 9998"):
        OFFICE.is_open(datetime.max.replace(tzinfo=UTC))
    with pytest.raises(WorktimeError, match="years 2 to 9998"):
        OFFICE.is_open(datetime.min.replace(tzinfo=HANOI))


def test_a_calendar_does_not_change():
    weekly = {0: hours("08:00-12:00")}
    office = WorkingCalendar(weekly, {}, HANOI)
    weekly[1] = hours("08:00-12:00")

    assert not office.is_working_day(date(2026, 3, 3))
    with pytest.raises(AttributeError):
        office.tz = UTC
    with pytest.raises(TypeError):
        office.weekly_hours[1] = ()
    with pytest.raises(AttributeError):
        del office.tz


def test_a_calendar_is_a_value():
    office = calendar()
    office.add(moment("2026-03-02 08:00"), timedelta(days=100))

    assert office == calendar()
    assert hash(office) == hash(calendar())
    assert office != SATURDAYS
    assert office != calendar(tz=timezone(timedelta(hours=7)))
    assert pickle.loads(pickle.dumps(office)) == office == copy.deepcopy(office)  # noqa: S301
    assert len(pickle.dumps(office)) < 1000
    assert "Mon 08:00-12:00 13:30-17:30" in repr(office)


def test_threads_may_share_a_calendar():
    office = calendar()
    starts = [moment(f"{year}-03-02 09:00") for year in range(1990, 2050, 10)] * 4
    alone = [calendar().add(start, timedelta(hours=500)) for start in starts[:6]] * 4

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda start: office.add(start, timedelta(hours=500)), starts))

    assert together == alone
