"""What will probably be late, and which new day can be kept."""

from datetime import datetime, timedelta

import pytest

from dossiers import foresight
from tests.given.definitions import changed, plain_definition
from tests.given.working_hours import HANOI, calendar
from workflows.parsing import parse

WEEK = calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("step", "used", "normal"),
    [
        ("receive", 0, 4 + 28 + 8),
        ("appraise", 0, 28 + 8),
        ("appraise", 20, 8 + 8),
        ("appraise", 40, 7 + 8),  # its share is used up, and still it is not done
        ("sign", 0, 8),
        ("deliver", 0, 0),
    ],
)
def test_the_normal_time_of_the_steps_left_is_the_sum_of_their_shares(step, used, normal):
    definition = parse(plain_definition())

    left = foresight.normal_time(definition, step, {}, hours(40), used=hours(used))

    assert left == hours(normal)


def test_a_share_in_per_cent_is_that_part_of_what_the_limit_is_worth():
    share = {"amount": "25", "unit": "percent"}
    definition = parse(changed(plain_definition(), "sign", share=share))

    assert foresight.normal_time(definition, "sign", {}, hours(40)) == hours(10)
    assert foresight.normal_time(definition, "sign", {}, None) == hours(0)


def test_a_step_that_the_definition_lacks_takes_no_known_time():
    assert foresight.normal_time(parse(plain_definition()), "gone", {}, hours(40)) == hours(0)


def test_more_needed_than_left_will_probably_be_late():
    assert foresight.probably_late(hours(8), hours(7.99))
    assert not foresight.probably_late(hours(8), hours(8))
    assert not foresight.probably_late(hours(0), hours(0))


@pytest.mark.parametrize(
    ("now", "is_near"),
    [
        ("2026-03-05 17:30", True),  # Thursday's close: Friday and Monday are left
        ("2026-03-05 17:29", False),
        ("2026-03-09 17:30", True),
        ("2026-03-09 17:31", False),  # it has passed: nothing is foreseen any more
    ],
)
def test_two_working_days_before_the_limit_one_may_apologise(now, is_near):
    assert foresight.near(at("2026-03-09 17:30"), WEEK, at(now)) is is_near
    assert not foresight.near(None, WEEK, at(now))


@pytest.mark.parametrize(
    ("now", "limit", "needed", "day"),
    [
        ("2026-03-10 09:00", "2026-03-09 17:30", 0, "2026-03-11 17:30"),  # at least a working day
        ("2026-03-10 09:00", "2026-03-09 17:30", 36, "2026-03-16 17:30"),  # Saturday is off
        ("2026-03-06 10:00", "2026-03-09 17:30", 8, "2026-03-10 17:30"),  # after the limit
        ("2026-03-06 10:00", "2026-03-09 17:30", 40, "2026-03-13 17:30"),
        ("2026-03-07 10:00", None, 8, "2026-03-09 17:30"),
    ],
)
def test_the_new_day_is_a_close_by_which_the_steps_left_are_normally_done(now, limit, needed, day):
    limit_at = None if limit is None else at(limit)

    assert foresight.appointment(WEEK, at(now), limit_at, hours(needed)) == at(day)
