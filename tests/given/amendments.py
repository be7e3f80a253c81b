"""Amendments of a calendar as tests give them, and running them to their end."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from dossiers.lifecycle import recalendar
from dossiers.lifecycle.recount import recount_due
from dossiers.models import Recount
from tests.given.city import moment
from workflows.actors import TIME, Actor
from workflows.catalogue.amendment import Amendment, DayOff, Swap

DISPATCH = "Công văn 12729/VPCP-KGVX ngày 25/12/2025"


def swap(off: str, worked: str, **more: Any) -> Amendment:
    """A working day off against a Saturday worked, nationally."""
    given = Swap(off=date.fromisoformat(off), worked=date.fromisoformat(worked), **more)
    return Amendment(source=DISPATCH, swaps=(given,))


def closed(
    *days: str, agency: str = "", kind: str = "closed", source: str = "Bão số 3"
) -> Amendment:
    """Days off, nationally or of one office."""
    given = tuple(DayOff(on=date.fromisoformat(day), kind=kind) for day in days)
    return Amendment(agency=agency, source=source, days=given)


def amended(amendment: Amendment, at: str | datetime, by: Actor = TIME) -> Recount:
    """Amend, and count everything again."""
    when = at if isinstance(at, datetime) else moment(at)
    recount = recalendar.amend(amendment, by=by, at=when)
    recount_due(when)
    return Recount.objects.get(pk=recount.pk)
