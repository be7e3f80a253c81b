"""How fast limits that passed are flagged, beside one hand-written statement; and the idle sweep.

`python -m benchmarks.breaches [SIZE …]` (by default 10 000 and 100 000 open dossiers, one in a
hundred newly late) prints, at each size, medians of interleaved rounds and their ratio, the sweep
that finds nothing due, and how much memory a sweep takes beside a backlog of a hundred times as
many. The dossiers are laid out once and kept in the user's cache folder. Exit status 1 when an aim
is missed: at most twice the statement, and the idle sweep as cheap at every size.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from benchmarks.many_dossiers import AFTER, BEFORE, EVERYTHING_LATE, HOME, Backlog, backlog, forget
from benchmarks.own_database import prepare

SIZES = (10_000, 100_000)
ROUNDS, IDLE_SWEEPS = 5, 200
AGAINST_STATEMENT, AGAINST_SMALLEST = 2.0, 1.5


def main(sizes: tuple[int, ...]) -> int:
    """Measure at these sizes; 1 if an aim was missed."""
    os.environ.setdefault("ONESTOP_HOME", str(HOME))
    HOME.parent.mkdir(parents=True, exist_ok=True)
    prepare()
    gc.freeze()  # as a worker does
    missed, idle = False, dict[int, float]()
    for size in sizes:
        found = backlog(size)
        idle[size] = _idle()
        ratio = _against_the_statement(found)
        missed |= ratio > AGAINST_STATEMENT
        if size == min(sizes):
            _memory(found)
    for size, micros in idle.items():
        print(f"{size:>9,} open, nothing due: {micros:8.0f} µs a sweep")
    return int(missed or max(idle.values()) > AGAINST_SMALLEST * idle[min(sizes)])


def _against_the_statement(found: Backlog) -> float:
    """Medians of both ways, in turn, each on the same dossiers put back; how they compare."""
    late = len(found.late_numbers)
    given, wanted = _learnt(found)
    ways: dict[str, Callable[[], object]] = {"sweep": _sweep, "statement": lambda: _state(given)}
    times: dict[str, list[float]] = {name: [] for name in ways}
    used = dict.fromkeys(ways, 0.0)
    for turn in range(ROUNDS + 1):
        for name in sorted(ways, reverse=bool(turn % 2)):
            found.reset()
            busy, start = _processor_seconds(), perf_counter()
            ways[name]()
            if turn:  # the first warms connections, caches and plans
                times[name].append(perf_counter() - start)
                used[name] += _processor_seconds() - busy
            elif name == "statement" and _written() != wanted:
                raise SystemExit("The statement does not write what the sweep writes")
    found.reset()
    sweep, statement = median(times["sweep"]), median(times["statement"])
    print(
        f"{found.size:>9,} open, {late:,} newly late: sweep {sweep / late * 1e6:,.0f} µs each, "
        f"statement {statement / late * 1e6:,.0f} µs each: {sweep / statement:.2f} times"
    )
    if used["statement"]:
        each = {name: spent / ROUNDS / late * 1e6 for name, spent in used.items()}
        print(
            f"{'':>9} processors busy: sweep {each['sweep']:,.0f} µs each, statement "
            f"{each['statement']:,.0f} µs each: {each['sweep'] / each['statement']:.2f} times"
        )
    return sweep / statement


def _processor_seconds() -> float:
    """Processor time of this process and of its server process, where that is on this machine:
    what other work on the machine disturbs least."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return process_time() + (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _sweep(at: str = AFTER) -> dict[str, int]:
    from dossiers.firing import fire_due
    from tests.given.city import moment

    return fire_due(moment(at))


def _state(given: dict[str, Any]) -> None:
    from django.db import connection

    from benchmarks.breach_statement import SWEEP

    with connection.cursor() as cursor:
        cursor.execute(SWEEP, given)


def _learnt(found: Backlog) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What the statement is told, and what it has to write: read off a sweep."""
    from psycopg.types.json import Jsonb

    from dossiers.models import Breach, Timer, TimerKind
    from notifications.models import Message
    from tests.given.city import moment

    fired = _sweep()
    if fired != {"fired": len(found.late_numbers), "set_aside": 0}:
        raise SystemExit(f"The sweep fired {fired}, not what is late")
    breach = Breach.objects.filter(of="dossier").latest("pk")
    explain = Timer.objects.get(clock=breach.clock_id, kind=TimerKind.UNEXPLAINED)
    given = {
        "at": moment(AFTER),
        "attribution": Jsonb(breach.attribution),
        "debts": Jsonb(breach.debts),
        "apology_due_at": breach.apology_due_at,
        "explain_by": explain.fires_at,
        "not_before": Message.objects.latest("pk").not_before,
    }
    return given, _written()


def _written() -> dict[str, list[str]]:
    """All that a sweep changed, row by row, without ids and the links' signatures."""
    from django.db import connection

    from dossiers.models import Breach, ClockRow, Dossier, Entry, Event, Timer, Unfolded
    from notifications.models import Message

    rows = {}
    with connection.cursor() as cursor:
        for model in (Breach, ClockRow, Dossier, Entry, Event, Timer, Message):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT (to_jsonb(t) - 'id' #- '{{context,link}}')::text FROM {table} AS t "
                "WHERE to_jsonb(t)::text ~ %s ORDER BY 1",
                ['2026-03-09T10:3|breached|"status"'],
            )
            rows[table] = [row for (row,) in cursor.fetchall()]
        rows["unfolded"] = [str(Unfolded.objects.count())]
    return rows


def _idle() -> float:
    """Microseconds of a sweep that finds nothing due."""
    times = []
    for _ in range(IDLE_SWEEPS):
        start = perf_counter()
        _sweep(BEFORE)
        times.append(perf_counter() - start)
    return median(times) * 1e6


def _memory(found: Backlog) -> None:
    """Peak memory of a sweep over what is newly late, and over everything late at once."""
    from django.db import connection

    for at in (AFTER, EVERYTHING_LATE):
        found.reset()
        forget()  # whatever becomes of the sweep
        connection.close()
        context = multiprocessing.get_context("fork")
        answers: Any = context.Queue()
        child = context.Process(target=_peak, args=(at, answers))
        child.start()
        fired, grown = answers.get()
        child.join()
        print(
            f"{found.size:>9,} open, {fired:,} fired in one sweep: {grown:.1f} MB more at its peak"
        )


def _peak(at: str, answers: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fired = _sweep(at)["fired"]
    answers.put((fired, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024))


if __name__ == "__main__":
    sys.exit(main(tuple(map(int, sys.argv[1:])) or SIZES))
