"""How fast working time is counted, beside a plain loop of prefix sums, in one run.

`python -m benchmarks.worktime` prints microseconds a call and their ratio, at spans from a day to
ten years. The plain one does the least that any such count must do: bisection over prefix sums made
beforehand, with datetimes in and out; it checks nothing and knows no change of the clock.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from timeit import repeat
from zoneinfo import ZoneInfo

from workflows.worktime import WorkingCalendar

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
HOURS = [(time(8), time(12)), (time(13, 30), time(17, 30))]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
START = datetime(2026, 3, 2, 9, 10, tzinfo=HANOI)
SPANS = {"1 day": 1, "1 month": 22, "1 year": 250, "10 years": 2500}
CALLS, ROUNDS = 5_000, 15
AIM = 1.5


class Plain:
    """Prefix sums over the intervals of the years in question, and nothing else."""

    def __init__(self, first: date, last: date) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.worked: list[int] = []
        total = 0
        for ordinal in range(first.toordinal(), last.toordinal()):
            day = date.fromordinal(ordinal)
            for opens, closes in HOURS if day.weekday() < 5 else ():
                start = (datetime.combine(day, opens, HANOI) - EPOCH) // MICROSECOND
                end = (datetime.combine(day, closes, HANOI) - EPOCH) // MICROSECOND
                total += end - start
                self.starts.append(start)
                self.ends.append(end)
                self.worked.append(total)

    def at(self, moment: datetime) -> int:
        instant = (moment - EPOCH) // MICROSECOND
        index = bisect_right(self.starts, instant) - 1
        return self.worked[index] - max(0, self.ends[index] - instant)

    def add(self, start: datetime, amount: timedelta) -> datetime:
        target = self.at(start) + amount // MICROSECOND
        index = bisect_left(self.worked, target)
        instant = self.ends[index] - self.worked[index] + target
        return (EPOCH + timedelta(microseconds=instant)).astimezone(HANOI)

    def between(self, a: datetime, b: datetime) -> timedelta:
        return timedelta(microseconds=self.at(b) - self.at(a))


def best(ours: Callable[[], object], plain: Callable[[], object]) -> tuple[float, float]:
    """Microseconds a call, the best of interleaved rounds, so that both meet the same machine."""
    pairs = [
        (repeat(ours, number=CALLS, repeat=1)[0], repeat(plain, number=CALLS, repeat=1)[0])
        for _ in range(ROUNDS)
    ]
    return min(a for a, _ in pairs) / CALLS * 1e6, min(b for _, b in pairs) / CALLS * 1e6


def main() -> int:
    calendar = WorkingCalendar(dict.fromkeys(range(5), HOURS), {}, HANOI)
    plain = Plain(date(2025, 1, 1), date(2040, 1, 1))
    worst = 0.0
    print(f"{'question':<10}{'span':<10}{'ours µs':>9}{'plain µs':>10}{'ratio':>7}")
    for name, days in SPANS.items():
        amount = timedelta(hours=8 * days)
        end = plain.add(START, amount)
        if calendar.add(START, amount) != end or calendar.between(START, end) != amount:
            sys.exit(f"the two disagree at {name}")
        rows = {
            "add": best(partial(calendar.add, START, amount), partial(plain.add, START, amount)),
            "between": best(
                partial(calendar.between, START, end), partial(plain.between, START, end)
            ),
        }
        for question, (ours, least) in rows.items():
            worst = max(worst, ours / least)
            print(f"{question:<10}{name:<10}{ours:>9.2f}{least:>10.2f}{ours / least:>7.2f}")
    print(f"worst ratio {worst:.2f}, aim at most {AIM}")
    return 0 if worst <= AIM else 1


if __name__ == "__main__":
    sys.exit(main())
