"""The stretches of a clock's life as values, and how they are added up for people to read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

_NO_TIME = timedelta(0)
_ONE_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class Kind(StrEnum):
    """What a stretch did to the limit."""

    RAN = "ran"  # counts
    LEFT = "left"  # counts, once the clock that stands now runs again
    STOPPED = "stopped"  # does not count
    IDLE = "idle"  # a stop begun after the limit had passed: it moves nothing
    GIVEN_UP = "given_up"  # ran before a restart: counts no more
    WAITED = "waited"  # stopped before a restart
    ADJUSTED = "adjusted"  # the limit stands as another version of the calendar counted it
    RESTATED = "restated"  # from the limit to the promise that was set apart from it


COUNTING = (Kind.RAN, Kind.LEFT)


@dataclass(frozen=True, slots=True)
class Told:
    """A value that limit and promise took from `at` on, and why."""

    at: datetime
    limit_at: datetime | None
    promised_at: datetime | None
    cause: str


@dataclass(frozen=True, slots=True)
class Halt:
    """A ground that stopped the clock; `to_at` is None while it still does."""

    ground: str
    from_at: datetime
    to_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One stretch. `used` is working time: what counts where the kind counts, what passed unused
    where it stood. `to_at` is None of a stop that lasts, both moments are of what is left then."""

    kind: Kind
    from_at: datetime | None
    to_at: datetime | None
    used: timedelta
    grounds: tuple[str, ...] = ()
    days_off: tuple[date, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it is a part of the limit."""
        return self.kind in COUNTING


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The stretches in their order, and what they add up to.

    `worth` is the working time of the limit counted from `anchor_at` (the start, or the last
    restart) as if the clock had never stopped. `counted_from` is told where a cut-off hour put the
    beginning off, `moved_from` where the last day was a day off.
    """

    stretches: tuple[Stretch, ...]
    worth: timedelta | None
    anchor_at: datetime | None
    limit_at: datetime | None
    promised_at: datetime | None
    counted_from: datetime | None = None
    moved_from: date | None = None

    @property
    def total(self) -> timedelta:
        """The working time of all stretches that count: always `worth`."""
        return sum((one.used for one in self.stretches if one.counts), _NO_TIME)


def whole_minutes(spans: Iterable[timedelta]) -> list[int]:
    """Spans in whole minutes, rounded so that they still add up to the whole minutes of the sum."""
    shown, before = [], 0
    total = _NO_TIME
    for span in spans:
        total += span
        upto = total // _MINUTE
        shown.append(upto - before)
        before = upto
    return shown


def in_rows(days: Sequence[date]) -> list[tuple[date, date]]:
    """Days in ascending order as first and last of each unbroken row."""
    rows: list[tuple[date, date]] = []
    for day in days:
        if rows and rows[-1][1] + _ONE_DAY == day:
            rows[-1] = (rows[-1][0], day)
        else:
            rows.append((day, day))
    return rows
