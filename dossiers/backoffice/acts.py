"""What each act on a dossier asks to be filled in, and the command that it then calls.

One row a command: its form, how the form's values become the command's, and the sentence that says
what was done. Rules are the commands'; who may is the permission table's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossiers.backoffice import forms as given
from dossiers.backoffice import forms_between as between
from dossiers.backoffice.forms_between import when
from dossiers.lifecycle import (
    apology,
    arrival,
    breach,
    delivering,
    ending,
    offering,
    progress,
    signing,
    submission,
    supplement,
)
from dossiers.lifecycle.intake import PaperGiven
from dossiers.models import Apology, Breach, Consultation, Dossier, Paper, Supplement
from workflows.actors import Actor
from workflows.catalogue.completeness import missing
from workflows.models import Post

Values = dict[str, Any]
OF_DOSSIER, OF_BREACH, OF_APOLOGY = "dossier", "breach", "apology"
OF_OPINION = "opinion"


@dataclass(frozen=True)
class Act:
    """One act: what it is done to, its form, its call, and what is said when it is done."""

    run: Callable[[int, Values, Actor, datetime], object]
    done: Promise
    form: type[forms.Form] = forms.Form
    of: str = OF_DOSSIER
    prepare: Callable[[Any, Dossier, datetime], None] | None = None
    # Where the choices depend on who acts, too.
    prepare_for: Callable[[Any, Dossier, Actor, datetime], None] | None = None
    warning: Promise | None = None
    is_final: bool = False
    # The address of the dossier to go to afterwards, instead of where one came from.
    leads_to: str = ""


def form_of(
    act: Act, dossier: Dossier, at: datetime, data: QueryDict | None, first: Mapping[str, Any]
) -> forms.Form:
    """The act's form, its choices read from the dossier."""
    form = act.form(data, initial=dict(first))
    if act.prepare is not None:
        act.prepare(form, dossier, at)
    return form


def _choose_colleague(form: Any, dossier: Dossier, at: datetime) -> None:
    run = dossier.step_runs.filter(state__in=["waiting", "working"]).last()
    posts = Post.objects.none()
    if run is not None:
        posts = Post.objects.held_on(timezone.localdate(at)).filter(
            role=run.role, agency_id=run.agency_id
        )
        if run.unit_id is not None:
            posts = posts.filter(unit_id=run.unit_id)
    form.fields["post"].choices = [(post.pk, post.name) for post in posts.order_by("name", "pk")]


def _list_papers(form: Any, dossier: Dossier, at: datetime) -> None:
    case = "" if dossier.case is None else dossier.case.key
    form.fields["items"].choices = [
        (item.pk, item.name)
        for item in offering.papers_of(dossier.edition, case)
        if item.kind in supplement.ASKABLE
    ]


def _list_wanted(form: Any, dossier: Dossier, at: datetime) -> None:
    open_one = dossier.supplements.filter(state=Supplement.State.OPEN).first()
    lines = [] if open_one is None else open_one.wanted
    form.fields["items"].choices = [(line["item"], line["name"]) for line in lines]
    form.fields["form"].choices = Paper.Form.choices
    form.fields["items"].initial = [line["item"] for line in lines]
    form.fields["form"].initial = Paper.Form.ORIGINAL


def _propose(form: Any, dossier: Dossier, at: datetime) -> None:
    if dossier.is_open and not dossier.waits_for_counter:
        form.fields["new_promise_at"].initial = given.local(
            apology.propose_appointment(dossier.pk, at)
        )


def _say_what_is_missing(form: Any, dossier: Dossier, at: datetime) -> None:
    case = "" if dossier.case is None else dossier.case.key
    given = set(dossier.papers.values_list("item_id", flat=True))
    absent = missing(offering.papers_of(dossier.edition, case), given)
    if not absent:
        del form.fields["not_needed_because"]
        return
    form.fields["not_needed_because"].required = True
    form.fields["not_needed_because"].help_text = _("Missing: %(papers)s.") % {
        "papers": "; ".join(item.name for item in absent)
    }


def _accept(pk: int, values: Values, by: Actor, at: datetime) -> Dossier:
    because = values.get("not_needed_because", "")
    return submission.accept(pk, not_needed_because=because, by=by, at=at)


def _suggest(form: Any, dossier: Dossier, at: datetime) -> None:
    """Begin with the reason that the record of the delay suggests."""
    number = str(form.initial.get("of", ""))
    if number.isascii() and number.isdigit() and len(number) < 16:
        rows = Breach.objects.select_related("agency", "step_run").filter(dossier=dossier)
        flagged = rows.filter(pk=int(number)).first()
        if flagged is not None:
            form.fields["reason"].initial = breach.likely_reason(flagged)


def _supply(pk: int, values: Values, by: Actor, at: datetime) -> Dossier:
    papers = [PaperGiven(item=item, form=values["form"]) for item in values["items"]]
    return supplement.supply(pk, papers=papers, by=by, **when(values, at))


ACTS: dict[str, Act] = {
    "accept": Act(
        _accept,
        _("%(code)s is received: its receipt can be printed."),
        form=given.AcceptForm,
        prepare=_say_what_is_missing,
        leads_to="backoffice:counter-received",
    ),
    "refuse_at_intake": Act(
        lambda pk, v, by, at: submission.refuse_at_intake(
            pk, reason=v["reason"], legal_ground=v["legal_ground"], by=by, at=at
        ),
        _("%(code)s was refused: the slip can be printed."),
        form=given.DiscontinueForm,
        warning=_("The submission ends; the applicant gets the reason and the legal ground."),
        is_final=True,
    ),
    "arrive": Act(
        lambda pk, v, by, at: arrival.arrive(pk, by=by, **when(v, at)),
        _("%(code)s is here: its time runs."),
        form=between.LateForm,
    ),
    "claim": Act(
        lambda pk, v, by, at: progress.claim(pk, by=by, **when(v, at)),
        _("%(code)s is yours now."),
        form=between.LateForm,
    ),
    "release": Act(
        lambda pk, v, by, at: progress.release(pk, by=by, **when(v, at)),
        _("%(code)s was put back."),
        form=between.LateForm,
    ),
    "assign": Act(
        lambda pk, v, by, at: progress.assign(pk, post=v["post"], by=by, **when(v, at)),
        _("%(code)s was assigned."),
        form=between.AssignForm,
        prepare=_choose_colleague,
    ),
    "advance": Act(
        lambda pk, v, by, at: progress.advance(
            pk, outcome=v["outcome"], note=v["note"], step=v["step"], by=by, **when(v, at)
        ),
        _("The step of %(code)s is finished."),
        form=between.AdvanceForm,
    ),
    "request_supplement": Act(
        lambda pk, v, by, at: supplement.request_supplement(
            pk, items=v["items"], reason=v["reason"], by=by, at=at
        ),
        _("A supplement was asked for: the clock of %(code)s has stopped."),
        form=given.SupplementForm,
        prepare=_list_papers,
        warning=_("The law allows one request in processing, for everything at once."),
    ),
    "supply": Act(
        _supply,
        _("The supplement of %(code)s is in: its clock runs again."),
        form=between.SupplyForm,
        prepare=_list_wanted,
    ),
    "conclude": Act(
        lambda pk, v, by, at: ending.conclude(pk, negative=v["negative"], by=by, **when(v, at)),
        _("The counter has taken over the result of %(code)s: it is concluded."),
        form=between.ConcludeForm,
    ),
    "return_result": Act(
        lambda pk, v, by, at: ending.return_result(pk, method=v["method"], by=by, **when(v, at)),
        _("The result of %(code)s was returned."),
        form=between.ReturnForm,
    ),
    "withdraw": Act(
        lambda pk, v, by, at: ending.withdraw(pk, reason=v["reason"], by=by, **when(v, at)),
        _("%(code)s was withdrawn."),
        form=between.WithdrawForm,
        warning=_("Only at the applicant's own request, before a decision. The dossier ends."),
        is_final=True,
    ),
    "discontinue": Act(
        lambda pk, v, by, at: ending.discontinue(
            pk, reason=v["reason"], legal_ground=v["legal_ground"], by=by, at=at
        ),
        _("%(code)s was discontinued."),
        form=given.DiscontinueForm,
        warning=_("The dossier ends; the applicant gets the reason and the legal ground."),
        is_final=True,
    ),
    "reopen": Act(
        lambda pk, v, by, at: ending.reopen(pk, reason=v["reason"], by=by, at=at),
        _("%(code)s was opened again."),
        form=given.ReasonForm,
        warning=_("For our own errors: a limit that has passed stays passed."),
    ),
    "void": Act(
        lambda pk, v, by, at: ending.void(pk, reason=v["reason"], by=by, at=at),
        _("The receipt %(code)s was voided."),
        form=given.ReasonForm,
        warning=_("The receipt leaves every list and figure; its number stays explained."),
        is_final=True,
    ),
    "draft_apology": Act(
        lambda pk, v, by, at: apology.draft_apology(
            pk, reason=v["reason"], text=v["text"], new_promise_at=v["new_promise_at"], by=by, at=at
        ),
        _("The apology of %(code)s is drafted and waits to be signed."),
        form=given.ApologyForm,
        prepare=_propose,
        warning=_("The new appointment can be set once."),
    ),
    "sign_apology": Act(
        lambda pk, _v, by, at: signing.sign_apology(pk, by=by, at=at),
        _("The apology of %(code)s is signed and sent."),
        of=OF_APOLOGY,
        warning=_("Signing numbers the letter and sends it; the new appointment holds from then."),
    ),
    "return_apology": Act(
        lambda pk, v, by, at: signing.return_apology(pk, question=v["question"], by=by, at=at),
        _("The draft of %(code)s was returned."),
        form=given.QuestionForm,
        of=OF_APOLOGY,
    ),
    "hand_over_apology": Act(
        lambda pk, v, by, at: delivering.hand_over_apology(
            pk, how=v["how"], note=v["note"], by=by, at=at
        ),
        _("The letter of %(code)s was seen to."),
        form=given.HandOverForm,
        of=OF_APOLOGY,
    ),
    "explain_breach": Act(
        lambda pk, v, by, at: breach.explain_breach(
            pk, reason=v["reason"], text=v["text"], by=by, at=at
        ),
        _("The delay of %(code)s is explained and waits to be judged."),
        form=given.ExplainForm,
        of=OF_BREACH,
        prepare=_suggest,
        warning=_("Once it is accepted, the citizen reads the reason."),
    ),
    "accept_explanation": Act(
        lambda pk, _v, by, at: breach.accept_explanation(pk, by=by, at=at),
        _("The explanation for %(code)s is accepted."),
        of=OF_BREACH,
    ),
    "return_explanation": Act(
        lambda pk, v, by, at: breach.return_explanation(pk, question=v["question"], by=by, at=at),
        _("The explanation for %(code)s was returned."),
        form=given.QuestionForm,
        of=OF_BREACH,
    ),
}


_ROWS: dict[str, Any] = {OF_BREACH: Breach, OF_APOLOGY: Apology, OF_OPINION: Consultation}


def subject(act: Act, dossier: Dossier, number: str) -> int | None:
    """The id that the command takes: the dossier's own, or that of its breach, letter or opinion
    `number`; None if the dossier has no such row."""
    if act.of == OF_DOSSIER:
        return dossier.pk
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    rows = _ROWS[act.of].objects.filter(dossier=dossier, pk=int(number))
    found: int | None = rows.values_list("pk", flat=True).first()
    return found
