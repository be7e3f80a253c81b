"""Working calendars in the database: the national one and what an agency changes of it.

Rows say which hours hold on which weekday and what is different on which date, each with its
source and whether it is confirmed. `Calendar.working()` builds the pure `WorkingCalendar`,
cached by the versions of the calendar and its base, so that a change is seen by every process.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.openings import Hours, Layer, Week, calendar_of
from workflows.worktime import Interval, WorkingCalendar

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

    @property
    def revision(self) -> int:
        """A number that grows with every change of this calendar or of its base."""
        return self.version + (self.base.version if self.base is not None else 0)

    def working(self) -> WorkingCalendar:
        """The pure calendar of these rows as they stand."""
        base_version = self.base.version if self.base is not None else 0
        return _built(self.pk, self.version, self.base_id or 0, base_version, self.tz)


class CalendarHours(models.Model):
    """Opening hours of one weekday (0 = Monday), one row an interval; 00:00 as end is midnight.

    Rows of one `since` are a whole week that holds from that day on (None: since ever).
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="hours")
    since = models.DateField(null=True, blank=True)
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["since", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                name="calendar_weekday_known", condition=models.Q(weekday__lte=6)
            ),
            models.UniqueConstraint(
                name="calendar_hours_once",
                fields=["calendar", "since", "weekday", "opens"],
                nulls_distinct=False,
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


class Amendment(models.Model):
    """One change of a calendar, as it was confirmed: never changed, never removed.

    `changes` holds the entries as given; `first_on` and `last_on` are the days between which hours
    differ since (no last day where weekly hours changed, neither where no hour did).
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="amendments")
    at = models.DateTimeField()
    post = models.ForeignKey(
        "workflows.Post", null=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(max_length=500)
    changes = models.JSONField()
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.calendar} {self.at:%Y-%m-%d}"


def layer(hours: Iterable[CalendarHours], days: Iterable[CalendarDay]) -> Layer:
    """The rows of one calendar, stored or not, as a layer of hours."""
    weeks: dict[date | None, dict[int, list[Interval]]] = defaultdict(lambda: defaultdict(list))
    for row in hours:
        weeks[row.since][row.weekday].append((row.opens, row.closes))
    return Layer(
        weeks=[
            Week(since, {weekday: tuple(spans) for weekday, spans in week.items()})
            for since, week in weeks.items()
        ],
        days={day.on: _hours(day) for day in days},
    )


def _hours(day: CalendarDay) -> Hours | None:
    """The hours of a single day; None: it is worked like a weekday."""
    if day.kind == CalendarDay.Kind.SWAPPED_WORKED and not day.hours:
        return None
    return tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in day.hours)


@lru_cache(maxsize=512)
def _built(pk: int, version: int, base: int, base_version: int, tz: str) -> WorkingCalendar:
    layers = [
        layer(
            CalendarHours.objects.filter(calendar_id=one),
            CalendarDay.objects.filter(calendar_id=one),
        )
        for one in (base, pk)  # what an agency decides stands over what is national
        if one
    ]
    return calendar_of(layers, ZoneInfo(tz))
