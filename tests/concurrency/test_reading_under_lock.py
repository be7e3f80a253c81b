"""What waited for a dossier's lock reads all that the act before it wrote, not only the locked row.

Read in the statement that locks, what hangs on a dossier would be as it was before the wait, while
its version would match: nothing would tell that an act worked on what is no more.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from dossiers.lifecycle import _reads
from dossiers.lifecycle._reads import Rows
from tests.given.city import City, city
from workflows.models import Role

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Lock = Callable[[int], Rows]


@pytest.fixture
def given() -> City:
    return city()


def one(dossier_id: int) -> Rows:
    found = _reads.lock_one(dossier_id)
    assert found is not None
    return found[0]


def of_a_batch(dossier_id: int) -> Rows:
    (found,) = _reads.lock([dossier_id])
    return found


def read(lock: Lock, dossier_id: int) -> dict[str, Any]:
    """The values of what is read under the lock."""
    with transaction.atomic():
        rows = lock(dossier_id)
    return {
        "version": rows.dossier.version,
        "clocks": [(row.pk, row.state, row.limit_at) for row in rows.clocks],
        "steps": [(run.key, run.state) for run in rows.steps],
        "timers": [(timer.clock_id, timer.kind, timer.fires_at) for timer in rows.timers],
    }


def elsewhere(lock: Lock, dossier_id: int) -> dict[str, Any]:
    """The same by a connection of the thread's own."""
    try:
        return read(lock, dossier_id)
    finally:
        connection.close()


def until_it_waits(reading: Future[Any]) -> None:
    """Until it stands still at a lock. Fails if it was over without."""
    waiting = 0
    with connection.cursor() as cursor:
        while not waiting:
            assert not reading.done(), "it did not wait"
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            (waiting, _) = cursor.fetchone()


@pytest.mark.parametrize("lock", [one, of_a_batch])
def test_who_waited_for_the_lock_reads_what_the_other_wrote(given: City, lock: Lock) -> None:
    dossier = given.receive("2026-03-02 08:10")
    before = read(lock, dossier.pk)

    with ThreadPoolExecutor(1) as another:
        with transaction.atomic():
            given.advance(dossier, Role.OFFICER, "2026-03-02 09:00")
            reading = another.submit(elsewhere, lock, dossier.pk)
            until_it_waits(reading)
        seen = reading.result()

    assert seen == read(lock, dossier.pk)
    assert seen["steps"] == [("sign", "waiting")]
    assert [part for part in before if seen[part] == before[part]] == []
