"""Whether a reminder still holds, asked by the outbox just before it leaves.

It does not once the dossier was concluded, advanced past, stopped, moved to another limit,
explained, apologised for, or voided: nobody is reminded of what is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dossiers.models import Breach, ClockRow, Status, StepRun, TimerKind
from notifications.topics import Waiting
from workflows import ladder

NEARING = (ladder.DUE_SOON, ladder.DUE_TODAY)
UNANSWERED = (Breach.State.UNEXPLAINED, Breach.State.RETURNED)


def still_true(waiting: Sequence[Waiting], at: datetime) -> list[bool]:
    """Of each reminder, whether it still holds at `at`; in three queries for all of them."""
    about = [one.context["about"] for one in waiting]
    clocks = ClockRow.objects.select_related("dossier").in_bulk({one["clock"] for one in about})
    steps = StepRun.objects.in_bulk({one["step"] for one in about if one["step"] is not None})
    standing = Breach.objects.filter(clock__in=clocks, annulled_at=None)
    breaches = {(breach.clock_id, breach.promise_number): breach for breach in standing}
    return [
        _holds(
            one,
            clocks.get(one["clock"]),
            steps.get(one["step"]),
            breaches.get((one["clock"], one["promise"])),
            at,
        )
        for one in about
    ]


def _holds(
    about: Mapping[str, Any],
    clock: ClockRow | None,
    step: StepRun | None,
    breach: Breach | None,
    at: datetime,
) -> bool:
    if clock is None or clock.dossier.voided_at is not None:
        return False
    if about["rung"] in NEARING:
        return _nears(about, clock, at) and _is_held(about, step)
    if about["rung"] == TimerKind.UNCOLLECTED:
        return bool(clock.dossier.status == Status.CONCLUDED)
    if breach is None:
        return False
    if about["rung"] == ladder.APOLOGY_OVERDUE:
        return breach.owes_apology and breach.apology_id is None
    return not breach.owes_explanation or breach.state in UNANSWERED


def _nears(about: Mapping[str, Any], clock: ClockRow, at: datetime) -> bool:
    """Whether the clock still runs towards the limit that the reminder names."""
    if clock.state != "running" or clock.limit_at is None or at > clock.limit_at:
        return False
    return bool(clock.limit_at == datetime.fromisoformat(about["limit_at"]))


def _is_held(about: Mapping[str, Any], step: StepRun | None) -> bool:
    """Whether who is told because of a step they hold still holds it."""
    if about["step"] is None:
        return True
    is_open = step is not None and step.state in (StepRun.State.WAITING, StepRun.State.WORKING)
    return is_open and step is not None and step.officer_id == about["officer"]
