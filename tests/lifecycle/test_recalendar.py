"""A calendar amended while dossiers run: what moves, what is undone, and who is told."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dossiers.errors import Invalid, NotNow
from dossiers.firing import fire_due
from dossiers.lifecycle import ending, recalendar, recount
from dossiers.models import (
    Breach,
    ClockRow,
    Dossier,
    Entry,
    Event,
    LimitValue,
    PublishedMonth,
    Recount,
    Timer,
)
from dossiers.statistics.reading import read
from dossiers.statistics.verify import differences
from dossiers.writing import writing
from notifications.models import Message
from tests.given.amendments import amended, closed, swap
from tests.given.city import City, city, moment
from workflows.actors import TIME
from workflows.catalogue.amendment import Amendment as Given
from workflows.models import NATIONAL, Amendment, Calendar, CalendarDay, Role
from workflows.timelimit import TimeLimit

pytestmark = pytest.mark.django_db


def clock_of(dossier: Dossier, kind: str = "dossier") -> ClockRow:
    return ClockRow.objects.filter(dossier=dossier, kind=kind).latest("pk")


def kinds(dossier: Dossier) -> list[str]:
    return list(Event.objects.filter(dossier=dossier).values_list("kind", flat=True))


def new_year(days: int) -> City:
    """The city with its holiday of 1 January 2026 and a limit of so many working days."""
    town = city(limit=TimeLimit(days, "working_day"))
    CalendarDay.objects.create(
        calendar=Calendar.objects.get(code=NATIONAL),
        on=date(2026, 1, 1),
        kind=CalendarDay.Kind.HOLIDAY,
        source="BLLĐ 2019, điều 112",
    )
    return town


# On Thursday 25 December 2025 the Government swapped Friday 2 January 2026 against Saturday
# 10 January. Of a dossier received that morning the days after are 26, 29, 30, 31 December (1 to 4)
# and, 1 January being off, 2, 5, 6, 7, 8, 9, 12 January (5 to 11); with the swap 5, 6, 7, 8, 9, 10,
# 12 January (5 to 11).
@pytest.mark.parametrize(
    ("days", "before", "after"),
    [
        (4, "2025-12-31 17:30", "2025-12-31 17:30"),
        (5, "2026-01-02 17:30", "2026-01-05 17:30"),
        (9, "2026-01-08 17:30", "2026-01-09 17:30"),
        (10, "2026-01-09 17:30", "2026-01-10 17:30"),
        (11, "2026-01-12 17:30", "2026-01-12 17:30"),
    ],
)
def test_a_swap_announced_a_week_before_moves_what_runs_across_it(
    days: int, before: str, after: str
) -> None:
    town = new_year(days)
    dossier = town.receive("2025-12-25 08:10")
    assert clock_of(dossier).limit_at == moment(before)

    found = amended(swap("2026-01-02", "2026-01-10"), "2025-12-25 16:00")

    moved = before != after
    assert clock_of(dossier).limit_at == moment(after)
    assert clock_of(dossier).promised_at == moment(after)
    assert (found.state, found.to_move, found.moved) == ("done", moved, moved)
    assert kinds(dossier) == ["received", "recalendared"][: 1 + moved]
    assert Message.objects.filter(topic="recalendared").count() == moved
    assert [*differences(moment("2026-01-20 00:00"))] == []


def test_a_moved_limit_is_kept_with_its_cause_event_and_timers() -> None:
    town = new_year(5)
    dossier = town.receive("2025-12-25 08:10")

    amended(swap("2026-01-02", "2026-01-10"), "2025-12-25 16:00")

    row = clock_of(dossier)
    values = [(v.at, v.limit_at, v.cause, v.event_n) for v in row.values.all()]
    assert values == [
        (moment("2025-12-25 08:10"), moment("2026-01-02 17:30"), "begun", 1),
        (moment("2025-12-25 16:00"), moment("2026-01-05 17:30"), "recalendared", 2),
    ]
    event = Event.objects.get(dossier=dossier, kind="recalendared")
    assert event.at == moment("2025-12-25 16:00")
    assert event.post is None
    assert event.facts["amendment"] == Amendment.objects.get().pk
    assert event.facts["limit_from"] == "2026-01-02T10:30:00+00:00"
    assert event.facts["limit_to"] == "2026-01-05T10:30:00+00:00"
    assert Timer.objects.get(clock=row, kind="breach").fires_at == moment("2026-01-05 17:30")
    told = Message.objects.get(topic="recalendared")
    assert told.context["before_at"] == "2026-01-02T10:30:00+00:00"
    assert told.context["promised_at"] == "2026-01-05T10:30:00+00:00"


def test_the_preview_tells_what_the_amendment_then_does_and_writes_nothing() -> None:
    town = new_year(5)
    moving, still = town.receive("2025-12-25 08:10"), town.receive("2025-12-24 08:10")
    given = swap("2026-01-02", "2026-01-10")

    found = recalendar.preview(given, by=TIME, at=moment("2025-12-25 16:00"))

    (line,) = [one for one in found.moved if one.kind == "dossier"]
    assert (line.code, line.limit_from, line.limit_to, line.late_before, line.late_after) == (
        moving.code,
        moment("2026-01-02 17:30"),
        moment("2026-01-05 17:30"),
        False,
        False,
    )
    assert (found.to_move, found.to_be_late, found.no_longer_late) == (1, 0, 0)
    assert Amendment.objects.count() == Recount.objects.count() == 0
    assert CalendarDay.objects.count() == 1
    assert kinds(moving) == kinds(still) == ["received"]
    done = amended(given, "2025-12-25 16:00")
    assert (done.to_move, done.moved) == (found.to_move, 1)
    assert clock_of(still).limit_at == moment("2025-12-31 17:30")


def test_an_office_closed_for_a_storm_stops_its_own_clocks_and_no_others() -> None:
    town = city()
    dossier = town.receive("2026-09-07 08:10")  # a Monday; due on Monday the 14th
    assert clock_of(dossier).limit_at == moment("2026-09-14 17:30")

    amended(closed("2026-09-09", "2026-09-10", agency=town.commune.code), "2026-09-09 06:00")

    row = clock_of(dossier)
    assert row.limit_at == moment("2026-09-16 17:30")
    assert row.calendar.code == f"agency-{town.commune.code}"
    assert row.calendar.base.code == NATIONAL
    assert Calendar.objects.get(code=NATIONAL).working().is_working_day(date(2026, 9, 9))
    later = town.receive("2026-09-11 08:10")
    assert clock_of(later).limit_at == moment("2026-09-18 17:30")


def test_a_storm_told_of_afterwards_annuls_the_breach_that_was_none() -> None:
    town = city()
    dossier = town.receive("2026-03-02 08:10")  # due on Monday 9 March
    at = moment("2026-03-10 08:00")
    fire_due(at)
    assert Breach.objects.filter(of="dossier").count() == 1
    overdue = read(since=None, until=None, as_of=at)[0].figures.pending_overdue
    assert overdue == 1

    found = amended(closed("2026-03-05", "2026-03-06"), "2026-03-10 09:00")

    breach = Breach.objects.get(of="dossier")
    assert (breach.annulled_at, breach.annulled_because) == (
        moment("2026-03-10 09:00"),
        "recalendared",
    )
    assert clock_of(dossier).limit_at == moment("2026-03-11 17:30")
    assert clock_of(dossier).breached == []
    assert (found.no_longer_late, found.to_be_late) == (1, 0)
    assert kinds(dossier)[-2:] == ["recalendared", "breach_annulled"]
    # What takes back carries the moment of what it takes back: it never was overdue.
    assert read(since=None, until=None, as_of=at)[0].figures.pending_overdue == 0
    assert [*differences(moment("2026-03-11 00:00"))] == []
    fire_due(moment("2026-03-12 00:00"))
    again = Breach.objects.get(of="dossier", annulled_at=None)
    assert again.breached_at == moment("2026-03-11 17:30")
    assert [*differences(moment("2026-03-12 00:00"))] == []


def test_a_limit_moved_into_the_past_is_breached_at_the_moment_of_the_change() -> None:
    town = city()
    amended(closed("2026-03-04", kind="holiday", source="QĐ 1"), "2026-03-01 08:00")
    dossier = town.receive("2026-03-02 08:10")
    assert clock_of(dossier).limit_at == moment("2026-03-10 17:30")
    given = Given(source="QĐ 2", removed=(date(2026, 3, 4),))

    found = amended(given, "2026-03-10 08:00")

    assert clock_of(dossier).limit_at == moment("2026-03-09 17:30")
    assert (found.to_be_late, found.no_longer_late) == (1, 0)
    fire_due(moment("2026-03-10 08:30"))
    assert town.breach_of(dossier).breached_at == moment("2026-03-10 08:00")
    before = read(since=None, until=None, as_of=moment("2026-03-10 07:59"))[0].figures
    after = read(since=None, until=None, as_of=moment("2026-03-10 08:01"))[0].figures
    assert (before.pending_overdue, after.pending_overdue) == (0, 1)
    assert [*differences(moment("2026-03-11 00:00"))] == []


def test_whoever_acts_first_finds_the_clock_counted_again() -> None:
    town = new_year(5)
    dossier = town.receive("2025-12-25 08:10")
    recalendar.amend(swap("2026-01-02", "2026-01-10"), by=TIME, at=moment("2025-12-25 16:00"))

    town.advance(dossier, Role.OFFICER, "2025-12-26 09:00")

    assert clock_of(dossier).limit_at == moment("2026-01-05 17:30")
    assert kinds(dossier) == ["received", "recalendared", "advanced"]
    recount.recount_due(moment("2025-12-26 09:05"))
    assert kinds(dossier) == ["received", "recalendared", "advanced"]
    assert Message.objects.filter(topic="recalendared").count() == 1


def test_the_worker_finds_a_limit_moved_before_it_fires() -> None:
    town = new_year(5)
    dossier = town.receive("2025-12-25 08:10")
    recalendar.amend(swap("2026-01-02", "2026-01-10"), by=TIME, at=moment("2025-12-25 16:00"))

    fire_due(moment("2026-01-02 18:00"))

    assert not Breach.objects.filter(of="dossier").exists()
    assert clock_of(dossier).limit_at == moment("2026-01-05 17:30")


def test_a_recount_broken_off_goes_on_where_it_was_and_does_nothing_twice() -> None:
    town = new_year(5)
    dossiers = [town.receive(f"2025-12-25 08:{minute}") for minute in range(10, 15)]
    begun = recalendar.amend(
        swap("2026-01-02", "2026-01-10"), by=TIME, at=moment("2025-12-25 16:00")
    )

    recount.recount_batches(begun, at=moment("2025-12-25 16:01"), batches=1, batch=2)
    half = Recount.objects.get()
    assert (half.state, half.moved, recount.left(half)) == ("running", 2, 3)
    recount.recount_due(moment("2025-12-25 16:02"))
    recount.recount_due(moment("2025-12-25 16:03"))

    done = Recount.objects.get()
    assert (done.state, done.moved, recount.left(done)) == ("done", 5, 0)
    for dossier in dossiers:
        assert kinds(dossier) == ["received", "recalendared"]
        event = Event.objects.get(dossier=dossier, kind="recalendared")
        assert event.at == moment("2025-12-25 16:00")
    assert Message.objects.filter(topic="recalendared").count() == 5


def test_a_batch_takes_as_many_queries_however_many_dossiers_move() -> None:
    def queries(begun: Recount, dossiers: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            moved = recount.recount_batches(begun, at=moment("2025-12-25 17:00"), batches=2)
        assert moved == dossiers
        return len(captured)

    town = new_year(5)
    for minute in range(10, 13):
        town.receive(f"2025-12-25 08:{minute}")
    at = moment("2025-12-25 16:00")
    few = queries(recalendar.amend(swap("2026-01-02", "2026-01-10"), by=TIME, at=at), 3)
    for minute in range(10, 19):
        town.receive(f"2025-12-25 16:{minute}")
    at = moment("2025-12-25 16:30")

    assert queries(recalendar.amend(closed("2025-12-29"), by=TIME, at=at), 12) == few
    assert few <= 30


def test_a_preview_takes_as_many_queries_however_many_dossiers_move() -> None:
    def queries(dossiers: int) -> int:
        given, at = swap("2026-01-02", "2026-01-10"), moment("2025-12-25 16:00")
        with CaptureQueriesContext(connection) as captured:
            assert recalendar.preview(given, by=TIME, at=at).to_move == dossiers
        return len(captured)

    town = new_year(5)
    for minute in range(10, 12):
        town.receive(f"2025-12-25 08:{minute}")
    few = queries(2)
    for minute in range(12, 17):
        town.receive(f"2025-12-25 08:{minute}")

    assert queries(7) == few


def test_a_second_amendment_waits_until_the_first_is_counted() -> None:
    town = new_year(5)
    town.receive("2025-12-25 08:10")
    recalendar.amend(swap("2026-01-02", "2026-01-10"), by=TIME, at=moment("2025-12-25 16:00"))

    with pytest.raises(NotNow) as refused:
        recalendar.amend(closed("2025-12-30"), by=TIME, at=moment("2025-12-25 16:01"))

    assert refused.value.code == "amendment_under_way"
    assert Amendment.objects.count() == 1


def test_a_published_month_is_amended_only_by_its_revision() -> None:
    town = city()
    dossier = town.receive("2026-03-02 08:10")
    with writing("a test that publishes"):
        PublishedMonth.objects.create(
            month=date(2026, 3, 1), published_at=moment("2026-04-01 08:00"), report=b"", sha256="0"
        )
    at = moment("2026-04-02 08:00")

    for given in (closed("2026-03-05"), closed("2026-04-03", "2026-03-06")):
        with pytest.raises(NotNow) as refused:
            recalendar.amend(given, by=TIME, at=at)
        assert refused.value.code == "amendment_published"
        assert refused.value.facts == {"month": "03/2026"}
    assert clock_of(dossier).limit_at == moment("2026-03-09 17:30")
    assert Amendment.objects.count() == CalendarDay.objects.count() == 0
    recalendar.amend(closed("2026-04-03"), by=TIME, at=at)


def test_a_stopped_clock_is_counted_again_and_goes_on_with_what_remains() -> None:
    town = city(after_supplement="resume")
    dossier = town.receive("2026-03-02 08:10")
    town.ask_supplement(dossier, "2026-03-03 08:00")  # 36 of 40 hours left to Monday 17:30

    amended(closed("2026-03-04"), "2026-03-03 16:00")

    row = clock_of(dossier)
    assert (row.state, row.limit_at) == ("stopped", moment("2026-03-10 17:30"))
    # Nothing is promised while it stands still; the term to supply is told anew.
    assert [m.topic for m in Message.objects.order_by("pk")].count("recalendared") == 0
    assert Message.objects.filter(topic="term_moved").count() == 1
    town.supply(dossier, "2026-03-05 08:00")  # one working day later, the closed one not counted
    assert clock_of(dossier).limit_at == moment("2026-03-11 17:30")
    assert [*differences(moment("2026-03-12 00:00"))] == []


def test_a_dossier_that_ended_is_left_as_it_was_decided() -> None:
    town = city()
    dossier = town.receive("2026-03-02 08:10")
    town.handed_to_counter(dossier, "2026-03-03 08:00")
    town.conclude(dossier, "2026-03-03 09:00")
    values = LimitValue.objects.filter(clock__dossier=dossier, clock__kind="dossier").count()

    found = amended(closed("2026-03-04"), "2026-03-03 16:00")

    assert found.moved == 0
    assert clock_of(dossier).limit_at == moment("2026-03-09 17:30")
    now = LimitValue.objects.filter(clock__dossier=dossier, clock__kind="dossier").count()
    assert now == values
    assert Entry.objects.filter(dossier=dossier, measure="resolved_early").count() == 1


def test_what_is_opened_again_is_counted_by_the_calendar_that_was_amended_meanwhile() -> None:
    town = city()
    dossier = town.receive("2026-03-02 08:10")  # to Monday the 9th
    town.handed_to_counter(dossier, "2026-03-03 08:00")
    town.conclude(dossier, "2026-03-03 09:30")
    amended(closed("2026-03-04"), "2026-03-03 16:00")

    ending.reopen(
        dossier.pk,
        reason="Kết quả sai",
        by=town.acting(Role.APPROVER),
        at=moment("2026-03-05 09:30"),
    )

    # With the 4th off to Tuesday the 10th; at rest it lost one working day of 8 hours more.
    assert clock_of(dossier).limit_at == moment("2026-03-11 17:30")
    assert kinds(dossier)[-2:] == ["reopened", "recalendared"]
    assert [*differences(moment("2026-03-12 00:00"))] == []


def test_who_waits_is_not_told_at_night() -> None:
    town = new_year(5)
    town.receive("2025-12-25 08:10")

    amended(swap("2026-01-02", "2026-01-10"), "2025-12-25 22:00")

    told = Message.objects.get(topic="recalendared")
    assert told.not_before == moment("2025-12-26 08:00")


def test_confirming_a_day_moves_nothing() -> None:
    town = new_year(5)
    dossier = town.receive("2025-12-25 08:10")
    CalendarDay.objects.update(confirmed=False)
    given = closed("2026-01-01", kind="holiday", source="TB 6150")

    found = amended(given, "2025-12-25 16:00")

    assert (found.state, found.to_move) == ("done", 0)
    day = CalendarDay.objects.get(on=date(2026, 1, 1))
    assert (day.confirmed, day.source) == (True, "TB 6150")
    assert kinds(dossier) == ["received"]


@pytest.mark.parametrize(
    ("off", "worked", "code"),
    [
        ("2026-01-02", "2026-01-02", "swap_same_day"),
        ("2026-01-03", "2026-01-10", "swap_off_not_worked"),
        ("2026-01-01", "2026-01-10", "swap_taken"),
        ("2026-01-02", "2026-01-12", "swap_worked_already"),
    ],
)
def test_a_swap_whose_days_clash_is_refused(off: str, worked: str, code: str) -> None:
    new_year(5)

    with pytest.raises(Invalid) as refused:
        recalendar.amend(swap(off, worked), by=TIME, at=moment("2025-12-25 16:00"))

    assert refused.value.code == code
    assert CalendarDay.objects.count() == 1
    assert Amendment.objects.count() == 0
