"""Why the promised day moved, in plain words for who waits for it: one sentence a move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from dossiers.models import LimitValue, Stop
from dossiers.models.clock import Ground
from dossiers.reading.promises import is_another_day
from notifications import wording


@dataclass(frozen=True, slots=True)
class Move:
    """One move of the promised day: from which to which, when it was made and why."""

    at: datetime
    before: datetime
    after: datetime
    why: str


def moves(values: Sequence[LimitValue], stops: Sequence[Stop]) -> tuple[Move, ...]:
    """Each time another day was promised, the earliest first; `values` in the order they held."""
    found = []
    before: datetime | None = None
    for value in values:
        after = value.promised_at
        if after is not None and before is not None and is_another_day(before, after):
            found.append(Move(value.at, before, after, _why(value, stops)))
        before = after or before
    return tuple(found)


def _why(value: LimitValue, stops: Sequence[Stop]) -> str:
    on = wording.full_date(value.at)
    stop = next((one for one in stops if one.to_at == value.at), None)
    if value.cause == "restarted":
        return _(
            "Your papers were complete on %(day)s. By law the time for your dossier begins again "
            "from that day."
        ) % {"day": on}
    if value.cause == "resumed" and stop is not None:
        return _waited(stop)
    told = {
        "resumed": _("The time stood still while we waited; the day moved with it."),
        "rescheduled": _(
            "We could not keep the day. With our apology we set a new one; the law allows that "
            "once."
        ),
        "recalendared": _("The days on which our offices work were changed."),
        "reopened": _("We opened the dossier again; the time in between did not count."),
        "corrected": _("The day had been entered wrongly; it was put right."),
        "undone": _("We took back something that had been entered by mistake."),
    }
    return told.get(value.cause, _("The day was counted anew."))


def _waited(stop: Stop) -> str:
    """The time stood still from … to …, because …"""
    reasons = {
        Ground.SUPPLEMENT: _(
            "From %(first)s to %(last)s we waited for your papers: that time does not count."
        ),
        Ground.PAYMENT: _(
            "From %(first)s to %(last)s we waited for your payment: that time does not count."
        ),
        Ground.CONSULTATION: _(
            "From %(first)s to %(last)s another agency was asked for its opinion, as the law "
            "requires: that time does not count."
        ),
    }
    last = stop.to_at or stop.from_at
    return reasons[Ground(stop.ground)] % {
        "first": wording.full_date(stop.from_at),
        "last": wording.full_date(last),
    }
