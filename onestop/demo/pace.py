"""How fast the demo city works: the moment it is at, and how long things take there."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from workflows.worktime import WorkingCalendar

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Pace:
    """The simulated moment `now`, and working time from there, by chance around what is usual."""

    def __init__(self, calendar: WorkingCalendar, random: Random, now: datetime) -> None:
        self.calendar, self.random, self.now = calendar, random, now

    def after(self, at: datetime, working: timedelta) -> datetime:
        """The moment so much working time, at least a minute, after another."""
        return self.calendar.add(at, max(working, MINUTE))

    def some(self, usual: timedelta, slowness: float = 1.0) -> timedelta:
        """A time around the usual one: mostly less, sometimes much more."""
        return usual * min(self.random.lognormvariate(-0.25, 0.6) * slowness, 6.0)
