"""The lines of "why this date?": each stretch and each value of the limit as a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.translation import gettext as _

from dossiers import stretches
from dossiers.clock import Clock
from dossiers.models import ClockRow, Dossier, LimitValue
from dossiers.models.clock import Ground
from dossiers.reading import amended, days_off, sentences
from dossiers.reading.timeleft import LOCAL
from dossiers.stretches import Explanation, Kind, Stretch
from notifications import wording
from workflows.models import CalendarDay
from workflows.timelimit import Begins, Unit
from workflows.worktime import WorkingCalendar


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


def beginning(
    dossier: Dossier,
    row: ClockRow,
    clock: Clock,
    explained: Explanation,
    values: Sequence[LimitValue],
) -> list[Line]:
    """When it began, and what the limit is by which edition."""
    began = sentences.began(dossier, row)
    text = f"{began.text} {_first_day(clock, explained)}".strip()
    lines = [*_elsewhere(dossier, row)]
    if row.started_at is not None:
        lines.append(Line(kind="said", at=began.at, text=text, source=began.source))
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


def _elsewhere(dossier: Dossier, row: ClockRow) -> list[Line]:
    """Reception at a counter of another territory, where the clock begins later.

    Law: 118/2025/NĐ-CP art. 17.3.
    """
    if dossier.received_at is None or dossier.received_at == row.started_at:
        return []
    text = _("Received for another territory. The clock starts where the dossier is answered for.")
    return [
        Line(kind="said", at=dossier.received_at, text=text, source=dossier.receiving_agency.name)
    ]


def _first_day(clock: Clock, explained: Explanation) -> str:
    """How the day of receipt is counted."""
    if explained.counted_from is not None:
        return _("What comes after the last hour counts from %(moment)s.") % {
            "moment": wording.full_moment(explained.counted_from)
        }
    return _("The day of receipt is not counted.") if _leaves_first_day_out(clock) else ""


def _leaves_first_day_out(clock: Clock) -> bool:
    limit = clock.limit
    if limit is None or clock.given_limit_at is not None or not limit.amount:
        return False
    by_dates = limit.unit in {Unit.CALENDAR_DAY, Unit.MONTH}
    from_next = limit.rule.begins is Begins.NEXT_WORKING_DAY
    return by_dates or (limit.unit is Unit.WORKING_DAY and from_next)


def of_first_day(clock: Clock, calendar: WorkingCalendar) -> str:
    """The working time of the day on which the limit began, where that day is not counted."""
    if clock.anchor_at is None or not _leaves_first_day_out(clock):
        return ""
    day = clock.anchor_at.astimezone(calendar.tz).date()
    if not calendar.is_working_day(day):
        return ""
    (minutes,) = stretches.whole_minutes([calendar.between(clock.anchor_at, calendar.close(day))])
    return wording.whole_minutes(minutes) if minutes > 0 else ""


def happened(
    dossier: Dossier,
    explained: Explanation,
    later: Sequence[LimitValue],
    named: Sequence[CalendarDay],
    at: datetime,
) -> list[Line]:
    """Stretches and later values of limit and promise in the order of time."""
    counted = [one for one in explained.stretches if one.counts]
    minutes = dict(
        zip(map(id, counted), stretches.whole_minutes(one.used for one in counted), strict=True)
    )
    told: list[tuple[datetime, int, Line]] = []
    last = datetime.max.replace(tzinfo=LOCAL)
    for one in explained.stretches:
        line = _stretch(one, minutes.get(id(one)), named, at)
        if one.kind is Kind.RAN and one.to_at == explained.limit_at and explained.moved_from:
            line = replace(line, source=_joined(line.source, _moved(explained.moved_from)))
        begun = None if one.kind is Kind.RESTATED else one.from_at
        told.append((begun or last, 1, line))
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
        minutes = sum(stretches.whole_minutes([one.used]))
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


def struck(lines: Sequence[Line]) -> list[Line]:
    """Every promise but the last one is struck through."""
    promises = [n for n, line in enumerate(lines) if line.moment is not None]
    return [
        replace(line, replaced=n != promises[-1]) if n in promises else line
        for n, line in enumerate(lines)
    ]


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
