"""What an amendment of a calendar may say, as given by a form or a file: days off, swapped working
days, closures, hours of the week from a day on, entries taken back.

Values only; whether they can stand is told by `workflows.catalogue.amending`. The file's form has
its schema in docs/schemas/calendar-amendment.schema.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from workflows.models import CalendarDay
from workflows.worktime import Interval

Kind = CalendarDay.Kind
DAYS_OFF = (Kind.HOLIDAY, Kind.MADE_UP, Kind.CLOSED)
MOST_DAYS = 400
_YEARS = range(2000, 2101)


class AmendmentFault(ValueError):
    """An amendment that cannot be; `code` says why, `field` where, `facts` fill the sentence."""

    def __init__(self, code: str, field: str = "", **facts: Any) -> None:
        super().__init__(code)
        self.code, self.field, self.facts = code, field, facts


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day off, or one with other hours: a holiday, a day in lieu, a closure."""

    on: date
    kind: str
    name: str = ""
    hours: tuple[Interval, ...] = ()
    source: str = ""
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Swap:
    """A working day off against a day off worked."""

    off: date
    worked: date
    name: str = ""
    source: str = ""
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class WeekFrom:
    """The hours of the week from a day on; weekdays that are missing are off."""

    since: date
    hours: Mapping[int, tuple[Interval, ...]]
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """Everything that one amendment changes. `source` holds for entries that name none."""

    calendar: str = ""
    agency: str = ""
    source: str = ""
    days: Sequence[DayOff] = ()
    swaps: Sequence[Swap] = ()
    week: WeekFrom | None = None
    removed: Sequence[date] = field(default=())

    def sourced(self, own: str) -> str:
        """The source of an entry: its own, or the amendment's."""
        return " ".join((own or self.source).split())

    def to_json(self) -> dict[str, Any]:
        """As plain data, in the form of the file."""
        said: dict[str, Any] = {"calendar": self.calendar, "agency": self.agency}
        said |= {"source": self.source}
        said["days"] = [_day_json(day) for day in self.days]
        said["swaps"] = [_swap_json(swap) for swap in self.swaps]
        said["removed"] = [day.isoformat() for day in self.removed]
        if self.week is not None:
            said["week"] = _week_json(self.week)
        return {name: value for name, value in said.items() if value}


def read(given: Any) -> Amendment:
    """The amendment that plain data describes.

    Raises: AmendmentFault (`amendment_unreadable`, or what is wrong with a date or an interval).
    """
    known = {"calendar", "agency", "source", "days", "swaps", "week", "removed"}
    _require_keys(given, known)
    days: list[DayOff] = []
    for one in _list(given, "days"):
        days += _days(one)
    if len(days) > MOST_DAYS:
        raise AmendmentFault("amendment_unreadable", "days", part="days")
    week = given.get("week")
    return Amendment(
        calendar=_text(given, "calendar"),
        agency=_text(given, "agency"),
        source=_text(given, "source"),
        days=tuple(days),
        swaps=tuple(_swap(one) for one in _list(given, "swaps")),
        week=None if week is None else _week(week),
        removed=tuple(a_day(one, "removed") for one in _list(given, "removed")),
    )


def a_day(text: Any, place: str = "") -> date:
    """A date of our time. Raises: AmendmentFault."""
    try:
        day = text if isinstance(text, date) else date.fromisoformat(str(text))
    except ValueError:
        raise AmendmentFault("amendment_no_date", place, given=str(text)[:40]) from None
    if day.year not in _YEARS:
        raise AmendmentFault("amendment_no_date", place, given=str(text)[:40])
    return day


def intervals(text: str, place: str = "") -> tuple[Interval, ...]:
    """`08:00-12:00, 13:30-17:30` as people write it; empty is closed. Raises: AmendmentFault."""
    spans = [part.replace("–", "-").split("-") for part in text.split(",") if part.strip()]
    return _intervals([[end.strip() for end in span] for span in spans], place)


def _days(given: Any) -> list[DayOff]:
    """One entry is a day, or every day from `on` to `until`."""
    _require_keys(given, {"on", "until", "kind", "name", "hours", "source", "confirmed"})
    first = a_day(given.get("on"), "days")
    last = a_day(given["until"], "days") if given.get("until") else first
    kind = _text(given, "kind") or Kind.HOLIDAY
    if kind not in DAYS_OFF or not 0 <= (last - first).days < MOST_DAYS:
        raise AmendmentFault("amendment_unreadable", "days", part=str(kind))
    return [
        DayOff(
            on=first + timedelta(days=n),
            kind=kind,
            name=_text(given, "name"),
            hours=_intervals(given.get("hours") or [], "days"),
            source=_text(given, "source"),
            confirmed=_switch(given, "confirmed"),
        )
        for n in range((last - first).days + 1)
    ]


def _swap(given: Any) -> Swap:
    _require_keys(given, {"off", "worked", "name", "source", "confirmed"})
    return Swap(
        off=a_day(given.get("off"), "swaps"),
        worked=a_day(given.get("worked"), "swaps"),
        name=_text(given, "name"),
        source=_text(given, "source"),
        confirmed=_switch(given, "confirmed"),
    )


def _week(given: Any) -> WeekFrom:
    _require_keys(given, {"since", "hours", "source"})
    hours = given.get("hours")
    if not isinstance(hours, Mapping) or not set(hours) <= set("0123456"):
        raise AmendmentFault("amendment_unreadable", "week", part="hours")
    week = {int(day): _intervals(hours[day], "week") for day in sorted(hours)}
    return WeekFrom(
        since=a_day(given.get("since"), "week"),
        hours={day: spans for day, spans in week.items() if spans},
        source=_text(given, "source"),
    )


def _intervals(given: Any, place: str) -> tuple[Interval, ...]:
    try:
        return tuple((time.fromisoformat(opens), time.fromisoformat(end)) for opens, end in given)
    except (TypeError, ValueError):
        raise AmendmentFault("amendment_no_hour", place, given=str(given)[:60]) from None


def _require_keys(given: Any, known: set[str]) -> None:
    if not isinstance(given, Mapping):
        raise AmendmentFault("amendment_unreadable", part=str(given)[:40])
    if unknown := set(map(str, given)) - known:
        raise AmendmentFault("amendment_unreadable", part=", ".join(sorted(unknown))[:80])


def _list(given: Mapping[str, Any], name: str) -> list[Any]:
    value = given.get(name) or []
    if not isinstance(value, list):
        raise AmendmentFault("amendment_unreadable", name, part=name)
    return value


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str):
        raise AmendmentFault("amendment_unreadable", name, part=name)
    return value.strip()


def _switch(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, True)
    if not isinstance(value, bool):
        raise AmendmentFault("amendment_unreadable", name, part=name)
    return value


def _spans_json(hours: Sequence[Interval]) -> list[list[str]]:
    return [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in hours]


def _day_json(day: DayOff) -> dict[str, Any]:
    said: dict[str, Any] = {"on": day.on.isoformat(), "kind": str(day.kind), "name": day.name}
    said |= {"hours": _spans_json(day.hours), "source": day.source, "confirmed": day.confirmed}
    return said


def _swap_json(swap: Swap) -> dict[str, Any]:
    said: dict[str, Any] = {"off": swap.off.isoformat(), "worked": swap.worked.isoformat()}
    return said | {"name": swap.name, "source": swap.source, "confirmed": swap.confirmed}


def _week_json(week: WeekFrom) -> dict[str, Any]:
    hours = {str(day): _spans_json(spans) for day, spans in week.hours.items()}
    return {"since": week.since.isoformat(), "hours": hours, "source": week.source}
