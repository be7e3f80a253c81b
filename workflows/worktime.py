"""Working time: when an office is open, and how much of its time lies between two moments.

A `WorkingCalendar` is an immutable value made of weekly hours, the hours of single dates and a time
zone. It answers in elapsed time, exact to the microsecond, and knows no database, no clock and no
setting. What a law's time limit means is in `workflows.timelimit`; this module only counts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from types import MappingProxyType
from typing import NamedTuple

Interval = tuple[time, time]
_Span = tuple[int, int]  # the same in microseconds of the wall clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000  # microseconds on the wall clock
_FIRST_YEAR, _LAST_YEAR = 2, 9998  # a margin, so that no time zone leads out of Python's years
_NEAR = 100  # years; a question about a time further off begins a table of its own
_ENDLESS = 1 << 62  # further away than any moment
_MOST_YEARS = 1000  # nothing is counted further: no limit is so long, and a table would be large
_FURTHEST_DAYS = _MOST_YEARS * 366
_FURTHEST = _FURTHEST_DAYS * _DAY
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class WorktimeError(ValueError):
    """What all errors of this module have in common."""


class HoursError(WorktimeError):
    """Hours that no office can keep: empty, reversed, overlapping or of the wrong kind."""


class NaiveMomentError(WorktimeError):
    """A datetime without a time zone, which is no moment."""


class DayOffError(WorktimeError):
    """An opening or close was asked of a day that has none."""


class NoOpenTimeError(WorktimeError):
    """The calendar has not enough open time for an answer ever to come, or in a thousand years."""


class _Table(NamedTuple):
    """All open time of some whole years, in microseconds since 1970, in order.

    The first entry is an empty interval before everything, so that every moment has one before it.
    """

    first_year: int
    last_year: int
    covered_from: int
    covered_to: int
    starts: list[int]
    ends: list[int]
    worked: list[int]  # open time from the table's beginning to the end of each interval
    days: list[int]  # ordinals of the working days

    def at(self, instant: int) -> int:
        """Open time from the table's beginning to `instant`."""
        index = bisect_right(self.starts, instant) - 1
        left = self.ends[index] - instant
        return self.worked[index] - left if left > 0 else self.worked[index]


class WorkingCalendar:
    """The hours an office keeps.

    `weekly_hours` maps 0 (Monday) to 6 (Sunday) to that day's intervals; a missing day is off.
    `exceptions` gives the hours of single dates instead: `()` is a day off, hours make it worked.
    Ends of intervals are wall-clock times in `tz`; an end of 00:00 is midnight at the end of the
    day; one that falls in a gap or comes twice is read with `fold=0`. Touching intervals are one.
    A shift past midnight is two intervals, until 00:00 and from 00:00 of the next day. All moments
    are answered in `tz`, none more than a thousand years away. Safe to share between threads.

    Raises: HoursError.
    """

    __slots__ = ("_by_ordinal", "_hash", "_table", "_weekly", "exceptions", "tz", "weekly_hours")

    weekly_hours: Mapping[int, tuple[Interval, ...]]
    exceptions: Mapping[date, tuple[Interval, ...]]
    tz: tzinfo
    _weekly: tuple[tuple[_Span, ...], ...]
    _by_ordinal: dict[int, tuple[_Span, ...]]
    _hash: int
    _table: _Table | None

    def __init__(
        self,
        weekly_hours: Mapping[int, Sequence[Interval]],
        exceptions: Mapping[date, Sequence[Interval]],
        tz: tzinfo,
    ) -> None:
        if not isinstance(tz, tzinfo):
            raise HoursError(f"a working calendar needs a time zone, not {tz!r}")
        if not _tells_wall_time(tz):
            raise HoursError(f"{tz!r} tells no offset of a wall-clock time; a ZoneInfo does")
        for weekday in weekly_hours:
            if isinstance(weekday, bool) or weekday not in range(7):
                raise HoursError(f"{weekday!r} is no weekday: 0 is Monday, 6 is Sunday")
        for day in exceptions:
            if not (_is_date(day) and _FIRST_YEAR <= day.year <= _LAST_YEAR):
                raise HoursError(f"an exception needs a date of our time, not {day!r}")
        kept = {day: _checked(weekly_hours[day], _WEEKDAYS[day]) for day in sorted(weekly_hours)}
        weekly = {day: hours for day, hours in kept.items() if hours}
        single = {day: _checked(exceptions[day], str(day)) for day in sorted(exceptions)}
        self._fill(
            weekly_hours=MappingProxyType(weekly),
            exceptions=MappingProxyType(single),
            tz=tz,
            _weekly=tuple(_spans(weekly.get(day, ())) for day in range(7)),
            _by_ordinal={day.toordinal(): _spans(hours) for day, hours in single.items()},
            _hash=hash((tuple(weekly.items()), tuple(single.items()), tz)),
            _table=None,
        )

    # Questions about working time

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The moment at which `amount` of working time has run since `start`.

        Time used up exactly ends at the close of that interval, not at the next opening; a start
        outside hours counts from the next opening. Zero is `next_open(start)`. A negative amount
        runs backwards by the mirrored rule: used up exactly it ends at that interval's opening,
        and a start outside hours counts from the previous close.

        Raises: NaiveMomentError, NoOpenTimeError.
        """
        work = amount // _MICROSECOND
        if work == 0:
            return self.next_open(start)
        instant = _instant(start)
        table = self._covering(instant, instant)
        target = table.at(instant) + work
        if not 0 <= target <= table.worked[-1]:
            table, target = self._reaching(table, instant, work)
        find = bisect_left if work > 0 else bisect_right
        index = find(table.worked, target)
        return self._answer(instant, table.ends[index] - table.worked[index] + target)

    def between(self, a: datetime, b: datetime) -> timedelta:
        """Working time from `a` to `b`; negative if `b` comes first.

        Raises: NaiveMomentError.
        """
        first, last = _instant(a), _instant(b)
        table = self._covering(first, last)
        return timedelta(microseconds=table.at(last) - table.at(first))

    def is_open(self, t: datetime) -> bool:
        """Whether the office is open at `t`: at its opening it is, at its close no more.

        Raises: NaiveMomentError.
        """
        instant = _instant(t)
        table = self._covering(instant, instant)
        return instant < table.ends[bisect_right(table.starts, instant) - 1]

    def next_open(self, t: datetime) -> datetime:
        """`t` itself if open, else the next opening.

        Raises: NaiveMomentError, NoOpenTimeError.
        """
        instant = _instant(t)
        table = self._covering(instant, instant)
        index = bisect_right(table.starts, instant)
        if instant < table.ends[index - 1]:
            return self._moment(instant)
        while index == len(table.starts):
            table = self._later(table, instant + _FURTHEST)
            index = bisect_right(table.starts, instant)
        return self._answer(instant, table.starts[index])

    # Questions about days

    def hours(self, d: date) -> tuple[Interval, ...]:
        """The intervals of `d`, none on a day off."""
        _ordinal(d)
        return self.exceptions.get(d, self.weekly_hours.get(d.weekday(), ()))

    def is_working_day(self, d: date) -> bool:
        """Whether the office opens at all on `d`."""
        return bool(self.hours(d))

    def nth_working_day(self, d: date, n: int) -> date:
        """The n-th working day after `d`, itself not counted; before it for n < 0; n = 0 is `d`.

        Raises: NoOpenTimeError.
        """
        ordinal = _ordinal(d)
        if n == 0:
            return d
        noon = (ordinal - _EPOCH_ORDINAL) * _DAY + _DAY // 2
        table = self._covering(noon, noon)
        while True:
            days = table.days
            index = bisect_right(days, ordinal) + n - 1 if n > 0 else bisect_left(days, ordinal) + n
            if 0 <= index < len(days) and abs(days[index] - ordinal) <= _FURTHEST_DAYS:
                return date.fromordinal(days[index])
            table = self._wider(table, noon, n * _DAY)

    def working_days_between(self, a: date, b: date) -> int:
        """How many working days lie in [a, b); `(b, a)` is minus `(a, b)`."""
        first, last = _ordinal(a), _ordinal(b)
        days = self._covering_days(first, last).days
        return bisect_left(days, last) - bisect_left(days, first)

    def opening(self, d: date) -> datetime:
        """The first opening of working day `d`.

        Raises: DayOffError.
        """
        return self._end_of(d, 0, 0)

    def close(self, d: date) -> datetime:
        """The last close of working day `d`.

        Raises: DayOffError.
        """
        return self._end_of(d, -1, 1)

    # A value: compared by what it says, copied and pickled without its tables

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WorkingCalendar):
            return NotImplemented
        return self is other or (
            self._hash == other._hash
            and self.tz == other.tz
            and self.weekly_hours == other.weekly_hours
            and self.exceptions == other.exceptions
        )

    def __hash__(self) -> int:
        return self._hash

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a working calendar does not change: cannot set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a working calendar does not change: cannot delete {name}")

    def __reduce__(self) -> tuple[object, ...]:
        return WorkingCalendar, (dict(self.weekly_hours), dict(self.exceptions), self.tz)

    def __repr__(self) -> str:
        week = ", ".join(
            f"{_WEEKDAYS[day]} " + " ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in hours)
            for day, hours in self.weekly_hours.items()
        )
        return f"<WorkingCalendar {week or 'never'}; {len(self.exceptions)} exceptions; {self.tz}>"

    # The tables, built when first needed. A table is never changed, only replaced by a wider one,
    # so that threads need no lock: at worst two of them do the same work.

    def _fill(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _covering(self, a: int, b: int) -> _Table:
        table = self._table
        first, last = (a, b) if a <= b else (b, a)
        if table is not None and table.covered_from <= first and last < table.covered_to:
            return table
        first_year, last_year = _year(first) - 1, _year(last) + 1
        if first_year < _FIRST_YEAR or last_year > _LAST_YEAR:
            raise WorktimeError(f"working time is counted in years {_FIRST_YEAR} to {_LAST_YEAR}")
        if last - first > _FURTHEST:
            raise WorktimeError(f"working time is counted over {_MOST_YEARS} years at most")
        if table is not None and (
            table.first_year - last_year < _NEAR and first_year - table.last_year < _NEAR
        ):
            first_year = min(first_year, table.first_year)
            last_year = max(last_year, table.last_year)
        return self._widened(first_year, last_year)

    def _covering_days(self, a: int, b: int) -> _Table:
        return self._covering((a - _EPOCH_ORDINAL) * _DAY, (b - _EPOCH_ORDINAL) * _DAY)

    def _reaching(self, table: _Table, instant: int, work: int) -> tuple[_Table, int]:
        """A table wide enough to hold `work` counted from `instant`, and where in it that ends."""
        target = table.at(instant) + work
        while not 0 <= target <= table.worked[-1]:
            table = self._wider(table, instant, work)
            target = table.at(instant) + work
        return table, target

    def _wider(self, table: _Table, instant: int, amount: int) -> _Table:
        """The next table in which to look for what takes at least `amount` from `instant`."""
        if abs(amount) > _FURTHEST:
            raise NoOpenTimeError(f"{self!r} has not so much open time in {_MOST_YEARS} years")
        if amount > 0:
            return self._later(table, instant + _FURTHEST)
        return self._earlier(table, instant - _FURTHEST)

    def _later(self, table: _Table, until: int) -> _Table:
        if table.covered_to > until or table.last_year >= _LAST_YEAR:
            raise NoOpenTimeError(f"{self!r} has not enough open time to come")
        reach = table.last_year - table.first_year + 1  # doubling: far away is a few steps
        return self._widened(table.first_year, min(table.last_year + reach, _year(until) + 1))

    def _earlier(self, table: _Table, until: int) -> _Table:
        if table.covered_from <= until or table.first_year <= _FIRST_YEAR:
            raise NoOpenTimeError(f"{self!r} has not enough open time behind it")
        reach = table.last_year - table.first_year + 1
        return self._widened(max(table.first_year - reach, _year(until) - 1), table.last_year)

    def _widened(self, first_year: int, last_year: int) -> _Table:
        table = self._built(max(first_year, _FIRST_YEAR), min(last_year, _LAST_YEAR))
        self._fill(_table=table)
        return table

    def _built(self, first_year: int, last_year: int) -> _Table:
        """The open time of these years; all there is, if only single dates have any."""
        first, last = date(first_year, 1, 1).toordinal(), date(last_year, 12, 31).toordinal()
        weekly = any(self._weekly)
        ordinals = range(first, last + 1) if weekly else sorted(self._by_ordinal)
        days: list[int] = []
        intervals: list[tuple[int, int]] = []
        for ordinal in ordinals:
            spans = self._spans_on(ordinal)
            if spans:
                days.append(ordinal)
                intervals.extend(self._instants(ordinal, spans))
        intervals.sort()  # in a gap of the wall clock they may have changed places
        starts, ends, worked = [-_ENDLESS], [-_ENDLESS], [0]
        for opening, end in intervals:
            start = max(opening, ends[-1])  # or overlap
            if start < end:
                starts.append(start)
                ends.append(end)
                worked.append(worked[-1] + end - start)
        covered_from = (first + 2 - _EPOCH_ORDINAL) * _DAY if weekly else -_ENDLESS
        covered_to = (last - 1 - _EPOCH_ORDINAL) * _DAY if weekly else _ENDLESS
        return _Table(first_year, last_year, covered_from, covered_to, starts, ends, worked, days)

    def _spans_on(self, ordinal: int) -> tuple[_Span, ...]:
        spans = self._by_ordinal.get(ordinal)
        return self._weekly[(ordinal + 6) % 7] if spans is None else spans

    def _instants(self, ordinal: int, spans: tuple[_Span, ...]) -> list[tuple[int, int]]:
        midnight = (ordinal - _EPOCH_ORDINAL) * _DAY
        offset = self._offset(ordinal, 0)
        if offset == self._offset(ordinal, _DAY):
            midnight -= offset
            return [(midnight + start, midnight + end) for start, end in spans]
        return [
            (
                midnight + start - self._offset(ordinal, start),
                midnight + end - self._offset(ordinal, end),
            )
            for start, end in spans
        ]

    def _offset(self, ordinal: int, wall: int) -> int:
        """The offset from UTC that holds on that day at that time of the wall clock."""
        moment = datetime.fromordinal(ordinal) + timedelta(microseconds=wall)
        offset = moment.replace(tzinfo=self.tz).utcoffset()
        return 0 if offset is None else offset // _MICROSECOND

    def _end_of(self, d: date, interval: int, side: int) -> datetime:
        spans = self._spans_on(_ordinal(d))
        if not spans:
            raise DayOffError(f"{d} is a day off: it has no opening and no close")
        return self._moment(self._instants(d.toordinal(), spans)[interval][side])

    def _answer(self, asked: int, found: int) -> datetime:
        """The same whatever was asked before: a table may reach further than its question."""
        if abs(found - asked) > _FURTHEST:
            raise NoOpenTimeError(f"{self!r} has not so much open time in {_MOST_YEARS} years")
        return self._moment(found)

    def _moment(self, instant: int) -> datetime:
        return (_EPOCH + timedelta(microseconds=instant)).astimezone(self.tz)


def _instant(moment: datetime) -> int:
    """Microseconds since 1970."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise NaiveMomentError(
            f"{moment!r} has no time zone; working time is counted between moments"
        )
    return (moment - _EPOCH) // _MICROSECOND


def _tells_wall_time(tz: tzinfo) -> bool:
    """Not so a zone that must be told first which of its offsets a datetime has, as pytz's are."""
    noon = _EPOCH.astimezone(tz)
    return noon.replace(tzinfo=None).replace(tzinfo=tz).utcoffset() == noon.utcoffset()


def _ordinal(day: date) -> int:
    if not _is_date(day):
        raise TypeError(f"a date is needed, not {day!r}")
    return day.toordinal()


def _is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _year(instant: int) -> int:
    """The year of a moment, held inside the years that tables can reach."""
    ordinal = instant // _DAY + _EPOCH_ORDINAL
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal())).year


def _checked(hours: Sequence[Interval], where: str) -> tuple[Interval, ...]:
    """The intervals of a day in order, those that touch made one."""
    try:
        intervals = list(hours)
    except TypeError:
        raise HoursError(f"{where}: {hours!r} is no list of intervals") from None
    for interval in intervals:
        _check_interval(interval, where)
    ordered = sorted((start.replace(fold=0), end.replace(fold=0)) for start, end in intervals)
    joined: list[Interval] = []
    for start, end in ordered:
        if joined and (joined[-1][1] == time.min or start < joined[-1][1]):
            raise HoursError(f"{where}: intervals overlap at {start}")
        if joined and start == joined[-1][1]:
            start = joined.pop()[0]
        joined.append((start, end))
    return tuple(joined)


def _check_interval(interval: Interval, where: str) -> None:
    try:
        start, end = interval
    except (TypeError, ValueError):
        raise HoursError(f"{where}: an interval is a pair of times, not {interval!r}") from None
    for moment in (start, end):
        if not isinstance(moment, time) or moment.tzinfo is not None:
            raise HoursError(f"{where}: {moment!r} is no time of the wall clock")
    if end != time.min and start >= end:
        fault = "is empty" if start == end else "ends before it begins; past midnight there are two"
        raise HoursError(f"{where}: the interval {start} to {end} {fault}")


def _spans(hours: Sequence[Interval]) -> tuple[_Span, ...]:
    """The same in microseconds of the wall clock, midnight at the day's end told from its start."""
    return tuple((_wall(start), _wall(end) or _DAY) for start, end in hours)


def _wall(moment: time) -> int:
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return seconds * 1_000_000 + moment.microsecond
