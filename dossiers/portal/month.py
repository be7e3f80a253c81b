"""The public month put into what its page shows: headline figures, ranked rows with an interval,
the late ones named, twelve months. Numbers come from `statistics`; only words are made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dossiers import charts
from dossiers.models import Entry
from dossiers.reading.overdue import Age
from dossiers.statistics.periods import day_end, local_day, month_start, months, next_month
from dossiers.statistics.ranking import Line, MonthPage
from dossiers.statistics.reading import read
from notifications import wording

MONTHS = 12
FIRST_NAMED = 12
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Stat:
    """One headline figure with its two numbers and its change in words."""

    label: str
    figure: str
    of: str = ""
    change: str = ""
    tone: str = ""
    change_tone: str = ""
    change_icon: str = ""


@dataclass(frozen=True, slots=True)
class RankedRow:
    """One line of the ranking with its interval drawn and its change marked."""

    line: Line
    interval: SafeString
    change: str
    change_icon: str
    change_tone: str


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One month of the trend: late of what was resolved with a limit."""

    month: date
    late: int
    resolved: int


def chooser(at: datetime) -> list[date]:
    """The months there are figures for, newest first, at most twelve; the running one always."""
    first = Entry.objects.order_by("at").values_list("at", flat=True).first()
    today = local_day(at)
    since = today if first is None else local_day(first)
    return list(months(since, today))[::-1][:MONTHS] or [month_start(today)]


def stats(page: MonthPage) -> list[Stat]:
    """The city's headline figures."""
    total, before = page.total, page.total_before
    previous = _previous(page.month)
    owed = total.apologies_owed - total.apologies_made
    overdue = total.pending_overdue - before.pending_overdue
    return [
        Stat(
            _("On time"),
            wording.percentage(total.resolved_in_time, total.resolved_with_limit),
            _("%(numbers)s resolved with a limit")
            % {"numbers": wording.part_of(total.resolved_in_time, total.resolved_with_limit)}
            if page.on_time
            else _("nothing resolved yet"),
            _points(page.change, previous),
            change_tone=_tone(page.change),
            change_icon=_arrow(page.change),
        ),
        Stat(
            _("Resolved late"),
            wording.number(total.resolved_late),
            _("%(early)s early, %(on_time)s on the day")
            % {
                "early": wording.number(total.resolved_early),
                "on_time": wording.number(total.resolved_on_time),
            },
            tone="late" if total.resolved_late else "",
        ),
        Stat(
            _("Overdue now") if not page.is_over else _("Overdue at the month's end"),
            wording.number(total.pending_overdue),
            _("of %(pending)s pending") % {"pending": wording.number(total.pending)},
            _counted(overdue, previous),
            tone="late" if total.pending_overdue else "",
            change_tone=_tone(Decimal(-overdue)),
            change_icon=_arrow(Decimal(overdue)),
        ),
        Stat(
            _("Apologised in writing"),
            wording.percentage(total.apologies_made, total.apologies_owed),
            _("%(numbers)s that owe one")
            % {"numbers": wording.part_of(total.apologies_made, total.apologies_owed)},
            _("%(count)s letters still owed") % {"count": wording.number(owed)} if owed else "",
            change_tone="late" if owed else "",
            change_icon="stroke" if owed else "",
        ),
        Stat(
            _("Received"),
            wording.number(total.received),
            _("and %(carried)s carried over") % {"carried": wording.number(total.carried_over)},
        ),
    ]


def ranked(lines: Sequence[Line], page: MonthPage) -> list[RankedRow]:
    """The rows of one kind of agency, each beside the city's share."""
    likely = [_likely(line) for line in lines]
    whole = page.total.resolved_with_limit
    common = page.total.resolved_late / whole if whole else 0.0
    end = max([common, *(high for _low, high in likely if high < 1), 0.02])
    return [
        RankedRow(
            line,
            _interval(line, interval, common, end),
            wording.signed(line.change, 1) if line.change is not None else wording.ABSENT,
            _arrow(line.change),
            _tone(line.change),
        )
        for line, interval in zip(lines, likely, strict=True)
    ]


def trend(page: MonthPage) -> list[TrendRow]:
    """The twelve months up to this one, oldest first; months without a figure are left out."""
    first = page.month
    for _step in range(MONTHS - 1):
        first = month_start(first - timedelta(days=1))
    last = min(page.as_of, day_end(next_month(page.month) - timedelta(days=1)))
    rows = read(since=first, until=local_day(last), as_of=last, by=["month"])
    return [
        TrendRow(
            date.fromisoformat(f"{row.keys['month']}-01"),
            row.figures.resolved_late,
            row.figures.resolved_with_limit,
        )
        for row in rows
    ]


def trend_chart(rows: Sequence[TrendRow], as_of: datetime) -> SafeString:
    """The late share month by month, in per cent."""
    points = [
        charts.Point(
            f"{row.month.month}/{row.month.year}",
            100 * row.late / row.resolved if row.resolved else None,
        )
        for row in rows
    ]
    caption = charts.Caption(
        title=_("Late of what was resolved, month by month"),
        description=_("Share of dossiers resolved late, by month; the numbers are in the table."),
        source=_("Source: OneStop, as of %(moment)s.") % {"moment": wording.full_moment(as_of)},
    )
    return mark_safe(  # noqa: S308 (our own drawing; its texts are escaped there)
        charts.both(
            lambda width: charts.trend(points, caption=caption, written=_percent, width=width)
        )
    )


def age_label(age: Age) -> str:
    """The group in words: "1 working day or less", "2–5 days", "over 30 days"."""
    if age.up_to is None:
        return _("over %(days)s days") % {"days": age.above}
    if age.above == 0:
        return _("1 day or less")
    return _("%(first)s–%(last)s days") % {"first": age.above + 1, "last": age.up_to}


def age_chart(ages: Sequence[Age], as_of: datetime) -> SafeString:
    """How long ago limits passed, as bars."""
    bars = [charts.Bar(age_label(age), age.number) for age in ages]
    caption = charts.Caption(
        title=_("For how long dossiers have been overdue"),
        description=_("Overdue dossiers by working days since the limit; numbers in the table."),
        source=_("Source: OneStop, as of %(moment)s.") % {"moment": wording.full_moment(as_of)},
    )
    return mark_safe(  # noqa: S308 (our own drawing; its texts are escaped there)
        charts.both(
            lambda width: charts.ageing(
                bars, caption=caption, written=lambda value: wording.number(value), width=width
            )
        )
    )


def _percent(value: float) -> str:
    return f"{wording.number(value, 0 if value == round(value) else 1)}%"


def _likely(line: Line) -> tuple[float, float]:
    return charts.likely_share(line.figures.resolved_late, line.figures.resolved_with_limit)


def _interval(line: Line, interval: tuple[float, float], common: float, end: float) -> SafeString:
    whole = line.figures.resolved_with_limit
    if not whole:
        return SafeString("")
    low, high = interval
    at = line.figures.resolved_late / whole
    # In the colour of lateness only where the whole interval lies above the city's share.
    tone = "3" if low > common else "1"
    left, width = _place(low, end), max(_place(high, end) - _place(low, end), 2)
    return format_html(
        '<svg class="rank" viewBox="0 0 {} 16" aria-hidden="true"><path class="rule" d="M0 8h{}"/>'
        '<path class="city" d="M{} 0v16"/><rect class="fill-2" x="{}" y="5" width="{}" height="6" '
        'rx="1"/><path class="rank__share stroke-{}" d="M{} 2v12"/></svg>',
        _WIDTH,
        _WIDTH,
        _place(common, end),
        left,
        width,
        tone,
        _place(at, end),
    )


def _place(value: float, end: float) -> float:
    return round(_WIDTH * min(value, end) / end, 1)


def _previous(month: date) -> str:
    return wording.month_of(month - timedelta(days=1))


def _points(change: Decimal | None, previous: str) -> str:
    if change is None:
        return ""
    words = {"points": wording.number(abs(change), 1), "month": previous}
    if change > 0:
        return _("up %(points)s points on %(month)s") % words
    if change < 0:
        return _("down %(points)s points on %(month)s") % words
    return _("unchanged from %(month)s") % words


def _counted(change: int, previous: str) -> str:
    words = {"number": wording.number(abs(change)), "month": previous}
    if change > 0:
        return _("%(number)s more than at the end of %(month)s") % words
    if change < 0:
        return _("%(number)s fewer than at the end of %(month)s") % words
    return _("unchanged from %(month)s") % words


def _arrow(change: Decimal | None) -> str:
    if change is None:
        return ""
    return "up" if change > 0 else "down" if change < 0 else "stroke"


def _tone(change: Decimal | None) -> str:
    """Good or bad; more on time is good."""
    if change is None or not change:
        return ""
    return "ok" if change > 0 else "late"
