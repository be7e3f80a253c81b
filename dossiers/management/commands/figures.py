"""`figures`: the numbers of a period as of a moment; `figures verify`: recount them."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dossiers.management.arguments import a_date, a_moment
from dossiers.statistics import reading, verify
from dossiers.statistics.columns import COLUMNS, KEYS
from dossiers.statistics.periods import PeriodError, day_end, local, local_day, period

USAGE = 2
DIFFERENCES = 1


def keys(text: str) -> list[str]:
    """Keys separated by commas."""
    found = [key.strip() for key in text.split(",") if key.strip()]
    unknown = [key for key in found if key not in KEYS]
    if unknown or not found:
        raise argparse.ArgumentTypeError(f"keys are {', '.join(KEYS)}, not {text!r}")
    return list(dict.fromkeys(found))


class Command(BaseCommand):
    """Print the figures of a period, or recount all of them."""

    help = "Figures of a period as of a moment; `figures verify` recounts them from the dossiers."
    uses_database = True

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of the command line."""
        parser.add_argument("action", nargs="?", choices=["verify"], help="recount everything")
        parser.add_argument("--from", dest="since", type=a_date, help="first day, local")
        parser.add_argument("--to", dest="until", type=a_date, help="last day, local")
        parser.add_argument("--as-of", type=a_moment, help="moment with offset, or a date's end")
        parser.add_argument("--by", type=keys, default=[], help=", ".join(KEYS))
        parser.add_argument("--agency", help="code: this agency and all below it")
        parser.add_argument("--format", choices=["table", "json", "csv"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the rows, or the differences."""
        now = datetime.now(UTC)
        if options["action"] == "verify":
            if any(options[name] for name in ("since", "until", "as_of", "by", "agency")):
                raise CommandError(
                    "verify recounts everything: it takes no period", returncode=USAGE
                )
            self._verify(now)
            return
        since, until = options["since"], options["until"]
        try:
            as_of = _as_of(options["as_of"], since, until, now)
            rows = reading.read(
                since=since,
                until=until,
                as_of=as_of,
                by=options["by"],
                agency=options["agency"],
            )
        except (PeriodError, reading.UnknownKey) as error:
            raise CommandError(str(error), returncode=USAGE) from error
        header = {
            "from": since and since.isoformat(),
            "to": (until or local_day(as_of)).isoformat(),
            "as_of": local(as_of),
        }
        write = {"json": self._json, "csv": self._csv, "table": self._table}
        write[options["format"]](header, options["by"], rows)

    def _verify(self, now: datetime) -> None:
        found = False
        for difference in verify.differences(now):
            self.stdout.write(str(difference))
            found = True
        if found:
            sys.exit(DIFFERENCES)
        self.stdout.write("0 differences")

    def _json(self, header: dict[str, Any], by: list[str], rows: Sequence[reading.Row]) -> None:
        found = [dict(zip((*by, *COLUMNS), _cells(by, row), strict=True)) for row in rows]
        self.stdout.write(json.dumps({**header, "rows": found}, ensure_ascii=False, indent=1))

    def _csv(self, header: dict[str, Any], by: list[str], rows: Sequence[reading.Row]) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow([*by, *COLUMNS])
        writer.writerows(_cells(by, row) for row in rows)

    def _table(self, header: dict[str, Any], by: list[str], rows: Sequence[reading.Row]) -> None:
        begin = header["from"] or "the beginning"
        self.stdout.write(f"from {begin} to {header['to']}, as of {header['as_of']}")
        if not by:
            for name, number in zip(COLUMNS, _cells(by, rows[0]), strict=True):
                self.stdout.write(f"{name:<24}{number:>12}")
            return
        lines = [[*by, *COLUMNS], *([_shown(cell) for cell in _cells(by, row)] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            cells = [
                cell.ljust(width) if place < len(by) else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            self.stdout.write("  ".join(cells).rstrip())


def _as_of(
    asked: datetime | None, since: date | None, until: date | None, now: datetime
) -> datetime:
    """The moment asked for, or the end of the last day; what is still to come is not counted."""
    if asked is not None:
        period(since, until, asked)
        return min(asked, now)
    return now if until is None else min(day_end(until), now)


def _cells(by: Sequence[str], row: reading.Row) -> list[Any]:
    return [row.keys[key] for key in by] + [getattr(row.figures, name) for name in COLUMNS]


def _shown(cell: str | int | None) -> str:
    return "-" if cell is None else str(cell)
