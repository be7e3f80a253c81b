"""A month as the public reads it: every agency's figures, who stands where, and who was late.

Departments are ranked with departments and communes with communes, by the lower end of what their
share on time can be said to be (so that one of one does not lead), then by what is overdue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce

from dossiers.statistics.columns import Figures
from dossiers.statistics.periods import day_end, month_start, next_month
from dossiers.statistics.reading import read
from dossiers.statistics.share import Share, share, wilson
from workflows.models import Agency, AgencyKind


@dataclass(frozen=True, slots=True)
class Line:
    """One agency in one month, beside the month before. `rank` is its place among its kind; None
    where nothing with a limit was resolved and nothing is overdue: there is nothing to rank."""

    code: str
    name: str
    kind: str
    figures: Figures
    before: Figures
    rank: int | None = None

    @property
    def on_time(self) -> Share | None:
        """Early and on time of all resolved that had a limit; None if there were none."""
        return _on_time(self.figures)

    @property
    def change(self) -> Decimal | None:
        """Percentage points of the share on time against last month, where both have one."""
        return _change(self.figures, self.before)

    @property
    def late(self) -> int:
        """Dossiers late in the month: resolved late, and overdue at its end."""
        return self.figures.resolved_late + self.figures.pending_overdue

    @property
    def apologies_missing(self) -> int:
        return self.figures.apologies_owed - self.figures.apologies_made


@dataclass(frozen=True, slots=True)
class MonthPage:
    """Everything that the public page, its CSV and its JSON show of a month."""

    month: date
    as_of: datetime
    is_over: bool
    lines: tuple[Line, ...]
    departments: tuple[Line, ...]
    communes: tuple[Line, ...]
    others: tuple[Line, ...]
    late: tuple[Line, ...]
    total: Figures
    total_before: Figures

    @property
    def on_time(self) -> Share | None:
        return _on_time(self.total)

    @property
    def change(self) -> Decimal | None:
        return _change(self.total, self.total_before)


def month_page(month: date, at: datetime) -> MonthPage | None:
    """The month of the day `month` as of its end, or as of `at` while it runs; None before it."""
    first = month_start(month)
    end = day_end(next_month(first) - timedelta(days=1))
    if at < day_end(first - timedelta(days=1)):
        return None
    as_of = min(at, end)
    now, before = _of_month(first, as_of), _last_month(first)
    agencies = Agency.objects.filter(code__in={*now, *before}).order_by("sort_key", "code")
    lines = [
        Line(
            code=agency.code,
            name=agency.name,
            kind=agency.kind,
            figures=now.get(agency.code, Figures()),
            before=before.get(agency.code, Figures()),
        )
        for agency in agencies
        if now.get(agency.code)
    ]
    kinds = {kind: [line for line in lines if line.kind == kind] for kind in AgencyKind.values}
    departments = _ranked(kinds.pop(AgencyKind.DEPARTMENT))
    communes = _ranked(kinds.pop(AgencyKind.COMMUNE))
    others = tuple(line for line in lines if line.kind in kinds)
    every = (*departments, *communes, *others)
    return MonthPage(
        month=first,
        as_of=as_of,
        is_over=at >= end,
        lines=every,
        departments=departments,
        communes=communes,
        others=others,
        late=_late(every),
        total=_total(now.values()),
        total_before=_total(before.values()),
    )


def _of_month(first: date, as_of: datetime) -> dict[str, Figures]:
    last = next_month(first) - timedelta(days=1)
    rows = read(since=first, until=last, as_of=as_of, by=["agency"])
    return {row.keys["agency"] or "": row.figures for row in rows}


def _last_month(first: date) -> dict[str, Figures]:
    end = first - timedelta(days=1)
    return _of_month(month_start(end), day_end(end))


def _ranked(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Best first; who cannot be ranked comes last. Equal standing is an equal place."""
    ordered = sorted(
        (line for line in lines if _standing(line) is not None),
        key=lambda line: _standing(line) or (0.0, 0),
    )
    placed: list[Line] = []
    for place, line in enumerate(ordered, start=1):
        same = placed and _standing(placed[-1]) == _standing(line)
        placed.append(replace(line, rank=placed[-1].rank if same else place))
    return (*placed, *(line for line in lines if _standing(line) is None))


def _standing(line: Line) -> tuple[float, int] | None:
    figures = line.figures
    if not figures.resolved_with_limit and not figures.pending_overdue:
        return None
    # What is overdue now was not on time either: a unit cannot lead by leaving it undone.
    whole = figures.resolved_with_limit + figures.pending_overdue
    return -wilson(figures.resolved_in_time, whole)[0], line.late


def _late(lines: Iterable[Line]) -> tuple[Line, ...]:
    named = (line for line in lines if line.late or line.figures.received_late)
    return tuple(sorted(named, key=lambda line: (-line.late, -line.figures.received_late)))


def _total(rows: Iterable[Figures]) -> Figures:
    return reduce(Figures.__add__, rows, Figures())


def _on_time(figures: Figures) -> Share | None:
    return share(figures.resolved_in_time, figures.resolved_with_limit)


def _change(now: Figures, before: Figures) -> Decimal | None:
    share_now, share_before = _on_time(now), _on_time(before)
    if share_now is None or share_before is None:
        return None
    return share_now.points_above(share_before)
