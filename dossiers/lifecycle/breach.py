"""Answering for a missed limit: the unit explains, the supervisor judges, the thread stays."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers import permissions
from dossiers.errors import Invalid, Missing, NotAllowed, NotNow
from dossiers.lifecycle import _write, escalation
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.registry import command
from dossiers.models import Breach, EventKind, Reason, Statement, TimerKind
from workflows import ladder
from workflows.actors import Actor
from workflows.graph import Kind
from workflows.models import RUNS_THE_COUNTER, Role, Unit

ANSWERABLE = (Breach.State.UNEXPLAINED, Breach.State.RETURNED)


@command("explain_breach", _("Explain the delay"))
def explain_breach(breach_id: int, *, reason: str, text: str, by: Actor, at: datetime) -> Breach:
    """The head of the unit answerable says why the limit was missed.

    Raises: NotAllowed (not answerable), Invalid (reason, text), NotNow (annulled, accepted).
    """
    work, breach = _open(breach_id, "explain_breach", by=by, at=at)
    _require_answerable(by, breach)
    given = Reason.objects.filter(code=reason, is_offered=True).first()
    if given is None:
        raise Invalid("unknown_reason", fields={"reason": "unknown_reason"})
    if not text.strip():
        raise Invalid("reason_needed", fields={"text": "reason_needed"})
    if breach.state not in ANSWERABLE:
        code = "already_accepted" if breach.state == Breach.State.ACCEPTED else "not_explained"
        raise NotNow(code)
    breach.state, breach.reason = Breach.State.EXPLAINED, given
    work.changes.change(breach, "state", "reason")
    _say(work, breach, Statement.Kind.EXPLANATION, text, given)
    work.clear_timers(TimerKind.UNEXPLAINED, clock=breach.clock_id)
    _write.record(work, EventKind.EXPLAINED, _facts(breach) | {"reason": given.code})
    return breach


@command("accept_explanation", _("Accept the explanation"))
def accept_explanation(breach_id: int, *, by: Actor, at: datetime) -> Breach:
    """The supervisor accepts; from then on the citizen reads the reason. Raises: NotNow."""
    work, breach = _open(breach_id, "accept_explanation", by=by, at=at)
    _require_explained(breach)
    breach.state = Breach.State.ACCEPTED
    work.changes.change(breach, "state")
    _say(work, breach, Statement.Kind.ACCEPTANCE, "", None)
    _write.record(work, EventKind.EXPLANATION_ACCEPTED, _facts(breach))
    return breach


@command("return_explanation", _("Return the explanation"))
def return_explanation(breach_id: int, *, question: str, by: Actor, at: datetime) -> Breach:
    """The supervisor returns it with a question. Raises: Invalid, NotNow."""
    work, breach = _open(breach_id, "return_explanation", by=by, at=at)
    _require_explained(breach)
    if not question.strip():
        raise Invalid("question_needed", fields={"question": "question_needed"})
    breach.state = Breach.State.RETURNED
    work.changes.change(breach, "state")
    _say(work, breach, Statement.Kind.RETURN, question, None)
    # It is owed anew, and its silence is said further up anew.
    for row in work.clocks:
        if row.pk == breach.clock_id:
            escalation.wind(work, row, ladder.UNEXPLAINED, work.at)
    _write.record(work, EventKind.EXPLANATION_RETURNED, _facts(breach))
    return breach


def is_answerable(by: Actor, breach: Breach) -> bool:
    """Whether a unit head's post answers for this breach: that of the unit it counts to, whoever
    held the dossier. Where it counts to an agency without a unit (a late reception of what came in
    online), the head of the counter, or of the office that runs it, answers."""
    own = [held for held in by.holding(Role.UNIT_HEAD) if held.agency_id == breach.agency_id]
    if any(held.unit_id in (None, breach.unit_id) for held in own):
        return True
    units = [held.unit_id for held in own if held.unit_id is not None]
    return (
        breach.unit_id is None
        and bool(units)
        and Unit.objects.filter(pk__in=units, kind__in=RUNS_THE_COUNTER).exists()
    )


def likely_reason(breach: Breach) -> str:
    """The reason that the record itself suggests, for the form to begin with; empty if none.

    Another agency held it, or owes the most of it; or the result waited to be handed over.
    """
    owes_most = breach.debts[0]["agency"] if breach.debts else breach.agency.code
    if breach.held_by_agency_id not in (None, breach.agency_id):
        return "other_agency"
    if owes_most != breach.agency.code:
        return "other_agency"
    waited = breach.step_run is not None and breach.step_run.kind == Kind.DELIVER
    return "late_hand_over" if waited else ""


def _open(breach_id: int, name: str, *, by: Actor, at: datetime) -> tuple[Work, Breach]:
    dossier_id = Breach.objects.filter(pk=breach_id).values_list("dossier_id", flat=True).first()
    if dossier_id is None:
        raise Missing("no_breach")
    work = _write.lock(dossier_id, name, by=by, at=at)
    breach = Breach.objects.select_related("reason").get(pk=breach_id)
    if breach.annulled_at is not None or any(
        row.pk == breach.pk
        for (model, _pk), (row, _names) in work.changes.changed.items()
        if model is Breach
    ):
        raise NotNow("breach_annulled")
    return work, breach


def _require_answerable(by: Actor, breach: Breach) -> None:
    if not is_answerable(by, breach):
        raise NotAllowed("not_answerable")


def _require_explained(breach: Breach) -> None:
    if breach.state == Breach.State.ACCEPTED:
        raise NotNow("already_accepted")
    if breach.state != Breach.State.EXPLAINED:
        raise NotNow("not_explained")


def _say(work: Work, breach: Breach, kind: str, text: str, reason: Reason | None) -> None:
    if work.held is None:
        raise NotAllowed("not_allowed")
    work.changes.add(
        Statement(
            breach=breach,
            kind=kind,
            reason=reason,
            text=text.strip(),
            post_id=work.held.post_id,
            at=work.at,
        )
    )


def _facts(breach: Breach) -> dict[str, object]:
    return {"of": breach.of, "promise": breach.promise_number, "breach_event": breach.event_n}


def may_explain(by: Actor, breach: Breach) -> bool:
    """Whether the page offers the form: the unit's head, and something left to explain."""
    return breach.annulled_at is None and breach.state in ANSWERABLE and is_answerable(by, breach)


def may_judge(by: Actor, breach: Breach) -> bool:
    """Whether the page offers to accept or return: a supervisor above, and an explanation."""
    return breach.state == Breach.State.EXPLAINED and permissions.may(
        by, "accept_explanation", breach.dossier, None
    )
