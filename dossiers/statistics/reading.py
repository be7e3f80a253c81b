"""Figures of a period as of a moment, by any keys: the one reading that command, board, public page
and open data share. A bounded number of queries, whatever the keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dossiers.codes import UnitCode
from dossiers.statistics.columns import KEYS, Figures, figures
from dossiers.statistics.periods import (
    Period,
    local_day,
    month_start,
    months,
    period,
)
from dossiers.statistics.sums import Sum, sums
from workflows.models import Agency, Channel, Field, Procedure, Unit

Cut = tuple[int | None, ...]
Sums = dict[str, int]

_SPELLED: dict[str, tuple[Any, str]] = {
    "agency": (Agency, "code"),
    "unit": (Unit, "code"),
    "receiving_agency": (Agency, "code"),
    "channel": (Channel, "code"),
    "procedure": (Procedure, "code"),
    "field": (Field, "name"),
}


class UnknownKey(ValueError):
    """A key to cut by, or an agency, that does not exist."""


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one combination of keys (codes; field by name; month as YYYY-MM)."""

    keys: Mapping[str, str | None]
    figures: Figures


def read(
    *,
    since: date | None,
    until: date | None,
    as_of: datetime,
    by: Sequence[str] = (),
    agency: str | None = None,
) -> list[Row]:
    """The rows of the period: one for every combination of `by` that has a number, sorted by the
    keys; without `by` exactly one. `agency` takes that agency and all below it.

    Raises: PeriodError, UnknownKey.
    """
    for key in by:
        if key not in KEYS:
            raise UnknownKey(f"{key} is not a key: {', '.join(KEYS)}")
    asked = period(since, until, as_of)
    below = "" if agency is None else _path(agency)
    cuts = [key for key in dict.fromkeys(by) if key != "month"]
    found = list(sums(asked, cuts, monthly="month" in by, below=below))
    if not by:
        return [Row({}, _whole(found))]
    names = _names(cuts, (item.cut for item in found))
    rows = [
        Row({key: _key(key, cuts, names, cut, month) for key in dict.fromkeys(by)}, row)
        for cut, month, row in _rows(asked, found, monthly="month" in by)
        if row
    ]
    return sorted(rows, key=lambda row: [value or "" for value in row.keys.values()])


def _rows(
    asked: Period, found: Iterable[Sum], *, monthly: bool
) -> Iterator[tuple[Cut, date | None, Figures]]:
    cells: dict[Cut, list[Sum]] = defaultdict(list)
    for item in found:
        cells[item.cut].append(item)
    for cut, items in cells.items():
        if monthly:
            for month, row in _by_month(asked, items):
                yield cut, month, row
        else:
            yield cut, None, _whole(items)


def _whole(items: Iterable[Sum]) -> Figures:
    """The whole period as one."""
    before: Sums = defaultdict(int)
    within: Sums = defaultdict(int)
    for item in items:
        if item.on is None:
            before[item.measure] += item.amount
        elif item.counts_on is not None:
            within[item.measure] += item.amount
    return figures(before, within)


def _by_month(asked: Period, items: Sequence[Sum]) -> Iterator[tuple[date, Figures]]:
    """Each month as a period of its own: what became true after its end is not in its row."""
    before: Sums = defaultdict(int)
    within: dict[date, Sums] = defaultdict(lambda: defaultdict(int))
    for item in items:
        if item.on is None:
            before[item.measure] += item.amount
        elif item.on == item.counts_on:
            within[item.on][item.measure] += item.amount
    first = asked.since or min(within, default=month_start(local_day(asked.as_of)))
    for month in months(first, local_day(asked.as_of)):
        yield month, figures(before, within[month])
        for measure, amount in within[month].items():
            before[measure] += amount


def _path(code: str) -> str:
    """The place in the tree of an agency, by its code in either form."""
    read_as = UnitCode.parse(code)
    spellings = [code] if read_as is None else [code, read_as.canonical]
    paths = dict(Agency.objects.filter(code__in=spellings).values_list("code", "path"))
    for spelling in spellings:
        if spelling in paths:
            return paths[spelling]
    raise UnknownKey(f"there is no agency {code}")


def _names(cuts: Sequence[str], found: Iterable[Cut]) -> list[dict[int, str]]:
    """Per key, how each id among the cuts is spelled; one query a key."""
    ids: list[set[int]] = [set() for _ in cuts]
    for cut in found:
        for seen, value in zip(ids, cut, strict=True):
            if value is not None:
                seen.add(value)
    names = []
    for key, seen in zip(cuts, ids, strict=True):
        model, spelled = _SPELLED[key]
        names.append(dict(model.objects.filter(pk__in=seen).values_list("pk", spelled)))
    return names


def _key(
    key: str, cuts: Sequence[str], names: list[dict[int, str]], cut: Cut, month: date | None
) -> str | None:
    if key == "month":
        return None if month is None else f"{month:%Y-%m}"
    place = cuts.index(key)
    value = cut[place]
    return None if value is None else names[place][value]
