"""Why this date? The history of a dossier's clock in sentences, one a stretch, with their sum.

The stretches are `dossiers.explaining`'s; here they get their words: what happened, by which
source, which days off were crossed, what the promise became. The same lines stand on the page, in
the API and on the control slip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.translation import gettext as _

from dossiers import explaining, strip
from dossiers.clock import Clock
from dossiers.explaining import Explanation, Kind, Stretch
from dossiers.models import ClockKind, ClockRow, Dossier, LimitValue, Stop
from dossiers.models.clock import Ground
from dossiers.reading import amended, days_off, sentences, strip_words
from dossiers.reading.limits import limit_words
from dossiers.reading.promises import with_first_promise
from dossiers.reading.timeleft import LOCAL
from notifications import wording
from workflows.models import CalendarDay
from workflows.timelimit import Begins, TimeLimit, Unit

_CLOCK_COLUMNS = tuple(name for name in Clock.__dataclass_fields__ if name != "calendar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: when, what happened and by what source, the working time, the promise it set.

    `kind` is the stretch's, or "said" of what happened at one moment. `used` is in words and adds
    up, over the lines that count, to the sum; `moment` is a promise, `replaced` by a later one.
    """

    kind: str
    at: datetime | None
    text: str
    until: datetime | None = None
    source: str = ""
    used: str = ""
    counts: bool = False
    moment: datetime | None = None
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """The lines, what they add up to in words, and the same as cells of a strip of days."""

    lines: tuple[Line, ...]
    total: str
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
    told = why(row.dossier, row, values, stops, at)
    return Told(row.dossier, row, values, limit_words(row.limit), told)


def why(
    dossier: Dossier,
    row: ClockRow,
    values: Sequence[LimitValue],
    stops: Sequence[Stop],
    at: datetime,
) -> Why:
    """The explanation of `row` (its calendar loaded) in the reader's language; one query, for the
    names of the days it crossed."""
    clock = pure(row)
    told = [explaining.Told(v.at, v.limit_at, v.promised_at, v.cause) for v in values]
    halts = [explaining.Halt(s.ground, s.from_at, s.to_at) for s in stops]
    explained = explaining.explain(clock, told, halts)
    named = days_off.named(row, *_span(explained))
    lines = [
        *_beginning(dossier, row, clock, explained, values),
        *_happened(dossier, explained, values[1:], named, at),
    ]
    counting = [one.used for one in explained.stretches if one.counts]
    total = sum(explaining.whole_minutes(counting))
    limit = None if row.limit is None else TimeLimit.from_json(row.limit)
    calendar = row.calendar.working()
    cells = strip.cells(explained, limit, calendar, at, ended_at=row.finished_at)
    return Why(
        lines=tuple(_struck(lines)),
        total=wording.whole_minutes(total) if counting else "",
        days=strip_words.days(cells, {day.on: days_off.name_of(day) for day in named}),
        explained=explained,
    )


def pure(row: ClockRow) -> Clock:
    """The clock value of a row whose calendar is loaded."""
    return Clock.from_columns(
        {name: getattr(row, name) for name in _CLOCK_COLUMNS}, row.calendar.working()
    )


def _span(explained: Explanation) -> tuple[date, date]:
    """The days from the beginning to the limit, the promise, or whatever came last."""
    ends = (one.to_at for one in explained.stretches)
    moments = [explained.anchor_at, *(one.from_at for one in explained.stretches), *ends]
    days = [moment.astimezone(LOCAL).date() for moment in moments if moment is not None]
    return (min(days), max(days)) if days else (date.max, date.min)


def _beginning(
    dossier: Dossier,
    row: ClockRow,
    clock: Clock,
    explained: Explanation,
    values: Sequence[LimitValue],
) -> list[Line]:
    """When it began, and what the limit is by which edition."""
    began = sentences.began(dossier, row)
    text = f"{began.text} {_first_day(clock, explained)}".strip()
    lines = [Line(kind="said", at=began.at, text=text, source=began.source)]
    for value in values[:1]:
        said = sentences.limit_set(dossier, row, value)
        lines.append(
            Line(
                kind="limit",
                at=None,
                text=said.text,
                source=said.source,
                moment=said.moment,
            )
        )
    return lines


def _first_day(clock: Clock, explained: Explanation) -> str:
    """How the day of receipt is counted."""
    if explained.counted_from is not None:
        return _("What comes after the last hour counts from %(moment)s.") % {
            "moment": wording.full_moment(explained.counted_from)
        }
    limit = clock.limit
    if limit is None or clock.given_limit_at is not None or not limit.amount:
        return ""
    by_dates = limit.unit in {Unit.CALENDAR_DAY, Unit.MONTH}
    if by_dates or (
        limit.unit is Unit.WORKING_DAY and limit.rule.begins is Begins.NEXT_WORKING_DAY
    ):
        return _("The day of receipt is not counted.")
    return ""


def _happened(
    dossier: Dossier,
    explained: Explanation,
    later: Sequence[LimitValue],
    named: Sequence[CalendarDay],
    at: datetime,
) -> list[Line]:
    """Stretches and later values of limit and promise in the order of time."""
    counted = [one for one in explained.stretches if one.counts]
    minutes = dict(
        zip(map(id, counted), explaining.whole_minutes(one.used for one in counted), strict=True)
    )
    told: list[tuple[datetime, int, Line]] = []
    last = datetime.max.replace(tzinfo=LOCAL)
    for one in explained.stretches:
        line = _stretch(one, minutes.get(id(one)), named, at)
        if one.kind is Kind.RAN and one.to_at == explained.limit_at and explained.moved_from:
            line = replace(line, source=_joined(line.source, _moved(explained.moved_from)))
        told.append((one.from_at or last, 1, line))
    sources = amended.sources(dossier, later)
    for value in later:
        said = sentences.limit_moved(dossier, value)
        source = sources.get(value.event_n, said.source)
        line = Line(kind="said", at=said.at, text=said.text, source=source, moment=said.moment)
        told.append((value.at, 0, line))
    return [line for _at, _order, line in sorted(told, key=lambda entry: entry[:2])]


def _stretch(one: Stretch, minutes: int | None, named: Sequence[CalendarDay], at: datetime) -> Line:
    days = days_off.crossed(one, named)
    if minutes is None:
        minutes = sum(explaining.whole_minutes([one.used]))
    used = wording.whole_minutes(minutes)
    texts = {
        Kind.RAN: _("The clock ran.") if one.to_at and one.to_at <= at else _("The clock runs."),
        Kind.LEFT: _("Left for when the clock runs again."),
        Kind.STOPPED: _("The clock stood: %(ground)s.") % {"ground": ground_words(one.grounds)},
        Kind.WAITED: _("The clock stood: %(ground)s.") % {"ground": ground_words(one.grounds)},
        Kind.IDLE: _("It stood after the limit had passed, which moves nothing: %(ground)s.")
        % {"ground": ground_words(one.grounds)},
        Kind.GIVEN_UP: _("The clock ran; this counts no more, for the limit began again."),
        Kind.ADJUSTED: _("The limit stands as the working calendar of that time counted it."),
        Kind.RESTATED: _("From the limit to the new appointment."),
    }
    shown = used if one.kind in {Kind.RAN, Kind.LEFT, Kind.RESTATED, Kind.ADJUSTED} else ""
    passed = ""
    if one.kind in {Kind.GIVEN_UP, Kind.STOPPED, Kind.WAITED, Kind.IDLE} and one.used:
        passed = _("%(time)s of working time passed") % {"time": used}
    return Line(
        kind=one.kind.value,
        at=one.from_at,
        until=one.to_at,
        text=texts[one.kind],
        source=_joined(passed, "" if one.grounds else days),
        used=shown,
        counts=one.counts,
    )


def ground_words(grounds: Sequence[str]) -> str:
    """Grounds of a stop in words; the end of a dossier that was opened again is one."""
    words = [
        str(Ground(ground).label) if ground in Ground.values else _("The dossier had ended")
        for ground in grounds
    ]
    return "; ".join(words)


def _moved(day: date) -> str:
    return _("%(day)s is a day off: the last day moves to the next working day") % {
        "day": wording.full_date(day)
    }


def _struck(lines: Sequence[Line]) -> list[Line]:
    """Every promise but the last one is struck through."""
    promises = [n for n, line in enumerate(lines) if line.moment is not None]
    return [
        replace(line, replaced=n != promises[-1]) if n in promises else line
        for n, line in enumerate(lines)
    ]


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
