"""The cells of an event log read as a mapping says: moments, codes, words. No row, no case."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import UTC, date, datetime, time

from django.utils.translation import gettext

from dossiers.exchange.history_mapping import ISO, Choice, LogMapping

LONGEST_CASE = 200
LONGEST_WORD = 200
_YEARS = range(1900, 2200)
_HOUR = re.compile(r"%-?[HIMScXs]")


class UnreadableCell(ValueError):
    """A cell that does not say what the mapping expects there; the text is a sentence."""


def composed(text: str) -> str:
    """A text without blanks around it and with its diacritics composed."""
    return unicodedata.normalize("NFC", text).strip()


def word(text: str, column: str, longest: int = LONGEST_WORD) -> str:
    """A cell as a text that can be stored, composed as people's keyboards do (windows-1258 writes
    tones apart). Raises: UnreadableCell."""
    text = composed(text)
    if "\0" in text:
        raise UnreadableCell(gettext("%(column)s holds a NUL byte") % {"column": column})
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise UnreadableCell(
            gettext("%(column)s holds bytes that the encoding does not know") % {"column": column}
        )
    if len(text) > longest:
        raise UnreadableCell(
            gettext("%(column)s is longer than %(longest)s characters")
            % {"column": column, "longest": longest}
        )
    return text


def moment(text: str, mapping: LogMapping, *, column: str, at_day_end: bool = False) -> datetime:
    """A cell as a moment in UTC; a plain date is the start (or end) of that local day.

    Raises: UnreadableCell.
    """
    for form in mapping.formats:
        with suppress(ValueError, OverflowError):
            read, is_day = _read(text.strip(), form)
            read = read if read.tzinfo else read.replace(tzinfo=mapping.zone)
            if is_day and at_day_end:
                read = datetime.combine(read.date(), time.max, read.tzinfo)
            if read.year in _YEARS:
                return read.astimezone(UTC)
    raise UnreadableCell(
        gettext("%(column)s: “%(text)s” is no moment in the given form")
        % {"column": column, "text": printable(text)}
    )


def code(choice: Choice, cell: str) -> str:
    """The code that a choice gives for a cell of its column. Raises: UnreadableCell."""
    if choice.constant:
        return choice.constant
    cell = word(cell, choice.column)
    given = cell if choice.values is None else choice.values.get(cell, "")
    if given or choice.otherwise:
        return given or choice.otherwise
    if not cell:
        raise UnreadableCell(gettext("%(column)s is empty") % {"column": choice.column})
    raise UnreadableCell(
        gettext("%(column)s: “%(text)s” is not in the mapping's table")
        % {"column": choice.column, "text": printable(cell)}
    )


def printable(text: str) -> str:
    """A cell as it can be shown in a report: short, on one line, storable."""
    shown = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
    return shown if len(shown) <= 60 else f"{shown[:60]}…"


def _read(text: str, form: str) -> tuple[datetime, bool]:
    """A moment as written, and whether it is a plain date."""
    if form != ISO:
        return datetime.strptime(text, form), not _HOUR.search(form)  # noqa: DTZ007
    try:
        return datetime.combine(date.fromisoformat(text), time.min), True
    except ValueError:
        return datetime.fromisoformat(text), False
