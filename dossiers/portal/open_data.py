"""The month's figures as files for machines: CSV for spreadsheets, JSON. The same numbers as the
page, under the names that the command `figures` uses."""

from __future__ import annotations

import csv
import io
from typing import Any

from dossiers.statistics.columns import COLUMNS, Figures
from dossiers.statistics.periods import local
from dossiers.statistics.ranking import Line, MonthPage
from dossiers.statistics.share import Share, share

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
TOTAL = "total"
_HEAD = (
    "month",
    "as_of",
    "agency",
    "name",
    "kind",
    "rank",
    *COLUMNS,
    "on_time",
    "on_time_of",
    "on_time_percent",
    "on_time_change_points",
)


def as_csv(page: MonthPage) -> str:
    """One row an agency and a last one for the city, with the mark that says UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEAD)
    for line in page.lines:
        writer.writerow([*_begin(page), line.code, line.name, line.kind, line.rank, *_cells(line)])
    writer.writerow([*_begin(page), TOTAL, "", "", None, *_cells(page)])
    return BOM + text.getvalue()


def as_json(page: MonthPage) -> dict[str, Any]:
    """The same as plain values; a share is null where nothing with a limit was resolved."""
    return {
        "month": f"{page.month:%Y-%m}",
        "as_of": local(page.as_of),
        "is_over": page.is_over,
        "total": _numbers(page.total, page.on_time, page.change),
        "agencies": [
            {"agency": line.code, "name": line.name, "kind": line.kind, "rank": line.rank}
            | _numbers(line.figures, line.on_time, line.change)
            | {"previous_month": _previous(line.before)}
            for line in page.lines
        ],
    }


def _begin(page: MonthPage) -> list[str]:
    return [f"{page.month:%Y-%m}", local(page.as_of)]


def _cells(row: Line | MonthPage) -> list[object]:
    figures = row.total if isinstance(row, MonthPage) else row.figures
    on_time = row.on_time
    shared = (
        [None, None, None]
        if on_time is None
        else [on_time.part, on_time.whole, str(on_time.percent)]
    )
    change = None if row.change is None else str(row.change)
    return [*(getattr(figures, name) for name in COLUMNS), *shared, change]


def _numbers(figures: Figures, on_time: Share | None, change: object) -> dict[str, Any]:
    return {
        **{name: getattr(figures, name) for name in COLUMNS},
        "on_time": _share(on_time),
        "on_time_change_points": None if change is None else float(str(change)),
    }


def _previous(figures: Figures) -> dict[str, Any]:
    return {"on_time": _share(share(figures.resolved_in_time, figures.resolved_with_limit))}


def _share(of: Share | None) -> dict[str, Any] | None:
    if of is None:
        return None
    return {"part": of.part, "of": of.whole, "percent": float(of.percent)}
