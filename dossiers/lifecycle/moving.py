"""Handing a dossier on to another answering unit: a reorganisation, a wrong unit put right."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dossiers import permissions
from dossiers.errors import Invalid, NotAllowed
from dossiers.lifecycle import _telling, _write
from dossiers.lifecycle._places import standing_units
from dossiers.lifecycle._steps import take_along
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.given import LateEntry
from dossiers.lifecycle.registry import command
from dossiers.models import KEPT_CALENDAR, OPEN, ClockKind, Dossier, EventKind, Measure
from workflows.actors import IMPORT, Actor
from workflows.models import Post, Role, Unit


@command("move", _("Move to another unit"), statuses=OPEN)
def move(
    dossier_id: int,
    *,
    unit: int,
    reason: str,
    by: Actor,
    at: datetime,
    late: LateEntry | None = None,
) -> Dossier:
    """Let another unit answer for the dossier from `at` on; limit and promise stay.

    The step under way goes along where it is the answering unit's, with its clock, and is to be
    taken up anew. What passed before stays counted where it lay.
    Raises: Invalid (no such unit, the same unit, no reason), NotAllowed (another agency takes a
    supervisor above both), NotNow.
    """
    work = _write.lock(dossier_id, "move", by=by, at=at, late=late, statuses=OPEN)
    if not reason.strip():
        raise Invalid("reason_needed", fields={"reason": "reason_needed"})
    dossier, target = work.dossier, _target(work, unit)
    _require_authority(work, target)
    agency, left = dossier.answering_agency, dossier.unit
    dossier.answering_agency, dossier.unit = target.agency, target
    facts: dict[str, object] = {
        "from_agency": agency.code,
        "from_unit": left.code,
        "to_agency": target.agency.code,
        "to_unit": target.code,
    }
    facts |= _keep_calendar(work)
    work.event(EventKind.MOVED, facts | take_along(work), note=reason.strip())
    _post(work, out_of=(agency.pk, left.pk))
    later = _telling.after_pause(work)
    heads = Post.objects.filter(unit=target, role=Role.UNIT_HEAD, valid_to=None)
    _telling.staff(work, heads, "moved_here", not_before=later)
    if target.agency_id != agency.pk:
        _telling.citizen(work, "moved", not_before=later)
    return _write.write(work)


def _keep_calendar(work: Work) -> dict[str, object]:
    """The promised day stays also where the other agency keeps hours of its own: the clock goes on
    being counted by the calendar it was promised under. What the event must say for an undo."""
    dossier, row = work.dossier, work.clock_row(ClockKind.DOSSIER)
    before = dossier.facts.get(KEPT_CALENDAR)
    own = dossier.answering_agency.calendar_id
    if row is not None and own is not None:
        dossier.facts = dossier.facts | {KEPT_CALENDAR: row.calendar_id}
    return {} if before is None else {"kept_before": before}


def targets(dossier: Dossier, by: Actor, at: datetime) -> list[Unit]:
    """The units to which this person may hand the dossier on: of the own agency for a unit head,
    of every agency that a supervisor stands above."""
    reach = Q(pk__in=[])
    for held in by.holding(Role.SUPERVISOR):
        if dossier.answering_agency.is_under(held.agency_path):
            reach |= Q(agency__path__startswith=held.agency_path)
    for held in by.holding(Role.UNIT_HEAD):
        if permissions.LEADING in permissions.relations(held, dossier, None):
            reach |= Q(agency=dossier.answering_agency_id)
    units = standing_units(at).filter(reach)
    return list(units.exclude(pk=dossier.unit_id).order_by("agency__sort_key", "code"))


def _target(work: Work, unit: int) -> Unit:
    found = standing_units(work.at).filter(pk=unit).first()
    if found is None:
        raise Invalid("no_such_unit", fields={"unit": "no_such_unit"})
    if found.pk == work.dossier.unit_id:
        raise Invalid("moved_nowhere", fields={"unit": "moved_nowhere"})
    return found


def _require_authority(work: Work, target: Unit) -> None:
    """Within the agency its unit's head hands on; to another one a supervisor above both does."""
    dossier, by = work.dossier, work.by
    if by.kind == IMPORT:
        return
    for held in by.holding(Role.SUPERVISOR):
        if all(a.is_under(held.agency_path) for a in (dossier.answering_agency, target.agency)):
            work.held = held
            return
    if work.held is None or work.held.role != Role.UNIT_HEAD:
        raise NotAllowed("move_needs_supervisor")
    if target.agency_id != dossier.answering_agency_id:
        raise NotAllowed("move_needs_supervisor")


def _post(work: Work, *, out_of: tuple[int, int]) -> None:
    """Out of the old row of the pending and into the new one, with what the dossier carries."""
    row = work.clock_row(ClockKind.DOSSIER)
    carried = []
    if row is not None and 1 in row.breached:
        carried.append(Measure.OVERDUE)
    if row is not None and row.limit_at is None:
        carried.append(Measure.WITHOUT_LIMIT)
    work.post(Measure.MOVED_OUT, place=out_of)
    work.post(Measure.MOVED_IN)
    for measure in carried:
        work.post(measure, -1, place=out_of)
        work.post(measure, 1)
