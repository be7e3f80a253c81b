"""The parts of a definition in words: kinds of steps, whose they are, who does them, where outcomes
lead. Names of agencies and units are read once for any number of definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from workflows import phrasing
from workflows.drawing import share_words
from workflows.graph import (
    END,
    AgencyOf,
    Asked,
    Consultation,
    Definition,
    Kind,
    Late,
    Outcome,
    ShareUnit,
    Step,
    SubProcedure,
    Way,
    Who,
)
from workflows.models import Agency, Role, Unit

KINDS: dict[str, Promise] = {
    Kind.RECEIVE: pgettext_lazy("step", "Receive"),
    Kind.ASSIGN: pgettext_lazy("step", "Assign"),
    Kind.CHECK: pgettext_lazy("step", "Check"),
    Kind.PROCESS: pgettext_lazy("step", "Process"),
    Kind.CONSULT: pgettext_lazy("step", "Consult"),
    Kind.APPRAISE: pgettext_lazy("step", "Appraise"),
    Kind.DRAFT: pgettext_lazy("step", "Draft the result"),
    Kind.SIGN: pgettext_lazy("step", "Sign"),
    Kind.ISSUE: pgettext_lazy("step", "Stamp and issue"),
    Kind.DELIVER: pgettext_lazy("step", "Deliver"),
    Kind.AUTOMATIC: pgettext_lazy("step", "Automatic"),
}
AGENCIES: dict[str, Promise] = {
    AgencyOf.ANSWERING: _("the answering agency"),
    AgencyOf.RECEIVING: _("the receiving agency"),
    AgencyOf.NAMED: _("a named agency"),
    AgencyOf.CHOSEN: _("an agency chosen at an earlier step"),
    AgencyOf.APPLICANT_COMMUNE: _("the applicant's commune"),
}
ASSIGNMENTS: dict[str, Promise] = {
    "pool": _("whoever takes it up first"),
    "round_robin": _("by turns"),
    "least_loaded": _("whoever has least to do"),
    "same": _("who did an earlier step"),
    "area": _("by the applicant's area"),
}
SHARE_UNITS: dict[str, Promise] = {
    ShareUnit.WORKING_HOUR: _("working hours"),
    ShareUnit.WORKING_DAY: _("working days"),
    ShareUnit.DAY: _("days"),
    ShareUnit.MONTH: _("months"),
    ShareUnit.PERCENT: _("per cent of the limit"),
}
LATES: dict[str, Promise] = {
    Late.WAIT: _("wait for them"),
    Late.GO_ON: _("go on without them"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """Names of agencies by code, and of units by code and by the last part of it."""

    agencies: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)

    def who(self, who: Who) -> str:
        """Who does it, in one line: role, unit, agency."""
        parts = [str(Role(who.role).label) if who.role in Role.values else who.role]
        unit = self.unit(who)
        return ", ".join([*parts, *([unit] if unit else []), self.agency(who)])

    def agency(self, who: Who) -> str:
        """Whose it is."""
        if who.agency is AgencyOf.NAMED:
            return self.agencies.get(who.code, who.code or str(AGENCIES[who.agency]))
        return str(AGENCIES[who.agency])

    def unit(self, who: Who) -> str:
        """The unit's name; its number where no unit has it."""
        if not who.unit:
            return ""
        exact = self.units.get(f"{who.code}.{who.unit}") if who.code else None
        return exact or self.parts.get(who.unit) or gettext("unit %(unit)s") % {"unit": who.unit}

    def lane(self, step: Step) -> str:
        """The lane in which a step is drawn: the unit, else who in the agency."""
        who = step.who
        if who is None:
            return gettext("By itself")
        unit = self.unit(who)
        whose = self.agency(who)
        if who.agency is AgencyOf.ANSWERING:
            return unit or str(Role(who.role).label if who.role in Role.values else who.role)
        return f"{unit}, {whose}" if unit else whose[:1].upper() + whose[1:]


def names(offering: set[str] | None = None) -> Names:
    """The names of the whole city, in two queries. A unit's number is named as the agencies in
    `offering` (codes) name theirs, where they have such a unit."""
    units: dict[str, str] = {}
    parts: dict[str, str] = {}
    own: dict[str, str] = {}
    for code, name in Unit.objects.order_by("code").values_list("code", "name"):
        units[code] = name
        agency, _dot, part = code.rpartition(".")
        parts.setdefault(part, name)
        if offering and agency in offering:
            own.setdefault(part, name)
    return Names(dict(Agency.objects.values_list("code", "name")), units, parts | own)


def in_language(step: Step) -> str:
    """The step's name for the reader."""
    return step.name.in_language(get_language() or "vi")


def label(outcome: Outcome) -> str:
    """The outcome's label for the reader."""
    return outcome.label.in_language(get_language() or "vi")


def target(definition: Definition, key: str) -> str:
    """Where a way leads: the step's name, or the end."""
    if key == END:
        return gettext("the end")
    return in_language(definition.step(key)) if definition.has(key) else f"“{key}”"


def ways(definition: Definition, given: tuple[Way, ...]) -> str:
    """Where an outcome leads, with its conditions."""
    said = []
    for way in given:
        name = target(definition, way.to)
        if way.when is None:
            said.append(name)
        else:
            facts = {"step": name, "condition": phrasing.phrase(way.when)}
            said.append(gettext("%(step)s if %(condition)s") % facts)
    return "; ".join(said)


def consultation(asked: Consultation, known: Names) -> str:
    """Whom a step asks, how many answers it needs, what a late one does."""
    whom = "; ".join(asked_words(one, known) for one in asked.asked)
    count = asked.answers
    needed = (
        gettext("all answers are needed")
        if count >= len(asked.asked)
        else ngettext("%(count)s answer is needed", "%(count)s answers are needed", count)
        % {"count": count}
    )
    late = gettext("a late one: %(late)s") % {"late": LATES[asked.late]}
    return f"{whom}. {needed[:1].upper()}{needed[1:]}; {late}."


def asked_words(one: Asked, known: Names) -> str:
    """One of those asked, with its share and the units it asks in turn."""
    words = known.who(one.who)
    if one.share is not None:
        words += f" ({share_words(one.share)})"
    if one.units:
        units = ", ".join(known.who(unit.who) for unit in one.units)
        words += gettext(", which asks %(units)s") % {"units": units}
    return words


def sub_procedure(opened: SubProcedure, known: Names) -> str:
    """A linked dossier that a step opens."""
    words = opened.procedure
    if opened.agency is not None:
        words += f" ({known.agency(opened.agency)})"
    if opened.when is not None:
        words += " " + gettext("if %(condition)s") % {"condition": phrasing.phrase(opened.when)}
    return words + ", " + (gettext("waits for it") if opened.waits else gettext("does not wait"))
