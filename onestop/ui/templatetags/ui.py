"""Tags and filters of the design system: `{% load ui %}`.

They only dress what a page hands them. The words of dates, working time and numbers come from
`notifications.wording`; shapes and tones from `badges` and `icons`.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from notifications import wording
from onestop.ui.badges import MARK_ICONS, STATUSES, TIME_ICONS, Badge
from onestop.ui.icons import ICONS

register = template.Library()

register.filter("number", wording.number)
register.filter("signed", wording.signed)
register.filter("money", wording.money)
register.filter("duration", wording.duration)
register.filter("working_days", wording.working_days)
register.filter("hour", wording.hour)
register.filter("plain_date", wording.plain_date)
register.filter("month_of", wording.month_of)
register.filter("glue", wording.glue)


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """An icon in the colour of the text; hidden from screen readers unless it is given a label."""
    naming = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    drawing = mark_safe(ICONS[name])  # noqa: S308 (our own constant)
    modifier = f" icon--{size}" if size else ""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 16 16" {}>{}</svg>', modifier, naming, drawing
    )


@register.simple_tag
def status_badge(status: str) -> SafeString:
    """The pill of a dossier's status; the full national name is its accessible name."""
    badge = STATUSES.get(str(status), Badge("stroke", "", str(status), str(status)))
    if str(badge.short) == str(badge.full):
        words = format_html("{}", badge.short)
    else:
        words = format_html(
            '<span aria-hidden="true">{}</span><span class="visually-hidden">{}</span>',
            badge.short,
            badge.full,
        )
    return _pill(badge.icon, badge.tone, words)


@register.simple_tag
def mark(label: str, kind: str = "", icon_name: str = "") -> SafeString:
    """A pill beside a dossier: kind is late, soon, ok, stop, brand, apology, or nothing."""
    tone = "late" if kind == "apology" else "" if kind == "info" else kind
    return _pill(icon_name or MARK_ICONS[kind], tone, format_html("{}", label))


def _pill(icon_name: str, tone: str, words: SafeString) -> SafeString:
    modifier = f" badge--{tone}" if tone else ""
    return format_html('<span class="badge{}">{}{}</span>', modifier, icon(icon_name), words)


@register.simple_tag(takes_context=True)
def time_left(context: Context, left: Any, moment: bool = True) -> SafeString:
    """The time left, or its end, in words, colour and shape together.

    `left` has `state` (a key of TIME_ICONS), `remaining` and `late_by` (working time or None) and
    `moment` (when the time ends, or ended); what is missing is not said. `moment=False` leaves out
    the moment beside it.
    """
    if left is None:
        return SafeString("")
    state = getattr(left, "state", "none")
    words = time_left_words(left)
    at = getattr(left, "moment", None)
    beside = _moment_beside(state, at, context.get("now")) if moment and at else ""
    return format_html(
        '<span class="time-left time-left--{}">{}<b>{}</b>{}</span>',
        state,
        icon(TIME_ICONS[state]),
        words,
        beside,
    )


def time_left_words(left: Any) -> str:
    """The words of `time_left` alone: "Còn 3 ngày 5 giờ"."""
    remaining = getattr(left, "remaining", None) or timedelta()
    late_by = getattr(left, "late_by", None) or (
        -remaining if remaining < timedelta() else timedelta()
    )
    remaining_words, late_words = wording.duration(remaining), wording.duration(late_by)
    sentences = {
        "ample": _("%(time)s left") % {"time": remaining_words},
        "short": _("%(time)s left") % {"time": remaining_words},
        "today": _("%(time)s left") % {"time": remaining_words},
        "late": _("%(time)s late") % {"time": late_words},
        "stopped": _stopped(left, remaining, late_by),
        "ended_early": _early(remaining, remaining_words),
        "ended_on_time": _("Done, on time"),
        "ended_late": _("Done, %(time)s late") % {"time": late_words},
        "none": _("No limit"),
    }
    return sentences[getattr(left, "state", "none")]


def _stopped(left: Any, remaining: timedelta, late_by: timedelta) -> str:
    if late_by > timedelta():
        return _("Stopped, %(time)s late") % {"time": wording.duration(late_by)}
    if getattr(left, "remaining", None) is None:
        return _("Stopped")
    return _("Stopped, %(time)s left") % {"time": wording.duration(remaining)}


def _early(remaining: timedelta, words: str) -> str:
    return _("Done, %(time)s early") % {"time": words} if remaining else _("Done, early")


def _moment_beside(state: str, at: datetime, now: datetime | None) -> SafeString:
    running = state in {"ample", "short", "today"}
    words = wording.until(at, now) if running else wording.moment_in(at, now)
    return format_html('<small><time datetime="{}">{}</time></small>', _iso(at), words)


def _iso(at: date | datetime) -> str:
    return (
        at.astimezone(timezone.get_current_timezone()).isoformat()
        if isinstance(at, datetime)
        else at.isoformat()
    )


def _time(at: date | datetime | None, words: str) -> SafeString:
    return (
        format_html('<time class="nowrap" datetime="{}">{}</time>', _iso(at), words)
        if at
        else SafeString("")
    )


@register.simple_tag
def vn_date(day: date | datetime | None) -> SafeString:
    """Weekday and date as one piece: "thứ Sáu 27/11/2026"."""
    return _time(day, wording.full_date(day)) if day else SafeString("")


@register.simple_tag(takes_context=True)
def list_date(context: Context, day: date | datetime | None) -> SafeString:
    """The same without the year where it is the current one, for lists."""
    return _time(day, wording.date_in(day, context.get("now"))) if day else SafeString("")


@register.simple_tag
def vn_moment(at: datetime | None) -> SafeString:
    """Weekday, date and hour: "thứ Tư 18/11/2026, 17:30"."""
    return _time(at, wording.full_moment(at)) if at else SafeString("")


@register.simple_tag(takes_context=True)
def list_moment(context: Context, at: datetime | None) -> SafeString:
    """The same without the year where it is the current one, for lists."""
    return _time(at, wording.moment_in(at, context.get("now"))) if at else SafeString("")


@register.simple_tag
def vn_hour(at: datetime | None) -> SafeString:
    """The hour alone: "17:30"."""
    return _time(at, wording.hour(at)) if at else SafeString("")


@register.simple_tag
def share(part: int, whole: int) -> str:
    """A share with its two numbers: "96,2% (1.925 trên 2.001)"."""
    return wording.share(part, whole)


@register.simple_tag
def percentage(part: int, whole: int) -> str:
    """The share alone, for where its two numbers stand beside it."""
    return wording.percentage(part, whole)


@register.simple_tag
def part_of(part: int, whole: int) -> str:
    """The two numbers alone: "1.925 trên 60.139"."""
    return wording.part_of(part, whole)


@register.filter
def count(value: int | None) -> str:
    """A number of a table in which absence is the point: a zero is a dash."""
    return wording.number(value) if value else wording.ABSENT


@register.simple_tag
def code(value: str, short: bool = False) -> SafeString:
    """A dossier's code, never cut, its serial in bold; `short=True` leaves out the unit's code."""
    head, serial = wording.code_parts(str(value))
    if short:
        head = head.split("-", 1)[-1] if head.count("-") > 1 else head
    return format_html('<code class="nowrap">{}<b>{}</b></code>', head, serial)


@register.simple_tag
def svg_bar(value: float, highest: float, tone: str = "1", track: bool = True) -> SafeString:
    """A flat bar, `value` of `highest` long; tone 1, 2, 3, stop or ok; say its number beside it."""
    width = 0.0 if not highest else max(0.0, min(100.0, 100 * float(value) / float(highest)))
    ground = mark_safe('<rect class="track" width="100" height="9"/>') if track else ""
    return format_html(
        '<svg class="svg-bar" viewBox="0 0 100 9" preserveAspectRatio="none" aria-hidden="true">{}'
        '<rect class="fill-{}" width="{}" height="9"/></svg>',
        ground,
        tone,
        f"{width:.1f}",
    )


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, width: str = "", kind: str = "", label: str = "") -> dict[str, object]:
    """A form's field: label, hint, error, control.

    `width` is date, phone, code, number or short; `kind` is segments (radios in one bar) or reveal.
    """
    widget_type = getattr(bound.field.widget, "input_type", "")
    several = bound.field.widget.__class__.__name__ in {"RadioSelect", "CheckboxSelectMultiple"}
    return {
        "field": bound,
        "label": label or bound.label,
        "width": width,
        "kind": kind,
        "several": several,
        "single_check": widget_type == "checkbox" and not several,
        "hidden": bound.is_hidden,
        "described_by": _described_by(bound),
    }


def _described_by(bound: BoundField) -> str:
    parts = []
    if bound.help_text:
        parts.append(f"{bound.auto_id}_helptext")
    if bound.errors:
        parts.append(f"{bound.auto_id}_error")
    return " ".join(parts)


@register.simple_tag
def control(bound: BoundField) -> SafeString:
    """The bare control of a field, tied to its hint and its error."""
    attributes: dict[str, str | bool] = {}
    if described_by := _described_by(bound):
        attributes["aria-describedby"] = described_by
    return bound.as_widget(attrs=attributes)


@register.inclusion_tag("ui/error_summary.html")
def error_summary(*forms: Any) -> dict[str, object]:
    """What is to be put right, counted: each links to its field; nothing while all is well."""
    lines = []
    for form in forms:
        lines += [("", message) for message in form.non_field_errors()]
        lines += [(_anchor(bound), message) for bound in form for message in bound.errors]
    return {"lines": lines}


def _anchor(bound: BoundField) -> str:
    """The first control of the field: radios have no control of the field's own id."""
    return bound.id_for_label or f"{bound.auto_id}_0"
