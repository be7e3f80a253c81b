"""What another limit would have done: the dossiers of a procedure resolved in a period, replayed.

Nothing is written. Every clock is lived again with its own beginning, stops and end; two queries
read them, however many there are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.db.models import QuerySet

from dossiers.clock import RESULTS, Clock
from dossiers.models import ClockKind, ClockRow, Status, Stop
from dossiers.models.clock import Ground
from dossiers.reading.timeleft import LOCAL
from dossiers.replaying import replay
from dossiers.stretches import Halt
from workflows.models import Edition
from workflows.timelimit import TimeLimit

MOST_CHANGED = 200
_RESTARTING = frozenset({Ground.SUPPLEMENT.value})
# What is long and not asked for.
_UNREAD = tuple(
    f"dossier__edition__{name}"
    for name in ("steps_text", "requirements", "competent_agency", "legal_bases", "results")
)


@dataclass(frozen=True, slots=True)
class Changed:
    """One dossier whose result would have been another."""

    code: str
    agency: str
    unit: str
    concluded_at: datetime
    result: str
    would: str
    limit_at: datetime | None
    would_limit_at: datetime | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The period's results as they were and as they would have been, by name of the result.

    `left_out` are those whose limit no rule counted (none at all, or given by hand); they are in
    neither column. `changed` are at most MOST_CHANGED of the `changed_count`.
    """

    first: date
    last: date
    limit: TimeLimit
    was: dict[str, int]
    would: dict[str, int]
    left_out: int
    changed: tuple[Changed, ...]
    changed_count: int

    @property
    def total(self) -> int:
        """How many were replayed."""
        return sum(self.was.values())


def quarter_before(on: date) -> tuple[date, date]:
    """The first and the last day of the last whole quarter before `on`."""
    this = date(on.year, 3 * ((on.month - 1) // 3) + 1, 1)
    last = this - timedelta(days=1)
    return date(last.year, last.month - 2, 1), last


def what_if(
    procedure: str, limit: TimeLimit, first: date, last: date, *, channel: str = ""
) -> WhatIf:
    """What `limit` would have made of the dossiers of `procedure` resolved from `first` to `last`
    (local days, both included), of one channel or of all."""
    rows = _resolved(procedure, first, last, channel)
    supplied = _supplied(rows)
    was, would = Counter[str](), Counter[str]()
    changed, left_out, changed_count = [], 0, 0
    for row in rows.iterator(chunk_size=1_000):
        if row.limit is None or row.given_limit_at is not None or row.result not in RESULTS:
            left_out += 1
            continue
        other = _replayed(row, limit, supplied[row.pk])
        was[row.result] += 1
        would[other.result] += 1
        if other.result != row.result:
            changed_count += 1
            if changed_count <= MOST_CHANGED:
                changed.append(_changed(row, other.result, other.limit_at))
    return WhatIf(
        first, last, limit, dict(was), dict(would), left_out, tuple(changed), changed_count
    )


def _resolved(procedure: str, first: date, last: date, channel: str) -> QuerySet[ClockRow]:
    begin = datetime.combine(first, datetime.min.time(), LOCAL)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), LOCAL)
    rows = ClockRow.objects.filter(
        kind=ClockKind.DOSSIER,
        dossier__procedure__code=procedure,
        dossier__voided_at=None,
        dossier__status__in=(Status.CONCLUDED, Status.RETURNED),
        dossier__concluded_at__gte=begin,
        dossier__concluded_at__lt=end,
    )
    if channel:
        rows = rows.filter(dossier__channel__code=channel)
    beside = ("calendar__base", "dossier__answering_agency", "dossier__unit", "dossier__edition")
    return rows.select_related(*beside).defer(*_UNREAD).order_by("finished_at", "pk")


def _supplied(rows: QuerySet[ClockRow]) -> dict[int, set[datetime]]:
    """By clock the moments at which a supplement was in."""
    ended: dict[int, set[datetime]] = defaultdict(set)
    found = Stop.objects.filter(
        ground=Ground.SUPPLEMENT, to_at__isnull=False, clock__in=rows.order_by().values("pk")
    )
    for clock, to_at in found.values_list("clock_id", "to_at"):
        ended[clock].add(cast(datetime, to_at))
    return ended


def _replayed(row: ClockRow, limit: TimeLimit, supplied: set[datetime]) -> Clock:
    """The row's life under `limit`. The stops are the clock's own, which an undo puts right too."""
    halts = []
    for from_at, to_at in _intervals([*row.earlier_stops, *row.stops]):
        ground = Ground.SUPPLEMENT.value if to_at in supplied else "other"
        halts.append(Halt(ground, from_at, to_at))
    restarts = row.dossier.edition.after_supplement == Edition.AfterSupplement.RESTART
    return replay(
        limit,
        row.calendar.working(),
        cast(datetime, row.started_at),
        halts,
        restarting=_RESTARTING if restarts else frozenset(),
        finished_at=cast(datetime, row.finished_at),
    )


def _intervals(stored: Iterable[Any]) -> list[tuple[datetime, datetime]]:
    return [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in stored]


def _changed(row: ClockRow, would: str, would_limit_at: datetime | None) -> Changed:
    dossier = row.dossier
    return Changed(
        code=dossier.handle,
        agency=dossier.answering_agency.name,
        unit=dossier.unit.name,
        concluded_at=cast(datetime, row.finished_at),
        result=row.result,
        would=would,
        limit_at=row.limit_at,
        would_limit_at=would_limit_at,
    )
