"""The end of a day in the demo city: letters leave, and repeated lateness is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from dossiers.lifecycle.repeating import raise_repeated
from notifications.sending import drain
from onestop.demo.act import Act, Acts
from workflows.worktime import WorkingCalendar

A_DAY = timedelta(hours=8)
MOST = 10_000

Meet = Callable[[Callable[[], None]], None]
"""Lets one process of the demo do something when all have come to that moment."""


def posting(at: datetime, calendar: WorkingCalendar, meet: Meet) -> Act:
    """Send what lies in the outbox at `at`, and from then on every working day; those who watch
    are told where lateness repeats itself."""

    def post() -> None:
        drain(at=at, limit=MOST)
        raise_repeated(at)

    def posted() -> Acts:
        meet(post)
        following = calendar.add(at, A_DAY)
        yield following, posting(following, calendar, meet)

    return posted
