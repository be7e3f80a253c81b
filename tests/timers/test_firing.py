"""Firing: any number of workers, a poison row, a worker that slept, a clock that runs backwards."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from structlog.testing import capture_logs

from dossiers import firing
from dossiers.firing import fire_due
from dossiers.lifecycle import progress
from dossiers.models import Breach, ClockRow, Dossier, Entry, Event, Timer
from dossiers.reading import timers
from tests.given.city import City, city, moment
from tests.timers.reminded import hour, reminders
from workflows.models import Role

# Received on Monday 2 March at 08:10, five working days: Monday 9 March, 17:30.
PASSED, TWO_DAYS_LATER = "2026-03-09 17:31", "2026-03-11 17:31"
IN_THE_TEST_S_TRANSACTION = pytest.mark.django_db
ON_ITS_OWN = pytest.mark.django_db(transaction=True)


@pytest.fixture
def given() -> City:
    return city()


def received(given: City, count: int) -> list[Dossier]:
    return [given.receive(f"2026-03-02 08:{10 + n}") for n in range(count)]


def poison(dossier: Dossier) -> None:
    """A hand on the database: the limit of this clock can no longer be read."""
    rows = ClockRow.objects.filter(dossier=dossier, kind="dossier")
    rows.update(limit={"amount": "5", "unit": "parsec"})


def mend(dossier: Dossier) -> None:
    other = ClockRow.objects.filter(kind="dossier").exclude(dossier=dossier).first()
    ClockRow.objects.filter(dossier=dossier, kind="dossier").update(limit=other.limit)


def breached(dossier: Dossier, of: str = "dossier") -> bool:
    return Breach.objects.filter(dossier=dossier, of=of).exists()


# A poison row


@IN_THE_TEST_S_TRANSACTION
@pytest.mark.builds_rows
def test_a_poison_row_is_set_aside_with_an_alarm_and_the_rest_fire(given: City) -> None:
    first, poisoned, last = received(given, 3)
    poison(poisoned)

    with capture_logs() as logs:
        counts = fire_due(moment(PASSED))

    assert [breached(one) for one in (first, poisoned, last)] == [True, False, True]
    assert counts["set_aside"] == 1
    aside = Timer.objects.get(set_aside_at=moment(PASSED))
    assert (aside.dossier_id, aside.kind) == (poisoned.pk, "breach")
    alarms = [line for line in logs if line["event"] == "timers.set_aside"]
    assert [(line["log_level"], line["dossier"], line["kind"]) for line in alarms] == [
        ("error", poisoned.pk, "breach")
    ]


@IN_THE_TEST_S_TRANSACTION
@pytest.mark.builds_rows
def test_only_the_timer_that_failed_is_set_aside_not_the_dossier_s_others(given: City) -> None:
    poisoned, _other = received(given, 2)
    given.advance(poisoned, Role.OFFICER, "2026-03-09 17:00")
    poison(poisoned)

    # The dossier's limit passed first, that of signing a day later; both are due by now.
    fire_due(moment("2026-03-10 18:00"))

    assert not breached(poisoned)
    assert Breach.objects.filter(dossier=poisoned, step_run__key="sign", of="step").exists()
    assert list(Timer.objects.exclude(set_aside_at=None).values_list("kind", flat=True)) == [
        "breach"
    ]


@IN_THE_TEST_S_TRANSACTION
@pytest.mark.builds_rows
def test_what_is_set_aside_is_late_all_the_same_and_stops_nobody_s_work(given: City) -> None:
    poisoned, _other = received(given, 2)
    poison(poisoned)
    fire_due(moment(PASSED))

    at = moment("2026-03-10 09:00")

    assert Dossier.objects.overdue(at).filter(pk=poisoned.pk).exists()
    assert progress.claim(poisoned.pk, by=given.acting(Role.OFFICER), at=at).status == "processing"


@IN_THE_TEST_S_TRANSACTION
@pytest.mark.builds_rows
def test_what_was_set_aside_fires_again_when_asked_with_its_true_moment(given: City) -> None:
    poisoned, _other = received(given, 2)
    poison(poisoned)
    fire_due(moment(PASSED))
    fire_due(moment("2026-03-10 09:00"))
    assert not breached(poisoned)
    mend(poisoned)

    again = firing.retry()
    fire_due(moment("2026-03-10 10:00"))

    assert again == 1
    assert hour(given.breach_of(poisoned).breached_at) == "2026-03-09 17:30"
    assert timers.set_aside_by_kind() == {}


@IN_THE_TEST_S_TRANSACTION
def test_trouble_of_the_database_sets_nothing_aside(given: City) -> None:
    dossiers = received(given, 2)

    with connection.execute_wrapper(_no_room_for_breaches):
        counts = fire_due(moment(PASSED))

    assert counts == {"fired": 0, "set_aside": 0}
    assert not Timer.objects.exclude(set_aside_at=None).exists()
    fire_due(moment(PASSED))
    assert [breached(one) for one in dossiers] == [True, True]


def _no_room_for_breaches(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    if 'INSERT INTO "dossiers_breach"' in str(sql):
        raise OperationalError("No space left on device")
    return execute(sql, params, many, context)


# Several workers


@ON_ITS_OWN
def test_a_worker_takes_what_no_other_has_in_its_hands_and_waits_for_nobody(given: City) -> None:
    dossiers = received(given, 4)
    held = [dossier.pk for dossier in dossiers[:2]]

    with in_other_hands(held):
        counts = fire_due(moment(PASSED), batch=2)

        assert counts["fired"] > 0
        assert [breached(one) for one in dossiers] == [False, False, True, True]
    fire_due(moment(PASSED), batch=2)
    assert [breached(one) for one in dossiers] == [True, True, True, True]


@contextmanager
def in_other_hands(ids: list[int]) -> Iterator[None]:
    """Another session holds these dossiers."""
    taken, released = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                list(Dossier.objects.select_for_update().filter(pk__in=ids))
                taken.set()
                released.wait(30)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(30)
    try:
        yield
    finally:
        released.set()
        holder.join()


# A worker that slept, a second beat, a clock that runs backwards


@IN_THE_TEST_S_TRANSACTION
def test_a_worker_down_for_two_days_catches_up_with_the_true_moments(given: City) -> None:
    (dossier,) = received(given, 1)

    fire_due(moment("2026-03-11 18:00"))

    found = given.breach_of(dossier)
    assert hour(found.breached_at) == "2026-03-09 17:30"
    assert hour(found.noticed_at) == "2026-03-11 18:00"
    event = Event.objects.get(dossier=dossier, kind="breached", facts__of="dossier")
    assert (hour(event.at), hour(event.recorded_at)) == ("2026-03-09 17:30", "2026-03-11 18:00")
    overdue = Entry.objects.get(dossier=dossier, measure="overdue")
    assert hour(overdue.at) == "2026-03-09 17:30"
    assert {topic for topic, _who, _from in reminders()} == {
        "breached",
        "apology_overdue",
        "unexplained",
    }


@IN_THE_TEST_S_TRANSACTION
def test_a_second_beat_and_a_clock_that_runs_backwards_change_nothing(given: City) -> None:
    (dossier,) = received(given, 1)
    fire_due(moment(PASSED))
    before = (list(Event.objects.values_list("n", "sha256")), reminders())

    counts = [fire_due(moment(at)) for at in (PASSED, "2026-03-09 17:00", "2026-03-08 00:00")]

    assert counts == [{"fired": 0, "set_aside": 0}] * 3
    assert (list(Event.objects.values_list("n", "sha256")), reminders()) == before
    assert given.breach_of(dossier).promise_number == 1


@IN_THE_TEST_S_TRANSACTION
def test_a_sweep_whose_time_is_up_leaves_the_rest_to_the_next_one(given: City) -> None:
    dossiers = received(given, 2)

    assert fire_due(moment(PASSED), patience=0.0) == {"fired": 0, "set_aside": 0}
    fire_due(moment(PASSED), patience=60.0)

    assert [breached(one) for one in dossiers] == [True, True]


# Memory


@pytest.mark.slow
@IN_THE_TEST_S_TRANSACTION
def test_memory_follows_the_batch_and_not_what_is_due(given: City) -> None:
    small, large = 20, 160
    received(given, 10)
    fire_due(moment(TWO_DAYS_LATER), batch=10)  # what is read once a process

    peaks = []
    for count, day, later in (
        (small, "2026-03-16", "2026-03-26"),
        (large, "2026-04-06", "2026-04-16"),
    ):
        for n in range(count):
            given.receive(f"{day} {8 + n // 60:02}:{n % 60:02}")
        peaks.append(_peak(f"{later} 08:00"))

    assert Breach.objects.filter(of="dossier").count() == 10 + small + large
    assert peaks[1] < 2.5 * peaks[0]


def _peak(at: str) -> int:
    """The most memory that one sweep with a small batch held at once, in bytes."""
    tracemalloc.start()
    try:
        fire_due(moment(at), batch=10)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# Queries


@IN_THE_TEST_S_TRANSACTION
@pytest.mark.builds_rows
@pytest.mark.parametrize("at", ["2026-03-09 09:00", PASSED, "2026-03-10 17:31", TWO_DAYS_LATER])
def test_twice_as_many_timers_due_take_as_many_queries(
    given: City, at: str, django_assert_max_num_queries: Any
) -> None:
    earlier = ("2026-03-09 09:00", PASSED, "2026-03-10 17:31", TWO_DAYS_LATER)
    counts = []
    for count in (3, 6):
        dossiers = received(given, count)
        for before in earlier[: earlier.index(at)]:
            fire_due(moment(before))
        with django_assert_max_num_queries(40) as asked:
            assert fire_due(moment(at))["fired"] >= count
        counts.append(len(asked))
        for dossier in dossiers:  # so that the next round is counted alone
            Timer.objects.filter(dossier=dossier).delete()

    assert counts[0] == counts[1]
