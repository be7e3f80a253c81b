"""What was done to a definition, in words: the detail beside each act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from workflows.catalogue.faults import SENTENCES
from workflows.models import DefinitionAct

Kind = DefinitionAct.Kind


def detail(act: DefinitionAct) -> str:
    """What its kind alone does not say; empty where that is all."""
    tell = _DETAILS.get(Kind(act.kind))
    return "" if tell is None else tell(act.facts)


def _scheduled(facts: Mapping[str, Any]) -> str:
    return date_format(date.fromisoformat(facts["on"]), "d/m/Y")


def _not_published(facts: Mapping[str, Any]) -> str:
    """The faults by their kind: which steps they are at, the checker says of what stands now."""
    codes = [code for code in facts["faults"].split(",") if code in SENTENCES]
    if "shares_over_limit" in codes:
        return gettext("the shares no longer fit the limit")
    return ngettext("%(n)s fault hindered", "%(n)s faults hindered", len(codes)) % {"n": len(codes)}


def _retired(facts: Mapping[str, Any]) -> str:
    if "by_version" not in facts:
        return gettext("without a successor")
    return gettext("by version %(n)s") % {"n": facts["by_version"]}


def _moved_to(facts: Mapping[str, Any]) -> str:
    words = gettext(
        "%(moved)s moved from version %(from_version)s, %(refused)s refused; timers waiting: "
        "%(timers_before)s before, %(timers_after)s after"
    )
    return words % facts


_DETAILS: dict[Kind, Callable[[Mapping[str, Any]], str]] = {
    Kind.ATTACHED: lambda facts: str(facts["code"]),
    Kind.SCHEDULED: _scheduled,
    Kind.NOT_PUBLISHED: _not_published,
    Kind.RETIRED: _retired,
    Kind.MOVED_TO: _moved_to,
}
