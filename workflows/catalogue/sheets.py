"""Sheets of rows with a heading line, as CSV or XLSX, read as plain texts by their headings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from zipfile import BadZipFile

import openpyxl
from django.utils.translation import gettext

MOST_ROWS = 20_000
MOST_BYTES = 20_000_000


class UnreadableSheet(ValueError):
    """The file is no such sheet; the text says why."""


def read_sheet(path: Path, headings: Sequence[str]) -> list[dict[str, str]]:
    """The rows of the sheet at `path`, each as texts by heading; lines left empty are skipped.

    Raises: UnreadableSheet, when a heading is missing too; OSError.
    """
    content = path.read_bytes()
    if len(content) > MOST_BYTES:
        raise UnreadableSheet(gettext("it is larger than %(most)d bytes") % {"most": MOST_BYTES})
    lines = iter(_of_xlsx(content) if content.startswith(b"PK") else _of_csv(content))
    first = [name.strip().lower() for name in next(lines, [])]
    missing = [name for name in headings if name not in first]
    if missing:
        raise UnreadableSheet(
            gettext("it lacks the columns %(names)s") % {"names": ", ".join(missing)}
        )
    places = {name: first.index(name) for name in headings}
    rows: list[dict[str, str]] = []
    for line in lines:
        if len(rows) >= MOST_ROWS:
            raise UnreadableSheet(gettext("it has more than %(most)d rows") % {"most": MOST_ROWS})
        if any(cell.strip() for cell in line):
            rows.append({name: line[at] if at < len(line) else "" for name, at in places.items()})
    return rows


def _of_csv(content: bytes) -> Iterable[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableSheet(gettext("it is neither UTF-8 text nor XLSX")) from None
    if "\0" in text:
        raise UnreadableSheet(gettext("it is neither UTF-8 text nor XLSX"))
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as fault:
        raise UnreadableSheet(str(fault)) from None


def _of_xlsx(content: bytes) -> Iterator[list[str]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = [
            [_text(cell) for cell in line]
            for line in sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=50, values_only=True)
        ]
    except (BadZipFile, KeyError, ValueError, IndexError, TypeError, EOFError):
        raise UnreadableSheet(gettext("it is no XLSX that can be read")) from None
    yield from lines


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
