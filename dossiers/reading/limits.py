"""A time limit in words, for pages and forms."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications import wording
from workflows.timelimit import TimeLimit, Unit


def limit_words(limit: TimeLimit | Mapping[str, Any] | None) -> str:
    """ "5 working days"; "within the day" for none; empty where there is no limit."""
    if limit is None:
        return ""
    if not isinstance(limit, TimeLimit):
        limit = TimeLimit.from_json(limit)
    amount = limit.amount
    if amount == 0:
        return _("within the day")
    shown = wording.number(float(amount), 0 if amount.denominator == 1 else 1)
    return _sentence(limit.unit, amount) % {"amount": shown}


def _sentence(unit: Unit, amount: Fraction) -> str:
    count = 1 if amount == 1 else 2
    if unit == Unit.WORKING_HOUR:
        return ngettext("%(amount)s working hour", "%(amount)s working hours", count)
    if unit == Unit.WORKING_DAY:
        return ngettext("%(amount)s working day", "%(amount)s working days", count)
    if unit == Unit.MONTH:
        return ngettext("%(amount)s month", "%(amount)s months", count)
    return ngettext("%(amount)s day", "%(amount)s days", count)
