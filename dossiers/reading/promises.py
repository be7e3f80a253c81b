"""The day first promised, beside the one that holds: a promise never moves without being seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from dossiers.models import ClockRow, LimitValue
from dossiers.reading.timeleft import LOCAL

_FIRST = LimitValue.objects.filter(promised_at__isnull=False).order_by("pk").values("promised_at")


def with_first_promise(rows: QuerySet[Any], clock: str = "pk") -> QuerySet[Any]:
    """Rows that know what was promised first, as `first_promised_at`; `clock` is the path to the
    clock's id where the rows are not clocks."""
    first = Subquery(_FIRST.filter(clock=OuterRef(clock))[:1])
    return rows.annotate(first_promised_at=first)


def moved_from(row: ClockRow | None) -> datetime | None:
    """The first promise of a clock so read, where another day holds now."""
    first: datetime | None = getattr(row, "first_promised_at", None)
    return first if row is not None and is_another_day(first, row.promised_at) else None


def is_another_day(first: datetime | None, now: datetime | None) -> bool:
    """Whether the promise fell on another day at first than now."""
    if first is None or now is None:
        return False
    return first.astimezone(LOCAL).date() != now.astimezone(LOCAL).date()
