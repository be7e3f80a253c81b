"""The ladder of reminders: which rungs each kind of clock has, when each is reached, who is told.

A city has one ladder; a procedure may change rungs of it, as plain data that is read over the
default: `{"dossier": {"due_soon": {"hours": 16, "to": ["officer"]}, "due_today": null}}`. Hours are
working hours: left before the limit (due soon), or since it passed (unexplained, apology overdue).
A share is that part of the clock's whole working time, still left. `null` leaves a rung out. Whom a
level means for a dossier, and whether a reminder is still true, is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from workflows.worktime import WorkingCalendar

DUE_SOON = "due_soon"
DUE_TODAY = "due_today"
BREACH = "breach"
UNEXPLAINED = "unexplained"
APOLOGY_OVERDUE = "apology_overdue"

APPLICANT = "applicant"
OFFICER = "officer"
UNIT_HEAD = "unit_head"
AGENCY_HEAD = "agency_head"
SUPERVISOR = "supervisor"
# Up the line. Where nobody holds a level, the next one above is told.
LINE = (OFFICER, UNIT_HEAD, AGENCY_HEAD, SUPERVISOR)

# What a city has unless a procedure says otherwise; it also says which rungs a clock can have at
# all: `None` is a rung that is there to be used. A late step is its unit's own matter.
DEFAULT: Mapping[str, Mapping[str, Mapping[str, Any] | None]] = {
    "dossier": {
        DUE_SOON: {"hours": 8, "to": [OFFICER]},
        DUE_TODAY: {"to": [OFFICER, UNIT_HEAD]},
        BREACH: {"to": [UNIT_HEAD, AGENCY_HEAD]},
        UNEXPLAINED: {"hours": 16, "to": [AGENCY_HEAD, SUPERVISOR]},
        APOLOGY_OVERDUE: {"hours": 8, "to": [AGENCY_HEAD, SUPERVISOR]},
    },
    "step": {
        DUE_SOON: None,
        DUE_TODAY: None,
        BREACH: {"to": [OFFICER, UNIT_HEAD]},
    },
    "intake": {
        DUE_SOON: {"share": 0.25, "to": [OFFICER]},
        DUE_TODAY: None,
        BREACH: {"to": [UNIT_HEAD, AGENCY_HEAD]},
        UNEXPLAINED: {"hours": 16, "to": [AGENCY_HEAD, SUPERVISOR]},
    },
    "consultation": {
        DUE_SOON: {"hours": 8, "to": [UNIT_HEAD]},
        DUE_TODAY: None,
        BREACH: {"to": [UNIT_HEAD, AGENCY_HEAD]},
    },
    "hand_over": {
        DUE_SOON: None,
        DUE_TODAY: None,
        BREACH: {"to": [OFFICER, UNIT_HEAD]},
    },
    "part": {
        DUE_SOON: None,
        DUE_TODAY: None,
        BREACH: {"to": [UNIT_HEAD, AGENCY_HEAD]},
    },
    "supplement": {
        DUE_SOON: {"hours": 24, "to": [APPLICANT]},
    },
    "payment": {
        DUE_SOON: {"hours": 24, "to": [APPLICANT]},
    },
}
_LEVELS: Mapping[str, tuple[str, ...]] = {
    "step": (OFFICER, UNIT_HEAD),
    "hand_over": (OFFICER, UNIT_HEAD),
    "supplement": (APPLICANT, OFFICER),
    "payment": (APPLICANT, OFFICER),
}
# A reminder may be left out; that somebody hears of a miss, and of silence about it, may not.
MAY_BE_LEFT_OUT = (DUE_SOON, DUE_TODAY)
BY_HOURS = (DUE_SOON, UNEXPLAINED, APOLOGY_OVERDUE)
MOST_HOURS = 2000  # a working year


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the data of a ladder, at `place` (`dossier.due_soon`)."""

    code: str
    place: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


class LadderError(ValueError):
    """The data is no ladder; `faults` names everything that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.place}: {fault.code}" for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Rung:
    """When a rung is reached (working `hours`, or a `share` of the whole time), and who is told."""

    to: tuple[str, ...]
    hours: timedelta | None = None
    share: float | None = None

    def span(self, whole: timedelta) -> timedelta:
        """The working time between this rung and the limit, of a clock that has `whole`."""
        if self.share is not None:
            return whole * self.share
        return self.hours or timedelta(0)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs that hold for one procedure, by kind of clock and name."""

    rungs: Mapping[tuple[str, str], Rung]

    def rung(self, clock: str, name: str) -> Rung | None:
        """The rung of this name for clocks of this kind; None where there is none."""
        return self.rungs.get((clock, name))

    def reminders(
        self, clock: str, limit_at: datetime, whole: timedelta, calendar: WorkingCalendar
    ) -> dict[str, datetime]:
        """When it is said that the limit nears, by rung.

        A rung that would be reached no earlier than "due today" is silent: one reminder is enough.
        """
        moments: dict[str, datetime] = {}
        if self.rung(clock, DUE_TODAY) is not None:
            moments[DUE_TODAY] = _morning(limit_at, calendar)
        soon = self.rung(clock, DUE_SOON)
        if soon is not None:
            moment = calendar.add(limit_at, -soon.span(whole))
            if DUE_TODAY not in moments or moment < moments[DUE_TODAY]:
                moments[DUE_SOON] = moment
        return moments

    def told(self, clock: str, name: str) -> tuple[str, ...]:
        """The levels told at a rung; who is told that it is due soon is told when it is today."""
        names = (DUE_SOON, DUE_TODAY) if name == DUE_TODAY else (name,)
        rungs = [self.rung(clock, one) for one in names]
        levels = [level for rung in rungs if rung is not None for level in rung.to]
        return tuple(dict.fromkeys(levels))


def read(data: object) -> Ladder:
    """The ladder that `data` makes of the default. Raises: LadderError."""
    if data == {}:
        return CITY
    return _read(data)


def levels(clock: str) -> tuple[str, ...]:
    """Who can be told of a clock of this kind."""
    return _LEVELS.get(clock, LINE)


def faults(data: object) -> tuple[Fault, ...]:
    """What is wrong with `data`; nothing where it can be read."""
    try:
        read(data)
    except LadderError as refused:
        return refused.faults
    return ()


def _read(data: object) -> Ladder:
    found: list[Fault] = []
    rungs: dict[tuple[str, str], Rung] = {}
    changed = _sections(data, found)
    for clock, names in DEFAULT.items():
        for name, standard in names.items():
            given = changed.get((clock, name), standard)
            if given is not None:
                rungs[clock, name] = _rung(clock, name, given, found)
            elif (clock, name) in changed and name not in MAY_BE_LEFT_OUT:
                found.append(Fault("rung_needed", f"{clock}.{name}"))
    if found:
        raise LadderError(found)
    return Ladder(MappingProxyType(rungs))


def _sections(data: object, found: list[Fault]) -> dict[tuple[str, str], Any]:
    """What the data says of which rung."""
    changed: dict[tuple[str, str], Any] = {}
    if not isinstance(data, Mapping):
        found.append(Fault("not_an_object"))
        return changed
    for clock, names in data.items():
        if clock not in DEFAULT:
            found.append(Fault("clock_unknown", str(clock), {"clocks": ", ".join(DEFAULT)}))
        elif not isinstance(names, Mapping):
            found.append(Fault("not_an_object", str(clock)))
        else:
            for name, given in names.items():
                if name in DEFAULT[clock]:
                    changed[clock, name] = given
                else:
                    known = ", ".join(DEFAULT[clock])
                    found.append(Fault("rung_unknown", f"{clock}.{name}", {"rungs": known}))
    return changed


def _rung(clock: str, name: str, given: object, found: list[Fault]) -> Rung:
    place = f"{clock}.{name}"
    if not isinstance(given, Mapping):
        found.append(Fault("not_an_object", place))
        return Rung(())
    known = {"to"} | ({"hours"} if name in BY_HOURS else set())
    known |= {"share"} if name == DUE_SOON else set()
    for key in given:
        if key not in known:
            facts = {"key": str(key), "keys": ", ".join(sorted(known))}
            found.append(Fault("key_unknown", place, facts))
    hours, share = given.get("hours"), given.get("share")
    if name == DUE_SOON and (hours is None) == (share is None):
        found.append(Fault("hours_or_share", place))
    elif name in BY_HOURS and share is None and not _between(hours, 0, MOST_HOURS):
        found.append(Fault("hours_wrong", place, {"most": str(MOST_HOURS)}))
    elif share is not None and not (_between(share, 0, 1) and share < 1):
        found.append(Fault("share_wrong", place))
    else:
        span = None if hours is None or name not in BY_HOURS else timedelta(hours=float(hours))
        return Rung(_levels(clock, place, given.get("to"), found), span, share)
    return Rung(_levels(clock, place, given.get("to"), found))


def _levels(clock: str, place: str, to: object, found: list[Fault]) -> tuple[str, ...]:
    known = levels(clock)
    if not isinstance(to, list | tuple) or not to:
        found.append(Fault("nobody_told", place, {"levels": ", ".join(known)}))
        return ()
    for level in to:
        if level not in known:
            facts = {"level": str(level), "levels": ", ".join(known)}
            found.append(Fault("level_unknown", place, facts))
    return tuple(dict.fromkeys(str(level) for level in to))


def _between(value: object, least: float, most: float) -> bool:
    """Whether `value` is a number above `least` and at most `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return least < value <= most


def _morning(limit_at: datetime, calendar: WorkingCalendar) -> datetime:
    """The opening of the limit's day; of the working day before, where that day is off."""
    day = limit_at.astimezone(calendar.tz).date()
    if not calendar.is_working_day(day):
        day = calendar.nth_working_day(day, -1)
    return calendar.opening(day)


CITY = _read({})
