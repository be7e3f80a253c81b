"""The burst: most limits end at the same closing minute, and clerks go on working.

`ONESTOP_BURST` says how many limits pass in the one instant (2,000; 100,000 in `make campaign`).
What is printed is read by people; only what must be true is asserted, and no time.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import quantiles
from time import monotonic, perf_counter

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from benchmarks.many_dossiers import Original
from dossiers.firing import fire_due
from dossiers.lifecycle import progress
from dossiers.models import Breach, ClockRow, Dossier, Entry, Event, Timer
from dossiers.writing import writing
from onestop import metrics
from tests.given.city import City, city, moment
from tests.worker.test_firing import (
    CAMPAIGN,
    StartWorker,
    Worker,
    a_worker,
    broker,
    knock,
)
from workflows.models import Role

pytestmark = [
    pytest.mark.slow,
    pytest.mark.worker,
    pytest.mark.builds_rows,
    pytest.mark.django_db(transaction=True),
]
__all__ = ["a_worker", "broker"]  # fixtures

BURST = int(os.environ.get("ONESTOP_BURST", "100000" if CAMPAIGN else "2000"))
WORKERS, CLERKS = 2, 2
QUIET_SECONDS = 10.0 if CAMPAIGN else 3.0
PATIENCE_SECONDS = 60 + BURST / 50


class Clerk(threading.Thread):
    """Somebody at a counter who takes a step up and lays it back, again and again."""

    def __init__(self, given: City, dossier: Dossier) -> None:
        super().__init__()
        self.given, self.dossier = given, dossier
        self.seconds: list[float] = []
        self.fault: Exception | None = None
        self.home_time = threading.Event()

    def run(self) -> None:
        by = self.given.acting(Role.OFFICER)
        try:
            while not self.home_time.is_set():
                for act in (progress.claim, progress.release):
                    start = perf_counter()
                    act(self.dossier.pk, by=by, at=timezone.now())
                    self.seconds.append(perf_counter() - start)
        except Exception as fault:  # noqa: BLE001 told by the test, not lost with the thread
            self.fault = fault
        finally:
            connection.close()


@contextmanager
def clerks_at_work(given: City) -> Iterator[list[Clerk]]:
    clerks = [Clerk(given, given.receive(timezone.now())) for _ in range(CLERKS)]
    for clerk in clerks:
        clerk.start()
    try:
        yield clerks
    finally:
        for clerk in clerks:
            clerk.home_time.set()
        for clerk in clerks:
            clerk.join()
    assert [clerk.fault for clerk in clerks] == [None] * CLERKS


def ends_together(given: City, count: int) -> tuple[list[int], timedelta]:
    """So many dossiers whose limits all pass at one moment, a few seconds ago by now."""
    dossier = given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-09 17:29"))
    at = timezone.now()
    with writing("burst"):
        clock = ClockRow.objects.filter(dossier=dossier, kind="dossier")
        clock.update(limit_at=at, promised_at=at, limit_set_at=dossier.received_at)
        Timer.objects.filter(clock__in=clock, kind="breach").update(fires_at=at)
        Timer.objects.exclude(clock__in=clock, kind="breach").delete()
    Original.of(dossier.pk).multiply(range(1, count))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    ids = list(Timer.objects.values_list("dossier_id", flat=True))
    return ids, at


def wait_for(happened: Callable[[], bool], workers: list[Worker]) -> None:
    """Knock as beat does until it has happened; the workers must live to see it."""
    began, pause = monotonic(), threading.Event()
    while not happened():
        assert monotonic() - began < PATIENCE_SECONDS, "not in time"
        assert [worker.poll() for worker in workers] == [None] * WORKERS
        knock()
        pause.wait(1.0)


def p95(clerks: list[Clerk]) -> float:
    """The time in milliseconds that 95 of 100 commands took at most."""
    return quantiles([one for clerk in clerks for one in clerk.seconds], n=20)[-1] * 1000


def test_a_burst_breaches_each_once_while_commands_go_on(
    given: City, a_worker: StartWorker, broker: redis.Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    with clerks_at_work(given) as at_rest:
        threading.Event().wait(QUIET_SECONDS)
    dossiers, at = ends_together(given, BURST)

    with clerks_at_work(given) as in_the_burst:
        began = monotonic()
        workers = [a_worker() for _ in range(WORKERS)]
        wait_for(lambda: not Timer.objects.filter(fires_at__lte=at).exists(), workers)
        seconds = monotonic() - began

    breaches = Breach.objects.filter(dossier__in=dossiers, of="dossier")
    assert len(dossiers) == BURST
    assert breaches.count() == breaches.values("dossier").distinct().count() == BURST
    assert set(breaches.values_list("breached_at", flat=True)) == {at}
    events = Event.objects.filter(dossier__in=dossiers, kind="breached", facts__of="dossier")
    assert events.count() == BURST
    overdue = Entry.objects.filter(dossier__in=dossiers, measure="overdue")
    assert overdue.aggregate(Count("dossier", distinct=True), Count("pk")) == {
        "dossier__count": BURST,
        "pk__count": BURST,
    }
    assert not Timer.objects.exclude(set_aside_at=None).exists()
    assert min(len(clerk.seconds) for clerk in in_the_burst) > 1
    # Each process adds up for a second what it counts.
    wait_for(lambda: sum(how_late().values()) >= BURST, workers)
    assert sum(how_late().values()) == BURST
    with capsys.disabled():
        sys.stdout.write(_told(seconds, at_rest, in_the_burst))


def how_late() -> dict[str, int]:
    """The metric: how many limits' timers fired at most so many seconds late."""
    return {
        field[-1]: int(number)
        for field, number in metrics.added().items()
        if field[:3] == ("late", "breach", "worker") and field[-1] != "sum"
    }


def _told(seconds: float, at_rest: list[Clerk], in_the_burst: list[Clerk]) -> str:
    quiet, busy = p95(at_rest), p95(in_the_burst)
    late = how_late()
    bounds = [str(bound) for bound in (*metrics.BOUNDS["late"], "+Inf")]
    histogram = ", ".join(f"≤{bound} s: {late[bound]:,}" for bound in bounds if bound in late)
    return (
        f"\n{BURST:,} limits passed in one instant: all flagged after {seconds:.1f} s by "
        f"{WORKERS} workers. Commands: p95 {busy:.1f} ms meanwhile ({quiet:.1f} ms in a quiet "
        f"run, {busy / quiet:.1f} times), {sum(len(c.seconds) for c in in_the_burst):,} of them. "
        f"How late: {histogram}.\n"
    )


@pytest.fixture
def given() -> City:
    assert settings.REDIS_URL
    return city()
