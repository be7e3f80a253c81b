"""Acts between units, with the applicant's money, and taking back: rows like those of `acts`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dossiers.backoffice import forms_between as given
from dossiers.backoffice.acts import OF_OPINION, Act
from dossiers.backoffice.forms import ReasonForm
from dossiers.backoffice.forms_between import when
from dossiers.lifecycle import consultation, fee, moving, undo
from dossiers.models import Dossier
from workflows.actors import Actor


def _choose_unit(form: Any, dossier: Dossier, by: Actor, at: datetime) -> None:
    units = moving.targets(dossier, by, at)
    form.fields["unit"].choices = [(unit.pk, f"{unit.name}, {unit.agency.name}") for unit in units]


def _choose_asked(form: Any, dossier: Dossier, by: Actor, at: datetime) -> None:
    form.fields["unit"].choices = consultation.askable(dossier, at)
    form.fields["days"].initial = dossier.edition.opinion_term_days


ACTS: dict[str, Act] = {
    "move": Act(
        lambda pk, v, by, at: moving.move(
            pk, unit=v["unit"], reason=v["reason"], by=by, **when(v, at)
        ),
        _("%(code)s was handed on."),
        form=given.MoveForm,
        prepare_for=_choose_unit,
        warning=_("The other unit answers from then on; limit and promised day stay."),
    ),
    "demand_fee": Act(
        lambda pk, v, by, at: fee.demand_fee(
            pk,
            amount=v["amount"],
            legal_ground=v["legal_ground"],
            note=v["note"],
            by=by,
            at=at,
        ),
        _("A payment was demanded: the clock of %(code)s has stopped."),
        form=given.FeeForm,
        warning=_("The clock stands until it is paid: only where the law asks for the payment."),
    ),
    "confirm_fee": Act(
        lambda pk, v, by, at: fee.confirm_fee(pk, receipt_no=v["receipt_no"], by=by, **when(v, at)),
        _("The payment for %(code)s is in: its clock runs again."),
        form=given.PaymentForm,
    ),
    "ask_opinion": Act(
        lambda pk, v, by, at: consultation.ask_opinion(
            pk, unit=v["unit"], question=v["question"], days=v["days"], by=by, at=at
        ),
        _("The opinion on %(code)s was asked for."),
        form=given.AskForm,
        prepare_for=_choose_asked,
        warning=_(
            "The asked unit has a clock of its own; this dossier's stands only where the law of"
            " the procedure says so."
        ),
    ),
    "give_opinion": Act(
        lambda pk, v, by, at: consultation.give_opinion(
            pk, answer=v["answer"], by=by, **when(v, at)
        ),
        _("The opinion on %(code)s was given."),
        form=given.OpinionForm,
        of=OF_OPINION,
    ),
    "forgo_opinion": Act(
        lambda pk, v, by, at: consultation.forgo_opinion(pk, reason=v["reason"], by=by, at=at),
        _("%(code)s goes on without the opinion."),
        form=ReasonForm,
        of=OF_OPINION,
    ),
    "undo": Act(
        lambda pk, v, by, at: undo.undo(pk, event=v["event"], reason=v["reason"], by=by, at=at),
        _("The last act on %(code)s was taken back."),
        form=given.UndoForm,
        warning=_("Everything will be as if it had not been done; the record keeps both."),
    ),
}
