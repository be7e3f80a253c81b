"""Two versions of a definition side by side, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from workflows import comparing, drawing, graph
from workflows.catalogue import step_words
from workflows.catalogue.step_words import Names
from workflows.comparing import Difference, How
from workflows.phrasing import phrase

FIELDS: dict[str, Promise] = {
    "name": _("Name"),
    "kind": _("Kind"),
    "who": _("Who"),
    "share": pgettext_lazy("step", "Share"),
    "optional": _("May be left out"),
    "needs": _("Needs"),
    "gives": _("Gives"),
    "consultation": _("Asks"),
    "opens": _("Opens"),
    "outcome": _("Outcome"),
    "label": _("Label"),
    "ways": _("Leads to"),
    "when": _("Only if"),
    "returns": _("Is a return"),
    "at_most": _("Times at most"),
}
HOW: dict[How, Promise] = {
    How.SAME: _("the same"),
    How.CHANGED: _("changed"),
    How.ADDED: _("added"),
    How.GONE: _("gone"),
}


@dataclass(frozen=True, slots=True)
class Changed:
    """One field that differs: its name, and what stood and stands there."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Row:
    """One step in both versions: what became of it, and what of it differs."""

    how: str
    how_words: str
    before: str
    after: str
    moved: bool
    changes: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions in rows, with how many steps are added, gone and changed."""

    rows: tuple[Row, ...]
    added: int
    gone: int
    changed: int

    @property
    def same(self) -> bool:
        return not (self.added or self.gone or self.changed)


def compared(before: graph.Definition, after: graph.Definition, names: Names) -> Compared:
    """How `after` differs from `before`, in the reader's language."""
    pairs = comparing.compare(before, after)
    rows = tuple(
        Row(
            how=pair.how,
            how_words=str(HOW[pair.how]),
            before="" if pair.before is None else step_words.in_language(pair.before),
            after="" if pair.after is None else step_words.in_language(pair.after),
            moved=pair.moved,
            changes=tuple(_changed(before, after, names, one) for one in pair.differences),
        )
        for pair in pairs
    )
    counts = {how: sum(pair.how is how for pair in pairs) for how in How}
    return Compared(rows, counts[How.ADDED], counts[How.GONE], counts[How.CHANGED])


def _changed(
    before: graph.Definition, after: graph.Definition, names: Names, one: Difference
) -> Changed:
    field = str(FIELDS[one.field])
    if one.outcome:
        field = gettext("Outcome “%(outcome)s”") % {"outcome": one.outcome} + f": {field}"
    return Changed(
        field,
        _said(before, names, one.field, one.before),
        _said(after, names, one.field, one.after),
    )


def _said(of: graph.Definition, names: Names, field: str, value: Any) -> str:
    if value is None or value == () or value == "":
        return "–"
    if field in ("name", "label"):
        return str(value.in_language(get_language() or "vi"))
    if field == "outcome":
        return f"{step_words.label(value)}: {step_words.ways(of, value.ways)}"
    says = {
        "kind": lambda: str(step_words.KINDS[value]),
        "who": lambda: names.who(value),
        "share": lambda: drawing.share_words(value),
        "consultation": lambda: step_words.consultation(value, names),
        "opens": lambda: "; ".join(step_words.sub_procedure(one, names) for one in value),
        "ways": lambda: step_words.ways(of, value),
        "when": lambda: phrase(value),
        "needs": lambda: ", ".join(value),
        "gives": lambda: ", ".join(value),
        "optional": lambda: gettext("yes") if value else gettext("no"),
        "returns": lambda: gettext("yes") if value else gettext("no"),
        "at_most": lambda: str(value),
    }
    return says[field]()
