"""A dossier under lock with what hangs on it, and what the act under way changes.

Private to the commands. A `Work` is loaded by a handful of queries, for one dossier or for a
batch; rules and FSM methods run on it in memory; `_flush` writes it at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dossiers.clock import Clock
from dossiers.lifecycle import _flush, _reads
from dossiers.lifecycle._reads import Rows
from dossiers.models import (
    ClockKind,
    ClockRow,
    Dossier,
    Entry,
    Event,
    EventKind,
    LimitValue,
    Note,
    StepRun,
    Stop,
    Timer,
    TimerKind,
)
from dossiers.models.event import CAUSED_BY_TIME
from dossiers.statistics import posting, seal
from dossiers.timers import FOLLOWING, wanted
from notifications.recipients import Recipient
from workflows.actors import APPLICANT, TIME, Actor, Held
from workflows.ladder import Ladder

CLOCK_COLUMNS = tuple(name for name in Clock.__dataclass_fields__ if name != "calendar")


@dataclass
class Message:
    """A message to be put into the outbox with the act."""

    topic: str
    recipient: Recipient
    context: dict[str, Any]
    key: str
    not_before: datetime | None = None


@dataclass
class Work:
    """One dossier, locked (or new), with the changes of one act."""

    dossier: Dossier
    at: datetime
    recorded_at: datetime
    by: Actor = TIME
    held: Held | None = None
    is_new: bool = False
    late_entry: bool = False
    clocks: list[ClockRow] = field(default_factory=list)
    step: StepRun | None = None
    timers: list[Timer] = field(default_factory=list)
    changes: _flush.Changes = field(default_factory=_flush.Changes)
    messages: list[Message] = field(default_factory=list)
    status_seen: str = ""
    guard: _flush.Guard | None = None

    def __post_init__(self) -> None:
        self.status_seen = "" if self.is_new else self.dossier.status
        dossier = self.dossier
        self.guard = _flush.Guard(
            dossier, dossier.status, dossier.version, self.is_new, dict(dossier.__dict__)
        )

    @property
    def ladder(self) -> Ladder:
        """The rungs of reminders that hold for the dossier's procedure."""
        return self.dossier.procedure.rungs()

    # Clocks

    def clock_row(self, kind: str) -> ClockRow | None:
        """The latest clock of this kind that was loaded or begun."""
        return next((row for row in reversed(self.clocks) if row.kind == kind), None)

    def clock(self, kind: str) -> Clock | None:
        row = self.clock_row(kind)
        return None if row is None else pure(row)

    def begin_clock(
        self, kind: ClockKind, clock: Clock, calendar: Any, step: StepRun | None = None
    ) -> ClockRow:
        """Add a clock that begins with this act."""
        row = ClockRow(dossier=self.dossier, kind=kind, calendar=calendar, step_run=step)
        row.counted_by = calendar.revision
        self.changes.add(row)
        self.clocks.append(row)
        self.put(row, clock, "begun")
        return row

    def put(self, row: ClockRow, clock: Clock, cause: str) -> None:
        """Let the row hold this clock; a new value of limit or promise is kept with its cause."""
        before = (row.limit_at, row.promised_at) if row.pk or row.started_at else None
        moved = [
            (name, value) for name, value in clock.columns().items() if getattr(row, name) != value
        ]
        for name, value in moved:
            setattr(row, name, value)
        self.changes.change(row, *(name for name, _value in moved))
        if before != (row.limit_at, row.promised_at):
            self.changes.add(
                LimitValue(
                    clock=row,
                    at=self.at,
                    limit_at=row.limit_at,
                    promised_at=row.promised_at,
                    promise_number=row.promise_number,
                    cause=cause,
                    event_n=self.dossier.head_n + 1,
                )
            )
        self._set_timers(row, clock)

    def _set_timers(self, row: ClockRow, clock: Clock) -> None:
        calendar = clock.calendar or row.calendar.working()
        due = dict(wanted(row.kind, clock, calendar, self.at, self.ladder))
        # What has fired for this promise does not fire again: a breach is there once.
        due = {kind: moment for kind, moment in due.items() if not self._fired(row, kind)}
        for timer in self.timers:
            own = timer.clock_id == row.pk and row.pk is not None
            if own and timer.kind not in due and timer.kind not in FOLLOWING:
                self.changes.timers_gone.add(timer.pk)
        for key in list(self.changes.timers_set):
            if key[0] == id(row) and key[1] not in FOLLOWING:
                del self.changes.timers_set[key]
        for kind, moment in due.items():
            self.set_timer(row, kind, moment)

    def _fired(self, row: ClockRow, kind: TimerKind) -> bool:
        number = {TimerKind.BREACH: 1, TimerKind.REPEATED_BREACH: 2}.get(kind)
        return number is not None and number in row.breached

    def set_timer(self, row: ClockRow, kind: TimerKind, fires_at: datetime) -> None:
        self.changes.timers_set[id(row), kind] = (row, kind, fires_at)
        for timer in self.timers:
            if row.pk is not None and timer.clock_id == row.pk and timer.kind == kind:
                self.changes.timers_gone.discard(timer.pk)

    def take_timer(self, timer: Timer) -> None:
        """It fires now: its row goes, and nothing set by this act before puts it there again."""
        self.changes.timers_gone.add(timer.pk)
        for key, (row, kind, _moment) in list(self.changes.timers_set.items()):
            if row.pk == timer.clock_id and kind == timer.kind:
                del self.changes.timers_set[key]

    def clear_timers(self, *kinds: TimerKind, clock: int | None = None) -> None:
        """Take back timers of these kinds (all if none is named), of one clock or of all."""
        for timer in self.timers:
            if (not kinds or timer.kind in kinds) and clock in (None, timer.clock_id):
                self.changes.timers_gone.add(timer.pk)
        for key, (row, kind, _moment) in list(self.changes.timers_set.items()):
            if (not kinds or kind in kinds) and clock in (None, row.pk):
                del self.changes.timers_set[key]

    def stop_clocks(self, ground: str, kinds: Iterable[str]) -> None:
        """Stop these clocks for a ground, with a row that says from when."""
        for row in self.running(kinds):
            self.put(row, pure(row).stop(ground, self.at), ground)
            self.changes.add(
                Stop(clock=row, ground=ground, from_at=self.at, event_n=self.dossier.head_n + 1)
            )

    def lift(self, ground: str, kinds: Iterable[str], *, restart: bool = False) -> None:
        """Lift the ground from these clocks; the dossier's own may start its limit again."""
        rows = [row for row in self.clocks if row.kind in kinds and ground in row.grounds]
        for row in rows:
            clock, calendar = pure(row), row.calendar.working()
            if restart and row.kind in (ClockKind.DOSSIER, ClockKind.PART):
                self.put(row, clock.restart(calendar, self.at, ground=ground), "restarted")
            else:
                self.put(row, clock.resume(ground, calendar, self.at), "resumed")
        if rows:
            for stop in Stop.objects.filter(clock__in=rows, ground=ground, to_at=None):
                stop.to_at = self.at
                self.changes.change(stop, "to_at")

    def running(self, kinds: Iterable[str]) -> list[ClockRow]:
        return [
            row for row in self.clocks if row.kind in kinds and row.state in ("running", "stopped")
        ]

    # Record

    def event(
        self,
        kind: EventKind,
        facts: dict[str, Any] | None = None,
        *,
        note: str = "",
        at: datetime | None = None,
        undoes: int | None = None,
    ) -> Event:
        """Append one event to the dossier's chain, with the status change since the last one."""
        dossier = self.dossier
        changed = dossier.status != self.status_seen
        by_time = kind in CAUSED_BY_TIME or self.by.kind == TIME.kind
        event = Event(
            dossier_id=dossier.pk,
            n=dossier.head_n + 1,
            kind=kind,
            at=at or self.at,
            recorded_at=self.recorded_at,
            from_status=self.status_seen if changed else "",
            to_status=dossier.status if changed else "",
            post_id=None if by_time or self.held is None else self.held.post_id,
            on_behalf_of_id=None if by_time else self.by.on_behalf_of,
            by_applicant=self.by.kind == APPLICANT and not by_time,
            late_entry=self.late_entry and not by_time,
            undoes=undoes,
            facts=facts or {},
            previous=dossier.head_sha256,
        )
        event.sha256 = seal.event_hash(
            seal.event_fields(str(dossier.ref), event), dossier.head_sha256
        )
        dossier.head_n, dossier.head_sha256 = event.n, event.sha256
        if not by_time:
            dossier.last_caused_at = event.at
        self.status_seen = dossier.status
        self.changes.add(event)
        if note:
            self.changes.add(Note(dossier_id=dossier.pk, event_n=event.n, text=note))
        return event

    def post(
        self,
        measure: str,
        amount: int = 1,
        *,
        at: datetime | None = None,
        counts_at: datetime | None = None,
        place: tuple[int, int | None] | None = None,
    ) -> None:
        """Post a figure; its event is the one just appended. `place` (agency and unit) where it
        counts to another than the one answering now."""
        self.post_entry(
            posting.entry(
                self.dossier,
                measure,
                amount,
                at=at or self.at,
                counts_at=counts_at,
                recorded_at=self.recorded_at,
                event_n=self.dossier.head_n,
                place=place,
            )
        )

    def post_entry(self, entry: Entry) -> None:
        self.changes.add(entry)

    def tell(
        self,
        topic: str,
        recipient: Recipient,
        context: dict[str, Any],
        *,
        key: str = "",
        not_before: datetime | None = None,
    ) -> None:
        """Have a message put into the outbox with this act; told once per event and recipient."""
        told = key or f"{self.dossier.ref}/{self.dossier.head_n}/{topic}"
        if recipient.user_id is not None:
            told += f"/{recipient.user_id}"
        self.messages.append(Message(topic, recipient, context, told, not_before))


def pure(row: ClockRow) -> Clock:
    """The clock value of a row, counting by the row's calendar."""
    return Clock.from_columns(
        {name: getattr(row, name) for name in CLOCK_COLUMNS}, row.calendar.working()
    )


def load(ids: Sequence[int], *, skip_locked: bool = False) -> list[Rows]:
    """Lock dossiers in ascending order of their ids, and read what hangs on them."""
    return _reads.lock(ids, skip_locked=skip_locked)


def works(
    loaded: Iterable[Rows], *, at: datetime, recorded_at: datetime, by: Actor = TIME
) -> list[Work]:
    """The works of locked dossiers, with open steps, clocks and timers."""
    return [
        Work(
            dossier=rows.dossier,
            at=at,
            recorded_at=recorded_at,
            by=by,
            clocks=rows.clocks,
            step=rows.steps[-1] if rows.steps else None,
            timers=rows.timers,
        )
        for rows in loaded
    ]


def take(dossier_id: int, *, at: datetime, recorded_at: datetime, by: Actor) -> Work | None:
    """The work of one dossier, locked and read in one trip to the database; None if missing."""
    found = _reads.lock_one(dossier_id)
    if found is None:
        return None
    rows, numbers = found
    (work,) = works([rows], at=at, recorded_at=recorded_at, by=by)
    work.changes.numbers = numbers
    return work
