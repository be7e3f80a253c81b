"""Every way the law counts time, by its number in the field's list ("How time is counted"), each
with dates worked out by hand on the real calendar of 2026.

2 January 2026 (Friday) was off against Saturday 10 January; Lunar New Year fell on Monday 16 to
Friday 20 February, Hùng Kings' Day on Sunday 26 April (made up on Monday the 27th), 30 April was a
Thursday and 1 May a Friday. Hours 08:00-12:00 and 13:30-17:30, Monday to Friday.
"""

from __future__ import annotations

from datetime import time

import pytest

from dossiers.clock import EARLY, LATE, ON_TIME, Clock
from tests.given.working_hours import calendar, moment
from workflows.timelimit import (
    DEFAULT_RULES,
    Begins,
    Ends,
    FractionOfCalendarError,
    LimitError,
    Rule,
    TimeLimit,
)

_DAYS_OFF = (
    "2026-01-01", "2026-01-02", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19",
    "2026-02-20", "2026-04-27", "2026-04-30", "2026-05-01",
)  # fmt: skip
_WORKED = {"2026-01-10": "08:00-12:00 13:30-17:30"}
CITY = calendar(exceptions=dict.fromkeys(_DAYS_OFF, "") | _WORKED)
SATURDAYS = calendar(saturday="08:00-11:30", exceptions=dict.fromkeys(_DAYS_OFF, ""))

SAME_HOUR = Rule(Begins.SAME_MOMENT, Ends.SAME_HOUR)
TO_THE_DAY = Rule(Begins.SAME_MOMENT, Ends.CLOSE_OF_DAY, moved=False)
CUT_OFF = Rule(Begins.NEXT_WORKING_DAY, Ends.CLOSE_OF_DAY, cutoff=time(15))


@pytest.mark.parametrize(
    ("number", "amount", "unit", "rule", "received", "due"),
    [
        # 1. Units: working hours, working days, plain days, months, within the day.
        # Thursday 14:00: 3.5 hours to the close, 4.5 more on Friday: to 12:00, then 13:30 to 14:00.
        ("1 hours", 8, "working_hour", None, "2026-01-08 14:00", "2026-01-09 14:00"),
        # Friday 9 January 16:30: 1 hour, then Saturday the 10th is worked.
        ("1 hours, swap", 8, "working_hour", None, "2026-01-09 16:30", "2026-01-10 16:30"),
        ("1 days", 5, "working_day", None, "2026-03-02 10:00", "2026-03-09 17:30"),
        ("1 plain days", 10, "calendar_day", None, "2026-03-02 10:00", "2026-03-12 17:30"),
        ("1 months", 1, "month", None, "2026-03-02 10:00", "2026-04-02 17:30"),
        ("1 within the day", 0, "working_day", None, "2026-03-02 10:00", "2026-03-02 17:30"),
        ("1 within a closed day", 0, "working_day", None, "2026-03-02 18:00", "2026-03-03 17:30"),
        # 2. The first day is not counted; the end of the last day is its close.
        ("2 first day", 1, "working_day", None, "2026-03-02 08:00", "2026-03-03 17:30"),
        # Thursday 12 February + 3: 13 (1), then the New Year's week off, 23 (2), 24 (3).
        ("2 New Year", 3, "working_day", None, "2026-02-12 10:00", "2026-02-24 17:30"),
        # From 31 December: 5, 6, 7, 8, 9 January.
        ("2 swap off", 5, "working_day", None, "2025-12-31 10:00", "2026-01-09 17:30"),
        # From 5 January: 6, 7, 8, 9, and Saturday the 10th.
        ("2 swap worked", 5, "working_day", None, "2026-01-05 10:00", "2026-01-10 17:30"),
        # The last plain day is a day off: 2 February + 14 is Monday the 16th, off to the 22nd.
        ("2 moved", 14, "calendar_day", None, "2026-02-02 10:00", "2026-02-23 17:30"),
        ("2 not moved", 14, "calendar_day", TO_THE_DAY, "2026-02-02 10:00", "2026-02-17 00:00"),
        ("2 month moved", 1, "month", None, "2026-03-30 10:00", "2026-05-04 17:30"),
        # A month with no such date ends on its last day: 28 February is a Saturday.
        ("2 no such date", 1, "month", TO_THE_DAY, "2026-01-31 10:00", "2026-03-01 00:00"),
        ("2 no such date, moved", 1, "month", None, "2026-01-31 10:00", "2026-03-02 17:30"),
        ("2 no 31 June", 3, "month", None, "2026-03-31 10:00", "2026-06-30 17:30"),
        # Hours run from the moment; in practice the same hour of the n-th day is promised.
        ("2 same hour", 3, "working_day", SAME_HOUR, "2026-04-24 09:15", "2026-05-04 09:15"),
        # Half of 8 hours: 2 to Monday's close, 2 on Tuesday morning.
        ("2 half a day", "0.5", "working_day", None, "2026-03-02 15:30", "2026-03-03 10:00"),
        # 3. The cut-off: after 15:00 it counts as received at the next working day's opening.
        ("3 at 15:00", 2, "working_day", CUT_OFF, "2026-03-02 15:00", "2026-03-04 17:30"),
        ("3 after 15:00", 2, "working_day", CUT_OFF, "2026-03-02 15:01", "2026-03-05 17:30"),
        ("3 Friday after", 2, "working_day", CUT_OFF, "2026-03-06 15:01", "2026-03-11 17:30"),
        # 4. Online 8 working hours, by post 1 working day.
        ("4 online at night", 8, "working_hour", None, "2026-03-06 22:00", "2026-03-09 17:30"),
        ("4 by post", 1, "working_day", None, "2026-03-06 16:00", "2026-03-09 17:30"),
        # 8. Days off in lieu: 26 April is a Sunday, Monday the 27th is off.
        ("8 in lieu", 2, "working_day", None, "2026-04-24 10:00", "2026-04-29 17:30"),
    ],
)
def test_the_law_counts_to_this_moment(
    number: str, amount: str | int, unit: str, rule: Rule | None, received: str, due: str
) -> None:
    assert TimeLimit(amount, unit, rule).due(CITY, moment(received)) == moment(due), number


def test_7_half_past_openings_and_saturday_mornings_count_as_they_are() -> None:
    friday = moment("2026-03-06 15:30")

    # 2 hours on Friday, 3.5 on Saturday morning, 2.5 on Monday: 08:00 to 10:30.
    assert TimeLimit(8, "working_hour").due(SATURDAYS, friday) == moment("2026-03-09 10:30")
    assert TimeLimit(1, "working_day").due(SATURDAYS, friday) == moment("2026-03-07 11:30")


def test_5_after_a_supplement_the_limit_starts_again_or_goes_on_as_the_procedure_says() -> None:
    limit = TimeLimit(5, "working_day")
    running = Clock.start(limit, CITY, moment("2026-03-02 10:00"))  # to Monday the 9th
    stopped = running.stop("supplement", moment("2026-03-04 10:00"))
    back = moment("2026-03-11 14:00")

    # Anew: 12, 13, 16, 17, 18 March.
    assert stopped.restart(CITY, back).limit_at == moment("2026-03-18 17:30")
    # From Wednesday 10:00 to Monday's close 6, 8, 8 and 8 hours were left; from Wednesday the 11th
    # at 14:00 these are 3.5, 8, 8, 8 and 2.5.
    assert stopped.remaining is not None
    assert stopped.remaining.total_seconds() == 30 * 3600
    resumed = stopped.resume("supplement", CITY, back)
    assert resumed.limit_at == moment("2026-03-17 10:30")


def test_5_two_grounds_at_once_stop_it_once() -> None:
    running = Clock.start(TimeLimit(5, "working_day"), CITY, moment("2026-03-02 10:00"))

    both = running.stop("payment", moment("2026-03-03 08:00"))
    both = both.stop("consultation", moment("2026-03-03 13:30"))
    both = both.resume("payment", CITY, moment("2026-03-04 08:00"))
    both = both.resume("consultation", CITY, moment("2026-03-05 08:00"))

    # Two working days stood still, 3 and 4 March, not three.
    assert both.limit_at == moment("2026-03-11 17:30")


@pytest.mark.parametrize(
    ("ended", "result"),
    [
        ("2026-03-06 17:30", EARLY),
        ("2026-03-09 08:00", ON_TIME),
        ("2026-03-09 17:30", ON_TIME),
        ("2026-03-09 17:30:00.000001", LATE),
    ],
)
def test_10_exactly_at_the_limit_is_on_time_and_an_earlier_day_is_early(
    ended: str, result: str
) -> None:
    clock = Clock.start(TimeLimit(5, "working_day"), CITY, moment("2026-03-02 10:00"))

    assert clock.finish(moment(ended)).result == result


def test_9_a_number_without_a_unit_means_nothing() -> None:
    with pytest.raises(LimitError):
        TimeLimit(1, "")
    with pytest.raises(LimitError):
        TimeLimit.from_json({"amount": "1"})
    with pytest.raises(FractionOfCalendarError):
        TimeLimit("0.5", "month").due(CITY, moment("2026-03-02 10:00"))


def test_a_rule_is_said_by_the_procedure_and_the_default_is_the_law() -> None:
    assert DEFAULT_RULES[TimeLimit(1, "working_day").unit].ends == Ends.CLOSE_OF_DAY
    assert DEFAULT_RULES[TimeLimit(1, "working_hour").unit].ends == Ends.SAME_HOUR
