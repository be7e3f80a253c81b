"""Why this date? The history of a dossier's clock in sentences, one a stretch, with their sum.

The stretches are `dossiers.explaining`'s; here they get their words: what happened, by which
source, which days off were crossed, what the promise became. The same lines stand on the page, in
the API and on the control slip.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dossiers import explaining, stretches, strip
from dossiers.clock import Clock
from dossiers.models import ClockKind, ClockRow, Dossier, LimitValue, Stop
from dossiers.reading import days_off, strip_words, why_lines
from dossiers.reading.limits import limit_words
from dossiers.reading.promises import with_first_promise
from dossiers.reading.why_lines import Line as Line
from dossiers.stretches import Explanation
from notifications import wording
from workflows.models import CalendarDay
from workflows.timelimit import TimeLimit

_CLOCK_COLUMNS = tuple(name for name in Clock.__dataclass_fields__ if name != "calendar")


@dataclass(frozen=True, slots=True)
class Why:
    """The lines, what they add up to in words, and the same as cells of a strip of days."""

    lines: tuple[Line, ...]
    total: str
    # Of the total what lies on the day of receipt, where that day is not counted as one.
    of_first_day: str
    days: list[strip_words.Day]
    explained: Explanation


@dataclass(frozen=True, slots=True)
class Told:
    """The explanation of one dossier with the rows it was drawn from."""

    dossier: Dossier
    row: ClockRow
    values: Sequence[LimitValue]
    limit: str
    why: Why


def of_dossier(dossier_id: int, at: datetime) -> Told | None:
    """The dossier's own clock explained; None where it has not begun. Four queries."""
    row = (
        with_first_promise(ClockRow.objects.filter(dossier=dossier_id, kind=ClockKind.DOSSIER))
        .select_related("calendar__base", "dossier__edition", "dossier__receiving_agency")
        .defer("dossier__edition__steps_text", "dossier__edition__requirements")
        .first()
    )
    if row is None:
        return None
    values, stops = list(row.values.all()), list(row.stop_rows.all())
    told = why(row.dossier, row, values, stops, days_off.rows(row), at)
    return Told(row.dossier, row, values, limit_words(row.limit), told)


def why(
    dossier: Dossier,
    row: ClockRow,
    values: Sequence[LimitValue],
    stops: Sequence[Stop],
    days: Iterable[CalendarDay],
    at: datetime,
) -> Why:
    """The explanation of `row` (its calendar loaded) in the reader's language; `days` are those of
    `days_off.rows`."""
    clock = pure(row)
    told = [stretches.Told(v.at, v.limit_at, v.promised_at, v.cause) for v in values]
    halts = [stretches.Halt(s.ground, s.from_at, s.to_at) for s in stops]
    explained = explaining.explain(clock, told, halts)
    named = days_off.named(row, days)
    lines = [
        *why_lines.beginning(dossier, row, clock, explained, values),
        *why_lines.happened(dossier, explained, values[1:], named, at),
    ]
    counting = [one.used for one in explained.stretches if one.counts]
    total = sum(stretches.whole_minutes(counting))
    limit = None if row.limit is None else TimeLimit.from_json(row.limit)
    calendar = row.calendar.working()
    cells = strip.cells(explained, limit, calendar, at, ended_at=row.finished_at)
    return Why(
        lines=tuple(why_lines.struck(lines)),
        total=wording.whole_minutes(total) if counting else "",
        of_first_day=why_lines.of_first_day(clock, calendar),
        days=strip_words.days(cells, {day.on: days_off.name_of(day) for day in named}),
        explained=explained,
    )


def pure(row: ClockRow) -> Clock:
    """The clock value of a row whose calendar is loaded."""
    return Clock.from_columns(
        {name: getattr(row, name) for name in _CLOCK_COLUMNS}, row.calendar.working()
    )
