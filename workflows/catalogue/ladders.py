"""Changing a procedure's ladder of reminders, and the faults of one in words for its manager."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from workflows import ladder, permissions
from workflows.actors import Actor
from workflows.ladder import Fault
from workflows.models import Procedure

log = structlog.get_logger(__name__)

CLOCKS: Mapping[str, Promise] = {
    "dossier": pgettext_lazy("ladder", "The whole dossier"),
    "step": pgettext_lazy("ladder", "A step"),
    "intake": pgettext_lazy("ladder", "The answer to a submission"),
    "consultation": pgettext_lazy("ladder", "An opinion asked for"),
    "hand_over": pgettext_lazy("ladder", "The hand-over of the result"),
    "supplement": pgettext_lazy("ladder", "Papers to be brought"),
    "payment": pgettext_lazy("ladder", "A payment to be made"),
}
RUNGS: Mapping[str, Promise] = {
    ladder.DUE_SOON: pgettext_lazy("ladder", "Due soon"),
    ladder.DUE_TODAY: pgettext_lazy("ladder", "Due today"),
    ladder.BREACH: pgettext_lazy("ladder", "Limit passed"),
    ladder.UNEXPLAINED: pgettext_lazy("ladder", "Not explained"),
    ladder.APOLOGY_OVERDUE: pgettext_lazy("ladder", "Apology overdue"),
}
LEVELS: Mapping[str, Promise] = {
    ladder.APPLICANT: pgettext_lazy("ladder", "Applicant"),
    ladder.OFFICER: pgettext_lazy("ladder", "Who holds it"),
    ladder.UNIT_HEAD: pgettext_lazy("ladder", "Unit head"),
    ladder.AGENCY_HEAD: pgettext_lazy("ladder", "Agency head"),
    ladder.SUPERVISOR: pgettext_lazy("ladder", "Centre's supervisors"),
}
SENTENCES: Mapping[str, Promise] = {
    "not_an_object": _("This is not written as a set of rungs."),
    "clock_unknown": _("There is no such clock; there are: %(clocks)s."),
    "rung_unknown": _("This clock has no such rung; it has: %(rungs)s."),
    "rung_needed": _("This rung cannot be left out: somebody must hear of a delay."),
    "key_unknown": _("“%(key)s” means nothing here; a rung takes: %(keys)s."),
    "hours_or_share": _("Give either working hours or a share of the time."),
    "hours_wrong": _("Working hours are a number above 0 and at most %(most)s."),
    "share_wrong": _("A share of the time lies between 0 and 1."),
    "nobody_told": _("Say who is told; possible are: %(levels)s."),
    "level_unknown": _("“%(level)s” is nobody who can be told here; possible are: %(levels)s."),
}


class NotChanged(ValueError):
    """The ladder stays as it was; the text says why, `faults` where it is wrong."""

    def __init__(self, text: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(text)
        self.faults = faults


@transaction.atomic
def change_ladder(code: str, changes: object, *, by: Actor, at: datetime) -> Procedure:
    """Let the procedure's reminders differ from the city's by `changes` (`workflows.ladder`).

    Whom a rung tells holds at once; when it is reached, for clocks that begin or move from now on.
    Raises: NotChanged (no right, no such procedure, malformed).
    """
    if not permissions.may(by, "change_ladder"):
        raise NotChanged(gettext("Only the catalogue manager of the whole city changes reminders."))
    wrong = ladder.faults(changes)
    if wrong:
        raise NotChanged("\n".join(sentence(fault) for fault in wrong), wrong)
    procedure = Procedure.objects.select_for_update(of=("self",)).filter(code=code).first()
    if procedure is None:
        raise NotChanged(gettext("there is no procedure with this code"))
    given: dict[str, Any] = dict(changes)  # type: ignore[call-overload]
    if procedure.ladder != given:
        procedure.ladder = given
        procedure.save(update_fields=["ladder"])
        log.info("ladder.changed", procedure=code, user=by.user_id, at=at.isoformat())
    return procedure


def sentence(fault: Fault) -> str:
    """The fault in the reader's language, with its place."""
    facts = {name: _words(name, value) for name, value in fault.facts.items()}
    said = str(SENTENCES[fault.code]) % facts
    return f"{place(fault.place)}: {said}" if fault.place else said


def place(where: str) -> str:
    """Clock and rung in words; a name that is none stays as it was written."""
    clock, _dot, rung = where.partition(".")
    words = [str(CLOCKS.get(clock, clock))]
    if rung:
        words.append(str(RUNGS.get(rung, rung)))
    return " – ".join(words)


def _words(name: str, value: str) -> str:
    """A list of codes as the words that the page has for them."""
    words = {"clocks": CLOCKS, "rungs": RUNGS, "levels": LEVELS}.get(name)
    if words is None:
        return value
    return ", ".join(str(words.get(code, code)) for code in value.split(", "))
