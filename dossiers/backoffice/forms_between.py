"""Forms of what happens between units and with money; and of an act entered late."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dossiers.backoffice import forms as given
from dossiers.backoffice.forms import MomentField
from dossiers.lifecycle.given import LateEntry

LATE_FIELDS = ("happened_at", "late_reason")


class LateForm(forms.Form):
    """An act entered after it happened: when it happened, and why it is entered late."""

    happened_at = MomentField(
        label=_("It happened at"),
        required=False,
        help_text=_("Leave empty if it happens now. Further back than today takes a supervisor."),
    )
    late_reason = forms.CharField(label=_("Why entered late"), required=False, max_length=300)

    def late_fields(self) -> list[forms.BoundField]:
        """Shown apart: most acts are entered when they happen."""
        return [self[name] for name in LATE_FIELDS]

    def own_fields(self) -> list[forms.BoundField]:
        """What the act itself asks for."""
        return [bound for bound in self if bound.name not in LATE_FIELDS]

    def is_late(self) -> bool:
        """Whether something of a late entry was typed: then its fields are shown open."""
        return any(self.data.get(name) for name in (*LATE_FIELDS, "happened_at_0", "happened_at_1"))


class ReceiveForm(LateForm, given.ReceiveForm):
    """What a clerk fills in to receive a dossier."""


class AdvanceForm(LateForm, given.AdvanceForm):
    """An outcome and a note."""


class AssignForm(LateForm, given.AssignForm):
    """Whom to give the step to."""


class SupplyForm(LateForm, given.SupplyForm):
    """Which of the papers asked for were handed in."""


class ConcludeForm(LateForm, given.ConcludeForm):
    """Whether the result is a refusal."""


class ReturnForm(LateForm, given.ReturnForm):
    """How the result reached the applicant."""


class WithdrawForm(LateForm, given.ReasonForm):
    """The applicant's reason, if there is one."""


def when(values: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The moment of the act, and that it is entered late if another one than now was typed."""
    happened_at = values.get("happened_at")
    if happened_at is None:
        return {"at": at}
    reason = values.get("late_reason", "")
    return {"at": happened_at, "late": LateEntry(recorded_at=at, reason=reason)}


class MoveForm(LateForm):
    """To which unit, and why."""

    unit = forms.TypedChoiceField(label=_("Unit that shall answer"), coerce=int)
    reason = forms.CharField(
        label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class FeeForm(forms.Form):
    """How much is to be paid and by what law."""

    amount = forms.IntegerField(
        label=_("Amount in đồng"), widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    legal_ground = forms.CharField(label=_("Legal ground"), required=False, max_length=300)
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class PaymentForm(LateForm):
    """The number of the slip or of the transfer."""

    receipt_no = forms.CharField(
        label=_("Number of the slip or transfer"), required=False, max_length=60
    )


class AskForm(forms.Form):
    """Whom to ask, what, and until when."""

    unit = forms.TypedChoiceField(label=_("Unit to ask"), coerce=int)
    question = forms.CharField(
        label=_("What the opinion is asked about"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    days = forms.IntegerField(
        label=_("Working days for the answer"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


class OpinionForm(LateForm):
    """The opinion."""

    answer = forms.CharField(
        label=_("Opinion"), required=False, widget=forms.Textarea(attrs={"rows": 5})
    )


class UndoForm(forms.Form):
    """The event that was seen, and why it is taken back."""

    event = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
