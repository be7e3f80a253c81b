"""One step of a draft as forms: the step itself and its outcomes. What a field does not ask for
stays as it was, so that nothing is lost by saving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from workflows import phrasing
from workflows.backoffice.who_fields import (
    NOTHING,
    ConditionField,
    Data,
    KeyField,
    ShareFields,
    WhoFields,
    choices_of,
    unasked,
    without_empty,
    words,
)
from workflows.catalogue import step_words
from workflows.graph import END, AgencyOf, Kind

_OF_STEP = {
    "key", "name", "kind", "who", "share", "outcomes", "needs", "gives", "optional", "consult",
    "opens",
}  # fmt: skip
_OF_WHO = {"role", "agency", "code", "unit", "chosen_at", "assignment", "same_as"}
_OF_OUTCOME = {"key", "label", "to", "when", "return", "at_most"}


class StepForm(WhoFields, ShareFields):
    """The step itself."""

    key = KeyField(label=_("Key"), help_text=_("Stays the same from version to version."))
    name_vi = forms.CharField(label=_("Name in Vietnamese"), max_length=500)
    name_en = forms.CharField(label=_("Name in English"), max_length=500, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=choices_of(step_words.KINDS))
    chosen_at = forms.ChoiceField(label=_("Agency chosen at"), required=False)
    assignment = forms.ChoiceField(
        label=_("Finds its person by"), choices=choices_of(step_words.ASSIGNMENTS), required=False
    )
    same_as = forms.ChoiceField(label=_("Same person as at"), required=False)
    optional = forms.BooleanField(label=_("May be left out"), required=False)
    needs = forms.CharField(
        label=_("Needs"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line: paper:… or result:…"),
    )
    gives = forms.CharField(
        label=_("Gives"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    late = forms.ChoiceField(
        label=_("If an answer is late"), choices=choices_of(step_words.LATES), required=False
    )
    answers = forms.CharField(
        label=_("Answers needed"),
        required=False,
        max_length=5,
        help_text=_("all, any, or a number"),
    )

    def __init__(self, data: Any, *, step: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        self.kept = step
        super().__init__(data, prefix="step", initial=_first(step))
        earlier = [NOTHING, *((one["key"], one["name"]["vi"]) for one in body["steps"])]
        self.fields["chosen_at"].choices = earlier  # type: ignore[attr-defined]
        self.fields["same_as"].choices = earlier  # type: ignore[attr-defined]

    def clean_key(self) -> str:
        """No step may be called like the end."""
        key: str = self.cleaned_data["key"]
        if key == END:
            raise forms.ValidationError(gettext("No step may bear this key."))
        return key

    def clean_answers(self) -> str | int:
        """all, any or a number."""
        written = self.cleaned_data["answers"].strip().lower()
        if written in ("", "all", "any"):
            return written or "all"
        if written.isascii() and written.isdigit() and 0 < int(written) <= 1000:
            return int(written)
        raise forms.ValidationError(gettext("Write all, any, or a number."))

    def clean_needs(self) -> list[str]:
        return self._references("needs")

    def clean_gives(self) -> list[str]:
        return self._references("gives")

    def _references(self, name: str) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data[name].splitlines() if line.strip()]
        for line in lines:
            if not line.startswith(("paper:", "result:")):
                raise forms.ValidationError(
                    gettext("“%(line)s” begins neither with paper: nor with result:")
                    % {"line": line}
                )
        return lines

    def step(self) -> Data:
        """The step given, without its outcomes, whom it asks and what it opens."""
        given = self.cleaned_data
        step: Data = {
            "key": given["key"],
            "kind": given["kind"],
            "name": words(given["name_vi"], given["name_en"]),
            "outcomes": [],
        }
        if given["kind"] != Kind.AUTOMATIC:
            step["who"] = self.who(unasked(self.kept.get("who") or {}, _OF_WHO)) | without_empty(
                {
                    "chosen_at": given["chosen_at"] if given["agency"] == AgencyOf.CHOSEN else "",
                    "assignment": "" if given["assignment"] == "pool" else given["assignment"],
                    "same_as": given["same_as"] if given["assignment"] == "same" else "",
                }
            )
        step |= without_empty({"share": self.share(), "optional": given["optional"]})
        step |= without_empty({"needs": given["needs"], "gives": given["gives"]})
        return step | unasked(self.kept, _OF_STEP)


class OutcomeForm(forms.Form):
    """One outcome. A row without a key is none."""

    key = KeyField(label=pgettext_lazy("outcome", "Key"), required=False)
    label_vi = forms.CharField(label=_("Label in Vietnamese"), max_length=500, required=False)
    label_en = forms.CharField(label=_("Label in English"), max_length=500, required=False)
    to = forms.ChoiceField(label=_("Leads to"), required=False)
    ways = forms.CharField(
        label=_("Before that, by condition"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line, tried in order: key of the step: condition"),
    )
    when = ConditionField(
        label=_("Can be chosen only if"), required=False, help_text=_("Like: area > 250")
    )
    returns = forms.BooleanField(label=_("Goes back to an earlier step"), required=False)
    at_most = forms.IntegerField(
        label=_("Times at most"), required=False, min_value=1, max_value=1000
    )
    gone = forms.BooleanField(label=_("Take away"), required=False)

    def __init__(self, data: Any, *, prefix: str, outcome: Data, body: Data) -> None:
        self.kept = outcome
        super().__init__(data, prefix=prefix, initial=_first_outcome(outcome))
        steps = [(one["key"], one["name"]["vi"]) for one in body["steps"]]
        choices = [NOTHING, *steps, (END, _("the end"))]
        wanted = self.initial["to"]
        if wanted and wanted not in dict(choices):
            choices.append((wanted, gettext("“%(key)s”, which is not there") % {"key": wanted}))
        self.fields["to"].choices = choices  # type: ignore[attr-defined]

    @property
    def is_there(self) -> bool:
        """Whether the row holds an outcome."""
        given = self.cleaned_data
        return not given.get("gone") and bool(given.get("key") or given.get("label_vi"))

    def clean(self) -> Data:
        """A key needs a label, and a label a key."""
        given = super().clean() or {}
        if not given.get("gone"):
            for name, other in (("key", "label_vi"), ("label_vi", "key")):
                if given.get(other) and not given.get(name) and name not in self.errors:
                    self.add_error(name, gettext("This is needed for an outcome."))
            if given.get("key") and not (given.get("to") or given.get("ways")):
                self.add_error("to", gettext("Say where this outcome leads."))
        return given

    def clean_ways(self) -> list[Data]:
        """The ways tried before the last one."""
        found = []
        for line in self.cleaned_data["ways"].splitlines():
            if not line.strip():
                continue
            to, colon, condition = line.partition(":")
            try:
                when = phrasing.understand(condition)
            except phrasing.NotACondition:
                when = None
            if not colon or not to.strip() or when is None:
                raise forms.ValidationError(
                    gettext("“%(line)s”: write the key of a step, a colon and a condition")
                    % {"line": line.strip()[:60]}
                )
            found.append({"to": to.strip(), "when": when})
        return found

    def outcome(self) -> Data:
        """The outcome given."""
        given = self.cleaned_data
        last = [{"to": given["to"]}] if given["to"] else []
        outcome: Data = {
            "key": given["key"],
            "label": words(given["label_vi"], given["label_en"]),
            "to": [*given["ways"], *last] if given["ways"] else given["to"],
        }
        extra = {"when": given["when"], "return": given["returns"], "at_most": given["at_most"]}
        return outcome | without_empty(extra) | unasked(self.kept, _OF_OUTCOME)


def _first(step: Mapping[str, Any]) -> Data:
    who = step.get("who") or {}
    consult = step.get("consult") or {}
    return {
        **WhoFields.first(who),
        **ShareFields.first_share(step.get("share")),
        "key": step["key"],
        "name_vi": step["name"]["vi"],
        "name_en": step["name"].get("en", ""),
        "kind": step["kind"],
        "chosen_at": who.get("chosen_at", ""),
        "assignment": who.get("assignment", "pool"),
        "same_as": who.get("same_as", ""),
        "optional": step.get("optional", False),
        "needs": "\n".join(step.get("needs", [])),
        "gives": "\n".join(step.get("gives", [])),
        "late": consult.get("late", "wait"),
        "answers": consult.get("answers", "all"),
    }


def _first_outcome(outcome: Mapping[str, Any]) -> Data:
    to = outcome.get("to", END)
    ways = to if isinstance(to, list) else [{"to": to}]
    otherwise = ways[-1]["to"] if ways[-1].get("when") is None else ""
    conditional = ways[:-1] if otherwise else ways
    lines = [f"{way['to']}: {phrasing.phrase(way.get('when'))}" for way in conditional]
    label = outcome.get("label") or {}
    return {
        "key": outcome.get("key", ""),
        "label_vi": label.get("vi", ""),
        "label_en": label.get("en", ""),
        "to": otherwise,
        "ways": "\n".join(lines),
        "when": phrasing.phrase(outcome.get("when")),
        "returns": outcome.get("return", False),
        "at_most": outcome.get("at_most"),
    }
