"""`manage.py import_definitions FILE…` brings in workflow definitions: our own form (YAML, JSON),
annex tables of provinces, BPMN 2.0. The forms and the report are in docs/import-definitions.md."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from workflows.catalogue import drafts
from workflows.interchange import reading
from workflows.management.reporting import check_writable, unreadable


class Command(BaseCommand):
    """Reads each file, keeps what can be taken as drafts and prints one entry a definition."""

    help = "Bring in workflow definitions from YAML, JSON, annex tables or BPMN 2.0, as drafts."
    uses_database = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="say what would be taken only")
        parser.add_argument("--report", type=Path, help="write the report here instead of printing")

    def handle(self, *args: Any, **options: Any) -> None:
        check_writable(options["report"])
        contents = [(path, content_of(path)) for path in options["files"]]
        agencies, at = drafts.agency_codes(), timezone.now()
        report = []
        for path, content in contents:
            for found in reading.read(content, name=path.stem, agencies=agencies):
                taken = drafts.take(found, dry_run=options["dry_run"], at=at)
                report.append(taken.as_data(str(path)))
            self.stderr.write(f"{path}")
        text = json.dumps(report, ensure_ascii=False, indent=1)
        if options["report"] is None:
            self.stdout.write(text)
        else:
            options["report"].write_text(text + "\n", encoding="utf-8")
        if not all(entry["taken"] for entry in report):
            raise SystemExit(1)


def content_of(path: Path) -> bytes:
    """What the file holds. Raises: CommandError with status 2 when it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as fault:
        raise unreadable(path, fault.strerror) from None
