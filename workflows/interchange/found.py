"""What reading a file of definitions gives: each one found, as a body of our own form, with what of
it found no place there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Promise] = {
    "not_a_definition": _("the file holds no workflow definition"),
    "not_readable": _("the file cannot be read: %(fault)s"),
    "document_type": _("the XML declares a document type or entities, which are never opened"),
    "too_large": _("the file is larger than %(megabytes)s MB"),
    "not_an_object": _("the entry is not an object"),
    "no_steps": _("it has no steps"),
    "malformed": _("%(place)s: expected %(expected)s"),
    "no_such_procedure": _("procedure %(code)s is not in the catalogue: attach it by hand"),
    "no_code": _("it names no procedure: attach it by hand"),
    "applicant_step": _("the applicant's own time is a stop of the clock, not a step"),
    "who_to_choose": _("“%(who)s”: the unit that does the step must be chosen"),
    "agency_to_choose": _("“%(agency)s” is no agency of this city: it must be chosen"),
    "note": _("a note has no place in the form: “%(text)s”"),
    "unknown_unit": _("“%(unit)s” is no unit of time: the step has no share"),
    "shortened": _("the name was longer than %(letters)s characters and was shortened"),
    "not_in_form": _("the form has nothing like it"),
    "no_task_kind": _("taken as a step done by a person"),
    "parallel": _("branches side by side are taken only as one consultation of single tasks"),
    "branch_left_out": _("it lies on a branch that could not be taken"),
    "unreached": _("no flow from the start leads to it"),
    "condition": _("the condition “%(text)s” is written in another language"),
    "several_starts": _("a workflow begins once: only the first start is taken"),
    "no_start": _("no start: the first element without an incoming flow is taken as the start"),
    "timer": _("a waiting time is no step; shares and limits hold the time"),
    "default_role": _("who does it must be chosen: taken as an officer of the answering agency"),
    "loose_flow": _("the flow leads to nothing"),
}


@dataclass(frozen=True, slots=True)
class NotTaken:
    """One thing of a file that has no place in our form: what it is, and why."""

    element: str
    code: str
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why, in the reader's language."""
        return str(REASONS[self.code]) % dict(self.facts)


@dataclass(frozen=True, slots=True)
class Found:
    """One definition of a file. `body` is None where nothing could be taken.

    `codes` are the procedures it is for. With `printed_limit` its shares are measured by the limit
    that the file itself prints: `limit_hours` nominal working hours (8 a day), None where they are
    not to be added up.
    """

    ident: str
    body: dict[str, Any] | None
    not_taken: Sequence[NotTaken] = ()
    codes: Sequence[str] = ()
    source: str = ""
    printed_limit: bool = False
    limit_hours: Fraction | None = None
