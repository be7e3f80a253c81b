"""Where time goes in one version of a workflow: what its steps took over a period, beside their
shares. Working time; passages that were taken back or handed on are left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db import connection
from django.utils.timezone import get_default_timezone

from dossiers.models import StepRun
from workflows.catalogue.definitions import surroundings_of
from workflows.models import NATIONAL, Calendar, Definition
from workflows.worktime import WorkingCalendar

MOST_RECKONED = 3_000
"""Passages without a share have no clock; of at most so many, the latest, the time is reckoned."""

# Exactly what every clock says it had run, stops left out (percentile_cont of PostgreSQL).
_CLOCKED = """
    SELECT r.key, count(*), sum(c.used),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY c.used),
        percentile_cont(0.9) WITHIN GROUP (ORDER BY c.used)
    FROM dossiers_steprun r
    JOIN dossiers_clockrow c ON c.step_run_id = r.id AND c.kind = 'step' AND c.used IS NOT NULL
    JOIN dossiers_dossier d ON d.id = r.dossier_id
    WHERE d.definition_id = %(definition)s AND d.voided_at IS NULL AND r.state = 'done'
        AND r.outcome <> 'moved' AND r.ended_at >= %(since)s AND r.ended_at < %(until)s
    GROUP BY r.key
"""


@dataclass(frozen=True, slots=True)
class StepTime:
    """What one step took: how many passages, the median, what nine of ten kept within, its share
    and its part of all the time used, in per cent. None where there is nothing to say."""

    key: str
    passages: int = 0
    median: timedelta | None = None
    ninth_decile: timedelta | None = None
    share: timedelta | None = None
    part: int | None = None

    @property
    def heat(self) -> int | None:
        """How the time stands to the share, a place in `drawing.HEATS`."""
        if self.median is None or self.ninth_decile is None or not self.share:
            return None
        if self.median > self.share:
            return 3
        if self.ninth_decile > self.share:
            return 2
        return 1 if self.ninth_decile * 2 > self.share else 0


def step_times(definition: Definition, since: date, until: date) -> list[StepTime]:
    """What each step took in passages that ended from `since` to `until`, both days included, in
    the order of the definition."""
    parsed = definition.graph()
    limit = surroundings_of([definition.procedure_id or 0])[definition.procedure_id].limit_hours
    begins, ends = _midnight(since), _midnight(until + timedelta(days=1))
    found = _clocked(definition.pk, begins, ends)
    found |= _unclocked(definition.pk, begins, ends, set(found))
    total = sum((used for _n, used, _median, _nine in found.values()), timedelta())
    times = []
    for step in parsed.steps:
        hours = None if step.share is None else step.share.hours(limit)
        share = None if hours is None else timedelta(hours=float(hours))
        if step.key not in found:
            times.append(StepTime(step.key, share=share))
            continue
        count, used, middle, nine = found[step.key]
        part = round(used / total * 100) if total else None
        times.append(StepTime(step.key, count, middle, nine, share, part))
    return times


Found = dict[str, tuple[int, timedelta, timedelta, timedelta]]


def _clocked(definition: int, since: datetime, until: datetime) -> Found:
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"definition": definition, "since": since, "until": until}
        cursor.execute(_CLOCKED, given)
        return {key: (count, *times) for key, count, *times in cursor.fetchall()}


def _unclocked(definition: int, since: datetime, until: datetime, known: set[str]) -> Found:
    """Of the steps without a share, by the hours of the agency that did them."""
    runs = StepRun.objects.filter(
        dossier__definition=definition,
        dossier__voided_at=None,
        state=StepRun.State.DONE,
        ended_at__gte=since,
        ended_at__lt=until,
    ).exclude(outcome="moved")
    rows = runs.exclude(key__in=known).order_by("-ended_at")
    calendars = _calendars()
    taken: dict[str, list[timedelta]] = defaultdict(list)
    wanted = rows.values_list("key", "opened_at", "ended_at", "agency__calendar")
    for key, opened, ended, calendar in wanted[:MOST_RECKONED]:
        working = calendars.get(calendar) or calendars[None]
        if ended is not None:
            taken[key].append(working.between(opened, ended))
    return {key: (len(used), sum(used, timedelta()), *_middle(used)) for key, used in taken.items()}


def _calendars() -> dict[Any, WorkingCalendar]:
    rows: Iterable[Calendar] = Calendar.objects.select_related("base")
    found: dict[Any, WorkingCalendar] = {}
    for row in rows:
        found[row.pk] = row.working()
        if row.code == NATIONAL:
            found[None] = found[row.pk]
    return found


def _middle(used: list[timedelta]) -> tuple[timedelta, timedelta]:
    """Median and ninth decile, between neighbours as PostgreSQL reckons them."""
    ordered = sorted(used)
    place = 0.9 * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    nine = ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    return timedelta(seconds=median(one.total_seconds() for one in ordered)), nine


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), get_default_timezone())
