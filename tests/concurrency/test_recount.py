"""Recounts as real processes: one killed in the middle of a batch, two at the same moment."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.db import connection

from dossiers.lifecycle import recalendar
from dossiers.lifecycle.recount import left, recount_due
from dossiers.models import ClockRow, Event, LimitValue, Recount
from dossiers.statistics.verify import differences
from notifications.models import Message
from tests.given.amendments import closed
from tests.given.city import city, moment
from workflows.actors import TIME

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Worker = subprocess.Popen[str]
DOSSIERS = 9
LATER = moment("2026-03-02 16:05")


@pytest.fixture
def amended(transactional_db: None) -> Recount:
    """Nine dossiers whose limit moves, and nobody has counted yet."""
    town = city()
    for minute in range(10, 10 + DOSSIERS):
        town.receive(f"2026-03-02 08:{minute}")
    return recalendar.amend(closed("2026-03-04"), by=TIME, at=moment("2026-03-02 16:00"))


@pytest.fixture
def a_worker() -> Iterator[Callable[[str], Worker]]:
    """Start a process that is ready to count in the test's database and waits for a word."""
    with ExitStack() as started:

        def start(how: str) -> Worker:
            worker = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.concurrency.recount_process",
                    str(connection.settings_dict["NAME"]),
                    LATER.isoformat(),
                    how,
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.enter_context(worker)
            started.callback(worker.kill)
            assert heard(worker) == "ready"
            return worker

        yield start


def heard(worker: Worker) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


def go(worker: Worker) -> None:
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()


def assert_each_moved_once() -> None:
    moved = Event.objects.filter(kind="recalendared").values_list("dossier", flat=True)
    assert Counter(Counter(moved).values()) == Counter({1: DOSSIERS})
    assert Message.objects.filter(topic="recalendared").count() == DOSSIERS
    values = LimitValue.objects.filter(cause="recalendared", clock__kind="dossier")
    assert values.count() == DOSSIERS
    limits = set(ClockRow.objects.filter(kind="dossier").values_list("limit_at", flat=True))
    assert limits == {moment("2026-03-10 17:30")}
    assert [*differences(moment("2026-03-03 00:00"))] == []


def test_a_recount_killed_in_the_middle_of_a_batch_is_finished_by_the_next(
    amended: Recount, a_worker: Callable[[str], Worker]
) -> None:
    worker = a_worker("hold")
    go(worker)
    assert heard(worker) == "2"

    worker.kill()
    worker.wait()

    assert left(amended) == DOSSIERS - 2  # the batch it held was rolled back
    recount_due(LATER)
    recount_due(LATER)
    assert Recount.objects.get().state == "done"
    assert Recount.objects.get().moved == DOSSIERS
    assert_each_moved_once()


def test_two_recounts_at_once_move_each_dossier_once(
    amended: Recount, a_worker: Callable[[str], Worker]
) -> None:
    workers = [a_worker("go on"), a_worker("go on")]

    for worker in workers:
        go(worker)
    moved = [int(heard(worker)) for worker in workers]

    assert sum(moved) == DOSSIERS
    assert_each_moved_once()
