"""The list of commands: the only code that changes a dossier enters itself here.

Buttons, the API's actions, the permission matrix and the docs are drawn from it. `writing()` marks
the stretch in which rows of this package may be written; a guard under test refuses all others.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.db import transaction

from dossiers import foresight, permissions, watching
from dossiers.errors import NotNow, Refusal
from dossiers.models import OPEN, ClockKind, ClockRow, Dossier, Status, StepRun
from dossiers.writing import now_writing as now_writing
from dossiers.writing import writing as writing

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from workflows.actors import Actor

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person or a timer does."""

    name: str
    label: _StrOrPromise
    function: Callable[..., object]
    # In which statuses it can be done at all; empty where it is not done to a dossier.
    statuses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """A command offered to somebody for a dossier: `closed` says why it cannot be done now."""

    command: Command
    closed: Refusal | None

    @property
    def is_open(self) -> bool:
        return self.closed is None


COMMANDS: dict[str, Command] = {}


def command(
    name: str, label: _StrOrPromise, *, statuses: tuple[str, ...] = ()
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Enter a function as a command and run it in one transaction."""

    def enter(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with watching.command(name), writing(name), transaction.atomic():
                return function(*args, **kwargs)

        COMMANDS[name] = Command(name, label, run, statuses)
        return run

    return enter


def open_to(
    actor: Actor,
    dossier: Dossier,
    at: datetime,
    *,
    steps: Sequence[StepRun] | None = None,
    clocks: Sequence[ClockRow] | None = None,
) -> list[Open]:
    """The commands that `actor` may see on `dossier`, each with the reason when closed. `steps` and
    `clocks` are the dossier's, where they have been read already."""
    step = current_step(dossier, steps)
    return [
        Open(entry, _closed(entry, dossier, step) or _causeless(entry, dossier, clocks, at))
        for entry in COMMANDS.values()
        if entry.statuses
        and permissions.may(actor, entry.name, dossier, step)
        and (dossier.status in entry.statuses or entry.name in _SHOWN_CLOSED)
        and (dossier.waits_for_arrival or entry.name != "arrive")
        and dossier.voided_at is None
        and at is not None
    ]


def current_step(dossier: Dossier, steps: Sequence[StepRun] | None = None) -> StepRun | None:
    """The step under way, if there is one."""
    if steps is not None:
        return next((run for run in reversed(steps) if run.is_under_way), None)
    return (
        dossier.step_runs.filter(state__in=[StepRun.State.WAITING, StepRun.State.WORKING])
        .select_related("agency", "unit", "officer")
        .order_by("ordinal")
        .last()
    )


# Shown with a lock and its reason instead of hidden, because people look for it.
_SHOWN_CLOSED = ("request_supplement",)


def _closed(entry: Command, dossier: Dossier, step: StepRun | None) -> Refusal | None:
    if dossier.status not in entry.statuses:
        return NotNow("wrong_status", status=Status(dossier.status).label)
    at_counter = dossier.waits_for_counter
    if entry.name == "conclude" and not at_counter:
        return NotNow("not_at_counter")
    if entry.name in ("advance", "claim", "release", "assign", "request_supplement"):
        if at_counter:
            return NotNow("waits_for_counter")
        if step is None:
            return NotNow("no_such_step")
    if entry.name == "request_supplement" and dossier.supplements_asked:
        return NotNow("supplement_twice")
    if entry.name == "claim" and step is not None and step.officer_id is not None:
        return NotNow("held_by_another", officer=step.officer.name if step.officer else "")
    if entry.name == "withdraw" and dossier.status not in (*OPEN, Status.SUBMITTED):
        return NotNow("wrong_status", status=Status(dossier.status).label)
    return None


def _causeless(
    entry: Command, dossier: Dossier, clocks: Sequence[ClockRow] | None, at: datetime
) -> Refusal | None:
    """Why there is nothing to apologise for, as the command itself would say at `at`."""
    if entry.name != "draft_apology":
        return None
    rows = dossier.clocks.all() if clocks is None else clocks
    mains = (row for row in rows if row.kind == ClockKind.DOSSIER)
    main = max(mains, key=lambda row: row.pk, default=None)
    if main is not None and main.limit_at is not None:
        running = main.state == "running"
        # The command notices first whether the limit has passed.
        missed = 1 in main.breached or (running and main.limit_at < at)
        calendar = main.calendar.working()
        if foresight.may_apologise(
            missed=missed, running=running, limit_at=main.limit_at, calendar=calendar, at=at
        ):
            return None
    return NotNow("nothing_to_apologise")


def entered(*_modules: object) -> None:
    """Take note that these modules are imported, so that their commands are in the list."""
