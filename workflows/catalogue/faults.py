"""The faults of a definition in words that a manager understands."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.checking import Fault

SENTENCES: dict[str, Promise] = {
    "duplicate_step": _("Two steps bear the same key."),
    "duplicate_outcome": _("Two outcomes of this step bear the same key “%(outcome)s”."),
    "unknown_start": _("The step to start with, “%(start)s”, is not there."),
    "start_receives_not": _("A dossier begins by being received; this step receives nothing."),
    "received_twice": _("Only the first step receives; this one would receive a second time."),
    "no_outcome": _("Nothing says what comes after this step."),
    "unknown_target": _("Outcome “%(outcome)s” leads to “%(target)s”, which is not there."),
    "unreachable": _("No way leads to this step."),
    "no_end": _("No way leads from this step to the end."),
    "end_without_delivery": _(
        "Outcome “%(outcome)s” ends the work before the result has been handed to the counter."
    ),
    "loop_without_person": _("These steps would run in a circle without a person deciding."),
    "no_way_on": _("If no condition holds, nothing comes after this step."),
    "returns_forward": _("Outcome “%(outcome)s” is a return, but “%(target)s” comes later."),
    "shares_over_limit": _(
        "The shares of the steps make %(hours)s working hours; the limit is %(limit)s."
    ),
    "shares_under_limit": _(
        "The shares of the steps make only %(hours)s working hours; the limit is %(limit)s."
    ),
    "role_unknown": _("“%(role)s” is not a role that does steps."),
    "role_unheld": _("Nobody holds the role of this step."),
    "agency_unnamed": _("The step belongs to a named agency, but none is named."),
    "agency_unknown": _("There is no agency with the code %(agency)s."),
    "unit_unknown": _("There is no unit %(unit)s."),
    "choice_unknown": _("“%(target)s” is not an earlier step."),
    "consultation_missing": _("The step consults, but does not say whom."),
    "consultation_idle": _("The step consults nobody."),
    "answers_too_many": _("More answers are waited for than are asked for."),
    "paper_unknown": _("The procedure does not list the paper “%(paper)s”."),
    "procedure_unknown": _("There is no procedure %(procedure)s in the catalogue."),
    "percent_without_limit": _("A share in per cent needs a limit."),
    "return_uncounted": _("The way back from this step has no number of times."),
    "automatic_waits": _("A step without a person needs no share of the time."),
}


def sentence(fault: Fault) -> str:
    """The fault in the reader's language."""
    words = SENTENCES.get(fault.code)
    return str(words) % dict(fault.facts) if words is not None else fault.code
