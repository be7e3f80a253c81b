"""Amending a calendar while dossiers run: first what would move, then the amendment itself.

The preview and the amendment reckon by the same functions; the preview writes nothing. Amending
writes the catalogue's rows and a `Recount`; running clocks follow in batches (`recount.py`), or one
by one when an act meets them first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from celery import current_app
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from dossiers.clock import Clock
from dossiers.errors import Invalid, NotAllowed, NotNow
from dossiers.lifecycle import _recounting
from dossiers.lifecycle._time import LOCAL, local_date
from dossiers.lifecycle._work import pure
from dossiers.lifecycle.registry import command
from dossiers.models import ClockKind, ClockRow, PublishedMonth, Recount
from dossiers.timers import ANSWERING, OF_STEP, RECEIVING, sort_of
from workflows import permissions
from workflows.actors import SYSTEM, Actor, Held
from workflows.catalogue import amending
from workflows.catalogue.amending import Plan
from workflows.catalogue.amendment import Amendment, AmendmentFault
from workflows.models import Agency
from workflows.worktime import WorkingCalendar

RECOUNT_TASK = "dossiers.recount_clocks"
MOST_SHOWN = 200
_CHUNK = 2_000
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """One running clock that would move; `late` are before and after, at the moment asked."""

    code: str
    procedure: str
    agency: str
    kind: str
    stopped: bool
    limit_from: datetime | None
    limit_to: datetime | None
    promised_from: datetime | None
    promised_to: datetime | None
    late_before: bool
    late_after: bool


@dataclass(slots=True)
class Preview:
    """What an amendment would do to running clocks at one moment. `moved` holds the first of them;
    the numbers are of all: dossiers that move, and of these how many become late, or are no more.
    """

    plan: Plan
    moved: list[Moved] = field(default_factory=list)
    dossiers: set[int] = field(default_factory=set)
    by_kind: Counter[str] = field(default_factory=Counter)
    to_be_late: int = 0
    no_longer_late: int = 0

    @property
    def to_move(self) -> int:
        return len(self.dossiers)


def preview(amendment: Amendment, *, by: Actor, at: datetime) -> Preview:
    """Which running clocks would move, from when to when, and what of it concerns lateness.

    Raises: NotAllowed, Invalid (the amendment cannot stand), NotNow (a published month).
    """
    _permit(amendment, by)
    return _reckoned(_plan(amendment), at)


@command("amend_calendar", _("Amend the calendar"))
def amend(amendment: Amendment, *, by: Actor, at: datetime) -> Recount:
    """Amend a calendar; running clocks are counted again from `at` on.

    Raises: NotAllowed, Invalid (the amendment cannot stand), NotNow (a published month; the clocks
    of an earlier amendment are still being counted again).
    """
    held = _permit(amendment, by)
    amending.alone()
    planned = _plan(amendment)
    _require_settled(planned)
    found = _reckoned(planned, at)
    row = amending.write(planned, post_id=None if held is None else held.post_id, at=at)
    finished = not planned.counts_otherwise
    recount = Recount.objects.create(
        amendment=row,
        state=Recount.State.DONE if finished else Recount.State.RUNNING,
        to_move=found.to_move,
        to_be_late=found.to_be_late,
        no_longer_late=found.no_longer_late,
        done_at=at if finished else None,
    )
    transaction.on_commit(_nudge, robust=True)
    return recount


def touched(
    calendars: list[int], first_on: date | None, last_on: date | None
) -> QuerySet[ClockRow]:
    """Running clocks by these calendars whose time from start to promise touches the days.

    Of a day that lies before a clock's start or after its promise no limit knows anything.
    """
    rows = _unfinished().filter(calendar__in=calendars, limit_at__isnull=False)
    if first_on is not None:
        rows = rows.annotate(ends_at=Greatest("limit_at", "promised_at")).filter(
            ends_at__gte=_midnight(first_on)
        )
    if last_on is not None:
        rows = rows.filter(anchor_at__lt=_midnight(last_on + _ONE_DAY))
    return rows


def to_rehome(agency: Agency) -> QuerySet[ClockRow]:
    """Running clocks that count by another calendar than the agency's own, which is newer."""
    places = {
        ANSWERING: Q(dossier__answering_agency=agency),
        RECEIVING: Q(dossier__receiving_agency=agency),
        OF_STEP: Q(step_run__agency=agency),
    }
    mine = Q(pk__in=[])
    for kind in ClockKind.values:
        place = places.get(sort_of(kind).place)
        if place is not None:
            mine |= Q(kind=kind) & place
    return _unfinished().filter(mine).exclude(calendar=agency.calendar_id)


def _unfinished() -> QuerySet[ClockRow]:
    return ClockRow.objects.filter(
        state__in=_recounting.UNFINISHED, counted_by__isnull=False, dossier__voided_at=None
    )


def _permit(amendment: Amendment, by: Actor) -> Held | None:
    """The post by which `by` may amend this calendar (None: from the command line)."""
    try:
        path = amending.owner_path(amendment)
    except AmendmentFault as fault:
        raise _refusal(fault) from None
    if by.kind == SYSTEM:
        return None
    held = permissions.calendar_post(by, path)
    if held is None:
        raise NotAllowed("calendar_not_yours")
    return held


def _plan(amendment: Amendment) -> Plan:
    try:
        planned = amending.plan(amendment)
    except AmendmentFault as fault:
        raise _refusal(fault) from None
    months = {day.replace(day=1) for day in planned.differs}
    published = PublishedMonth.objects.filter(month__in=months)
    if planned.first_on is not None and planned.last_on is None:
        since = planned.first_on.replace(day=1)
        published = PublishedMonth.objects.filter(Q(month__in=months) | Q(month__gte=since))
    month = published.order_by("month").values_list("month", flat=True).first()
    if month is not None:
        raise NotNow("amendment_published", month=f"{month:%m/%Y}")
    return planned


def _refusal(fault: AmendmentFault) -> Invalid:
    facts = {
        name: f"{value:%d/%m/%Y}" if isinstance(value, date) else value
        for name, value in fault.facts.items()
    }
    fields = {fault.field: fault.code} if fault.field else {}
    return Invalid(fault.code, fields=fields, **facts)


def _require_settled(planned: Plan) -> None:
    """One amendment at a time: a clock could not tell which of two moved it."""
    concerned = [change.calendar.pk for change in planned.changes if change.calendar.pk]
    base = planned.calendar.base_id
    under_way = Recount.objects.filter(state=Recount.State.RUNNING).filter(
        Q(amendment__calendar__in=[*concerned, base])
    )
    if under_way.exists():
        raise NotNow("amendment_under_way")


def _reckoned(planned: Plan, at: datetime) -> Preview:
    found = Preview(planned)
    published = set(PublishedMonth.objects.values_list("month", flat=True))
    for row, after in _rows(planned):
        before, clock = pure(row), _recounting.counted(row, after, at)
        if not _recounting.differs(row, clock):
            continue
        was_late, is_late = before.late(at), clock.late(at)
        _keep_published(row, published, undone=was_late and not is_late)
        _note(found, row, clock, was_late, is_late)
    return found


def _keep_published(row: ClockRow, published: set[date], *, undone: bool) -> None:
    """A delay that a published month counted is not annulled past its publication."""
    if not undone or row.limit_at is None:
        return
    month = local_date(row.limit_at).replace(day=1)
    if month in published:
        raise NotNow("amendment_published", month=f"{month:%m/%Y}")


def _rows(planned: Plan) -> Iterator[tuple[ClockRow, WorkingCalendar]]:
    """Every running clock that may move, with the calendar that it would be counted by."""
    if not planned.counts_otherwise:
        return
    by_calendar = {change.calendar.pk: change.after for change in planned.changes}
    rows = touched([pk for pk in by_calendar if pk], planned.first_on, planned.last_on)
    yield from ((row, by_calendar[row.calendar_id]) for row in _read(rows))
    if planned.agency is not None:
        after = planned.changes[0].after
        yield from ((row, after) for row in _read(to_rehome(planned.agency)))


def _read(rows: QuerySet[ClockRow]) -> Iterator[ClockRow]:
    loaded = rows.select_related(
        "calendar__base", "dossier__procedure", "dossier__answering_agency"
    ).only(
        *(column.name for column in ClockRow._meta.concrete_fields),
        "calendar__base__version",
        "calendar__version",
        "calendar__tz",
        "dossier__code",
        "dossier__ref",
        # Left out, the protected field would be read row by row.
        "dossier__status",
        "dossier__procedure__name",
        "dossier__answering_agency__name",
    )
    return loaded.order_by(F("limit_at").asc(), "pk").iterator(chunk_size=_CHUNK)


def _note(found: Preview, row: ClockRow, clock: Clock, was_late: bool, is_late: bool) -> None:
    found.dossiers.add(row.dossier_id)
    found.by_kind[row.kind] += 1
    if row.kind == ClockKind.DOSSIER:
        found.to_be_late += is_late and not was_late
        found.no_longer_late += was_late and not is_late
    if len(found.moved) < MOST_SHOWN:
        found.moved.append(
            Moved(
                code=row.dossier.handle,
                procedure=row.dossier.procedure.name,
                agency=row.dossier.answering_agency.name,
                kind=row.kind,
                stopped=row.state == "stopped",
                limit_from=row.limit_at,
                limit_to=clock.limit_at,
                promised_from=row.promised_at,
                promised_to=clock.promised_at,
                late_before=was_late,
                late_after=is_late,
            )
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, LOCAL)


def _nudge() -> None:
    """Ring for the recount; beat finds it anyway."""
    current_app.send_task(RECOUNT_TASK, retry=False)
