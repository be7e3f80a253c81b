"""The laws of working time, against a count minute by minute."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.given.campaign import examples
from tests.given.working_hours import MINUTE, open_minutes
from workflows.worktime import DayOffError, NoOpenTimeError, WorkingCalendar

FIRST, LAST = date(2026, 3, 1), date(2026, 4, 12)  # changes of the clock fall inside, both ways
ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Ho_Chi_Minh",
        "Europe/Berlin",  # 23 hours on 29 March
        "America/New_York",  # 23 hours on 8 March
        "Australia/Lord_Howe",  # half an hour more on 5 April
        "America/Santiago",  # 25 hours on 4 April, around midnight
        "Asia/Beirut",  # a gap at midnight on 29 March
    )
]
BEGIN = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=4)
MINUTES = st.integers(0, 32 * 24 * 60)
moments = MINUTES.map(lambda n: BEGIN + n * MINUTE)
microseconds = st.integers(0, 59_999_999).map(lambda n: timedelta(microseconds=n))
exact_moments = st.builds(lambda t, rest: t + rest, moments, microseconds)
amounts = st.integers(1, 5 * 24 * 3600 * 10**6).map(lambda n: timedelta(microseconds=n))


@st.composite
def day_hours(draw):
    """None to three intervals on quarters of an hour, some touching, some until midnight."""
    ends = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    pairs = [(ends[n], ends[n + 1]) for n in range(0, len(ends) - 1, draw(st.sampled_from([1, 2])))]
    return [(clock(start), clock(end)) for start, end in pairs]


def clock(quarters):
    return time(quarters // 4 % 24, quarters % 4 * 15)


@st.composite
def office(draw):
    """Weekly hours, some different days, a zone."""
    weekly = draw(st.dictionaries(st.integers(0, 6), day_hours(), min_size=1))
    days = st.integers(0, (LAST - FIRST).days).map(lambda n: FIRST + timedelta(days=n))
    return (
        weekly,
        draw(st.dictionaries(days, day_hours(), max_size=6)),
        draw(st.sampled_from(ZONES)),
    )


open_offices = office().filter(lambda parts: any(parts[0].values()))


def to_the_minute(t):
    return t.replace(second=0, microsecond=0)


@settings(max_examples=examples(50), deadline=None)
@given(office(), moments, moments)
def test_the_count_agrees_with_one_minute_by_minute(parts, a, b):
    calendar = WorkingCalendar(*parts)
    minutes = open_minutes(*parts, FIRST, LAST)
    first, last = min(a, b), max(a, b)

    counted = sum(first <= minute < last for minute in minutes) * MINUTE

    assert calendar.between(a, b) == (counted if a <= b else -counted)
    assert calendar.is_open(a) == (a in minutes)


@settings(max_examples=examples(50), deadline=None)
@given(open_offices, moments, st.integers(1, 3000))
def test_adding_walks_through_open_minutes_only(parts, start, amount):
    calendar = WorkingCalendar(*parts)
    ahead = sorted(m for m in open_minutes(*parts, FIRST, LAST) if m >= start)
    behind = sorted(m for m in open_minutes(*parts, FIRST, LAST) if m < start)

    if amount <= len(ahead):
        assert calendar.add(start, amount * MINUTE) == ahead[amount - 1] + MINUTE
    if amount <= len(behind):
        assert calendar.add(start, -amount * MINUTE) == behind[-amount]
    if ahead:
        assert calendar.next_open(start) == calendar.add(start, timedelta(0)) == ahead[0]


@settings(max_examples=examples(50), deadline=None)
@given(open_offices, exact_moments, amounts)
def test_what_is_added_lies_between(parts, t, amount):
    calendar = WorkingCalendar(*parts)

    assert calendar.between(t, calendar.add(t, amount)) == amount
    assert calendar.between(t, calendar.add(t, -amount)) == -amount
    assert calendar.between(t, calendar.add(t, timedelta(0))) == timedelta(0)


@settings(max_examples=examples(50), deadline=None)
@given(open_offices, exact_moments, amounts, amounts)
def test_adding_twice_is_adding_the_sum(parts, t, x, y):
    calendar = WorkingCalendar(*parts)

    assert calendar.add(calendar.add(t, x), y) == calendar.add(t, x + y)
    assert calendar.add(calendar.add(t, -x), -y) == calendar.add(t, -x - y)


@settings(max_examples=examples(50), deadline=None)
@given(open_offices, exact_moments, exact_moments, st.lists(amounts, min_size=2, max_size=2))
def test_later_starts_and_larger_amounts_end_no_earlier(parts, a, b, steps):
    calendar = WorkingCalendar(*parts)
    first, last = min(a, b), max(a, b)
    ladder = sorted([*steps, *(-step for step in steps), timedelta(0)])

    ends = [calendar.add(first, step).astimezone(UTC) for step in ladder]

    assert ends == sorted(ends)
    for step in ladder:
        assert calendar.add(first, step).astimezone(UTC) <= calendar.add(last, step)
    assert calendar.between(first, last) >= timedelta(0)
    assert calendar.between(first, last) == -calendar.between(last, first)


@settings(max_examples=examples(40), deadline=None)
@given(office(), st.integers(0, 40), st.integers(0, 40), st.integers(-8, 8))
def test_working_days_agree_with_a_count_day_by_day(parts, a, b, n):
    calendar = WorkingCalendar(*parts)
    first, last = FIRST + timedelta(days=min(a, b)), FIRST + timedelta(days=max(a, b))
    worked = [
        day
        for day in (date(2025, 10, 1) + timedelta(days=k) for k in range(400))
        if parts[1].get(day, parts[0].get(day.weekday(), ()))
    ]

    counted = sum(first <= day < last for day in worked)

    assert calendar.working_days_between(first, last) == counted
    assert calendar.working_days_between(last, first) == -counted
    after, before = [d for d in worked if d > first], [d for d in worked if d < first]
    if n == 0:
        assert calendar.nth_working_day(first, 0) == first
    elif any(parts[0].values()):
        assert calendar.nth_working_day(first, n) == (after[n - 1] if n > 0 else before[n])


@settings(max_examples=examples(40), deadline=None)
@given(office(), st.integers(0, 40))
def test_a_working_day_opens_and_closes_with_its_minutes(parts, n):
    plain = (*parts[:2], ZONES[0])  # where no hour of the wall clock is missing
    calendar, day = WorkingCalendar(*plain), FIRST + timedelta(days=n)
    minutes = sorted(open_minutes(*plain, day, day))

    assert calendar.is_working_day(day) == bool(minutes)
    if minutes:
        assert calendar.opening(day) == minutes[0]
        assert calendar.close(day) == minutes[-1] + MINUTE
    else:
        for end in (calendar.opening, calendar.close):
            with pytest.raises(DayOffError):
                end(day)


@settings(max_examples=examples(30), deadline=None)
@given(office(), exact_moments, amounts)
def test_the_order_of_questions_changes_no_answer(parts, t, amount):
    asked, fresh = WorkingCalendar(*parts), WorkingCalendar(*parts)
    asked.is_open(datetime(1999, 1, 1, tzinfo=UTC))
    asked.working_days_between(date(2026, 1, 1), date(2061, 1, 1))

    assert answer(asked, t, amount) == answer(fresh, t, amount)
    assert answer(asked, t, -amount) == answer(fresh, t, -amount)
    assert pickle.loads(pickle.dumps(asked)) == fresh  # noqa: S301


def answer(calendar, t, amount):
    try:
        return calendar.add(t, amount), calendar.is_open(t)
    except NoOpenTimeError:
        return None
