"""What callers may give, per command: plain values in, nothing decided here."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from dossiers.lifecycle.given import PaperGiven, PartyGiven
from dossiers.models import Apology, Paper, Party, ReturnMethod, Status
from workflows.models import Agency, Unit


class Given(serializers.Serializer[Any]):
    """Checks the form of what is given."""

    def plain(self) -> dict[str, Any]:
        """The values that the command takes; agencies and units by their ids."""
        return {
            name: value.pk if isinstance(value, Agency | Unit) else value
            for name, value in self.validated_data.items()
        }


class NothingGiven(Given):
    """A command that needs nothing more."""


class LateGiven(Given):
    """An act entered after it happened: the moment it happened and why it is entered late."""

    at = serializers.DateTimeField(
        required=False, help_text="Only for a late entry; otherwise the act happens now."
    )
    late_reason = serializers.CharField(required=False, allow_blank=True, default="")


class AssignGiven(LateGiven):
    """The post of who shall do the step."""

    post = serializers.IntegerField()


class AdvanceGiven(LateGiven):
    """How the step was finished: one of the outcomes its definition names."""

    outcome = serializers.CharField()
    step = serializers.IntegerField(
        required=False,
        help_text="The ordinal of the step as you saw it: a retry then finishes it once (409).",
    )
    note = serializers.CharField(required=False, allow_blank=True, default="")


class SupplementGiven(Given):
    """The lines of the procedure's list that are missing, and why."""

    items = serializers.ListField(child=serializers.IntegerField(), allow_empty=True)
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class PartyIn(Given):
    """A person or body behind a dossier."""

    role = serializers.ChoiceField(choices=Party.Role.choices)
    kind = serializers.ChoiceField(
        choices=Party.Kind.choices, default=Party.Kind.CITIZEN, required=False
    )
    name = serializers.CharField(max_length=250)
    identity = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True, default="")
    email = serializers.CharField(max_length=254, required=False, allow_blank=True, default="")
    address = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")
    authorised_by = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default=""
    )
    language = serializers.ChoiceField(choices=["vi", "en"], default="vi", required=False)


class PaperIn(Given):
    """A paper handed in: a line of the procedure's list, its form, how many."""

    item = serializers.IntegerField()
    form = serializers.ChoiceField(choices=Paper.Form.choices)
    count = serializers.IntegerField(min_value=1, max_value=999, default=1, required=False)
    digitised = serializers.BooleanField(default=False, required=False)
    reused = serializers.BooleanField(default=False, required=False)


class SupplyGiven(LateGiven):
    """The papers taken in."""

    papers = PaperIn(many=True, required=False)

    def validate_papers(self, papers: list[dict[str, Any]]) -> list[PaperGiven]:
        """The command's own values."""
        return [PaperGiven(**paper) for paper in papers]


class ConcludeGiven(LateGiven):
    """Whether the answer is a refusal of what was asked."""

    negative = serializers.BooleanField(default=False, required=False)


class ReturnGiven(LateGiven):
    """How the result was handed over."""

    method = serializers.ChoiceField(
        choices=ReturnMethod.choices, default=ReturnMethod.COUNTER, required=False
    )


class MaybeReasonGiven(LateGiven):
    """A reason, if there is one."""

    reason = serializers.CharField(required=False, allow_blank=True, default="")


class ReasonGiven(Given):
    """A reason."""

    reason = serializers.CharField()


class DiscontinueGiven(ReasonGiven):
    """The reason, and the legal ground for it."""

    legal_ground = serializers.CharField(max_length=300)


class ApologyGiven(Given):
    """The reason from the list, a text of one's own, the new appointment (null if the result is
    ready)."""

    reason = serializers.CharField()
    text = serializers.CharField(required=False, allow_blank=True, default="")
    new_promise_at = serializers.DateTimeField(allow_null=True)


class ExplainGiven(Given):
    """The reason from the list, and what happened."""

    reason = serializers.CharField()
    text = serializers.CharField()


class QuestionGiven(Given):
    """What the reader wants to know."""

    question = serializers.CharField()


class MoveGiven(LateGiven):
    """The unit that shall answer, by its code, and why."""

    unit = serializers.SlugRelatedField(slug_field="code", queryset=Unit.objects.all())
    reason = serializers.CharField()


class FeeGiven(Given):
    """What is to be paid, in đồng, and by what law."""

    amount = serializers.IntegerField()
    legal_ground = serializers.CharField(max_length=300)
    note = serializers.CharField(required=False, allow_blank=True, default="")


class PaymentGiven(LateGiven):
    """The number of the slip or of the transfer."""

    receipt_no = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class QuestionToUnitGiven(Given):
    """Whom to ask, by the unit's code, what, and within how many working days."""

    unit = serializers.SlugRelatedField(slug_field="code", queryset=Unit.objects.all())
    question = serializers.CharField()
    days = serializers.IntegerField(
        required=False, allow_null=True, help_text="Without it the edition's own term holds."
    )


class OpinionGiven(LateGiven):
    """The opinion."""

    answer = serializers.CharField()


class UndoGiven(Given):
    """The number of the event that shall be taken back, as you saw it: a retry then takes it back
    once (409). Without it the last act is meant."""

    event = serializers.IntegerField(required=False, allow_null=True)
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class NoteGiven(Given):
    """What was done about it."""

    note = serializers.CharField()


class HandOverGiven(Given):
    """How the counter saw to a letter that could not be delivered, and a note of it."""

    how = serializers.ChoiceField(choices=Apology.Handed.choices)
    note = serializers.CharField()


class AcceptGiven(Given):
    """The counter that received it, by its code."""

    receiving_unit = serializers.SlugRelatedField(
        slug_field="code", queryset=Unit.objects.all(), required=False, allow_null=True
    )
    not_needed_because = serializers.CharField(required=False, allow_blank=True, default="")


class SubmitGiven(Given):
    """A dossier as handed in. Agencies are given by their codes; without `answering_agency` the
    procedure must have one agency only that answers."""

    procedure = serializers.CharField()
    channel = serializers.CharField(default="counter", required=False)
    receiving_agency = serializers.SlugRelatedField(
        slug_field="code", queryset=Agency.objects.all()
    )
    answering_agency = serializers.SlugRelatedField(
        slug_field="code", queryset=Agency.objects.all(), required=False, allow_null=True
    )
    case = serializers.CharField(required=False, allow_blank=True, default="")
    parties = PartyIn(many=True)
    papers = PaperIn(many=True, required=False)
    return_method = serializers.ChoiceField(
        choices=ReturnMethod.choices, default=ReturnMethod.COUNTER, required=False
    )

    def plain(self) -> dict[str, Any]:
        """With the command's own values for parties and papers."""
        given = super().plain()
        given["parties"] = [PartyGiven(**party) for party in given["parties"]]
        given["papers"] = [PaperGiven(**paper) for paper in given.get("papers", [])]
        return given


class ReceiveGiven(SubmitGiven, LateGiven):
    """A complete dossier, received at the counter named by its code."""

    receiving_unit = serializers.SlugRelatedField(
        slug_field="code", queryset=Unit.objects.all(), required=False, allow_null=True
    )
    not_needed_because = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        help_text="Why papers of the list that are not handed in are not needed here.",
    )


class ListGiven(Given):
    """Which dossiers to list."""

    status = serializers.ChoiceField(choices=Status.choices, required=False)
    overdue = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Pending and past the limit now."
    )
    q = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        help_text="Part of a code, or of a party's name with or without diacritics.",
    )


COMMANDS: dict[str, type[Given]] = {
    "accept": AcceptGiven,
    "refuse_at_intake": DiscontinueGiven,
    "arrive": LateGiven,
    "claim": LateGiven,
    "release": LateGiven,
    "assign": AssignGiven,
    "advance": AdvanceGiven,
    "request_supplement": SupplementGiven,
    "supply": SupplyGiven,
    "conclude": ConcludeGiven,
    "return_result": ReturnGiven,
    "withdraw": MaybeReasonGiven,
    "discontinue": DiscontinueGiven,
    "reopen": ReasonGiven,
    "void": ReasonGiven,
    "draft_apology": ApologyGiven,
    "move": MoveGiven,
    "demand_fee": FeeGiven,
    "confirm_fee": PaymentGiven,
    "ask_opinion": QuestionToUnitGiven,
    "undo": UndoGiven,
}
"""Commands on a dossier, with what each takes."""

BREACH_COMMANDS: dict[str, type[Given]] = {
    "explain_breach": ExplainGiven,
    "accept_explanation": NothingGiven,
    "return_explanation": QuestionGiven,
}
"""Commands on a breach."""

RECORD_COMMANDS: dict[str, type[Given]] = {"note_repeated_lateness": NoteGiven}
"""Commands on a record of repeated lateness."""

APOLOGY_COMMANDS: dict[str, type[Given]] = {
    "sign_apology": NothingGiven,
    "return_apology": QuestionGiven,
    "hand_over_apology": HandOverGiven,
}
"""Commands on an apology."""

OPINION_COMMANDS: dict[str, type[Given]] = {
    "give_opinion": OpinionGiven,
    "forgo_opinion": ReasonGiven,
}
"""Commands on an opinion asked for."""
