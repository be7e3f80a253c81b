"""What a breach records beside its moment: the limit, whose time it was, who owes it, its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dossiers.foresight import APOLOGISE_WITHIN
from dossiers.lifecycle import attribution
from dossiers.lifecycle._work import Work, pure
from dossiers.models import Breach, ClockKind, ClockRow, StepRun


def describe(breach: Breach, row: ClockRow, runs: Sequence[StepRun], moment: datetime) -> None:
    """Fill in what passed, until when a letter is in time, and where the time lay before it."""
    calendar = row.calendar.working()
    breach.limit_at = row.limit_at if breach.promise_number == 1 else row.promised_at
    if breach.owes_apology:
        breach.apology_due_at = calendar.add(moment, APOLOGISE_WITHIN)
    if row.kind == ClockKind.DOSSIER:
        clock = pure(row)
        stops = (*clock.earlier_stops, *clock.stops)
        breach.attribution = attribution.shares(runs, stops, calendar, moment)
        breach.debts = attribution.debts(runs, stops, calendar, moment)


def end_delays(work: Work, row: ClockRow, at: datetime) -> None:
    """The clock has ended: keep by how much working time each of its breaches was late."""
    for breach in _standing(work, row):
        breach.ended_at = at
        breach.delay = breach.delay_by(at)
        work.changes.change(breach, "ended_at", "delay")


def go_on(work: Work, row: ClockRow) -> None:
    """The clock was opened again: its delays go on."""
    for breach in _standing(work, row):
        breach.ended_at = breach.delay = None
        work.changes.change(breach, "ended_at", "delay")


def _standing(work: Work, row: ClockRow) -> list[Breach]:
    if not row.breached:
        return []
    new = [one for one in work.changes.added if isinstance(one, Breach) and one.clock is row]
    kept = [] if row.pk is None else list(Breach.objects.filter(clock_id=row.pk, annulled_at=None))
    for breach in kept:
        breach.clock = row
    return [*new, *kept]
