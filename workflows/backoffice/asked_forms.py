"""Whom a step consults and what linked dossiers it opens, as forms. What a field does not ask for
stays as it was, so that nothing is lost by saving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows import phrasing
from workflows.backoffice.who_fields import (
    NOTHING,
    ConditionField,
    Data,
    ShareFields,
    WhoFields,
    choices_of,
    unasked,
    without_empty,
)
from workflows.catalogue import step_words
from workflows.graph import ROLES
from workflows.models import Role


class AskedForm(WhoFields, ShareFields):
    """One of those a step consults. A row without a role is none."""

    units = forms.CharField(
        label=_("Units it asks in turn"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
        help_text=_("One a line: number of the unit, amount, unit of time (like 03 2 working_day)"),
    )
    gone = forms.BooleanField(label=_("Take away"), required=False)

    def __init__(self, data: Any, *, prefix: str, asked: Data) -> None:
        self.kept = asked
        first = WhoFields.first(asked.get("who")) | ShareFields.first_share(asked.get("share"))
        if not asked:
            first["role"] = ""
        lines = [_unit_line(one) for one in asked.get("units", [])]
        super().__init__(data, prefix=prefix, initial=first | {"units": "\n".join(lines)})
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            NOTHING, *((role, Role(role).label) for role in ROLES)
        ]  # fmt: skip

    @property
    def is_there(self) -> bool:
        """Whether the row asks somebody."""
        return bool(self.cleaned_data.get("role")) and not self.cleaned_data.get("gone")

    def clean_units(self) -> list[Data]:
        """The units asked in turn; those that stood there keep what a line does not say."""
        kept = {_unit_line(one): one for one in self.kept.get("units", [])}
        found = []
        for line in filter(None, (one.strip() for one in self.cleaned_data["units"].splitlines())):
            if line in kept:
                found.append(kept[line])
                continue
            parts = line.split()
            fits = len(parts) in (1, 3) and (len(parts) == 1 or _is_share(parts[1], parts[2]))
            if not fits:
                raise forms.ValidationError(
                    gettext("“%(line)s”: write it like 03 2 working_day") % {"line": line[:60]}
                )
            who = {"role": "officer", "agency": "named", "unit": parts[0]}
            one: Data = {"who": who}
            if len(parts) == 3:
                one["share"] = {"amount": parts[1], "unit": parts[2]}
            found.append(one)
        return found

    def asked(self) -> Data:
        """Whom it asks, with which share."""
        who = self.who(self.kept.get("who"))
        units = [_of_agency(one, who) for one in self.cleaned_data["units"]]
        asked = {"who": who} | without_empty({"share": self.share(), "units": units})
        return asked | unasked(self.kept, ("who", "share", "units"))


class OpenedForm(WhoFields):
    """One linked dossier that a step opens. A row without a procedure is none."""

    procedure = forms.CharField(label=_("Code of the procedure"), max_length=60, required=False)
    waits = forms.BooleanField(label=_("Waits for its result"), required=False)
    when = ConditionField(label=_("Only if"), required=False)
    gone = forms.BooleanField(label=_("Take away"), required=False)

    def __init__(self, data: Any, *, prefix: str, opened: Data) -> None:
        self.kept = opened
        first = WhoFields.first(opened.get("who")) | {
            "procedure": opened.get("procedure", ""),
            "waits": opened.get("waits", True),
            "when": phrasing.phrase(opened.get("when")),
        }
        if not opened.get("who"):
            first["agency"] = ""
        super().__init__(data, prefix=prefix, initial=first)
        self.fields["agency"].choices = [  # type: ignore[attr-defined]
            NOTHING, *choices_of(step_words.AGENCIES)
        ]  # fmt: skip

    @property
    def is_there(self) -> bool:
        """Whether the row opens anything."""
        return bool(self.cleaned_data.get("procedure")) and not self.cleaned_data.get("gone")

    def opened(self) -> Data:
        """The linked dossier given."""
        given = self.cleaned_data
        opened: Data = {"procedure": given["procedure"].strip(), "waits": given["waits"]}
        if given["agency"]:
            opened["who"] = self.who(self.kept.get("who"))
        opened |= without_empty({"when": given["when"]})
        return opened | unasked(self.kept, ("procedure", "waits", "when", "who"))


def _unit_line(one: Mapping[str, Any]) -> str:
    share = one.get("share")
    words = [str(one["who"].get("unit", ""))]
    return " ".join([*words, str(share["amount"]), str(share["unit"])] if share else words)


def _of_agency(one: Data, who: Data) -> Data:
    """A unit asked in turn: of the agency asked, unless it says another."""
    if one["who"].get("agency") != "named" or one["who"].get("code"):
        return one
    whose = {name: who[name] for name in ("agency", "code") if name in who}
    return {**one, "who": {**one["who"], **whose}}


def _is_share(amount: str, unit: str) -> bool:
    return amount.replace(".", "", 1).isdigit() and unit in step_words.SHARE_UNITS
