"""Working time judged by the test suites of other systems: their questions, hours and answers.

`worktime_elsewhere.json` holds facts only, in our own form: where each comes from (project and
file), the hours kept, the question, and the answer expected there. Where a system tells the same
thing by another convention, the row names it, and `CONVENTIONS` says how the two answers belong
together; it must then be a difference, or the row says too much.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.given.working_hours import hours
from workflows.timelimit import Begins, Ends, Rule, TimeLimit
from workflows.worktime import WorkingCalendar

ELSEWHERE = json.loads(Path(__file__).with_name("worktime_elsewhere.json").read_text("utf-8"))
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MICROSECOND, SECOND, MINUTE = timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=1)
DAY = timedelta(days=1)


@cache
def office(name):
    """The calendar of that name, a week by weekdays, days off and days of their own hours."""
    kept = ELSEWHERE["calendars"][name]
    weekly = {
        WEEKDAYS.index(day): hours(h) for days, h in kept["week"].items() for day in days.split()
    }
    single = dict.fromkeys(kept.get("off", "").split(), "") | kept.get("days", {})
    exceptions = {date.fromisoformat(day): hours(text) for day, text in single.items()}
    return WorkingCalendar(weekly, exceptions, ZoneInfo(kept["zone"]))


def moment(calendar, text):
    """Local, unless it says its offset; in UTC, so that an hour that comes twice compares."""
    told = datetime.fromisoformat(text)
    return (told if told.tzinfo else told.replace(tzinfo=calendar.tz)).astimezone(UTC)


def span(text):
    """`"1:30"`, `"-0:00:45"` or `"0:00:00.555"` as a span of time."""
    sign = -1 if text.startswith("-") else 1
    parts = [Decimal(part) for part in text.lstrip("-").split(":")] + [Decimal(0)]
    seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
    return sign * timedelta(microseconds=int(seconds * 10**6))


def last_open(calendar, at):
    """`at` itself if it is open or a close, else the close before it."""
    return calendar.add(at, -MICROSECOND) + MICROSECOND


def next_close(calendar, at):
    """The close of the interval that `at` lies in, or of the next one."""
    opens = calendar.next_open(at)
    day, clock = opens.date(), opens.time()
    for start, end in calendar.hours(day):
        if start <= clock and (clock < end or end == time.min):
            return datetime.combine(day + DAY if end == time.min else day, end, calendar.tz)
    raise AssertionError("an opening lies in no interval of its day")


def due(calendar, start, amount, unit, begins, ends, moved=True):
    rule = Rule(Begins(begins), Ends(ends), moved=moved)
    return TimeLimit(amount, unit, rule).due(calendar, moment(calendar, start))


def due_and_more(calendar, start, days, more):
    """So many working days at the same hour, and working time after them."""
    whole_days = due(calendar, start, days, "working_day", "same_moment", "same_hour")
    return calendar.add(whole_days, span(more))


day = date.fromisoformat
QUESTIONS = {
    "add": lambda c, at, amount: c.add(moment(c, at), span(amount)),
    "between": lambda c, a, b: c.between(moment(c, a), moment(c, b)),
    "is_open": lambda c, at: c.is_open(moment(c, at)),
    "next_open": lambda c, at: c.next_open(moment(c, at)),
    "last_open": lambda c, at: last_open(c, moment(c, at)),
    "next_close": lambda c, at: next_close(c, moment(c, at)),
    "opening": lambda c, on: c.opening(day(on)),
    "close": lambda c, on: c.close(day(on)),
    "is_working_day": lambda c, on: c.is_working_day(day(on)),
    "nth_working_day": lambda c, on, n: c.nth_working_day(day(on), n),
    "working_days_between": lambda c, a, b: c.working_days_between(day(a), day(b)),
    "due": due,
    "due_and_more": due_and_more,
    "last_day": lambda c, *limit: (due(c, *limit) - MICROSECOND).date(),
}
SPANS, DATES = {"between"}, {"nth_working_day", "last_day"}
AS_TOLD = {"is_open", "is_working_day", "working_days_between"}

# How another system's answer belongs to ours: calendar, what was asked, our answer, theirs.
CONVENTIONS = {
    # Time used up at a close: there it ends when work goes on, here when it was used up.
    "ends at the next opening": lambda c, _asked, ours, theirs: theirs == c.next_open(ours),
    "ends at the close before": lambda c, _asked, ours, theirs: theirs == last_open(c, ours),
    "nothing added stays where it is": (
        lambda c, asked, ours, theirs: theirs == moment(c, asked[0]) and ours == c.next_open(theirs)
    ),
    "nothing taken away is the close before": (
        lambda c, asked, _ours, theirs: theirs == last_open(c, moment(c, asked[0]))
    ),
    # A close belongs to the hours there; here it is closed, so that two shifts never share it.
    "open at the close": (
        lambda c, asked, _ours, _theirs: c.is_open(moment(c, asked[0]) - MICROSECOND)
    ),
    # Backwards is negative here, so that sums add up.
    "never negative": lambda _c, _asked, ours, theirs: theirs == -ours,
    "backwards is nothing": lambda _c, _asked, ours, theirs: ours < theirs == timedelta(0),
    "at least a second": lambda _c, _asked, ours, theirs: (ours, theirs) == (ours * 0, SECOND),
    "rounded to the second": lambda _c, _asked, ours, theirs: abs(ours - theirs) <= SECOND / 2,
    "whole minutes": lambda _c, _asked, ours, theirs: theirs == ours // MINUTE * MINUTE,
    "a microsecond before midnight": (
        lambda _c, _asked, ours, theirs: ours - theirs == MICROSECOND and ours.time() == time.min
    ),
    # The 25 hours of a day on which the clock goes back.
    "every day has 24 hours": lambda _c, _asked, ours, theirs: ours - theirs == timedelta(hours=1),
    # Days: which one is the first, and what a start on a day off means.
    "the last day counts, the first does not": (
        lambda c, asked, _ours, theirs: (
            theirs == c.working_days_between(day(asked[0]) + DAY, day(asked[1]) + DAY)
        )
    ),
    "zero days leave a day off": (
        lambda c, asked, _ours, theirs: theirs == c.nth_working_day(day(asked[0]), 1)
    ),
    "a day off is left first": (
        lambda c, asked, ours, theirs: theirs == c.nth_working_day(ours, 1 if asked[1] > 0 else -1)
    ),
    "the hour stays though it is closed": (
        lambda c, _asked, ours, theirs: ours == c.next_open(theirs)
    ),
}


def told(question, calendar, answer):
    if question in AS_TOLD:
        return answer
    if question in DATES:
        return day(answer)
    return span(answer) if question in SPANS else moment(calendar, answer)


def label(case):
    return "-".join(str(part) for part in (case[0], case[2], *case[3]))


@pytest.mark.parametrize("case", ELSEWHERE["cases"], ids=label)
def test_other_systems_tell_the_same_working_time(case):
    _origin, name, question, asked, answer, *convention = case
    calendar = office(name)

    ours = QUESTIONS[question](calendar, *asked)

    theirs = told(question, calendar, answer)
    if convention:
        assert ours != theirs
        assert CONVENTIONS[convention[0]](calendar, asked, ours, theirs), (ours, theirs)
    else:
        assert ours == theirs


def test_every_case_has_an_origin_and_every_convention_a_case():
    origins = {case[0] for case in ELSEWHERE["cases"]}
    used = {case[5] for case in ELSEWHERE["cases"] if len(case) > 5}

    assert origins == set(ELSEWHERE["origins"])
    assert {case[1] for case in ELSEWHERE["cases"]} == set(ELSEWHERE["calendars"])
    assert used == set(CONVENTIONS)
