"""The strip of days in words: what stands in a cell and which few bear a flag over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dossiers.strip import Cell, Did
from notifications import wording

_LETTERS_A_CELL = 4  # at 12 px over a cell of 29 px


@dataclass(frozen=True, slots=True)
class Day:
    """One cell as drawn; `did` names its look."""

    on: date
    did: str
    is_now: bool
    inside: str
    weekday: str
    name: str
    flag: str
    flag_tone: str
    flag_right: bool


def days(cells: Sequence[Cell], names: Mapping[date, str]) -> list[Day]:
    """The cells with their words; a flag that would run into a more needed one is left out."""
    flags = _placed([_flag(cell) for cell in cells])
    return [
        Day(
            on=cell.on,
            did=cell.did.value,
            is_now=cell.is_now,
            inside=_inside(cell, names),
            weekday=wording.weekday_mark(cell.on),
            name=names.get(cell.on, ""),
            flag=flags[n][1],
            flag_tone=flags[n][2],
            flag_right=n == len(cells) - 1,
        )
        for n, cell in enumerate(cells)
    ]


def _inside(cell: Cell, names: Mapping[date, str]) -> str:
    if cell.number is not None:
        return str(cell.number)
    return pgettext("day", "off") if cell.did is Did.OFF and cell.on in names else ""


def _flag(cell: Cell) -> tuple[int, str, str]:
    """How much it is needed (0 most), the words and the tone of the cell's flag."""
    on = wording.days(cell.on, cell.on)
    if cell.is_limit:
        return 0, _("limit %(day)s") % {"day": on}, "strong"
    if cell.is_promise:
        return 1, _("promised %(day)s") % {"day": on}, "strong"
    if cell.is_now:
        return 2, pgettext("strip", "now"), "strong"
    if cell.is_start:
        return 3, _("received %(day)s") % {"day": on}, ""
    if cell.is_stop:
        return 4, pgettext("strip", "clock stopped"), "stop"
    if cell.is_restart:
        return 5, _("limit anew %(day)s") % {"day": on}, ""
    return 9, "", ""


def _placed(flags: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """The flags that find room, the most needed first."""
    last = len(flags) - 1
    taken: list[tuple[int, int]] = []
    kept = [(9, "", "")] * len(flags)
    for n, flag in sorted(enumerate(flags), key=lambda entry: entry[1][0]):
        if not flag[1]:
            continue
        width = -(-len(flag[1]) // _LETTERS_A_CELL)
        room = (n - width + 1, n) if n == last else (n, n + width - 1)
        if all(room[1] < a or b < room[0] for a, b in taken):
            taken.append(room)
            kept[n] = flag
    return kept
