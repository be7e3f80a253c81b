"""`export_history`: what a stranger needs to count everything again, one dossier a line."""

from __future__ import annotations

import gzip
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dossiers.management.arguments import a_moment
from dossiers.statistics.handout import history

USAGE = 2
EVERY = 10_000


class Command(BaseCommand):
    """Write every dossier's history, without personal data."""

    help = "Write every dossier's history without personal data (JSON Lines, .gz compressed)."
    uses_database = True

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of the command line."""
        parser.add_argument("file", type=Path, help="FILE.jsonl or FILE.jsonl.gz")
        parser.add_argument("--as-of", type=a_moment, help="moment with offset, or a date's end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file whole or not at all."""
        now = datetime.now(UTC)
        as_of = min(options["as_of"] or now, now)
        count = 0
        try:
            with _written(options["file"]) as file:
                for told in history(as_of):
                    file.write(json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n")
                    count += 1
                    if count % EVERY == 0:
                        self.stderr.write(f"{count} dossiers")
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}", returncode=USAGE) from error
        self.stderr.write(f"{count} dossiers written to {options['file']}")


@contextmanager
def _written(path: Path) -> Iterator[TextIO]:
    """A file that takes its name only once it is whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as raw:
            if path.suffix == ".gz":
                # Neither name nor time inside: the same history gives the same bytes.
                with (
                    gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
                    io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as text,
                ):
                    yield text
            else:
                with io.TextIOWrapper(raw, encoding="utf-8", newline="\n") as text:
                    yield text
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
