"""A definition as its page shows it: steps in words with their shares and faults, how the shares
stand to the limit, its drawing. Reading only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.translation import get_language, gettext, ngettext

from workflows import checking, drawing, graph
from workflows.catalogue import definitions, step_words
from workflows.catalogue.faults import sentence
from workflows.catalogue.step_words import Names
from workflows.checking import Fault, Surroundings
from workflows.models import Definition, Offer
from workflows.phrasing import phrase

NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Said:
    """A fault in words, with the step it is at (empty: the whole) and whether it hinders
    publishing."""

    step: str
    step_name: str
    sentence: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class OutcomeShown:
    """One outcome of a step, and where it leads."""

    label: str
    leads: str
    when: str
    returns: bool
    at_most: int | None


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step in words. `hours` are nominal working hours, `per_cent` their part of the limit."""

    number: int
    key: str
    name: str
    kind: str
    who: str
    share: str
    hours: Fraction | None
    per_cent: int | None
    outcomes: tuple[OutcomeShown, ...]
    asks: str
    opens: tuple[str, ...]
    optional: bool
    faults: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """What the longest way takes, beside the shortest limit; None where it is not told."""

    hours: Fraction | None
    limit: Fraction | None

    @property
    def over(self) -> bool:
        return self.hours is not None and self.limit is not None and self.hours > self.limit


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the page says of a definition."""

    row: Definition
    graph: graph.Definition
    steps: tuple[StepShown, ...]
    faults: tuple[Said, ...]
    shares: Shares
    names: Names
    svg: str

    @property
    def hindering(self) -> int:
        return sum(1 for fault in self.faults if fault.blocks)


def shown(row: Definition, on: date) -> Shown:
    """The definition in words, compared with what is known on the day `on`: a bounded number of
    queries, however many steps it has."""
    parsed = row.graph()
    known = surroundings(row, on)
    names = names_for(row)
    return read(row, parsed, known, names)


def read(
    row: Definition,
    parsed: graph.Definition,
    known: Surroundings,
    names: Names,
    ident: str = "flow",
) -> Shown:
    """The same from what has been read already."""
    faults = tuple(_said(parsed, fault) for fault in checking.faults(parsed, known))
    steps = tuple(
        _step(parsed, number, step, known.limit_hours, names, faults)
        for number, step in enumerate(parsed.steps, start=1)
    )
    longest = checking.longest_hours(parsed, known.limit_hours)
    return Shown(
        row=row,
        graph=parsed,
        steps=steps,
        faults=faults,
        shares=Shares(longest, known.limit_hours),
        names=names,
        svg=drawn(row, parsed, names, ident),
    )


def drawn(row: Definition, parsed: graph.Definition, names: Names, ident: str = "flow") -> str:
    """The drawing of a definition, its lanes named; `ident` tells several on one page apart."""
    picture = drawing.picture_of(
        parsed,
        title=gettext("Workflow of %(name)s, version %(version)s") % _title(row),
        language=get_language() or "vi",
        lane=names.lane,
        ident=ident,
    )
    return drawing.draw(picture)


def surroundings(row: Definition, on: date) -> Surroundings:
    """What a definition is compared with; of an unattached one, what is known of the city."""
    if row.procedure_id is None:
        return definitions.surroundings_anywhere()
    return definitions.surroundings_of([row.procedure_id], on=on)[row.procedure_id]


def names_for(row: Definition) -> Names:
    """Names as the agencies that answer for the procedure use them."""
    offers = Offer.objects.filter(procedure=row.procedure_id, valid_to=None)
    offering = offers.values_list("agency__code", flat=True) if row.procedure_id else ()
    return step_words.names(set(offering))


def shape(parsed: graph.Definition) -> str:
    """The shape in a few words: how many steps, lanes, consultations, returns, linked dossiers."""
    lanes = {_lane(step) for step in parsed.steps}
    returns = sum(1 for step in parsed.steps for outcome in step.outcomes if outcome.returns)
    asked = sum(1 for step in parsed.steps if step.consultation is not None)
    linked = sum(len(step.opens) for step in parsed.steps)
    counted = [
        ngettext("%(n)s step", "%(n)s steps", len(parsed.steps)) % {"n": len(parsed.steps)},
        ngettext("%(n)s lane", "%(n)s lanes", len(lanes)) % {"n": len(lanes)},
    ]
    if asked:
        counted.append(ngettext("%(n)s consultation", "%(n)s consultations", asked) % {"n": asked})
    if returns:
        counted.append(ngettext("%(n)s return", "%(n)s returns", returns) % {"n": returns})
    if linked:
        words = ngettext("%(n)s linked dossier", "%(n)s linked dossiers", linked)
        counted.append(words % {"n": linked})
    return " · ".join(words.replace(" ", NBSP) for words in counted)


def _lane(step: graph.Step) -> tuple[str, ...]:
    who = step.who
    return () if who is None else (who.agency, who.code, who.unit)


def _title(row: Definition) -> dict[str, str]:
    name = row.origin if row.procedure is None else row.procedure.name
    return {"name": name, "version": str(row.version)}


def _said(parsed: graph.Definition, fault: Fault) -> Said:
    name = ""
    if fault.step:
        found = parsed.has(fault.step)
        name = step_words.in_language(parsed.step(fault.step)) if found else fault.step
    return Said(fault.step, name, sentence(fault), fault.blocks)


def _step(
    parsed: graph.Definition,
    number: int,
    step: graph.Step,
    limit: Fraction | None,
    names: Names,
    faults: Sequence[Said],
) -> StepShown:
    hours = None if step.share is None else step.share.hours(limit)
    return StepShown(
        number=number,
        key=step.key,
        name=step_words.in_language(step),
        kind=str(step_words.KINDS[step.kind]),
        who="" if step.who is None else names.who(step.who),
        share="" if step.share is None else drawing.share_words(step.share),
        hours=hours,
        per_cent=None if hours is None or not limit else round(hours / limit * 100),
        outcomes=tuple(_outcome(parsed, outcome) for outcome in step.outcomes),
        asks="" if step.consultation is None else step_words.consultation(step.consultation, names),
        opens=tuple(step_words.sub_procedure(opened, names) for opened in step.opens),
        optional=step.optional,
        faults=tuple(fault for fault in faults if fault.step == step.key),
    )


def _outcome(parsed: graph.Definition, outcome: graph.Outcome) -> OutcomeShown:
    return OutcomeShown(
        label=step_words.label(outcome),
        leads=step_words.ways(parsed, outcome.ways),
        when=phrase(outcome.when),
        returns=outcome.returns,
        at_most=outcome.at_most,
    )
