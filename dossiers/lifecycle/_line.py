"""Who stands where up the line of a clock: officer, unit head, agency head, centre.

Read once for a batch. Where nobody who can log in holds a level, the next one above is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from dossiers.lifecycle._time import local_date
from dossiers.lifecycle._work import Work
from dossiers.models import ClockKind, ClockRow, Consultation, Dossier, StepRun
from workflows import ladder
from workflows.models import NATIONAL, Agency, Calendar, Post, Role
from workflows.worktime import WorkingCalendar, WorktimeError


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody to be told; `holds` is the step they hold, where they are told because of it."""

    post: Post
    holds: StepRun | None = None


class Line:
    """The posts that can be told about the works of a batch, and their agencies' hours."""

    def __init__(self, works: Sequence[Work]) -> None:
        self._by_unit: dict[tuple[str, int], list[Post]] = defaultdict(list)
        self._by_agency: dict[tuple[str, int], list[Post]] = defaultdict(list)
        self._by_id: dict[int, Post] = {}
        self._supervisors: list[Post] = []
        self._national: WorkingCalendar | None = None
        self._not_before: dict[tuple[int, datetime], datetime] = {}
        self._asked = _consultations(works)
        for post in _posts(works, self._asked.values()):
            self._by_id[post.pk] = post
            if post.role == Role.SUPERVISOR:
                self._supervisors.append(post)
            elif post.unit_id is not None:
                self._by_unit[post.role, post.unit_id].append(post)
            self._by_agency[post.role, post.agency_id].append(post)

    def told(
        self, work: Work, row: ClockRow, run: StepRun | None, levels: Iterable[str]
    ) -> list[Told]:
        """Whom these levels mean for this clock of the dossier, each person once.

        `run` is the step of a step's clock, else the one under way.
        """
        found: dict[int, Told] = {}
        for level in levels:
            for above in ladder.LINE[ladder.LINE.index(level) :]:
                there = [one for one in self._at(above, work, row, run) if one.post.user_id]
                for one in there:
                    found.setdefault(one.post.user_id or 0, one)
                if there:
                    break
        return list(found.values())

    def not_before(self, post: Post, at: datetime) -> datetime:
        """When this person may be told at the earliest: not at night, nor on a day off."""
        key = (post.agency_id, at)
        if key not in self._not_before:
            self._not_before[key] = out_of_quiet_hours(self._hours(post.agency), at)
        return self._not_before[key]

    def _at(self, level: str, work: Work, row: ClockRow, run: StepRun | None) -> list[Told]:
        agency, unit = self._place(work, row, run)
        if level == ladder.OFFICER:
            return self._officers(work, row, run)
        if level == ladder.UNIT_HEAD:
            return [Told(post) for post in self._by_unit[Role.UNIT_HEAD, unit or 0]]
        if level == ladder.AGENCY_HEAD:
            return [Told(post) for post in self._by_agency[Role.APPROVER, agency.pk]]
        return [Told(post) for post in self._supervisors if agency.is_under(post.agency.path)]

    def _officers(self, work: Work, row: ClockRow, run: StepRun | None) -> list[Told]:
        dossier = work.dossier
        at_counter = dossier.waits_for_counter and row.kind != ClockKind.STEP
        if row.kind == ClockKind.INTAKE or at_counter:
            return [Told(post) for post in self._clerks(dossier)]
        if run is None or row.kind == ClockKind.CONSULTATION:
            return []
        if run.officer_id is not None:
            holder = self._by_id.get(run.officer_id)
            return [] if holder is None else [Told(holder, run)]
        return [Told(post, run) for post in self._by_unit[Role.UNIT_HEAD, run.unit_id or 0]]

    def _clerks(self, dossier: Dossier) -> list[Post]:
        if dossier.receiving_unit_id is not None:
            return self._by_unit[Role.CLERK, dossier.receiving_unit_id]
        return self._by_agency[Role.CLERK, dossier.receiving_agency_id]

    def _place(self, work: Work, row: ClockRow, run: StepRun | None) -> tuple[Agency, int | None]:
        """The agency and unit whose matter this clock is."""
        dossier, asked = work.dossier, self._asked.get(row.pk)
        if asked is not None:
            return asked.agency, asked.unit_id
        if row.kind in (ClockKind.STEP, ClockKind.PART) and run is not None:
            return run.agency, run.unit_id
        if row.kind == ClockKind.INTAKE:
            return dossier.receiving_agency, dossier.receiving_unit_id
        return dossier.answering_agency, dossier.unit_id

    def _hours(self, agency: Agency) -> WorkingCalendar:
        if agency.calendar is not None:
            return agency.calendar.working()
        if self._national is None:
            self._national = Calendar.objects.get(code=NATIONAL).working()
        return self._national


def out_of_quiet_hours(calendar: WorkingCalendar, at: datetime) -> datetime:
    """`at` itself between opening and close of a working day, lunch included; else the next
    opening."""
    day = at.astimezone(calendar.tz).date()
    try:
        if calendar.is_working_day(day) and calendar.opening(day) <= at <= calendar.close(day):
            return at
        return calendar.next_open(at)
    except WorktimeError:  # an office that never opens keeps no hours that could be quiet
        return at


def _consultations(works: Sequence[Work]) -> dict[int, Consultation]:
    """The opinions that these works' clocks wait for, by clock."""
    kind = ClockKind.CONSULTATION
    clocks = [row.pk for work in works for row in work.clocks if row.kind == kind and row.pk]
    if not clocks:
        return {}
    found = Consultation.objects.filter(clock__in=clocks).select_related("agency")
    return {asked.clock_id: asked for asked in found}


def _posts(works: Sequence[Work], asked: Collection[Consultation]) -> list[Post]:
    units: set[int | None] = {one.unit_id for one in asked}
    officers: set[int | None] = set()
    agencies: set[int] = {one.agency_id for one in asked}
    for work in works:
        dossier, step = work.dossier, work.step
        units |= {dossier.unit_id, dossier.receiving_unit_id}
        agencies |= {dossier.answering_agency_id, dossier.receiving_agency_id}
        if step is not None:
            units.add(step.unit_id)
            agencies.add(step.agency_id)
            officers.add(step.officer_id)
    here = Q(role=Role.UNIT_HEAD, unit__in=units - {None}) | Q(pk__in=officers - {None})
    here |= Q(role__in=[Role.APPROVER, Role.CLERK], agency__in=agencies) | Q(role=Role.SUPERVISOR)
    on = max(local_date(work.recorded_at) for work in works)
    held = Post.objects.held_on(on).filter(here).exclude(user=None)
    return list(held.select_related("agency__calendar__base").order_by("pk"))
