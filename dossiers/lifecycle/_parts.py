"""A limit split by agency: the part of the agency that a dossier is with runs beside the whole.

Private to the commands. Parts are kept with the dossier as it was received, by the agency's code,
so that what the catalogue says later changes nothing. An agency that gets a dossier back goes on
with what was left of its part.
"""

from __future__ import annotations

from datetime import timedelta

from dossiers.clock import Clock
from dossiers.lifecycle._work import Work, pure
from dossiers.lifecycle.offering import Offered
from dossiers.models import ClockKind, ClockRow
from workflows.models import Agency, Calendar
from workflows.parts import ANSWERING, RECEIVING
from workflows.timelimit import TimeLimit

PARTS = "parts"


def keep(work: Work, offered: Offered) -> None:
    """Keep the parts of the limit with the dossier, each by the code of its agency."""
    if not offered.parts:
        return
    codes = {ANSWERING: offered.agency.code, RECEIVING: offered.receiving_agency.code}
    parts = {codes.get(one.agency, one.agency): one.limit.to_json() for one in offered.parts}
    work.dossier.facts = {**work.dossier.facts, PARTS: parts}


def follow(work: Work, agency: Agency) -> None:
    """The dossier is with `agency` now: its part runs, that of another ends."""
    parts = work.dossier.facts.get(PARTS)
    whole = work.clock_row(ClockKind.DOSSIER)
    if not parts or whole is None or whole.state == "not_begun":
        return
    for row in work.running((ClockKind.PART,)):
        if row.agency_id == agency.pk:
            return
        work.put(row, pure(row).finish(work.at), "finished")
    if agency.code in parts:
        _begin(work, agency, TimeLimit.from_json(parts[agency.code]), whole)


def _begin(work: Work, agency: Agency, limit: TimeLimit, whole: ClockRow) -> None:
    calendar: Calendar = agency.calendar or whole.calendar
    working = calendar.working()
    earlier = _earlier(work, agency)
    if earlier:
        had = limit.worth(working, min(row.started_at or work.at for row in earlier))
        spent = sum((row.used or timedelta(0) for row in earlier), timedelta(0))
        clock = Clock.start_for(max(had - spent, timedelta(0)), working, work.at)
    else:
        clock = Clock.start(limit, working, work.at)
    row = work.begin_clock(ClockKind.PART, clock, calendar)
    row.agency = agency


def _earlier(work: Work, agency: Agency) -> list[ClockRow]:
    """The stretches in which the agency had it before."""
    kind = ClockKind.PART
    loaded = {row.pk for row in work.clocks if row.pk}
    stored = ClockRow.objects.filter(dossier=work.dossier.pk, kind=kind, agency=agency)
    here = [row for row in work.clocks if row.kind == kind and row.agency_id == agency.pk]
    found = [*stored.exclude(pk__in=loaded), *here] if not work.is_new else here
    return [row for row in found if row.state == "finished" and row.used]
