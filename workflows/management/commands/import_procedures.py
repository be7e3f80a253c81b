"""`manage.py import_procedures FILE` takes over the national catalogue. The form and the
contract are in docs/import-procedures.md."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from workflows.catalogue.importing import import_procedures
from workflows.management.reporting import check_writable, finish, unreadable


class Command(BaseCommand):
    """Reads one JSON array of procedures, prints the report, tells progress on standard error."""

    help = "Take over the national catalogue of procedures from a JSON file."
    uses_database = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a JSON array of procedures")
        parser.add_argument("--report", type=Path, help="write the report here instead of printing")
        parser.add_argument(
            "--in-force-from",
            type=date.fromisoformat,
            help="first day of the new editions, YYYY-MM-DD (default: today)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        check_writable(options["report"])
        records = read_array(options["file"])
        report = import_procedures(
            records,
            in_force_from=options["in_force_from"] or timezone.localdate(),
            progress=self._tell,
        )
        finish(report, options["report"], self)

    def _tell(self, done: int, of: int) -> None:
        self.stderr.write(_("%(done)d of %(of)d records") % {"done": done, "of": of})


def read_array(path: Path) -> list[Any]:
    """The JSON array in the file at `path`.

    Raises: CommandError with status 2 when it cannot be read or is no array.
    """
    try:
        records = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as fault:
        raise unreadable(path, fault.strerror) from None
    except (ValueError, RecursionError) as fault:
        raise unreadable(path, fault) from None
    if not isinstance(records, list):
        raise unreadable(path, _("it holds no list of procedures"))
    return records
