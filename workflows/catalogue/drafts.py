"""Definitions brought in from files: judged, and kept as drafts of their procedures. Nothing here
is in force until somebody publishes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from workflows import checking, parsing
from workflows.catalogue import definitions, faults
from workflows.catalogue.locking import one_at_a_time
from workflows.checking import Fault
from workflows.interchange.found import Found, NotTaken
from workflows.models import Agency, Definition, DefinitionAct, Procedure


@dataclass(slots=True)
class Taken:
    """What became of one definition of a file."""

    found: Found
    is_taken: bool
    not_taken: list[NotTaken] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    kept: list[Definition] = field(default_factory=list)

    def as_data(self, file: str) -> dict[str, Any]:
        """The entry of the published report."""
        return {
            "file": file,
            "id": self.found.ident,
            "taken": self.is_taken,
            "not_taken": [{"element": one.element, "reason": one.reason} for one in self.not_taken],
            "faults": [
                {"code": one.code, "step": one.step, "reason": faults.sentence(one)}
                for one in self.faults
            ],
        }


def agency_codes() -> Mapping[str, str]:
    """Codes of the agencies by their names in small letters, for annexes that print names."""
    return {
        " ".join(name.casefold().split()): code
        for name, code in Agency.objects.values_list("name", "code")
    }


@transaction.atomic
def take(found: Found, *, dry_run: bool = False, post_id: int | None = None, at: datetime) -> Taken:
    """Keep a found definition as a draft, attached to its procedures where they are known.

    The same definition again makes no second draft. A body without the form is not taken. Who
    brought it in (nobody's post on the command line) and when is kept.
    """
    taken = Taken(found, is_taken=False, not_taken=list(found.not_taken))
    if found.body is None:
        return taken
    try:
        parsed = parsing.parse(found.body)
    except parsing.MalformedDefinition as fault:
        taken.not_taken += [
            NotTaken(one.place, "malformed", {"place": one.place, "expected": one.expected})
            for one in fault.misfits
        ]
        return taken
    one_at_a_time()
    procedures = list(Procedure.objects.filter(code__in=found.codes).order_by("code"))
    taken.not_taken += _unattached(found, {procedure.code for procedure in procedures})
    known = (
        definitions.surroundings(procedures[0])
        if procedures
        else definitions.surroundings_anywhere()
    )
    if found.printed_limit:
        # The annex is measured by the limit that it prints: a province may have set its own.
        known = replace(known, limit_hours=found.limit_hours)
    taken.faults = checking.faults(parsed, known)
    taken.is_taken = True
    if not dry_run:
        attached: list[Procedure | None] = [*procedures]
        for procedure in attached or [None]:
            taken.kept.append(_keep(found, procedure, post_id, at))
    return taken


def _unattached(found: Found, known: set[str]) -> list[NotTaken]:
    if not found.codes:
        return [NotTaken("procedure", "no_code")]
    return [
        NotTaken(f"procedure {code}"[:80], "no_such_procedure", {"code": code[:60]})
        for code in found.codes
        if code not in known
    ]


def _keep(
    found: Found, procedure: Procedure | None, post_id: int | None, at: datetime
) -> Definition:
    digest = definitions.fingerprint(found.body)
    of_it = Definition.objects.filter(procedure=procedure)
    same = of_it.filter(sha256=digest).exclude(state=Definition.State.RETIRED).first()
    if same is not None:
        return same
    last = 0 if procedure is None else of_it.aggregate(last=Max("version"))["last"]
    kept = Definition.objects.create(
        procedure=procedure,
        version=(last or 0) + 1,
        state=Definition.State.DRAFT,
        body=found.body,
        origin=found.ident[:200],
        source=found.source[:500],
        sha256=digest,
    )
    DefinitionAct.objects.create(
        definition=kept, kind=DefinitionAct.Kind.DRAFTED, at=at, post_id=post_id
    )
    return kept
