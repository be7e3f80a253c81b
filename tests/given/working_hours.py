"""Office hours for tests, and the slow, obvious count of them that the fast one must agree with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from workflows.worktime import WorkingCalendar

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MINUTE = timedelta(minutes=1)

Hours = Sequence[tuple[time, time]]


def hours(text: str) -> list[tuple[time, time]]:
    """`"08:00-12:00 13:30-17:30"` as intervals."""
    spans = (span.split("-") for span in text.split())
    return [(time.fromisoformat(start), time.fromisoformat(end)) for start, end in spans]


def calendar(
    weekdays: str = "08:00-12:00 13:30-17:30",
    saturday: str = "",
    exceptions: Mapping[str, str] | None = None,
    tz: tzinfo = HANOI,
) -> WorkingCalendar:
    """Monday to Friday as in the north, unless said otherwise."""
    weekly = dict.fromkeys(range(5), hours(weekdays)) | {5: hours(saturday)}
    single = {date.fromisoformat(day): hours(text) for day, text in (exceptions or {}).items()}
    return WorkingCalendar(weekly, single, tz)


def moment(text: str, tz: tzinfo = HANOI) -> datetime:
    """`"2026-03-02 08:10"` on the local clock."""
    return datetime.fromisoformat(text).replace(tzinfo=tz)


def open_minutes(
    weekly: Mapping[int, Hours],
    exceptions: Mapping[date, Hours],
    tz: tzinfo,
    first: date,
    last: date,
) -> set[datetime]:
    """Every open minute of these days, in UTC, one by one."""
    found: set[datetime] = set()
    for day in _days(first, last):
        for opens, closes in exceptions.get(day, weekly.get(day.weekday(), ())):
            end_day = day + timedelta(days=1) if closes == time(0) else day
            minute = datetime.combine(day, opens, tz).astimezone(UTC)
            end = datetime.combine(end_day, closes, tz).astimezone(UTC)
            while minute < end:
                found.add(minute)
                minute += MINUTE
    return found


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
