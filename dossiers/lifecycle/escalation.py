"""Reminders and escalation: who is told, up the line, that a limit nears, passed or is unanswered.

Called by `settling`, in the transaction of a command or of the worker's batch.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from dossiers import timers
from dossiers.lifecycle import _telling
from dossiers.lifecycle._batch import Batch
from dossiers.lifecycle._work import Work
from dossiers.models import Breach, ClockRow, Timer, TimerKind
from workflows.models import Post

EXPLAIN_WITHIN = timedelta(hours=16)
APOLOGISE_WITHIN = timedelta(hours=8)


def follow_up(work: Work, row: ClockRow, breach: Breach, moment: datetime, batch: Batch) -> None:
    """Tell those answerable for a breach and wind the ladder: explain, apologise."""
    calendar = row.calendar.working()
    work.set_timer(row, TimerKind.UNEXPLAINED, calendar.add(moment, EXPLAIN_WITHIN))
    if breach.owes_apology and breach.apology is None:
        work.set_timer(row, TimerKind.APOLOGY_OVERDUE, calendar.add(moment, APOLOGISE_WITHIN))
    _telling.staff(work, batch.heads(work), "breached", limit_at=row.limit_at)


@timers.fires(TimerKind.DUE_SOON, TimerKind.DUE_TODAY)
def due_soon(work: Work, timer: Timer, batch: Batch) -> None:
    """Say that the limit is near; a late sweep says nothing of a limit that has passed."""
    row = next((one for one in work.clocks if one.pk == timer.clock_id), None)
    if row is not None and row.limit_at is not None and work.at <= row.limit_at:
        _telling.staff(work, batch.heads(work), "due_soon", limit_at=row.limit_at)


@timers.fires(TimerKind.UNEXPLAINED)
def unexplained(work: Work, timer: Timer, batch: Batch) -> None:
    """Say to those who watch that nobody has explained."""
    if _standing(work).filter(state=Breach.State.UNEXPLAINED).exists():
        _telling.staff(work, _watching(work), "unexplained")


@timers.fires(TimerKind.APOLOGY_OVERDUE)
def apology_overdue(work: Work, timer: Timer, batch: Batch) -> None:
    """Say to those who watch that no apology has been signed."""
    if _standing(work).filter(owes_apology=True, apology=None).exists():
        _telling.staff(work, _watching(work), "apology_overdue")


def _standing(work: Work) -> QuerySet[Breach]:
    return Breach.objects.filter(dossier=work.dossier, annulled_at=None, of="dossier")


def _watching(work: Work) -> list[Post]:
    return [
        post
        for post in _telling.supervisors_of([work])
        if work.dossier.answering_agency.is_under(post.agency.path)
    ]
