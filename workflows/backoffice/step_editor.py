"""All the forms of one step together: read from a draft or from what was sent, and put together
again as a step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from workflows.backoffice.asked_forms import AskedForm, OpenedForm
from workflows.backoffice.step_form import OutcomeForm, StepForm
from workflows.backoffice.who_fields import Data, unasked

EMPTY_ROWS = 1
MOST_ROWS = 60
_PARTS = ("outcome", "asked", "opened")


class StepEditor:
    """The step, its outcomes, whom it asks, what it opens; with an empty row at each list's end."""

    def __init__(self, body: Data, step: Data, data: Any = None) -> None:
        self._kept = step
        consult = step.get("consult") or {}
        rows = {
            "outcome": list(step["outcomes"]),
            "asked": list(consult.get("asked", [])),
            "opened": list(step.get("opens", [])),
        }
        self.counts = {name: _count(data, name, len(rows[name])) for name in _PARTS}
        for name in _PARTS:
            rows[name] += [{}] * (self.counts[name] - len(rows[name]))
        self.step = StepForm(data, step=step, body=body)
        self.outcomes = [
            OutcomeForm(data, prefix=f"outcome-{place}", outcome=row, body=body)
            for place, row in enumerate(rows["outcome"][: self.counts["outcome"]])
        ]
        self.asked = [
            AskedForm(data, prefix=f"asked-{place}", asked=row)
            for place, row in enumerate(rows["asked"][: self.counts["asked"]])
        ]
        self.opened = [
            OpenedForm(data, prefix=f"opened-{place}", opened=row)
            for place, row in enumerate(rows["opened"][: self.counts["opened"]])
        ]

    @property
    def forms(self) -> Iterator[forms.Form]:
        """Every form on the page, in its order."""
        yield self.step
        yield from (*self.outcomes, *self.asked, *self.opened)

    def is_valid(self) -> bool:
        """Whether all of them are; every fault is told at once."""
        return not [form for form in self.forms if not form.is_valid()]

    def given(self) -> Data:
        """The step as given."""
        step = self.step.step()
        step["outcomes"] = [form.outcome() for form in self.outcomes if form.is_there]
        asked = [form.asked() for form in self.asked if form.is_there]
        if asked:
            cleaned = self.step.cleaned_data
            kept = self._kept.get("consult") or {}
            step["consult"] = {
                "asked": asked,
                "answers": cleaned["answers"],
                "late": cleaned["late"] or "wait",
            } | unasked(kept, ("asked", "answers", "late"))
        opened = [form.opened() for form in self.opened if form.is_there]
        if opened:
            step["opens"] = opened
        return step


def _count(data: Any, name: str, kept: int) -> int:
    """How many rows there are: as many as were sent, else those kept and an empty one."""
    sent = "" if data is None else data.get(f"{name}-rows", "")
    if sent.isascii() and sent.isdigit():
        return min(int(sent), MOST_ROWS)
    return kept + EMPTY_ROWS
