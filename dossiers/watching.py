"""Who counts what commands and timers do, told as it happens; nobody, where nobody asked.

This package knows neither metrics nor where they are kept: `onestop` enters a watcher at start-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol

from dossiers.errors import Conflict, Refusal

DONE = "done"
REFUSED = "refused"
CONFLICT = "conflict"
FAILED = "failed"


class Watcher(Protocol):
    """Takes note; must neither fail nor wait for anything."""

    def command(self, name: str, outcome: str, seconds: float) -> None:
        """A command ended after `seconds`, its transaction included."""

    def fired(self, late: Iterable[tuple[str, float]], by: str) -> None:
        """Timers of these kinds fired, so many seconds after their moment, by worker or command."""

    def set_aside(self, kind: str) -> None:
        """A timer of this kind could not fire and was set aside."""


_watchers: list[Watcher] = []


def watch(watcher: Watcher) -> None:
    """Have this watcher told from now on; the same one twice is told once."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def unwatch(watcher: Watcher) -> None:
    """Tell this watcher nothing more."""
    _watchers.remove(watcher)


@contextmanager
def command(name: str) -> Iterator[None]:
    """The stretch in which a command runs: how it ended and how long it took is told."""
    if not _watchers:
        yield
        return
    outcome, start = FAILED, perf_counter()
    try:
        yield
        outcome = DONE
    except Conflict:
        outcome = CONFLICT
        raise
    except Refusal:
        outcome = REFUSED
        raise
    finally:
        seconds = perf_counter() - start
        for watcher in _watchers:
            watcher.command(name, outcome, seconds)


def fired(late: Iterable[tuple[str, float]], by: str) -> None:
    """Tell that timers fired; called when what they did is committed."""
    told = list(late)
    for watcher in _watchers:
        watcher.fired(told, by)


def set_aside(kind: str) -> None:
    """Tell that a timer was set aside."""
    for watcher in _watchers:
        watcher.set_aside(kind)
