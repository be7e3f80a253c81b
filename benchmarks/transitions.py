"""How fast a step is finished, beside less, and beside the same without our care, in one run.

`python -m benchmarks.transitions` prints microseconds an act and ratios, at one connection and at
four (four processes), medians of interleaved rounds, with the durability that OneStop runs with, in
a database of its own. Exit status 1 when an aim is missed: the command not slower than bare
django-fsm doing state and event only, and at least 2.5 times as fast as the whole act with plain
saves.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.own_database import own_database, prepare

if TYPE_CHECKING:
    from tests.given.city import City

CONNECTIONS = (1, 4)
ROUNDS, ACTS = 15, 20
SLOWER_THAN_FSM, FASTER_THAN_SAVES = 1.0, 2.5
RECEIVED, ADVANCED = "2026-03-02 08:10", "2026-03-03 09:00"

Times = Mapping[str, list[float]]


@dataclass(frozen=True)
class Worker:
    """One process with one connection: its dossiers, shared out to rounds and ways."""

    town: City
    barrier: Barrier
    times: Queue[tuple[str, int, float, float]]

    def run(self, rounds: int) -> None:
        """Receive what is needed, then all ways in turn, each round begun by another one."""
        from benchmarks.ways_to_advance import WAYS
        from tests.given.city import moment
        from workflows.models import Role

        by, at = self.town.acting(Role.OFFICER), moment(ADVANCED)
        ready = {
            (turn, name): [self.town.receive(RECEIVED).pk for _ in range(ACTS)]
            for turn in range(rounds)
            for name in WAYS
        }
        names = list(WAYS)
        for turn in range(rounds):
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                self.barrier.wait()
                start = perf_counter()
                for dossier_id in ready[turn, name]:
                    WAYS[name](dossier_id, by, at)
                self.times.put((name, turn, start, perf_counter()))


def measure(town: City, connections: int) -> Times:
    """Microseconds an act of every way, one figure a round, from the first start to the last end.

    A round before them, not counted, warms connections, caches and plans.
    """
    from django.db import connections as open_connections

    open_connections.close_all()
    context = multiprocessing.get_context("fork")
    barrier, times = context.Barrier(connections), context.Queue()
    worker = Worker(town, barrier, times)
    processes = [context.Process(target=worker.run, args=(ROUNDS + 1,)) for _ in range(connections)]
    for process in processes:
        process.start()
    from benchmarks.ways_to_advance import WAYS

    spans: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(connections * (ROUNDS + 1) * len(WAYS)):
        name, turn, start, end = times.get(timeout=300)
        spans.setdefault((name, turn), []).append((start, end))
    for process in processes:
        process.join()
    took: dict[str, list[float]] = {name: [] for name in WAYS}
    for (name, turn), ends in spans.items():
        if turn:
            whole = max(end for _, end in ends) - min(start for start, _ in ends)
            took[name].append(whole / (ACTS * connections) * 1e6)
    return took


def check_alike(town: City) -> None:
    """The ways that do the whole act leave the same rows behind, or the comparison is worthless."""
    from benchmarks.ways_to_advance import WAYS, WHOLE
    from tests.given.city import moment
    from workflows.models import Role

    left = {}
    for name in WHOLE:
        dossier = town.receive(RECEIVED)
        WAYS[name](dossier.pk, town.acting(Role.OFFICER), moment(ADVANCED))
        left[name] = rows_of(dossier.pk)
    for name in WHOLE[1:]:
        if left[name] != left[WHOLE[0]]:
            sys.exit(f"{name} leaves other rows than ours:\n{left[name]}\n{left[WHOLE[0]]}")


def rows_of(dossier_id: int) -> Sequence[object]:
    """What an act left behind, without ids, hashes and moments."""
    from dossiers.models import ClockRow, Dossier, Event, LimitValue, StepRun, Timer

    return (
        Dossier.objects.values_list("status", "version", "head_n").get(pk=dossier_id),
        list(StepRun.objects.filter(dossier=dossier_id).values_list("key", "state", "officer")),
        list(ClockRow.objects.filter(dossier=dossier_id).values_list("kind", "state", "result")),
        list(Timer.objects.filter(dossier=dossier_id).values_list("kind", "clock__kind")),
        LimitValue.objects.filter(clock__dossier=dossier_id).count(),
        list(Event.objects.filter(dossier=dossier_id).values_list("n", "kind", "post")),
    )


def show(connections: int, took: Times) -> bool:
    """Print one table; whether both aims are met."""
    middle = {name: median(figures) for name, figures in took.items()}
    ours = middle["ours"]
    print(f"\n{connections} connection{'s' if connections > 1 else ''}")
    print(f"{'':<32}{'µs an act':>10}{'acts/s':>9}{'to ours':>9}")
    for name, figure in middle.items():
        print(f"{name:<32}{figure:>10.0f}{1e6 / figure:>9.0f}{figure / ours:>9.2f}")
    fsm = middle["django-fsm, state and event"] / ours
    saves = middle["plain saves, the whole act"] / ours
    return fsm >= SLOWER_THAN_FSM and saves >= FASTER_THAN_SAVES


def main() -> int:
    prepare()
    with own_database("bench_transitions"):
        from dossiers.writing import writing
        from tests.given.city import city

        town = city()
        with writing("benchmark"):
            check_alike(town)
        met = [show(number, measure(town, number)) for number in CONNECTIONS]
    print(
        f"\naims: not slower than django-fsm ({SLOWER_THAN_FSM}), "
        f"{FASTER_THAN_SAVES} times as fast as plain saves: {'met' if all(met) else 'MISSED'}"
    )
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
