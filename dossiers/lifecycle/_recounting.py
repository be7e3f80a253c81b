"""Running clocks counted again under an amended calendar, by whoever meets them first.

A clock knows by which revision of its calendar it was counted; behind it, a command (before it
acts), the firing of timers and the recount's own batches all call `catch_up`, so that the order of
worker and people never shows in the record. What time had caused before the change is settled
first, under the old limit; then the limit moves, at the moment of the change, and what that undoes
is annulled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q

from dossiers import timers
from dossiers.clock import Clock
from dossiers.lifecycle import _telling, settling
from dossiers.lifecycle._line import out_of_quiet_hours
from dossiers.lifecycle._work import CLOCK_COLUMNS, Work, pure
from dossiers.models import (
    KEPT_CALENDAR,
    Breach,
    ClockKind,
    ClockRow,
    Event,
    EventKind,
    Party,
    Timer,
)
from dossiers.timers import ANSWERING, OF_STEP, RECEIVING, Before
from workflows.actors import TIME
from workflows.models import Amendment, Calendar
from workflows.worktime import WorkingCalendar

BECAUSE = "recalendared"
UNFINISHED = ("running", "stopped")
TICK = timedelta(microseconds=1)

Behind = tuple[ClockRow, Calendar]


class Shared:
    """What a batch of works behind their calendars needs to know, each read once if asked."""

    def __init__(self, works: Sequence[Work]) -> None:
        self.ids = [work.dossier.pk for work in works]
        self._amendments: dict[tuple[int, int | None], Amendment | None] = {}
        self._last: dict[int, datetime] | None = None
        self._breaches: dict[int, list[Breach]] | None = None
        self._parties: dict[int, list[Party]] | None = None

    def amendment(self, calendar: Calendar) -> Amendment | None:
        """The latest amendment of a calendar or of the one it rests on."""
        key = (calendar.pk, calendar.base_id)
        if key not in self._amendments:
            touching = Q(calendar=calendar.pk) | Q(calendar=calendar.base_id)
            self._amendments[key] = Amendment.objects.filter(touching).order_by("pk").last()
        return self._amendments[key]

    def last_at(self, work: Work) -> datetime | None:
        """The moment of the dossier's last event."""
        if self._last is None:
            found = Event.objects.filter(dossier__in=self.ids).values_list("dossier")
            self._last = dict(found.annotate(Max("at")).order_by())
        return self._last.get(work.dossier.pk)

    def breaches(self, work: Work) -> list[Breach]:
        """The breaches that stand in the database."""
        if self._breaches is None:
            self._breaches = defaultdict(list)
            for breach in Breach.objects.filter(dossier__in=self.ids, annulled_at=None):
                self._breaches[breach.dossier_id].append(breach)
        return self._breaches.get(work.dossier.pk, [])

    def parties(self, work: Work) -> list[Party]:
        if self._parties is None:
            self._parties = defaultdict(list)
            for party in Party.objects.filter(dossier__in=self.ids):
                self._parties[party.dossier_id].append(party)
        return self._parties.get(work.dossier.pk, [])


def catch_up(works: Sequence[Work]) -> list[Work]:
    """Count again the clocks of these works that an amended calendar left behind; the works of
    which a limit or a promise moved. Without such clocks it costs a comparison each."""
    behind = [(work, rows) for work in works if (rows := _behind(work))]
    if not behind:
        return []
    shared = Shared([work for work, _rows in behind])
    return [work for work, rows in behind if _count_again(work, rows, shared)]


def counted(row: ClockRow, calendar: WorkingCalendar, at: datetime) -> Clock:
    """The clock of a row counted again by `calendar`, as a preview and a recount both count it."""
    columns = {name: getattr(row, name) for name in CLOCK_COLUMNS}
    return Clock.from_columns(columns, calendar).recount(calendar, at)


def _behind(work: Work) -> list[Behind]:
    if work.dossier.voided_at is not None:
        return []
    found = []
    for row in work.clocks:
        if row.state not in UNFINISHED or row.counted_by is None:
            continue
        own = _own_calendar(work, row)
        if own not in (None, row.calendar_id):
            found.append((row, Calendar.objects.select_related("base").get(pk=own)))
        elif row.counted_by < row.calendar.revision:
            found.append((row, row.calendar))
    return found


def _own_calendar(work: Work, row: ClockRow) -> int | None:
    """The calendar of the agency by whose hours the clock counts, if it has one of its own."""
    place = timers.sort_of(row.kind).place
    if place == ANSWERING:
        own = work.dossier.answering_agency.calendar_id
        kept: int | None = work.dossier.facts.get(KEPT_CALENDAR, own)
        return kept
    if place == RECEIVING:
        return work.dossier.receiving_agency.calendar_id
    if place == OF_STEP and work.step is not None and work.step.pk == row.step_run_id:
        return work.step.agency.calendar_id
    return None


def _count_again(work: Work, behind: Sequence[Behind], shared: Shared) -> bool:
    amendment = max(
        filter(None, (shared.amendment(calendar) for _row, calendar in behind)),
        key=lambda one: one.pk,
        default=None,
    )
    if amendment is None:  # days put in with a new version of the program: nobody amended
        return False
    moment = _moment(work, amendment, behind, shared)
    then = work.at, work.by, work.held
    work.at, work.by, work.held = moment, TIME, None
    work.recorded_at = max(work.recorded_at, moment)
    settling.settle([work], before=moment)
    moved = _put(work, behind)
    if moved:
        work.event(EventKind.RECALENDARED, _facts(amendment, moved))
        # A late entry may not slip in before it: it would be judged by a limit that no longer is.
        last = work.dossier.last_caused_at
        work.dossier.last_caused_at = moment if last is None else max(last, moment)
        _annul_undone(work, [row for row, _before in moved], shared)
        for row, before in moved:
            move = timers.move_of(row.kind)
            if move is not None:
                move(work, row, before, shared)
    work.at, work.by, work.held = then
    _show_timers(work)
    return bool(moved)


def _moment(work: Work, amendment: Amendment, behind: Sequence[Behind], shared: Shared) -> datetime:
    """The moment of the change; an act that slipped in before the change was known comes first."""
    if not any(differs(row, counted(row, by.working(), amendment.at)) for row, by in behind):
        return max(amendment.at, work.dossier.last_caused_at or amendment.at)
    last = shared.last_at(work)
    moment = amendment.at if last is None or last < amendment.at else last + TICK
    return max([moment, *(row.at for row in work.changes.added if isinstance(row, Event))])


def differs(row: ClockRow, clock: Clock) -> bool:
    """Whether limit or promise would be another."""
    return (clock.limit_at, clock.promised_at) != (row.limit_at, row.promised_at)


def _put(work: Work, behind: Sequence[Behind]) -> list[tuple[ClockRow, Before]]:
    """Let the rows hold what is counted; those whose limit or promise moved, as it was before."""
    moved = []
    for row, calendar in behind:
        if row.state not in UNFINISHED:  # ended by what was settled first
            continue
        before = Before(row.limit_at, row.promised_at)
        clock = counted(row, calendar.working(), work.at)
        row.calendar, row.counted_by = calendar, calendar.revision
        work.put(row, clock, BECAUSE)
        work.changes.change(row, "calendar", "counted_by")
        if before != (row.limit_at, row.promised_at):
            moved.append((row, before))
    return moved


def _facts(amendment: Amendment, moved: Sequence[tuple[ClockRow, Before]]) -> dict[str, Any]:
    """What moved, from when to when; the amendment's own row says why."""
    facts: dict[str, Any] = {"amendment": amendment.pk, "clocks": len(moved)}
    for row, before in moved:
        if row.kind == ClockKind.DOSSIER:
            facts |= {
                "limit_from": _iso(before.limit_at),
                "limit_to": _iso(row.limit_at),
                "promised_from": _iso(before.promised_at),
                "promised_to": _iso(row.promised_at),
            }
    return facts


def _annul_undone(work: Work, rows: Sequence[ClockRow], shared: Shared) -> None:
    """Annul the breaches of limits, and of new appointments, that have not passed after all."""
    clocks = {row.pk: pure(row) for row in rows}
    just_noticed = [row for row in work.changes.added if isinstance(row, Breach)]
    for breach in [*shared.breaches(work), *just_noticed]:
        clock = clocks.get(breach.clock_id)
        if clock is None:
            continue
        passed = clock.late(work.at)
        if breach.is_repeated:
            passed = clock.promise_broken(work.at)
        if not passed:
            settling.annul(work, breach, BECAUSE)


def _show_timers(work: Work) -> None:
    """Let what is settled next in this act see the timers as they stand now."""
    for place, (row, kind, fires_at) in enumerate(work.changes.timers_set.values(), start=1):
        own = (one for one in work.timers if one.clock_id == row.pk and one.kind == kind)
        timer = next(own, None)
        if timer is None:
            # Not in the database yet: a number that no row has.
            timer = Timer(pk=-place, clock_id=row.pk, dossier_id=row.dossier_id, kind=kind)
            work.timers.append(timer)
        timer.fires_at, timer.set_aside_at = fires_at, None


@timers.moves(ClockKind.DOSSIER)
def _promise_moved(work: Work, row: ClockRow, before: Before, shared: Shared) -> None:
    """Tell the applicant of another day; while the clock stands still no day is promised."""
    was, now = before.promised_at, row.promised_at
    if row.state == "running" and was != now and was and now and max(was, now) > work.at:
        said: dict[str, Any] = {"before_at": was, "promised_at": now}
        _tell(work, row, "recalendared", shared, **said)


@timers.moves(ClockKind.SUPPLEMENT, ClockKind.PAYMENT)
def _term_moved(work: Work, row: ClockRow, before: Before, shared: Shared) -> None:
    """Tell the applicant until when there is time now."""
    if row.limit_at is not None and row.limit_at > work.at:
        _tell(work, row, "term_moved", shared, until_at=row.limit_at)


def _tell(work: Work, row: ClockRow, topic: str, shared: Shared, **said: Any) -> None:
    """Nobody is told at night or on a day off that the calendar changed."""
    waits_until = out_of_quiet_hours(row.calendar.working(), work.recorded_at)
    parties = shared.parties(work)
    _telling.citizen(work, topic, parties=parties, not_before=waits_until, **said)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
