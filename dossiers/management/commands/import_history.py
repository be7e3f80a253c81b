"""`import_history`: an event log of the past becomes dossiers, at the log's own times."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext

from dossiers.exchange.history import HistoryReport, import_history
from dossiers.exchange.history_form import MalformedMapping, read_mapping
from dossiers.exchange.history_log import UnreadableLog
from dossiers.exchange.history_places import UnknownPlace
from dossiers.exchange.history_workflow import ImpossibleWorkflow

REFUSED, UNUSABLE = 1, 2


class Command(BaseCommand):
    """Exit status: 0 done, 1 some cases were refused, 2 unreadable input (nothing changed)."""

    help = "Turn an event log (CSV, also gzipped) into dossiers with steps, clocks and results."
    uses_database = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the log: CSV, plain or gzipped")
        parser.add_argument("--mapping", type=Path, required=True, help="how to read it (YAML)")
        parser.add_argument("--at", help="time is run up to this moment (ISO 8601); default now")
        parser.add_argument("--report", type=Path, help="write the report here, not to the output")

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now(UTC)
        try:
            at = _moment(options["at"], now)
            report_to = _writable(options["report"])
            mapping = read_mapping(_text(options["mapping"]))
            report = import_history(
                options["file"], mapping, at=at, recorded_at=now, progress=self.show
            )
        except MalformedMapping as malformed:
            for fault in malformed.faults:
                self.stderr.write(f"{options['mapping']}: {fault}")
            sys.exit(UNUSABLE)
        except (_Unusable, UnreadableLog, UnknownPlace, ImpossibleWorkflow) as unusable:
            self.stderr.write(f"import_history: {unusable}")
            sys.exit(UNUSABLE)
        self.tell(report, report_to)
        if report.refused:
            sys.exit(REFUSED)

    def show(self, done: int, of: int) -> None:
        """Progress, on standard error."""
        self.stderr.write(
            gettext("%(done)s of %(all)s cases") % {"done": done, "all": of},
            style_func=lambda text: text,
        )

    def tell(self, report: HistoryReport, to: Path | None) -> None:
        """The report as JSON, to the file asked for or to standard output."""
        text = json.dumps(report.as_data(), ensure_ascii=False, indent=2) + "\n"
        if to is None:
            self.stdout.write(text, ending="")
        else:
            to.write_text(text, encoding="utf-8")


class _Unusable(ValueError):
    """What was given on the command line cannot be used."""


def _moment(text: str | None, now: datetime) -> datetime:
    if text is None:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _Unusable(gettext("--at %(text)s is no moment") % {"text": text}) from None
    if at.tzinfo is None:
        raise _Unusable(gettext("--at needs an offset, as in 2012-01-23T14:42:54Z"))
    if at > now:
        raise _Unusable(gettext("--at lies in the future"))
    return at


def _writable(path: Path | None) -> Path | None:
    if path is not None and not path.parent.is_dir():
        raise _Unusable(gettext("there is no folder %(path)s") % {"path": path.parent})
    if path is not None and not os.access(path if path.exists() else path.parent, os.W_OK):
        raise _Unusable(gettext("%(path)s cannot be written") % {"path": path})
    if path is not None and path.is_dir():
        raise _Unusable(gettext("%(path)s is a folder") % {"path": path})
    return path


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise _Unusable(f"{path}: {error}") from None
