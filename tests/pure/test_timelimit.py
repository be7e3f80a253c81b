"""Time limits: the Civil Code's rules and the counters' practice, by example and by law."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.given.campaign import examples
from tests.given.working_hours import calendar, moment
from workflows.timelimit import (
    DEFAULT_RULES,
    Begins,
    Ends,
    FractionOfCalendarError,
    LimitError,
    Rule,
    TimeLimit,
    Unit,
)
from workflows.worktime import NaiveMomentError

# 2 March 2026 is a Monday; 30 April and 1 May are days off.
OFFICE = calendar(exceptions={"2026-04-30": "", "2026-05-01": ""})
SATURDAYS = calendar(saturday="08:00-11:30", exceptions={"2026-04-30": "", "2026-05-01": ""})
SAME_HOUR = Rule(Begins.SAME_MOMENT, Ends.SAME_HOUR)
NEXT_SAME_HOUR = Rule(Begins.NEXT_WORKING_DAY, Ends.SAME_HOUR)
CUT_OFF = replace(DEFAULT_RULES[Unit.WORKING_DAY], cutoff=time(15))
UNMOVED = Rule(Begins.SAME_MOMENT, Ends.CLOSE_OF_DAY, moved=False)
FROM_NEXT_WORKING_DAY = Rule(Begins.NEXT_WORKING_DAY, Ends.CLOSE_OF_DAY)
HOUR, DAY, PLAIN, MONTH = Unit


@pytest.mark.parametrize(
    ("case", "amount", "unit", "rule", "received", "due"),
    [
        # Hours run from the moment.
        ("8 hours", 8, HOUR, None, "2026-03-02 09:10", "2026-03-03 09:10"),
        ("8 hours from a Sunday", 8, HOUR, None, "2026-03-01 20:00", "2026-03-02 17:30"),
        ("4 hours from after the close", 4, HOUR, None, "2026-03-02 18:00", "2026-03-03 12:00"),
        ("half an hour", "0.5", HOUR, None, "2026-03-02 11:45", "2026-03-02 13:45"),
        # Days: the first is not counted, the end is the close of the last.
        ("1 day", 1, DAY, None, "2026-03-02 08:00", "2026-03-03 17:30"),
        ("5 days", 5, DAY, None, "2026-03-02 16:59", "2026-03-09 17:30"),
        ("1 day from a Friday", 1, DAY, None, "2026-03-06 10:00", "2026-03-09 17:30"),
        ("1 day from a Saturday", 1, DAY, None, "2026-03-07 10:00", "2026-03-09 17:30"),
        ("3 days over the holidays", 3, DAY, None, "2026-04-28 10:00", "2026-05-05 17:30"),
        ("after the close is that day", 1, DAY, None, "2026-03-02 19:00", "2026-03-03 17:30"),
        # The same hour of the n-th working day.
        ("same hour", 1, DAY, SAME_HOUR, "2026-03-02 09:10", "2026-03-03 09:10"),
        ("same hour over a weekend", 3, DAY, SAME_HOUR, "2026-03-05 15:00", "2026-03-10 15:00"),
        ("same hour from a Saturday", 1, DAY, SAME_HOUR, "2026-03-07 10:00", "2026-03-10 08:00"),
        ("same hour from a break", 1, DAY, SAME_HOUR, "2026-03-02 12:40", "2026-03-03 13:30"),
        ("same hour at a close", 1, DAY, SAME_HOUR, "2026-03-02 17:30", "2026-03-04 08:00"),
        ("that day's close", 1, DAY, NEXT_SAME_HOUR, "2026-03-02 17:30", "2026-03-03 17:30"),
        ("an evening's", 1, DAY, NEXT_SAME_HOUR, "2026-03-02 20:00", "2026-03-03 17:30"),
        ("an early morning's", 1, DAY, NEXT_SAME_HOUR, "2026-03-02 06:00", "2026-03-03 08:00"),
        # The cut-off: after it is the next working day's opening; at it is not after.
        ("at the cut-off", 1, DAY, CUT_OFF, "2026-03-02 15:00", "2026-03-03 17:30"),
        ("after the cut-off", 1, DAY, CUT_OFF, "2026-03-02 15:01", "2026-03-04 17:30"),
        ("Friday after it", 1, DAY, CUT_OFF, "2026-03-06 15:01", "2026-03-10 17:30"),
        ("a day off is after it", 1, DAY, CUT_OFF, "2026-03-07 09:00", "2026-03-10 17:30"),
        # Within the day.
        ("within the day", 0, DAY, None, "2026-03-02 08:10", "2026-03-02 17:30"),
        ("within a closed day", 0, DAY, None, "2026-03-02 17:30", "2026-03-03 17:30"),
        ("within a day off", 0, DAY, None, "2026-03-07 10:00", "2026-03-09 17:30"),
        ("within, after the cut-off", 0, DAY, CUT_OFF, "2026-03-02 15:30", "2026-03-03 17:30"),
        ("within a plain day", 0, PLAIN, None, "2026-03-02 09:00", "2026-03-02 17:30"),
        # A fraction of a working day is that part of 8 hours, after the whole days.
        ("half a day", "0.5", DAY, None, "2026-03-02 10:00", "2026-03-02 15:30"),
        ("a day and a half", "1.5", DAY, None, "2026-03-02 10:00", "2026-03-04 12:00"),
        ("2.25 days, same hour", "2.25", DAY, SAME_HOUR, "2026-03-02 09:00", "2026-03-04 11:00"),
        # Calendar days: an end on a day off moves.
        ("5 plain days", 5, PLAIN, None, "2026-03-02 10:00", "2026-03-09 17:30"),
        ("7 plain days", 7, PLAIN, None, "2026-03-02 10:00", "2026-03-09 17:30"),
        ("into the holidays", 2, PLAIN, None, "2026-04-28 10:00", "2026-05-04 17:30"),
        ("on a Saturday worked", 5, PLAIN, UNMOVED, "2026-03-02 10:00", "2026-03-08 00:00"),
        ("from a Sunday", 1, PLAIN, None, "2026-03-08 10:00", "2026-03-09 17:30"),
        (
            "from the next working day",
            1,
            PLAIN,
            FROM_NEXT_WORKING_DAY,
            "2026-03-06 10:00",
            "2026-03-09 17:30",
        ),
        ("3 of them", 3, PLAIN, FROM_NEXT_WORKING_DAY, "2026-03-06 10:00", "2026-03-11 17:30"),
        ("plain days, same hour", 3, PLAIN, SAME_HOUR, "2026-03-02 10:00", "2026-03-05 10:00"),
        ("moved, same hour", 5, PLAIN, SAME_HOUR, "2026-03-02 19:00", "2026-03-09 17:30"),
        # Months: the same day, or the last of a month without it.
        ("a month", 1, MONTH, None, "2026-03-02 10:00", "2026-04-02 17:30"),
        ("a month from 31 January", 1, MONTH, None, "2026-01-31 10:00", "2026-03-02 17:30"),
        ("a month from 31 May", 1, MONTH, None, "2026-05-31 10:00", "2026-06-30 17:30"),
        ("that end not moved", 1, MONTH, UNMOVED, "2026-01-31 10:00", "2026-03-01 00:00"),
        ("12 months", 12, MONTH, None, "2028-02-29 10:00", "2029-02-28 17:30"),
        ("over the year", 2, MONTH, None, "2026-12-15 10:00", "2027-02-15 17:30"),
    ],
)
def test_a_limit_ends(case, amount, unit, rule, received, due):
    limit = TimeLimit(amount, unit, rule)

    assert limit.due(OFFICE, moment(received)) == moment(due), case


def test_a_saturday_morning_is_a_working_day_of_its_own_length():
    friday = moment("2026-03-06 10:00")

    assert TimeLimit(1, DAY).due(SATURDAYS, friday) == moment("2026-03-07 11:30")
    assert TimeLimit(1, DAY, SAME_HOUR).due(SATURDAYS, friday) == moment("2026-03-07 10:00")
    late = moment("2026-03-06 15:00")
    assert TimeLimit(1, DAY, SAME_HOUR).due(SATURDAYS, late) == moment("2026-03-07 11:30")
    assert TimeLimit(1, PLAIN).due(SATURDAYS, friday) == moment("2026-03-07 11:30")


def test_hours_may_begin_with_the_next_working_day_or_end_with_their_day():
    start = moment("2026-03-02 10:00")

    from_next = Rule(Begins.NEXT_WORKING_DAY, Ends.SAME_HOUR)
    assert TimeLimit(2, HOUR, from_next).due(OFFICE, start) == moment("2026-03-03 10:00")
    until_close = Rule(Begins.SAME_MOMENT, Ends.CLOSE_OF_DAY)
    assert TimeLimit(2, HOUR, until_close).due(OFFICE, start) == moment("2026-03-02 17:30")
    evenings = calendar(weekdays="18:00-00:00")
    assert TimeLimit(6, HOUR, until_close).due(evenings, start) == moment("2026-03-03 00:00")


def test_a_limit_is_answered_in_the_calendars_zone():
    due = TimeLimit(1, DAY).due(OFFICE, datetime(2026, 3, 2, 23, 30, tzinfo=UTC))

    assert due == moment("2026-03-04 17:30")  # it was Tuesday in Hanoi
    assert due.utcoffset() == timedelta(hours=7)


def test_what_a_limit_is_worth_is_the_working_time_until_it_ends():
    assert TimeLimit(8, HOUR).worth(OFFICE, moment("2026-03-01 10:00")) == timedelta(hours=8)
    assert TimeLimit(1, DAY).worth(OFFICE, moment("2026-03-02 10:00")) == timedelta(hours=14)
    assert TimeLimit(2, PLAIN).worth(OFFICE, moment("2026-03-06 17:30")) == timedelta(hours=8)


@pytest.mark.parametrize("unit", [Unit.CALENDAR_DAY, Unit.MONTH])
def test_a_fraction_of_a_calendar_unit_is_flagged_and_never_due(unit):
    limit = TimeLimit("1.5", unit)

    assert limit.is_flagged
    with pytest.raises(FractionOfCalendarError):
        limit.due(OFFICE, moment("2026-03-02 10:00"))
    assert not TimeLimit("1.5", Unit.WORKING_DAY).is_flagged
    assert not TimeLimit(2, unit).is_flagged


def test_a_naive_start_is_refused():
    with pytest.raises(NaiveMomentError):
        TimeLimit(1, DAY).due(OFFICE, datetime(2026, 3, 2, 8))  # noqa: DTZ001


@pytest.mark.parametrize(
    "amount",
    [-1, "-0.5", 1.5, float("nan"), True, "ten", "", None, Decimal("NaN"), "1/0", 10_001, 10**30],
)
def test_an_amount_is_exact_and_of_human_size(amount):
    with pytest.raises(LimitError):
        TimeLimit(amount, DAY)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (10, "10"),
        ("0.50", "0.5"),
        (Decimal("1.25"), "1.25"),
        (0, "0"),
        (100, "100"),
        (Fraction(1, 3), "1/3"),
    ],
)
def test_an_amount_is_stored_as_people_write_it(amount, text):
    limit = TimeLimit(amount, DAY)

    assert limit.amount_text == text
    assert TimeLimit.from_json(limit.to_json()) == limit


def test_a_limit_is_plain_data():
    stored = {
        "amount": "10",
        "unit": "working_day",
        "rule": {
            "begins": "next_working_day",
            "ends": "close_of_day",
            "cutoff": "15:00",
            "moved": True,
        },
    }

    limit = TimeLimit.from_json(stored)

    assert limit == TimeLimit(10, DAY, CUT_OFF)
    assert limit.to_json() == stored
    assert TimeLimit.from_json({"amount": "3", "unit": "month"}) == TimeLimit(3, MONTH)
    assert TimeLimit.from_json({"amount": 3, "unit": "month", "rule": None}) == TimeLimit(3, MONTH)


@pytest.mark.parametrize(
    ("case", "stored"),
    [
        ("nothing", {}),
        ("a list", []),
        ("no unit", {"amount": "1"}),
        ("an unknown unit", {"amount": "1", "unit": "day"}),
        ("an unknown key", {"amount": "1", "unit": "month", "rules": {}}),
        ("a rule of text", {"amount": "1", "unit": "month", "rule": "default"}),
        ("half a rule", {"amount": "1", "unit": "month", "rule": {"begins": "same_moment"}}),
        (
            "a wrong end",
            {"amount": "1", "unit": "month", "rule": {"begins": "same_moment", "ends": "noon"}},
        ),
        (
            "a wrong cut-off",
            {
                "amount": "1",
                "unit": "month",
                "rule": {"begins": "same_moment", "ends": "same_hour", "cutoff": "3pm"},
            },
        ),
        (
            "a wrong switch",
            {
                "amount": "1",
                "unit": "month",
                "rule": {"begins": "same_moment", "ends": "same_hour", "moved": "no"},
            },
        ),
        (
            "a surplus",
            {
                "amount": "1",
                "unit": "month",
                "rule": {"begins": "same_moment", "ends": "same_hour", "x": 1},
            },
        ),
    ],
)
def test_data_that_is_no_limit_is_refused(case, stored):
    with pytest.raises(LimitError):
        TimeLimit.from_json(stored)


starts = st.integers(0, 60 * 24 * 60).map(
    lambda n: moment("2026-03-02 00:00") + timedelta(minutes=n)
)
rules = st.builds(
    Rule,
    st.sampled_from(Begins),
    st.sampled_from(Ends),
    st.none() | st.sampled_from([time(11), time(15)]),
    st.booleans(),
)
limits = st.builds(TimeLimit, st.integers(0, 40), st.sampled_from(Unit), rules) | st.builds(
    TimeLimit,
    st.integers(1, 80).map(lambda n: Fraction(n, 4)),
    st.sampled_from([HOUR, DAY]),
    rules,
)


@settings(max_examples=examples(300), deadline=None)
@given(limits, starts, starts)
def test_what_is_received_later_is_due_no_earlier(limit, a, b):
    first, last = min(a, b), max(a, b)
    due, later = limit.due(SATURDAYS, first), limit.due(SATURDAYS, last)

    # The hour of a receipt goes along to the working day after a day off, where that of the next
    # morning's receipt is earlier: then the law holds of days, not of hours.
    if limit.rule.moved and limit.rule.ends is Ends.SAME_HOUR:
        due, later = due.date(), later.date()
    assert due <= later
    assert first <= limit.due(SATURDAYS, first)


@settings(max_examples=examples(300), deadline=None)
@given(st.sampled_from(Unit), st.integers(1, 30), st.integers(1, 10), starts, rules)
def test_more_units_are_due_no_earlier(unit, amount, more, start, rule):
    shorter, longer = TimeLimit(amount, unit, rule), TimeLimit(amount + more, unit, rule)

    assert shorter.due(SATURDAYS, start) <= longer.due(SATURDAYS, start)


@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from(Unit), starts)
def test_within_the_day_is_by_default_no_later_than_one_day(unit, start):
    assert TimeLimit(0, unit).due(SATURDAYS, start) <= TimeLimit(1, unit).due(SATURDAYS, start)


def test_within_the_day_of_a_day_off_ends_with_the_next_whatever_the_hour():
    sunday = moment("2026-03-08 10:00")

    assert TimeLimit(0, DAY, NEXT_SAME_HOUR).due(OFFICE, sunday) == moment("2026-03-09 17:30")
    assert TimeLimit(1, DAY, NEXT_SAME_HOUR).due(OFFICE, sunday) == moment("2026-03-09 10:00")


@settings(max_examples=examples(200), deadline=None)
@given(st.integers(1, 30), starts)
def test_by_default_a_limit_in_days_ends_at_the_close_of_a_working_day(amount, start):
    for unit in (DAY, PLAIN, MONTH):
        due = TimeLimit(amount, unit).due(SATURDAYS, start)
        assert due == SATURDAYS.close(due.date())
    days = SATURDAYS.working_days_between(
        start.date(), TimeLimit(amount, DAY).due(SATURDAYS, start).date()
    )
    assert days == amount - (0 if SATURDAYS.is_working_day(start.date()) else 1)


@settings(max_examples=examples(200), deadline=None)
@given(limits, starts)
def test_a_limit_survives_being_stored(limit, start):
    again = TimeLimit.from_json(limit.to_json())

    assert again == limit
    assert again.due(OFFICE, start) == limit.due(OFFICE, start)


def test_a_limit_by_date_is_found_by_walking_the_days():
    start = date(2026, 3, 2)
    for amount in range(1, 90):
        day = start + timedelta(days=amount)
        while not OFFICE.is_working_day(day):
            day += timedelta(days=1)

        due = TimeLimit(amount, PLAIN).due(OFFICE, moment("2026-03-02 10:00"))

        assert due == OFFICE.close(day)
