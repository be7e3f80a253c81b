"""Two workers and a beat, disturbed at random moments, leave what an undisturbed sweep leaves.

Workers and beats are killed and started again, a second beat knocks too, every connection to the
database is cut in the middle of what it does, the broker is emptied. Each round draws the
moments and the order of its misfortunes by its number: one that failed can be run again.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from dossiers.firing import fire_due
from dossiers.models import Timer, Unfolded
from dossiers.statistics.columns import KEYS
from dossiers.statistics.reading import read
from dossiers.statistics.rollup import fold
from dossiers.statistics.verify import differences
from tests.given.city import City, city, moment
from tests.worker.test_firing import (
    ROUNDS,
    broker,
    chains_hold,
    kill,
    nothing_due,
    receive_many,
    somebody_waits_for_a_lock,
    until,
    what_is_recorded,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.worker,
    pytest.mark.django_db(transaction=True),
]
__all__ = ["broker"]  # a fixture

# What a sweep and a fold write: they stand still before the one that is locked.
TABLES = [
    "dossiers_dossier",
    "dossiers_event",
    "dossiers_breach",
    "dossiers_entry",
    "dossiers_unfolded",
    "dossiers_clockrow",
    "dossiers_timer",
    "notifications_message",
]

Process = subprocess.Popen[bytes]
Record = dict[str, Any]


class House:
    """The processes that run, by name; one that is killed is started again."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, Process] = {}

    def start(self, name: str) -> None:
        what = "beat" if name.startswith("beat") else "small"
        database = str(connection.settings_dict["NAME"])
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.worker.real_worker", database, settings.REDIS_URL, what],
            stdout=subprocess.DEVNULL,  # what they complain of is shown if the round fails
            start_new_session=True,
        )
        self._stack.enter_context(process)
        self._stack.callback(kill, process)
        self._running[name] = process

    def kill(self, name: str) -> None:
        """As a power cut would, and up again."""
        kill(self._running.pop(name))
        self.start(name)

    def names(self) -> list[str]:
        return sorted(self._running)

    def stop(self) -> None:
        for process in self._running.values():
            kill(process)


@pytest.fixture
def given() -> City:
    return city()


@pytest.fixture
def house(broker: redis.Redis) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(stack)


def kill_one(house: House, broker: redis.Redis, chance: random.Random) -> None:
    house.kill(chance.choice(house.names()))


def kill_both_workers(house: House, broker: redis.Redis, chance: random.Random) -> None:
    for name in ("worker 1", "worker 2"):
        house.kill(name)


def let_a_second_beat_knock(house: House, broker: redis.Redis, chance: random.Random) -> None:
    if "beat 2" not in house.names():
        house.start("beat 2")


def cut_connections(house: House, broker: redis.Redis, chance: random.Random) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def empty_the_broker(house: House, broker: redis.Redis, chance: random.Random) -> None:
    broker.flushdb()


HAPPENINGS: list[Callable[[House, redis.Redis, random.Random], None]] = [
    kill_one,
    kill_both_workers,
    let_a_second_beat_knock,
    cut_connections,
    empty_the_broker,
]


def due() -> int:
    return Timer.objects.filter(fires_at__lt=timezone.now()).count()


def everything(moments: list[datetime]) -> Record:
    """What is recorded, and the figures as of these moments."""
    figures = [
        [(row.keys, row.figures) for row in read(since=None, until=None, as_of=at, by=by)]
        for at in moments
        for by in ((), KEYS)
    ]
    return what_is_recorded() | {"figures": figures}


def undisturbed(moments: list[datetime]) -> Record:
    with transaction.atomic():
        fire_due(timezone.now())
        fold(timezone.now())
        recorded = everything(moments)
        transaction.set_rollback(True)
    return recorded


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_whatever_befalls_the_processes_the_record_is_that_of_a_quiet_day(
    given: City, house: House, broker: redis.Redis, round_: int
) -> None:
    chance = random.Random(round_)
    receive_many(given, "2026-03-02")
    moments = [moment("2026-03-05 12:00"), moment("2026-03-12 12:00"), timezone.now()]
    expected = undisturbed(moments)
    for name in ("worker 1", "worker 2", "beat 1"):
        house.start(name)
    until(lambda: due() < len(expected["dossiers"]) * 4)  # they have begun

    for happens in chance.sample(HAPPENINGS, len(HAPPENINGS)):
        left = chance.randint(0, due())
        until(lambda left=left: due() <= left)
        with transaction.atomic():
            with connection.cursor() as cursor:
                table = chance.choice(TABLES)
                cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
            until(lambda: somebody_waits_for_a_lock() or not due())
            happens(house, broker, chance)

    until(nothing_due)
    until(lambda: not Unfolded.objects.exists())
    house.stop()
    assert everything(moments) == expected
    assert chains_hold()
    assert [str(line) for line in differences(timezone.now() + timedelta(days=1))] == []
