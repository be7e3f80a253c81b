"""Everything counted again from dossiers, events, limits, breaches and apologies, and compared with
what was posted, cell by cell and day by day; and every dossier's chain of events followed.

Finer than any page shows: two faults that cancel out within a month are found too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from dossiers.statistics import recount, seal
from dossiers.statistics.periods import local_day
from dossiers.statistics.stories import Codes, Rows, every_dossier, one_moment, story
from dossiers.statistics.sums import by_day, unequal_days


class Cell(NamedTuple):
    """Where a number belongs: as finely as entries are posted, by the local day."""

    agency: str
    unit: str | None
    receiving_agency: str
    procedure: str
    channel: str
    on: date
    counts_on: date
    measure: str

    def __str__(self) -> str:
        counts = "" if self.counts_on == self.on else f" counts on {self.counts_on}"
        return (
            f"{self.on:%Y-%m} {self.measure} on {self.on}{counts} agency={self.agency}"
            f" unit={self.unit or '-'} receiving={self.receiving_agency}"
            f" procedure={self.procedure} channel={self.channel}"
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where what was kept and what was found anew do not agree."""

    cell: str
    posted: str
    recounted: str

    def __str__(self) -> str:
        return f"{self.cell}: posted {self.posted}, recounted {self.recounted}"


def differences(at: datetime) -> Iterator[Difference]:
    """Everything that does not agree as of `at`; nothing if all is well."""
    with one_moment():
        codes = Codes()
        posted = _posted(at, codes)
        recounted: Counter[Cell] = Counter()
        for rows in every_dossier():
            yield from _chain(rows)
            for count in recount.recount(story(rows, codes), at):
                if count.at <= at:
                    recounted[_cell(rows, count, codes)] += count.amount
        for cell in sorted({*posted, *recounted}, key=_order):
            if posted[cell] != recounted[cell]:
                yield Difference(str(cell), str(posted[cell]), str(recounted[cell]))
        yield from _unfaithful_rollups(codes)


def _order(cell: Cell) -> tuple[str, ...]:
    return tuple(str(part or "") for part in (cell.on, *cell))


def _posted(at: datetime, codes: Codes) -> Counter[Cell]:
    posted: Counter[Cell] = Counter()
    with connection.cursor() as cursor:
        for row in by_day(cursor, at):
            posted[_named(row[:8], codes)] = int(row[8])
    return posted


def _unfaithful_rollups(codes: Codes) -> Iterator[Difference]:
    """Rollups that do not hold the entries folded into them."""
    with connection.cursor() as cursor:
        for row in unequal_days(cursor):
            cell = _named(row[:8], codes)
            yield Difference(f"rollup {cell}", str(row[8]), f"{row[9]} in entries")


def _named(row: tuple[int, int | None, int, int, int, str, date, date], codes: Codes) -> Cell:
    agency, unit, receiving, procedure, channel, measure, on, counts_on = row
    return Cell(
        codes.agency[agency],
        codes.unit[unit],
        codes.agency[receiving],
        codes.procedure[procedure],
        codes.channel[channel],
        on,
        counts_on,
        measure,
    )


def _cell(rows: Rows, count: recount.Count, codes: Codes) -> Cell:
    dossier = rows.dossier
    receiving = codes.agency[dossier.receiving_agency_id]
    agency, unit = count.place or (receiving, None)
    return Cell(
        agency,
        unit,
        receiving,
        codes.procedure[dossier.procedure_id],
        codes.channel[dossier.channel_id],
        local_day(count.at),
        local_day(count.counts_at),
        count.measure,
    )


def _chain(rows: Rows) -> Iterator[Difference]:
    """Follow the chain: numbers without a gap, each hash over its fields and the one before, the
    head on the dossier's row, and the status where the last move left it."""
    dossier = rows.dossier
    previous, status = "", ""
    for n, event in enumerate(rows.events, start=1):
        at = f"dossier {dossier.handle} event {event.n}"
        if event.n != n:
            yield Difference(f"{at} number", str(event.n), str(n))
            return
        if event.previous != previous:
            yield Difference(f"{at} previous", event.previous or "-", previous or "-")
        found = seal.event_hash(seal.event_fields(str(dossier.ref), event), event.previous)
        if event.sha256 != found:
            yield Difference(f"{at} hash", event.sha256, found)
        previous, status = event.sha256, event.to_status or status
    head = f"dossier {dossier.handle} head"
    if dossier.head_n != len(rows.events):
        yield Difference(f"{head} number", str(dossier.head_n), str(len(rows.events)))
    if dossier.head_sha256 != previous:
        yield Difference(f"{head} hash", dossier.head_sha256 or "-", previous or "-")
    if dossier.status != status:
        yield Difference(f"{head} status", dossier.status, status or "-")
