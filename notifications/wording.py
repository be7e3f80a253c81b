"""How dates, moments, working time, numbers and money read, in the language in force.

Pages, letters, receipts and messages all say them through these functions, so that one day reads
the same everywhere. Plain text comes out, with no-break spaces inside what must stay on one line.
No model, no clock.
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

NBSP = "\N{NO-BREAK SPACE}"
ABSENT = "\N{EN DASH}"
WORKING_DAY = timedelta(hours=8)
_ONE_MINUTE = timedelta(minutes=1)
_ONE_HOUR = timedelta(hours=1)

# Pairs of syllables that are one word and must not be parted at the end of a line in a heading.
_GLUED = (
    "hồ sơ",
    "kết quả",
    "giải quyết",
    "xây dựng",
    "hôn nhân",
    "thủ tục",
    "cơ quan",
    "kinh doanh",
)


def weekday(day: date) -> str:
    """The name of the day of the week: "thứ Sáu"; short in English: "Fri"."""
    names = (
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    )
    return names[day.weekday()].replace(" ", NBSP)


def weekday_mark(day: date) -> str:
    """The day of the week in two letters, for drawings: "T2", "CN"; "Mo" in English."""
    marks = (
        pgettext("weekday mark", "Mo"),
        pgettext("weekday mark", "Tu"),
        pgettext("weekday mark", "We"),
        pgettext("weekday mark", "Th"),
        pgettext("weekday mark", "Fr"),
        pgettext("weekday mark", "Sa"),
        pgettext("weekday mark", "Su"),
    )
    return marks[day.weekday()]


def full_date(day: date | datetime) -> str:
    """Weekday and date as one piece: "thứ Sáu 27/11/2026"; "Fri 27 Nov 2026" in English."""
    local = _local_date(day)
    return f"{weekday(local)}{NBSP}{plain_date(local)}"


def plain_date(day: date | datetime) -> str:
    """The date alone: "27/11/2026"; "27 Nov 2026" in English."""
    local = _local_date(day)
    if _vietnamese():
        return f"{local.day:02}/{local.month:02}/{local.year}"
    return f"{local.day}{NBSP}{_month(local)}{NBSP}{local.year}"


def short_date(day: date | datetime) -> str:
    """Weekday and date without the year, for lists of the current year: "thứ Sáu 27/11"."""
    local = _local_date(day)
    if _vietnamese():
        return f"{weekday(local)}{NBSP}{local.day:02}/{local.month:02}"
    return f"{weekday(local)}{NBSP}{local.day}{NBSP}{_month(local)}"


def days(first: date, last: date) -> str:
    """A row of days without weekday and year: "21–22/11", "30/11–01/12"; "24/11" of one."""
    if first == last:
        return _day_and_month(first)
    if (first.year, first.month) != (last.year, last.month):
        return f"{_day_and_month(first)}–{_day_and_month(last)}"
    alone = f"{first.day:02}" if _vietnamese() else f"{first.day}"
    return f"{alone}–{_day_and_month(last)}"


def date_in(day: date | datetime, now: date | datetime | None) -> str:
    """`short_date` when the day lies in the year of `now`, else `full_date`."""
    same_year = now is not None and _local_date(day).year == _local_date(now).year
    return short_date(day) if same_year else full_date(day)


def hour(moment: datetime) -> str:
    """The local hour: "17:30"."""
    return f"{_local(moment):%H:%M}"


def full_moment(moment: datetime) -> str:
    """Date with weekday, then the hour: "thứ Tư 18/11/2026, 17:30"."""
    return f"{full_date(moment)}, {hour(moment)}"


def moment_in(moment: datetime, now: datetime | None) -> str:
    """`full_moment`, without the year when it is the year of `now`."""
    return f"{date_in(moment, now)}, {hour(moment)}"


def until(moment: datetime, now: datetime | None) -> str:
    """The end of a running time: "đến 11:30" on the day of `now`, else "đến 14:20 thứ Tư 25/11"."""
    if now is not None and _local_date(moment) == _local_date(now):
        return _("until %(hour)s") % {"hour": hour(moment)}
    return _("until %(hour)s %(date)s") % {"hour": hour(moment), "date": date_in(moment, now)}


def month_of(day: date | datetime) -> str:
    """The month of a report: "tháng 10/2026"; "October 2026" in English."""
    local = _local_date(day)
    if _vietnamese():
        return f"tháng{NBSP}{local.month}/{local.year}"
    return f"{_month(local)}{NBSP}{local.year}"


def duration(amount: timedelta) -> str:
    """Working time in words, rounded down: "3 ngày 5 giờ", "7 giờ 19 phút", "49 phút".

    From a working day of 8 hours on in days and hours, below it in hours and minutes; the sign is
    not said.
    """
    amount = abs(amount)
    if amount < _ONE_MINUTE:
        return _("less than a minute").replace(" ", NBSP)
    if amount >= WORKING_DAY:
        days, rest = divmod(amount, WORKING_DAY)
        return _joined(_days(days), _hours(rest // _ONE_HOUR) if rest >= _ONE_HOUR else "")
    hours, rest = divmod(amount, _ONE_HOUR)
    minutes = rest // _ONE_MINUTE
    return _joined(_hours(hours) if hours else "", _minutes(minutes) if minutes else "")


def whole_minutes(count: int) -> str:
    """Working time to the minute, so that what is listed adds up: "3 ngày 5 giờ 10 phút"."""
    days, rest = divmod(abs(count), WORKING_DAY // _ONE_MINUTE)
    hours, minutes = divmod(rest, 60)
    words = _joined(
        _days(days) if days else "",
        _hours(hours) if hours else "",
        _minutes(minutes) if minutes or not (days or hours) else "",
    )
    return f"\N{MINUS SIGN}{words}" if count < 0 else words


def working_days(amount: timedelta) -> str:
    """Whole working days, for citizens: "2 ngày làm việc"; below a day as `duration`."""
    if abs(amount) < WORKING_DAY:
        return duration(amount)
    count = abs(amount) // WORKING_DAY
    text = ngettext("%(count)s working day", "%(count)s working days", count)
    return _counted(text, count)


def number(value: float | Decimal, places: int = 0) -> str:
    """A number with its thousands parted: "1.925"; decimals after a comma: "3,9"."""
    quantum = Decimal(1).scaleb(-places)
    text = f"{Decimal(str(value)).quantize(quantum, rounding=ROUND_HALF_UP):,}"
    text = text.replace("-", "\N{MINUS SIGN}")
    return text.translate(str.maketrans(",.", ".,")) if _vietnamese() else text


def signed(value: float | Decimal, places: int = 0) -> str:
    """A change with its sign: "+6", "−3", and a bare "0"."""
    text = number(value, places)
    return f"+{text}" if value > 0 else text


def percentage(part: int, whole: int) -> str:
    """A share to one decimal: "96,2%"; "–" of nothing; never 100 % or 0 % of what is not so."""
    if whole == 0:
        return ABSENT
    if part in {0, whole}:
        return f"{number(100 * part // whole)}%"
    share = Decimal(100 * part) / Decimal(whole)
    rounding = ROUND_FLOOR if share > Decimal("99.9") else ROUND_HALF_UP
    tenth = share.quantize(Decimal("0.1"), rounding=rounding)
    if tenth == 0:
        return _("under %(share)s%%") % {"share": number(0.1, 1)}
    return f"{number(tenth, 1)}%"


def share(part: int, whole: int) -> str:
    """A share with its two numbers: "96,2% (1.925 trên 2.001)"."""
    return f"{percentage(part, whole)} ({part_of(part, whole)})"


def part_of(part: int, whole: int) -> str:
    """The two numbers of a share: "1.925 trên 60.139"."""
    return _("%(part)s of %(whole)s") % {"part": number(part), "whole": number(whole)}


def money(amount: float | Decimal) -> str:
    """An amount of đồng: "40.000 ₫"."""
    return f"{number(amount)}{NBSP}₫"


def glue(text: str) -> str:
    """`text` with no-break spaces inside the common two-syllable words, for headings."""
    for pair in _GLUED:
        for form in (pair, pair.capitalize()):
            text = text.replace(form, form.replace(" ", NBSP))
    return text


def code_parts(code: str) -> tuple[str, str]:
    """A dossier's code before its serial, and the serial: ("H26.12-261109-", "0471")."""
    head, dash, serial = code.rpartition("-")
    return head + dash, serial


def _days(count: int) -> str:
    return _counted(ngettext("%(count)s day", "%(count)s days", count), count)


def _hours(count: int) -> str:
    return _counted(ngettext("%(count)s hour", "%(count)s hours", count), count)


def _minutes(count: int) -> str:
    return _counted(ngettext("%(count)s minute", "%(count)s minutes", count), count)


def _counted(text: str, count: int) -> str:
    return (text % {"count": number(count)}).replace(" ", NBSP)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _month(day: date) -> str:
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return names[day.month - 1]


def _day_and_month(day: date) -> str:
    return f"{day.day:02}/{day.month:02}" if _vietnamese() else f"{day.day}{NBSP}{_month(day)}"


def _local(moment: datetime) -> datetime:
    return moment.astimezone(timezone.get_current_timezone())


def _local_date(day: date | datetime) -> date:
    return _local(day).date() if isinstance(day, datetime) else day


def _vietnamese() -> bool:
    return (get_language() or "vi").startswith("vi")
