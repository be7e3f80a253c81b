"""What this installation did and how it stands, in the text format of Prometheus.

Counts (commands, timers fired) are made in every web and worker process, on every machine; one page
must show all of them. They are added in Redis, where all processes can add: a row in the database
would be the one place at which all workers wait for each other, files of one machine would leave
out the others. Each process adds up for a second and writes the sum then, so that a command waits
for nothing; a process that is killed takes at most that second's counts with it, and a flushed
broker begins again at zero, which Prometheus expects of a counter. No figure of the field is
counted here: those are in the database, and right (docs/figures.md).

How timers stand just now (due, set aside, lag) is asked of the database at each reading.
"""

from __future__ import annotations

import atexit
import hmac
import os
import threading
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import redis
import structlog
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from dossiers import watching
from dossiers.models import TimerKind
from dossiers.reading import timers

log = structlog.get_logger(__name__)

KEY = "onestop:metrics"
FLUSH_SECONDS = 1.0
REDIS_SECONDS = 2
COMMAND = "command"
LATE = "late"
ASIDE = "aside"
# Upper bounds in seconds. Flags are to be seconds late; days, after an outage, are worth telling.
BOUNDS: dict[str, tuple[float, ...]] = {
    COMMAND: (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    LATE: (1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 14400, 86400, 172800),
}
Field = tuple[str, ...]


class Tally:
    """The counts of this process that have not been added in Redis yet. A `dossiers` watcher."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Field] = Counter()
        self._sums: dict[Field, float] = {}
        self._waiting: threading.Timer | None = None

    def command(self, name: str, outcome: str, seconds: float) -> None:
        """Count a command by its name and how it ended."""
        self._observe(COMMAND, (name, outcome), [seconds])

    def fired(self, late: Iterable[tuple[str, float]], by: str) -> None:
        """Count timers by kind, and whether the worker fired them or a command met them."""
        who = "worker" if by == "worker" else "command"
        by_kind: dict[str, list[float]] = {}
        for kind, seconds in late:
            by_kind.setdefault(kind, []).append(max(0.0, seconds))
        for kind, spans in by_kind.items():
            self._observe(LATE, (kind, who), spans)

    def set_aside(self, kind: str) -> None:
        """Count a timer that was set aside."""
        with self._lock:
            self._counts[ASIDE, kind] += 1
            self._wind()

    def flush(self) -> None:
        """Add what was counted since the last time in Redis; kept, where it cannot be reached."""
        with self._lock:
            counts, sums = self._counts, self._sums
            self._counts, self._sums, self._waiting = Counter(), {}, None
        if not counts:
            return
        try:
            _add(counts, sums)
        except redis.RedisError as fault:
            log.warning("metrics.not_added", fault=type(fault).__name__)
            with self._lock:
                self._counts.update(counts)
                for field, amount in sums.items():
                    self._sums[field] = self._sums.get(field, 0.0) + amount

    def forget(self) -> None:
        """Begin at nothing: a forked child must not add its parent's counts a second time."""
        self.__init__()  # type: ignore[misc]

    def _observe(self, what: str, labels: Field, spans: list[float]) -> None:
        with self._lock:
            for seconds in spans:
                bound = next((str(b) for b in BOUNDS[what] if seconds <= b), "+Inf")
                self._counts[(what, *labels, bound)] += 1
            field = (what, *labels, "sum")
            self._sums[field] = self._sums.get(field, 0.0) + sum(spans)
            self._wind()

    def _wind(self) -> None:
        """Have the counts added within a second, by one thread that ends with it."""
        if self._waiting is None:
            self._waiting = threading.Timer(FLUSH_SECONDS, self.flush)
            self._waiting.daemon = True
            self._waiting.start()


TALLY = Tally()
os.register_at_fork(after_in_child=TALLY.forget)


def begin() -> None:
    """Count from now on what commands and timers do in this process."""
    watching.watch(TALLY)
    atexit.register(TALLY.flush)


class Page:
    """Collects for one reading: the counts of all processes, and the timers as they stand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterable[Metric]:
        """The families of the page."""
        counts = added()
        yield _histogram(
            counts,
            COMMAND,
            "onestop_command_seconds",
            "Commands by name and how they ended, their transaction included",
            ("command", "outcome"),
        )
        yield _histogram(
            counts,
            LATE,
            "onestop_timer_late_seconds",
            "Timers fired, by how long after their moment; by whom: a worker, or a command",
            ("kind", "by"),
        )
        yield from self._standing()

    def _standing(self) -> Iterable[Metric]:
        due, aside = timers.due_by_kind(self.at), timers.set_aside_by_kind()
        oldest = timers.oldest_due(self.at)
        for name, words, found in (
            ("onestop_timers_due", "Timers that are due and have not fired", due),
            ("onestop_timers_set_aside", "Timers that could not fire and were set aside", aside),
        ):
            family = GaugeMetricFamily(name, words, labels=["kind"])
            for kind in TimerKind.values:
                family.add_metric([kind], found.get(kind, 0))
            yield family
        lag = 0.0 if oldest is None else (self.at - oldest).total_seconds()
        words = "For how long the oldest due timer has waited"
        yield GaugeMetricFamily("onestop_timers_lag_seconds", words, value=lag)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The page for Prometheus: for this machine, or for who shows METRICS_TOKEN."""
    if not _may_read(request):
        return HttpResponse("Not for this address, and no valid token.\n", "text/plain", status=403)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Page(timezone.now()))
    TALLY.flush()
    try:
        body = generate_latest(registry)
    except (Error, redis.RedisError) as fault:
        log.warning("metrics.not_read", fault=type(fault).__name__)
        return HttpResponse("Database or broker does not answer.\n", "text/plain", status=503)
    return HttpResponse(body, CONTENT_TYPE_LATEST)


def added() -> dict[Field, float]:
    """What all processes have added up so far. Raises: redis.RedisError."""
    with _connection() as connection:
        stored = connection.hgetall(KEY)
    return {
        tuple(field.decode().split("|")): float(amount) for field, amount in dict(stored).items()
    }


def fired() -> int:
    """How many timers have fired since counting began. Raises: redis.RedisError."""
    counts = added()
    return int(sum(n for field, n in counts.items() if field[0] == LATE and field[-1] != "sum"))


def _may_read(request: HttpRequest) -> bool:
    token, given = settings.METRICS_TOKEN, request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    # A proxy on this machine would make everybody local: what came through one is not.
    forwarded = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")
    if any(name in request.headers for name in forwarded):
        return False
    address = request.META.get("REMOTE_ADDR", "")
    return address.startswith("127.") or address in ("", "::1", "::ffff:127.0.0.1")


def _connection() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_SECONDS)


def _add(counts: Counter[Field], sums: dict[Field, float]) -> None:
    with _connection() as connection, connection.pipeline() as pipeline:
        for field, number in counts.items():
            pipeline.hincrby(KEY, "|".join(field), number)
        for field, amount in sums.items():
            pipeline.hincrbyfloat(KEY, "|".join(field), amount)
        pipeline.execute()


def _histogram(
    counts: dict[Field, float], what: str, name: str, words: str, labels: tuple[str, ...]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, words, labels=labels)
    bounds = [*(str(bound) for bound in BOUNDS[what]), "+Inf"]
    for values in sorted({field[1:-1] for field in counts if field[0] == what}):
        running, buckets = 0.0, []
        for bound in bounds:
            running += counts.get((what, *values, bound), 0.0)
            buckets.append((bound, running))
        family.add_metric(list(values), buckets, sum_value=counts.get((what, *values, "sum"), 0.0))
    return family
