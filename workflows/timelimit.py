"""A procedure's time limit as the law states it, and the moment it ends under a working calendar.

A `TimeLimit` is an amount, a unit and a rule of counting, a value that is stored as plain data.
The rules are the Civil Code's (articles 145 to 148) and the counters' practice; a procedure may
choose its own. What becomes of a limit when it stops and resumes is the legal clock's business.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import cast

from workflows.worktime import WorkingCalendar

_HOURS_OF_A_DAY = (
    8  # Labour Code art. 105: a working day in the law is 8 hours, whatever the office's
)
MOST = 10_000  # more of any unit is a slip of the pen, no limit
_ONE_DAY = timedelta(days=1)


class LimitError(ValueError):
    """A time limit that cannot be: its amount, unit or rule makes no sense."""


class FractionOfCalendarError(LimitError):
    """A fraction of a calendar day or month has no legal meaning: a person must decide it."""


class Unit(StrEnum):
    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    MONTH = "month"


class Begins(StrEnum):
    """From the moment of receipt, or from the working day after the day of receipt."""

    SAME_MOMENT = "same_moment"
    NEXT_WORKING_DAY = "next_working_day"


class Ends(StrEnum):
    """At the hour at which it began, or at the close of the last day."""

    SAME_HOUR = "same_hour"
    CLOSE_OF_DAY = "close_of_day"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a limit is counted.

    `begins`: for working days, SAME_MOMENT counts from the first open moment, NEXT_WORKING_DAY
    makes the next working day the first of the days; they differ for what arrives on a day off. For
    calendar days and months SAME_MOMENT makes the next day the first, NEXT_WORKING_DAY the next
    working day.
    `ends`: SAME_HOUR is the local time of the start, put inside the hours of the last day (before
    them the opening, in a break the next opening, after them the close).
    `cutoff`: what is received after this local time, or on a day off, counts as received at the
    next working day's opening.
    `moved`: a last day that is a day off moves to the next working day. One that is not moved ends
    at midnight at its end.
    """

    begins: Begins
    ends: Ends
    cutoff: time | None = None
    moved: bool = True

    def to_json(self) -> dict[str, object]:
        """The rule as plain data."""
        return {
            "begins": self.begins.value,
            "ends": self.ends.value,
            "cutoff": None if self.cutoff is None else self.cutoff.isoformat("minutes"),
            "moved": self.moved,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Rule:
        """Read what `to_json` wrote.

        Raises: LimitError.
        """
        if not isinstance(stored, Mapping) or not {"begins", "ends"} <= set(stored):
            raise LimitError(f"no rule of counting: {stored!r}")
        if unknown := set(stored) - {"begins", "ends", "cutoff", "moved"}:
            raise LimitError(f"unknown in a rule of counting: {sorted(map(str, unknown))}")
        cutoff, moved = stored.get("cutoff"), stored.get("moved", True)
        if not isinstance(moved, bool):
            raise LimitError(f"moved is true or false, not {moved!r}")
        try:
            hour = None if cutoff is None else time.fromisoformat(cast(str, cutoff))
            return cls(Begins(str(stored["begins"])), Ends(str(stored["ends"])), hour, moved)
        except (ValueError, TypeError) as fault:
            raise LimitError(f"no rule of counting: {fault}") from None


DEFAULT_RULES: Mapping[Unit, Rule] = {
    # Hours run from the moment (Civil Code art. 145-147; domain: how time is counted, 2).
    Unit.WORKING_HOUR: Rule(Begins.SAME_MOMENT, Ends.SAME_HOUR, moved=False),
    # The first day is not counted (art. 147.2); it ends with its last day (148.2, 148.6).
    Unit.WORKING_DAY: Rule(Begins.NEXT_WORKING_DAY, Ends.CLOSE_OF_DAY),
    # A last day off moves to the next working day (art. 148.5).
    Unit.CALENDAR_DAY: Rule(Begins.SAME_MOMENT, Ends.CLOSE_OF_DAY),
    Unit.MONTH: Rule(Begins.SAME_MOMENT, Ends.CLOSE_OF_DAY),
}


@dataclass(frozen=True, slots=True, init=False)
class TimeLimit:
    """So many units of time, counted by a rule.

    Zero days is "within the day", whatever the rule: it ends at the close of the working day of
    receipt, or of the next one if that has closed. A fraction of a working day is that part of 8
    working hours, run exactly after the whole days. Without a rule the unit's default holds.

    Raises: LimitError.
    """

    amount: Fraction
    unit: Unit
    rule: Rule

    def __init__(
        self, amount: int | str | Decimal | Fraction, unit: Unit | str, rule: Rule | None = None
    ) -> None:
        try:
            known = Unit(unit)
        except ValueError:
            raise LimitError(f"unknown unit of time: {unit!r}") from None
        object.__setattr__(self, "amount", _amount(amount))
        object.__setattr__(self, "unit", known)
        object.__setattr__(self, "rule", DEFAULT_RULES[known] if rule is None else rule)

    @property
    def is_flagged(self) -> bool:
        """Whether a person must decide before it can be due: a fraction of a calendar unit."""
        whole = self.amount.denominator == 1
        return not whole and self.unit in {Unit.CALENDAR_DAY, Unit.MONTH}

    @property
    def amount_text(self) -> str:
        """The amount as people write it: "10", "0.5"; "1/3" where no decimal says it."""
        rest = self.amount.denominator
        for prime in (2, 5):
            while rest % prime == 0:
                rest //= prime
        if rest != 1:
            return str(self.amount)
        decimal = Decimal(self.amount.numerator) / Decimal(self.amount.denominator)
        return f"{decimal:f}"

    def due(self, calendar: WorkingCalendar, start: datetime) -> datetime:
        """The moment the limit ends for what was received at `start`, in the calendar's time zone.

        Raises: FractionOfCalendarError, and the calendar's errors.
        Law: Civil Code art. 145-148.
        """
        if self.is_flagged:
            raise FractionOfCalendarError(f"{self.amount} {self.unit} has no legal meaning")
        begin = self._received(calendar, start)
        if self.unit is Unit.WORKING_HOUR:
            return self._due_in_hours(calendar, begin)
        if self.amount == 0:
            return calendar.close(calendar.next_open(begin).date())
        if self.unit is Unit.WORKING_DAY:
            return self._due_in_working_days(calendar, begin)
        return self._due_by_date(calendar, begin)

    def worth(self, calendar: WorkingCalendar, start: datetime) -> timedelta:
        """The working time between `start` and the limit's end."""
        return calendar.between(start, self.due(calendar, start))

    def counted_from(self, calendar: WorkingCalendar, start: datetime) -> datetime:
        """The moment that counts as the receipt: after the cut-off hour, or on a day off, the next
        working day's opening; else `start`."""
        return self._received(calendar, start)

    def last_day(self, calendar: WorkingCalendar, start: datetime) -> date:
        """The date on which it ends, before a day off moves it; of what is not counted by dates,
        the date of its end."""
        if self.unit in {Unit.CALENDAR_DAY, Unit.MONTH} and self.amount and not self.is_flagged:
            return self._last_date(calendar, self._received(calendar, start))
        return self.due(calendar, start).date()

    def to_json(self) -> dict[str, object]:
        """The limit as plain data: `{"amount": "10", "unit": "working_day", "rule": {...}}`."""
        return {"amount": self.amount_text, "unit": self.unit.value, "rule": self.rule.to_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> TimeLimit:
        """Read what `to_json` wrote; a missing rule is the unit's default.

        Raises: LimitError.
        """
        if not isinstance(stored, Mapping) or not {"amount", "unit"} <= set(stored):
            raise LimitError(f"no time limit: {stored!r}")
        if unknown := set(stored) - {"amount", "unit", "rule"}:
            raise LimitError(f"unknown in a time limit: {sorted(map(str, unknown))}")
        rule = stored.get("rule")
        counted = None if rule is None else Rule.from_json(cast(Mapping[str, object], rule))
        return cls(cast(str, stored["amount"]), cast(str, stored["unit"]), counted)

    def _received(self, calendar: WorkingCalendar, start: datetime) -> datetime:
        """The local moment that counts as the receipt."""
        local = _local(calendar, start)
        cutoff = self.rule.cutoff
        if cutoff is None:
            return local
        day = local.date()
        if calendar.is_working_day(day) and local.time() <= cutoff:
            return local
        return calendar.opening(calendar.nth_working_day(day, 1))

    def _due_in_hours(self, calendar: WorkingCalendar, begin: datetime) -> datetime:
        if self.rule.begins is Begins.NEXT_WORKING_DAY:
            begin = calendar.opening(calendar.nth_working_day(begin.date(), 1))
        end = calendar.add(begin, _hours(self.amount))
        if self.rule.ends is Ends.CLOSE_OF_DAY:
            return _close_of(calendar, end)
        return end

    def _due_in_working_days(self, calendar: WorkingCalendar, begin: datetime) -> datetime:
        whole = int(self.amount)
        end = begin
        if whole:
            if self.rule.begins is Begins.SAME_MOMENT:
                begin = calendar.next_open(begin)
            end = self._end_of(
                calendar, calendar.nth_working_day(begin.date(), whole), begin.time()
            )
        part = self.amount - whole
        return calendar.add(end, _hours(part * _HOURS_OF_A_DAY)) if part else end

    def _last_date(self, calendar: WorkingCalendar, begin: datetime) -> date:
        eve = begin.date()  # the day before the first that counts
        if self.rule.begins is Begins.NEXT_WORKING_DAY:
            eve = calendar.nth_working_day(eve, 1) - _ONE_DAY
        amount = int(self.amount)
        return _months_after(eve, amount) if self.unit is Unit.MONTH else eve + amount * _ONE_DAY

    def _due_by_date(self, calendar: WorkingCalendar, begin: datetime) -> datetime:
        last = self._last_date(calendar, begin)
        if self.rule.moved and not calendar.is_working_day(last):
            last = calendar.nth_working_day(last, 1)
        return self._end_of(calendar, last, begin.time())

    def _end_of(self, calendar: WorkingCalendar, day: date, hour: time) -> datetime:
        """When on its last day the limit ends."""
        if not calendar.is_working_day(day):
            if self.rule.ends is Ends.CLOSE_OF_DAY:
                day, hour = day + _ONE_DAY, time.min
            return datetime.combine(day, hour, calendar.tz)
        close = calendar.close(day)
        if self.rule.ends is Ends.CLOSE_OF_DAY:
            return close
        moment = datetime.combine(day, hour, calendar.tz)
        # The close itself is closed, yet still within the day.
        return close if moment >= close else calendar.next_open(moment)


def _local(calendar: WorkingCalendar, moment: datetime) -> datetime:
    if moment.tzinfo is None:
        calendar.is_open(moment)  # refuses it in the calendar's own words
    return moment.astimezone(calendar.tz)


def _amount(amount: int | str | Decimal | Fraction) -> Fraction:
    """An exact, finite amount; a float is none, for 0.1 would not be a tenth."""
    if isinstance(amount, bool | float) or not isinstance(amount, int | str | Decimal | Fraction):
        raise LimitError(f"an amount of time is exact, not {amount!r}")
    try:
        exact = Fraction(amount)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise LimitError(f"no amount of time: {amount!r}") from None
    if exact < 0:
        raise LimitError(f"an amount of time is not negative: {amount!r}")
    if exact > MOST:
        raise LimitError(f"no limit is so long: {amount!r}")
    return exact


def _hours(hours: Fraction) -> timedelta:
    return timedelta(microseconds=round(hours * 3_600_000_000))


def _months_after(day: date, months: int) -> date:
    """The same day so many months on, or the last of a month that has no such day (art. 148.3)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _close_of(calendar: WorkingCalendar, moment: datetime) -> datetime:
    """The close of the working day that `moment` belongs to; a close belongs to its own day."""
    day = moment.date()
    if moment.time() == time.min and calendar.is_working_day(day - _ONE_DAY):
        eve = calendar.close(day - _ONE_DAY)
        if eve == moment:
            return eve
    return calendar.close(day)
