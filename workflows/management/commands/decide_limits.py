"""`manage.py decide_limits FILE` settles the limits that the catalogue leaves open, from a sheet
(CSV or XLSX). The columns are described in docs/import-procedures.md."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from workflows.catalogue.limits import Decision, decide_limits
from workflows.catalogue.sheets import UnreadableSheet, read_sheet
from workflows.management.reporting import check_writable, finish, unreadable

COLUMNS = ("code", "channel", "case", "amount", "unit", "rule", "source")


class Command(BaseCommand):
    """Reads the sheet, takes what can be taken and prints the report."""

    help = "Decide the time limits that the catalogue leaves open, from a CSV or XLSX sheet."
    uses_database = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=f"columns: {', '.join(COLUMNS)}")
        parser.add_argument("--report", type=Path, help="write the report here instead of printing")

    def handle(self, *args: Any, **options: Any) -> None:
        check_writable(options["report"])
        report = decide_limits(read_decisions(options["file"]), at=timezone.now())
        finish(report, options["report"], self)


def read_decisions(path: Path) -> list[Decision]:
    """The decisions in the sheet at `path`.

    Raises: CommandError with status 2 when it is no such sheet.
    """
    try:
        rows = read_sheet(path, COLUMNS)
    except OSError as fault:
        raise unreadable(path, fault.strerror) from None
    except UnreadableSheet as fault:
        raise unreadable(path, fault) from None
    return [Decision(**row) for row in rows]
