"""The parts that forms of definitions share: keys, conditions, who does it, a share of the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from workflows import phrasing
from workflows.catalogue import step_words
from workflows.graph import ROLES, AgencyOf
from workflows.models import Role

Data = dict[str, Any]
NOTHING = ("", "–")


def choices_of(words: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(str(key), words[key]) for key in words]


class KeyField(forms.RegexField):
    """The key of a step or an outcome."""

    def __init__(self, **given: Any) -> None:
        super().__init__(
            regex=r"^[a-z0-9_-]*[a-z0-9][a-z0-9_-]*$",
            max_length=60,
            error_messages={"invalid": _("Small letters, digits, - and _ only.")},
            **given,
        )


class ConditionField(forms.CharField):
    """A condition in words, like `area > 250`."""

    def clean(self, value: Any) -> Any:
        """The condition itself; None for none."""
        try:
            return phrasing.understand(super().clean(value))
        except phrasing.NotACondition as fault:
            raise forms.ValidationError(
                gettext("“%(part)s” cannot be read as a condition. Write it like: area > 250")
                % {"part": str(fault)}
            ) from None


class WhoFields(forms.Form):
    """Who does it: shared by steps, by those asked and by linked dossiers."""

    role = forms.ChoiceField(
        label=_("Role"), choices=[(role, Role(role).label) for role in ROLES], required=False
    )
    agency = forms.ChoiceField(
        label=_("Of"), choices=choices_of(step_words.AGENCIES), required=False
    )
    code = forms.CharField(
        label=_("Code of the agency"),
        max_length=60,
        required=False,
        help_text=_("Where a named agency does it."),
    )
    unit = forms.CharField(
        label=_("Number of the unit"),
        max_length=20,
        required=False,
        help_text=_("The last part of the unit's code."),
    )

    def who(self, kept: Mapping[str, Any] | None = None) -> Data:
        """Who was given; what these fields do not ask stays as it was."""
        given = self.cleaned_data
        fields: Data = {"role": given["role"], "agency": given["agency"]}
        fields |= {name: given[name].strip() for name in ("code", "unit") if given[name].strip()}
        if given["agency"] != AgencyOf.NAMED:
            fields.pop("code", None)
        return fields | unasked(kept or {}, ("role", "agency", "code", "unit"))

    @staticmethod
    def first(who: Mapping[str, Any] | None) -> Data:
        """What the fields show first."""
        given = who or {}
        return {
            "role": given.get("role", "officer"),
            "agency": given.get("agency", "answering"),
            "code": given.get("code", ""),
            "unit": given.get("unit", ""),
        }


class ShareFields(forms.Form):
    """A share of the time: an amount and a unit, or nothing."""

    amount = forms.CharField(
        label=pgettext_lazy("step", "Share"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    share_unit = forms.ChoiceField(
        label=pgettext_lazy("time limit", "Unit"),
        choices=choices_of(step_words.SHARE_UNITS),
        required=False,
    )

    def clean_amount(self) -> str:
        """The amount with a point; empty for no share."""
        written = self.cleaned_data["amount"].strip().replace(",", ".")
        if not written:
            return ""
        try:
            amount = Decimal(written)
            if not (amount.is_finite() and 0 <= amount <= 100_000):
                raise InvalidOperation
        except InvalidOperation:
            raise forms.ValidationError(gettext("Write an amount like 4 or 0,5.")) from None
        return written

    def share(self) -> Data | None:
        """The share given; None for none."""
        given = self.cleaned_data
        if not given["amount"]:
            return None
        return {"amount": given["amount"], "unit": given["share_unit"]}

    @staticmethod
    def first_share(share: Mapping[str, Any] | None) -> Data:
        """What the fields show first."""
        given = share or {}
        amount = str(given.get("amount", ""))
        comma = (get_language() or "vi").startswith("vi")
        return {
            "amount": amount.replace(".", ",") if comma else amount,
            "share_unit": given.get("unit", "working_hour"),
        }


def words(vi: str, en: str) -> Data:
    return {"vi": vi.strip()} | without_empty({"en": en.strip()})


def unasked(kept: Mapping[str, Any], asked: Iterable[str]) -> Data:
    """What stood there and no field asks for: it stays as it was."""
    return {name: value for name, value in kept.items() if name not in set(asked)}


def without_empty(given: Data) -> Data:
    return {name: value for name, value in given.items() if value not in (None, "", False, [], {})}
