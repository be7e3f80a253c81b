"""The duty to apologise in a month as the public reads it: agency by agency, and as open data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dossiers.statistics.duty import COLUMNS, Asked, Duty, duty
from dossiers.statistics.periods import local, next_month
from dossiers.statistics.ranking import MonthPage


@dataclass(frozen=True, slots=True)
class Line:
    """One agency's numbers."""

    code: str
    name: str
    duty: Duty


@dataclass(frozen=True, slots=True)
class Owed:
    """A month's numbers: agencies that owe any, those with most missing first, and the city's."""

    lines: tuple[Line, ...]
    total: Duty


def of_month(page: MonthPage) -> Owed:
    """The month that the page shows, as of the same moment."""
    last = next_month(page.month) - timedelta(days=1)
    rows = duty(Asked(page.month, last, page.as_of), ["agency"])
    names = {line.code: line.name for line in page.lines}
    lines = [
        Line(code, names.get(code, code), row.duty)
        for row in rows
        if (code := row.keys["agency"] or "")
    ]
    lines.sort(key=lambda line: (-line.duty.missing, -line.duty.late, line.name))
    return Owed(tuple(lines), sum((row.duty for row in rows), Duty()))


def as_json(page: MonthPage) -> dict[str, Any]:
    """The same as plain values, under the names of the reading."""
    found = of_month(page)
    return {
        "month": f"{page.month:%Y-%m}",
        "as_of": local(page.as_of),
        "is_over": page.is_over,
        "total": _numbers(found.total),
        "agencies": [
            {"agency": line.code, "name": line.name, **_numbers(line.duty)} for line in found.lines
        ],
    }


def _numbers(numbers: Duty) -> dict[str, int]:
    return {name: getattr(numbers, name) for name in COLUMNS}
