"""Layers of opening hours: what an agency decides stands over what is national, from a day on."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from workflows.openings import Layer, Week, calendar_of, differing
from workflows.worktime import HoursError

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = ((time(8), time(12)), (time(13, 30), time(17, 30)))
SUMMER = ((time(7), time(11, 30)), (time(13, 30), time(17)))
MORNING = ((time(8), time(11, 30)),)
NATIONAL = Layer(
    weeks=[Week(None, dict.fromkeys(range(5), OFFICE))],
    days={date(2026, 1, 2): (), date(2026, 1, 10): None},
)
CHANGE = date(2026, 4, 15)


def test_a_day_off_and_a_saturday_worked_stand_over_the_week() -> None:
    calendar = calendar_of([NATIONAL], LOCAL)

    assert calendar.hours(date(2026, 1, 2)) == ()
    assert calendar.hours(date(2026, 1, 10)) == OFFICE
    assert calendar.hours(date(2026, 1, 17)) == ()


def test_an_agencys_week_holds_from_its_day_on_and_never_before() -> None:
    own = Layer(weeks=[Week(CHANGE, {**dict.fromkeys(range(5), SUMMER), 5: MORNING})])

    calendar = calendar_of([NATIONAL, own], LOCAL)

    assert calendar.hours(date(2026, 4, 14)) == OFFICE
    assert calendar.hours(date(2026, 4, 11)) == ()  # a Saturday before
    assert calendar.hours(date(2026, 4, 15)) == SUMMER
    assert calendar.hours(date(2026, 4, 18)) == MORNING
    assert calendar.hours(date(2046, 4, 17)) == SUMMER
    assert calendar.hours(date(2009, 4, 15)) == OFFICE  # an imported past


def test_of_two_changes_of_the_week_the_later_holds_from_its_own_day() -> None:
    own = Layer(
        weeks=[
            Week(date(2026, 10, 15), dict.fromkeys(range(5), OFFICE)),
            Week(CHANGE, dict.fromkeys(range(5), SUMMER)),
        ]
    )

    calendar = calendar_of([NATIONAL, own], LOCAL)

    assert calendar.hours(date(2026, 10, 14)) == SUMMER
    assert calendar.hours(date(2026, 10, 15)) == OFFICE


def test_a_saturday_worked_has_the_hours_of_the_week_that_holds_then() -> None:
    national = Layer(weeks=NATIONAL.weeks, days={date(2026, 8, 22): None})
    own = Layer(weeks=[Week(CHANGE, dict.fromkeys(range(5), SUMMER))])

    assert calendar_of([national, own], LOCAL).hours(date(2026, 8, 22)) == SUMMER


def test_an_office_closed_stands_over_a_national_working_day() -> None:
    storm = Layer(days={date(2026, 1, 10): (), date(2026, 1, 12): MORNING})

    calendar = calendar_of([NATIONAL, storm], LOCAL)

    assert calendar.hours(date(2026, 1, 10)) == ()
    assert calendar.hours(date(2026, 1, 12)) == MORNING


def test_overlapping_hours_are_refused() -> None:
    overlapping = ((time(8), time(12)), (time(11), time(17)))

    with pytest.raises(HoursError):
        calendar_of([Layer(weeks=[Week(None, {0: overlapping})])], LOCAL)


def test_days_that_differ_are_found() -> None:
    closed = Layer(days={date(2026, 1, 12): (), date(2026, 1, 11): ()})
    before, after = calendar_of([NATIONAL], LOCAL), calendar_of([NATIONAL, closed], LOCAL)
    week = [date(2026, 1, 10) + timedelta(days=n) for n in range(7)]

    assert differing(before, after, week) == [date(2026, 1, 12)]
