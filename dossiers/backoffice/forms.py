"""Forms that only read what was typed; every rule is the commands'."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dossiers.errors import SENTENCES, Refusal
from dossiers.models import Apology, Party, Reason, ReturnMethod
from dossiers.reading.timeleft import LOCAL

HOLDER_SELF, HOLDER_OTHER, HOLDER_AUTHORISED = "self", "other", "authorised"


def show_refusal(form: forms.Form, refusal: Refusal) -> None:
    """Put a refusal's sentences at the fields they name, the rest above the form."""
    sentences = refusal.field_sentences()
    unplaced = {}
    for name, sentence in sentences.items():
        if name in form.fields:
            form.add_error(name, sentence)
        else:
            unplaced[name] = sentence
    if unplaced or not sentences:
        for sentence in dict.fromkeys(unplaced.values() or [refusal.sentence]):
            form.add_error(None, sentence)


def _needed(code: str) -> dict[str, Any]:
    """The command's own sentence for a field left empty."""
    return {"required": SENTENCES[code]}


class MomentField(forms.SplitDateTimeField):
    """A day and an hour as people write them here: 27/11/2026 and 17:30."""

    widget = forms.SplitDateTimeWidget

    def __init__(self, **more: Any) -> None:
        more.setdefault("input_date_formats", ["%d/%m/%Y"])
        more.setdefault("input_time_formats", ["%H:%M"])
        more.setdefault(
            "widget",
            forms.SplitDateTimeWidget(
                date_format="%d/%m/%Y",
                time_format="%H:%M",
                date_attrs={"inputmode": "numeric", "aria-label": cast(str, _("Day"))},
                time_attrs={"inputmode": "numeric", "aria-label": cast(str, _("Hour"))},
            ),
        )
        super().__init__(**more)


class ReceiveForm(forms.Form):
    """What a clerk fills in to receive a dossier; papers are read by `papers.py` of the counter."""

    procedure = forms.CharField(widget=forms.HiddenInput)
    idempotency_key = forms.CharField(widget=forms.HiddenInput, max_length=120)
    case = forms.ChoiceField(label=_("Case"), required=False)
    answering_agency = forms.TypedChoiceField(
        label=_("Answering agency"), required=False, coerce=int, empty_value=None
    )
    channel = forms.ChoiceField(label=_("Handed in"), widget=forms.RadioSelect)
    submitter_name = forms.CharField(label=_("Who hands in"), max_length=250)
    submitter_identity = forms.CharField(label=_("Identity number"), required=False, max_length=20)
    submitter_phone = forms.CharField(label=_("Phone"), required=False, max_length=30)
    submitter_email = forms.CharField(label=_("E-mail"), required=False, max_length=254)
    submitter_address = forms.CharField(label=_("Address"), required=False, max_length=400)
    holder_is = forms.ChoiceField(
        label=_("Whose dossier is it?"),
        widget=forms.RadioSelect,
        choices=[
            (HOLDER_SELF, pgettext_lazy("holder", "Their own")),
            (HOLDER_OTHER, pgettext_lazy("holder", "Somebody else's")),
            (HOLDER_AUTHORISED, pgettext_lazy("holder", "By authorisation")),
        ],
        initial=HOLDER_SELF,
    )
    holder_kind = forms.ChoiceField(
        label=_("The holder is"), choices=Party.Kind.choices, initial=Party.Kind.CITIZEN
    )
    holder_name = forms.CharField(label=_("Holder"), required=False, max_length=250)
    holder_identity = forms.CharField(
        label=_("Identity or tax number"), required=False, max_length=20
    )
    authorised_by = forms.CharField(label=_("Authorising paper"), required=False, max_length=200)
    return_method = forms.ChoiceField(
        label=_("Return of the result"),
        widget=forms.RadioSelect,
        choices=ReturnMethod.choices,
        initial=ReturnMethod.COUNTER,
    )
    not_needed_because = forms.CharField(
        label=_("Why papers not ticked are not needed here"),
        help_text=_("Only a complete dossier is received; the reason stands in its history."),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"list": "not-needed", "autocomplete": "off"}),
    )
    # They stand beside the form, with the button that refuses.
    refusal_reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "form": "receive"}),
    )
    refusal_ground = forms.CharField(
        label=_("Legal ground"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"form": "receive"}),
    )

    def clean(self) -> dict[str, Any]:
        """A holder other than who hands in has a name."""
        given = super().clean() or {}
        if given.get("holder_is") != HOLDER_SELF and not given.get("holder_name", "").strip():
            self.add_error("holder_name", _("Say whose dossier it is."))
        return given


class AcceptForm(forms.Form):
    """Why papers that a submission lacks are not needed; asked only where some are missing."""

    not_needed_because = forms.CharField(
        label=_("Why the missing papers are not needed here"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AdvanceForm(forms.Form):
    """An outcome and a note."""

    outcome = forms.CharField(widget=forms.HiddenInput)
    # The ordinal of the step that was seen: pressed twice, it is finished once.
    step = forms.IntegerField(widget=forms.HiddenInput, required=False)
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class AssignForm(forms.Form):
    """Whom to give the step to."""

    post = forms.TypedChoiceField(label=_("Give to"), coerce=int)


class SupplementForm(forms.Form):
    """Papers of the list, and why."""

    items = forms.TypedMultipleChoiceField(
        label=_("Papers to ask for"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The applicant reads this. Ask for everything at once: it can be done once."),
    )


class SupplyForm(forms.Form):
    """Which of the papers asked for were handed in."""

    items = forms.TypedMultipleChoiceField(
        label=_("Papers handed in"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    form = forms.ChoiceField(label=_("In what form"), widget=forms.RadioSelect)


class ConcludeForm(forms.Form):
    """Whether the result is a refusal."""

    negative = forms.BooleanField(label=_("The result is a refusal"), required=False)


class ReturnForm(forms.Form):
    """How the result reached the applicant."""

    method = forms.ChoiceField(
        label=_("How it was returned"), widget=forms.RadioSelect, choices=ReturnMethod.choices
    )


class ReasonForm(forms.Form):
    """A reason in words."""

    reason = forms.CharField(
        label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class DiscontinueForm(ReasonForm):
    """A reason and the legal ground."""

    legal_ground = forms.CharField(label=_("Legal ground"), required=False, max_length=200)


class QuestionForm(forms.Form):
    """A question back."""

    question = forms.CharField(
        label=_("Question"),
        error_messages=_needed("question_needed"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HandOverForm(forms.Form):
    """How the counter saw to a letter that could not be delivered, and what it notes."""

    how = forms.ChoiceField(
        label=_("How it was done"), widget=forms.RadioSelect, choices=Apology.Handed.choices
    )
    note = forms.CharField(
        label=_("Note"),
        error_messages=_needed("note_needed"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Who took the letter, or when and how often it was tried."),
    )


class NoteForm(forms.Form):
    """What was done about it."""

    note = forms.CharField(
        label=_("What was done"),
        error_messages=_needed("note_needed"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ExplainForm(forms.Form):
    """A reason of the managed list and what happened."""

    reason = forms.ChoiceField(label=_("Reason"))
    text = forms.CharField(
        label=_("What happened"),
        error_messages=_needed("reason_needed"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["reason"].choices = reasons()  # type: ignore[attr-defined]


class BatchApologyForm(ExplainForm):
    """One reason and the same words for every letter of a selection."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["text"].label = _("What every letter adds")
        self.fields["text"].required = False


class ApologyForm(ExplainForm):
    """The letter: reason, words, and the one new appointment."""

    new_promise_at = MomentField(
        label=_("New appointment"),
        required=False,
        help_text=_("Day and hour, within working hours. Leave empty where the result is ready."),
    )
    field_order = ["reason", "text", "new_promise_at"]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["text"].label = _("What the letter adds")
        self.fields["text"].required = False


def reasons() -> list[tuple[str, str]]:
    """The managed reasons in the reader's language, with nothing chosen first."""
    english = (get_language() or "vi").startswith("en")
    rows = [
        (reason.code, reason.name_en if english and reason.name_en else reason.name)
        for reason in Reason.objects.filter(is_offered=True)
    ]
    return [("", "–"), *rows]


def local(moment: datetime) -> datetime:
    """The moment as people here write it into a field."""
    return moment.astimezone(LOCAL)
