"""Local days: the day of the law is the day of Vietnam."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def local_date(at: datetime) -> date:
    """The day in Vietnam on which the moment lies."""
    return at.astimezone(LOCAL).date()
