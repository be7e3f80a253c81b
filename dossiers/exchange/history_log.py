"""Reads an event log row by row and gathers its rows into cases; what cannot be read is refused
with its line. What a case's rows mean is `history_cases.py`'s. Nothing is written here."""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext

from dossiers.exchange import history_cells as cells
from dossiers.exchange.history_mapping import LogMapping

_GZIP = b"\x1f\x8b"


class UnreadableLog(ValueError):
    """The file as a whole cannot be read; the text is one line for the reader."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event as the log states it."""

    at: datetime
    activity: str
    performer: str
    line: int


@dataclass(slots=True)
class RawCase:
    """The rows of one case: its events, the cells of its columns, and the first fault if any."""

    case: str
    line: int
    events: list[LogEvent] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)
    contradicted: set[str] = field(default_factory=set)
    fault: str = ""


def read_log(path: Path, mapping: LogMapping) -> list[RawCase]:
    """All cases of a log, plain or gzipped, in the order of their first lines. A row that names no
    case is a faulty case of its own.

    Raises: UnreadableLog.
    """
    cases: dict[str, RawCase] = {}
    nameless: list[RawCase] = []
    of_case = mapping.case_columns()
    try:
        for line, row, fault in _rows(path, mapping):
            case = _case_of(row, line, fault, mapping, cases, nameless)
            if case is not None:
                _add(case, row, line, mapping, of_case)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableLog(f"{path.name}: {error}") from None
    except (UnicodeError, csv.Error) as error:
        raise UnreadableLog(
            gettext("%(file)s cannot be read as %(encoding)s: %(error)s")
            % {"file": path.name, "encoding": mapping.encoding, "error": error}
        ) from None
    return sorted([*cases.values(), *nameless], key=lambda case: case.line)


def _rows(path: Path, mapping: LogMapping) -> Iterator[tuple[int, Mapping[str, str], str]]:
    """Line, cells by column, and what is wrong with the row as such."""
    with path.open("rb") as raw:
        packed = raw.peek(2)[:2] == _GZIP
        source = gzip.GzipFile(fileobj=raw) if packed else raw
        errors = "surrogateescape" if mapping.encoding.startswith(("utf-8", "utf_8")) else "strict"
        with io.TextIOWrapper(source, mapping.encoding, errors, newline="") as text:
            yield from _records(text, mapping)


def _records(
    text: io.TextIOWrapper, mapping: LogMapping
) -> Iterator[tuple[int, Mapping[str, str], str]]:
    longest, reader = csv.field_size_limit(sys.maxsize), None
    try:
        reader = csv.reader(text, delimiter=mapping.delimiter, quotechar=mapping.quote)
        header = _header(next(reader, []), mapping)
        begun = reader.line_num
        for row in reader:
            line, begun = begun + 1, reader.line_num
            if not any(cell.strip() for cell in row):
                continue
            fault = ""
            if len(row) != len(header):
                fault = gettext("line %(line)s has %(count)s cells, the header has %(wanted)s") % {
                    "line": line, "count": len(row), "wanted": len(header),
                }  # fmt: skip
            yield line, dict(zip(header, row, strict=False)), fault
    finally:
        csv.field_size_limit(longest)


def _header(row: list[str], mapping: LogMapping) -> list[str]:
    header = [cells.composed(name) for name in row]
    if not any(header):
        raise UnreadableLog(gettext("the log is empty: it has no header"))
    needed = mapping.columns()
    if missing := needed - set(header):
        raise UnreadableLog(
            gettext("the log has no column %(columns)s") % {"columns": ", ".join(sorted(missing))}
        )
    if doubled := {name for name in needed if header.count(name) > 1}:
        raise UnreadableLog(
            gettext("the log has more than one column %(columns)s")
            % {"columns": ", ".join(sorted(doubled))}
        )
    return header


def _case_of(
    row: Mapping[str, str],
    line: int,
    fault: str,
    mapping: LogMapping,
    cases: dict[str, RawCase],
    nameless: list[RawCase],
) -> RawCase | None:
    """The case to which a sound row belongs; a row that is not sound spoils its case."""
    try:
        name = cells.word(row.get(mapping.case_column, ""), mapping.case_column, cells.LONGEST_CASE)
        if not name:
            raise cells.UnreadableCell(fault or gettext("the row names no case"))
    except cells.UnreadableCell as unreadable:
        nameless.append(RawCase("", line, fault=str(unreadable)))
        return None
    case = cases.setdefault(name, RawCase(name, line))
    case.fault = case.fault or fault
    return None if fault else case


def _add(
    case: RawCase,
    row: Mapping[str, str],
    line: int,
    mapping: LogMapping,
    of_case: frozenset[str],
) -> None:
    try:
        activity = cells.word(row[mapping.activity_column], mapping.activity_column)
        if not activity:
            raise cells.UnreadableCell(
                gettext("%(column)s is empty") % {"column": mapping.activity_column}
            )
        at = cells.moment(row[mapping.time_column], mapping, column=mapping.time_column)
        performer = ""
        if mapping.performer_column:
            performer = cells.word(row[mapping.performer_column], mapping.performer_column)
    except cells.UnreadableCell as unreadable:
        case.fault = case.fault or gettext("line %(line)s: %(fault)s") % {
            "line": line, "fault": unreadable,
        }  # fmt: skip
        return
    case.events.append(LogEvent(at, activity, performer, line))
    for column in of_case:
        cell = row[column].strip()
        known = case.cells.setdefault(column, cell)
        if not known:
            case.cells[column] = cell
        elif cell and cell != known:
            case.contradicted.add(column)
