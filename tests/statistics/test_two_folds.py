"""Workers as real processes: two folding at the same moment, and one killed before it is done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.db import connection

from dossiers.models import Entry, Rollup, Unfolded
from dossiers.statistics.rollup import fold
from dossiers.statistics.verify import differences
from tests.given.counted_city import at, office, post

pytestmark = [
    pytest.mark.slow,
    pytest.mark.builds_rows,
    pytest.mark.django_db(transaction=True),
]

Worker = subprocess.Popen[str]
NIGHT = at("2026-03-20 01:00")
DAYS, A_DAY = 12, 25


@pytest.fixture
def a_worker() -> Iterator[Callable[[str], Worker]]:
    """Start a process that is ready to fold the test's database and waits for a word."""
    with ExitStack() as started:

        def start(how: str) -> Worker:
            command = [sys.executable, "-m", "tests.statistics.fold_process"]
            worker = subprocess.Popen(
                [*command, str(connection.settings_dict["NAME"]), NIGHT.isoformat(), how],
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


@pytest.fixture
def posted() -> int:
    """Entries of many days, the cells of each day shared by all of that day's."""
    city = office()
    dossiers = [city.dossier(), city.dossier(answering=city.commune, unit=city.justice)]
    for day in range(1, DAYS + 1):
        for n in range(A_DAY):
            post(dossiers[n % 2], "received", at(f"2026-03-{day:02} 09:{n:02}"))
    return DAYS * A_DAY


def test_two_folds_at_once_add_each_entry_once(
    posted: int, a_worker: Callable[[str], Worker]
) -> None:
    workers = [a_worker("few at a time"), a_worker("few at a time")]

    for worker in workers:
        go(worker)
    folded = [int(heard(worker)) for worker in workers]
    fold(NIGHT)

    assert all(folded)
    assert Unfolded.objects.count() == 0
    assert Entry.objects.count() == posted
    assert sum(Rollup.objects.values_list("amount", flat=True)) == posted
    assert not [line for line in differences(NIGHT) if line.cell.startswith("rollup")]


def test_a_fold_that_was_killed_has_done_nothing(
    posted: int, a_worker: Callable[[str], Worker]
) -> None:
    worker = a_worker("hold")
    go(worker)
    assert int(heard(worker)) == posted
    assert fold(NIGHT) == 0  # all of it is in the other's hands

    worker.kill()
    worker.wait()

    # The server notices the broken line on its own time.
    while (folded := fold(NIGHT)) == 0:
        assert Rollup.objects.count() == 0
    assert folded == posted
    assert sum(Rollup.objects.values_list("amount", flat=True)) == posted
