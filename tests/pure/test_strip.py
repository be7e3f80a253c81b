"""The strip of days: what the clock did on each, which are counted, where now is."""

from datetime import date

from dossiers.clock import Clock
from dossiers.explaining import explain
from dossiers.stretches import Halt
from dossiers.strip import MOST_DAYS, Did, cells
from tests.given.working_hours import calendar, moment
from workflows.timelimit import TimeLimit

OFFICE = calendar(exceptions={"2026-11-24": ""})
TEN_DAYS = TimeLimit(10, "working_day")
RAN = {Did.RUN: "r", Did.NEXT: "n", Did.BEFORE: "b", Did.STOPPED: "s", Did.OFF: ".", Did.LATE: "L"}


def drawn(strip):
    return "".join(RAN[cell.did] for cell in strip)


def restarted():
    """The dossier of the look's picture."""
    halt = Halt("supplement", moment("2026-11-11 15:10"), moment("2026-11-17 14:20"))
    clock = Clock.start(TEN_DAYS, OFFICE, moment("2026-11-09 09:40"))
    clock = clock.stop("supplement", halt.from_at).restart(OFFICE, halt.to_at)
    return explain(clock, (), (halt,))


def test_the_strip_of_the_picture():
    strip = cells(restarted(), TEN_DAYS, OFFICE, moment("2026-11-23 14:00"))

    assert drawn(strip) == "bbbss..ssrrr..r.nnn..nnn"
    assert [cell.number for cell in strip if cell.number] == list(range(1, 11))
    assert [cell.on for cell in strip if cell.is_now] == [date(2026, 11, 23)]
    assert [cell.on for cell in strip if cell.is_restart] == [date(2026, 11, 17)]
    assert [cell.on for cell in strip if cell.is_limit] == [date(2026, 12, 2)]


def test_a_late_clock_shows_the_days_after_its_limit():
    clock = Clock.start(TimeLimit(2, "working_day"), OFFICE, moment("2026-11-16 09:00"))

    strip = cells(explain(clock), TimeLimit(2, "working_day"), OFFICE, moment("2026-11-20 10:00"))

    assert drawn(strip) == "rrrLL"


def test_a_standing_clock_ends_today_for_its_limit_is_not_known_yet():
    clock = Clock.start(TEN_DAYS, OFFICE, moment("2026-11-16 09:00"))
    clock = clock.stop("payment", moment("2026-11-17 17:30"))

    strip = cells(explain(clock), TEN_DAYS, OFFICE, moment("2026-11-19 10:00"))

    assert drawn(strip) == "rrss"
    assert not any(cell.is_limit or cell.number for cell in strip)


def test_days_of_the_calendar_are_numbered_through_days_off_up_to_the_last():
    limit = TimeLimit(5, "calendar_day")
    clock = Clock.start(limit, OFFICE, moment("2026-11-19 09:00"))

    strip = cells(explain(clock), limit, OFFICE, moment("2026-11-19 10:00"))

    assert [cell.number for cell in strip] == [None, 1, 2, 3, 4, 5, None]


def test_a_very_long_limit_has_no_strip():
    limit = TimeLimit(MOST_DAYS, "working_day")

    assert (
        cells(
            explain(Clock.start(limit, OFFICE, moment("2026-03-02 09:00"))),
            limit,
            OFFICE,
            moment("2026-03-02 10:00"),
        )
        == ()
    )
