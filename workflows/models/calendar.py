"""Working calendars in the database: the national one and what an agency changes of it.

Rows say which hours hold on which weekday and what is different on which date, each with its
source and whether it is confirmed. `Calendar.working()` builds the pure `WorkingCalendar`,
cached by the versions of the calendar and its base, so that a change is seen by every process.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.worktime import WorkingCalendar

NATIONAL = "vn"


class Calendar(models.Model):
    """A set of working hours and exceptions; `base` is the calendar it refines."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    base = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    tz = models.CharField(max_length=60, default="Asia/Ho_Chi_Minh")
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name

    def working(self) -> WorkingCalendar:
        """The pure calendar of these rows as they stand."""
        base_version = self.base.version if self.base is not None else 0
        return _built(self.pk, self.version, self.base_id or 0, base_version, self.tz)


class CalendarHours(models.Model):
    """Opening hours of one weekday (0 = Monday), one row an interval; 00:00 as end is midnight."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                name="calendar_weekday_known", condition=models.Q(weekday__lte=6)
            ),
            models.UniqueConstraint(
                name="calendar_hours_once", fields=["calendar", "weekday", "opens"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}–{self.closes}"


class CalendarDay(models.Model):
    """One date on which the hours differ: a day off, a swapped working day, a closure."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Public holiday")
        MADE_UP = "made_up", _("Day off in lieu")
        SWAPPED_OFF = "swapped_off", _("Swapped day off")
        SWAPPED_WORKED = "swapped_worked", _("Swapped working day")
        CLOSED = "closed", _("Office closed")

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    on = models.DateField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=500, blank=True)
    confirmed = models.BooleanField(default=True)
    # Hours of a worked day as [["08:00", "12:00"], …]; empty takes Monday's to Friday's usual ones.
    hours = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["on"]
        constraints = [models.UniqueConstraint(name="calendar_day_once", fields=["calendar", "on"])]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()}"


def _intervals(
    day: CalendarDay, weekly: dict[int, list[tuple[time, time]]]
) -> list[tuple[time, time]]:
    if day.kind != CalendarDay.Kind.SWAPPED_WORKED:
        return [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in day.hours]
    if day.hours:
        return [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in day.hours]
    # A Saturday worked in return is worked like the weekday it stands for.
    return next((weekly[weekday] for weekday in range(5) if weekly.get(weekday)), [])


@lru_cache(maxsize=512)
def _built(pk: int, version: int, base: int, base_version: int, tz: str) -> WorkingCalendar:
    weekly: dict[int, list[tuple[time, time]]] = defaultdict(list)
    for row in CalendarHours.objects.filter(calendar_id=pk):
        weekly[row.weekday].append((row.opens, row.closes))
    if not weekly and base:
        for row in CalendarHours.objects.filter(calendar_id=base):
            weekly[row.weekday].append((row.opens, row.closes))
    exceptions: dict[date, list[tuple[time, time]]] = {}
    for calendar_id in (base, pk):  # what an agency decides stands over what is national
        for day in CalendarDay.objects.filter(calendar_id=calendar_id):
            exceptions[day.on] = _intervals(day, weekly)
    return WorkingCalendar(weekly, exceptions, ZoneInfo(tz))
