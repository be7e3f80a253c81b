"""A clock's life lived again under another limit: the same beginning, stops and end.

Pure: what a procedure's other limit would have done is told from what happened, by the same rules
that told it then. A stop that now begins after the limit hides nothing, so that a supplement which
started the limit again may under a shorter one only resume it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from dossiers.clock import Clock
from dossiers.stretches import Halt
from workflows.timelimit import TimeLimit
from workflows.worktime import WorkingCalendar

_LIFT, _STOP = 0, 1


def replay(
    limit: TimeLimit | None,
    calendar: WorkingCalendar,
    started_at: datetime,
    halts: Sequence[Halt] = (),
    *,
    restarting: frozenset[str] = frozenset(),
    finished_at: datetime,
) -> Clock:
    """The finished clock as it would have been under `limit`.

    Stops of a ground in `restarting` give the limit anew when they are lifted (61/2018/NĐ-CP
    art. 19.4), all others let it go on. A stop that outlasts the end ends with it.
    """
    clock = Clock.start(limit, calendar, started_at)
    for at, turn, ground in _turns(halts, finished_at):
        if turn == _STOP:
            clock = clock.stop(ground, at)
        elif ground in restarting:
            clock = clock.restart(calendar, at, ground=ground)
        else:
            clock = clock.resume(ground, calendar, at)
    return clock.finish(finished_at)


def _turns(halts: Sequence[Halt], finished_at: datetime) -> Iterator[tuple[datetime, int, str]]:
    """Each stop and each lifting in the order of time; at one moment what ends comes first."""
    turns = []
    for halt in halts:
        if halt.from_at >= finished_at or halt.to_at == halt.from_at:
            continue
        turns.append((halt.from_at, _STOP, halt.ground))
        if halt.to_at is not None and halt.to_at <= finished_at:
            turns.append((halt.to_at, _LIFT, halt.ground))
    yield from sorted(turns)
