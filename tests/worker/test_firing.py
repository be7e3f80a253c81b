"""The real worker fires what is due; killed in mid-batch it loses nothing and doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from dossiers.firing import fire_due
from dossiers.models import Breach, Dossier, Entry, Event, Timer
from dossiers.statistics import seal
from notifications.models import Message
from onestop.celery import app
from tests.given.campaign import CAMPAIGN
from tests.given.city import City, city, moment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.worker,
    pytest.mark.django_db(transaction=True),
]

ROUNDS = int(os.environ.get("ONESTOP_KILL_ROUNDS", "60" if CAMPAIGN else "3"))
DOSSIERS = 24
PATIENCE_SECONDS = 120  # on a machine that does much else a worker takes long to start
# Where the batch stands still when the kill comes: before anything is written, or after the
# dossiers' rows and before the messages'.
STAND_STILL_AT = ("dossiers_breach", "notifications_message")

Worker = subprocess.Popen[bytes]
StartWorker = Callable[[], Worker]


@pytest.fixture
def given() -> City:
    return city()


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """This session's own number, emptied before and after."""
    own = redis.Redis.from_url(settings.REDIS_URL)
    own.flushdb()
    yield own
    own.flushdb()
    own.close()


@pytest.fixture
def a_worker(broker: redis.Redis) -> Iterator[StartWorker]:
    """Start a worker in a process group of its own."""
    with ExitStack() as started:

        def start() -> Worker:
            database = str(connection.settings_dict["NAME"])
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.worker.real_worker", database, settings.REDIS_URL],
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
            started.enter_context(worker)
            started.callback(kill, worker)
            return worker

        yield start


def kill(worker: Worker) -> None:
    """Kill the worker with its children, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def knock() -> None:
    """What beat does every ten seconds."""
    with app.connection_for_write(settings.CELERY_BROKER_URL) as way:
        app.send_task("dossiers.fire_timers", connection=way, retry=False)


def until(happened: Callable[[], bool], *, knocking: bool = False) -> None:
    """Wait for it, asking the database again and again; knock each second as beat does."""
    with connection.cursor() as cursor:
        for turn in range(PATIENCE_SECONDS * 20):
            if happened():
                return
            if knocking and turn % 20 == 0:
                knock()
            cursor.execute("SELECT pg_sleep(0.05)")
        cursor.execute(
            "SELECT pid, state, wait_event, left(query, 60) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        aside = Timer.objects.exclude(set_aside_at=None).values_list("fault", flat=True)
        pytest.fail(f"not in time; sessions {cursor.fetchall()}, set aside {list(aside)}")


def nothing_due() -> bool:
    return not Timer.objects.filter(fires_at__lt=timezone.now()).exists()


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


def receive_many(given: City, day: str) -> None:
    """Dossiers that nobody touched since, some that wait for a supplement nobody brought."""
    for n in range(DOSSIERS):
        dossier = given.receive(f"{day} 08:{n:02}")
        if n % 4 == 0:
            given.ask_supplement(dossier, f"{day} 09:{n:02}")


def what_is_recorded() -> dict[str, list[tuple[Any, ...]]]:
    """All that time alone caused, without the moments at which it was noticed."""
    by = "dossier__code"
    rows: dict[str, Any] = {
        "dossiers": Dossier.objects.values_list("code", "status", "head_n", "ended_at"),
        "breaches": Breach.objects.values_list(
            by, "of", "promise_number", "breached_at", "unit__code", "held_by_unit__code",
            "step_run__key", "state",
        ),
        "events": Event.objects.values_list(by, "n", "kind", "at", "from_status", "to_status"),
        "entries": Entry.objects.values_list(by, "measure", "amount", "at", "counts_at"),
        "timers": Timer.objects.values_list(by, "kind", "fires_at", "set_aside_at"),
        "messages": Message.objects.values_list("key", "topic"),
    }  # fmt: skip
    return {name: sorted(map(tuple, found), key=str) for name, found in rows.items()}


def undisturbed(at: datetime) -> dict[str, list[tuple[Any, ...]]]:
    """What a firing without any trouble leaves; taken back again."""
    with transaction.atomic():
        fire_due(at)
        recorded = what_is_recorded()
        transaction.set_rollback(True)
    return recorded


def chains_hold() -> bool:
    for dossier in Dossier.objects.all():
        previous = ""
        for event in Event.objects.filter(dossier=dossier).order_by("n"):
            fields = seal.event_fields(str(dossier.ref), event)
            if event.previous != previous or event.sha256 != seal.event_hash(fields, previous):
                return False
            previous = event.sha256
        if dossier.head_sha256 != previous:
            return False
    return True


def test_the_worker_flags_a_dossier_whose_time_ran_out(given: City, a_worker: StartWorker) -> None:
    dossier = given.receive("2026-03-02 08:10")
    a_worker()

    until(lambda: Breach.objects.filter(dossier=dossier, of="dossier").exists(), knocking=True)

    flagged = given.breach_of(dossier)
    assert flagged.breached_at == moment("2026-03-09 17:30")
    assert flagged.noticed_at > flagged.breached_at + timedelta(days=1)
    assert flagged.held_by_unit == given.division
    assert Entry.objects.get(dossier=dossier, measure="overdue").amount == 1


def test_two_knocks_at_once_fire_once(given: City, a_worker: StartWorker) -> None:
    receive_many(given, "2026-03-02")
    expected = undisturbed(timezone.now())
    for _ in range(2):
        a_worker()

    for _ in range(4):
        knock()
    until(nothing_due, knocking=True)

    assert what_is_recorded() == expected


def test_what_somebody_works_on_is_left_to_the_next_knock(
    given: City, a_worker: StartWorker
) -> None:
    receive_many(given, "2026-03-02")
    expected = undisturbed(timezone.now())
    in_hand = list(Dossier.objects.order_by("pk").values_list("pk", flat=True)[: DOSSIERS // 2])
    a_worker()

    with transaction.atomic():
        list(Dossier.objects.select_for_update().filter(pk__in=in_hand).order_by("pk"))
        due = Timer.objects.filter(fires_at__lt=timezone.now())
        until(lambda: not due.exclude(dossier__in=in_hand).exists(), knocking=True)
        untouched = Dossier.objects.filter(pk__in=in_hand, breaches=None)
        assert untouched.count() == DOSSIERS // 2
    until(nothing_due, knocking=True)

    assert what_is_recorded() == expected
    assert chains_hold()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_worker_killed_in_mid_batch_loses_nothing_and_doubles_nothing(
    given: City, a_worker: StartWorker, round_: int
) -> None:
    receive_many(given, "2026-03-02")
    expected = undisturbed(timezone.now())
    before = what_is_recorded()
    worker = a_worker()
    table = STAND_STILL_AT[round_ % len(STAND_STILL_AT)]

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        until(somebody_waits_for_a_lock, knocking=True)
        kill(worker)
    assert what_is_recorded() == before
    a_worker()
    until(nothing_due, knocking=True)

    assert what_is_recorded() == expected
    assert chains_hold()
