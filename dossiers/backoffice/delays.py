"""Delays and letters of apology on the dossier's page: what is told of each, what is offered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dossiers import permissions
from dossiers.foresight import FORESEEN_WITHIN
from dossiers.lifecycle.breach import may_explain, may_judge
from dossiers.models import Apology, Breach
from dossiers.reading.desk import step_name
from dossiers.reading.story import Story
from workflows.actors import Actor

_TONES: dict[str, str] = {Breach.State.UNEXPLAINED: "late", Breach.State.ACCEPTED: "ok"}
_LETTER_TONES: dict[str, str] = {
    Apology.State.DELIVERED: "ok",
    Apology.State.UNDELIVERABLE: "late",
    Apology.State.RETURNED: "soon",
}


@dataclass(frozen=True, slots=True)
class Share:
    """The working time an agency or unit used; `over` is what went beyond its part."""

    agency: str
    unit: str
    used: timedelta
    over: timedelta = timedelta(0)


def delays(actor: Actor, story: Story) -> list[dict[str, Any]]:
    """Every delay with what the page offers; one that owes nothing is told in brief."""
    return [_delay(actor, breach, story) for breach in story.breaches]


def letters(actor: Actor, story: Story) -> list[dict[str, Any]]:
    """Every letter with what the page offers."""
    dossier, step = story.dossier, story.step
    may_sign = permissions.may(actor, "sign_apology", dossier, step)
    may_hand_over = permissions.may(actor, "hand_over_apology", dossier, step)
    return [
        {
            "row": letter,
            "tone": _LETTER_TONES.get(letter.state, "info"),
            "may_sign": may_sign and letter.state == Apology.State.DRAFTED,
            "may_hand_over": may_hand_over and letter.waits_for_counter,
        }
        for letter in story.apologies
    ]


def may_draft(story: Story) -> bool:
    """An apology is offered where there is something to apologise for and no letter stands."""
    over = (Apology.State.RETURNED, Apology.State.ANNULLED)
    standing = [letter for letter in story.apologies if letter.state not in over]
    missed = any(
        breach.of == Breach.Of.DOSSIER and breach.annulled_at is None for breach in story.breaches
    )
    left = story.left.remaining
    soon = story.left.moment is not None and left is not None and left <= FORESEEN_WITHIN
    under_way = story.dossier.is_open and soon and story.left.state != "stopped"
    return not standing and (missed or under_way or story.left.state == "late")


def _delay(actor: Actor, breach: Breach, story: Story) -> dict[str, Any]:
    dossier = breach.dossier = story.dossier  # its agencies are loaded
    return {
        "row": breach,
        "thread": story.threads.get(breach.pk, []),
        "step": "" if breach.step_run is None else step_name(dossier, breach.step_run.key),
        "tone": _TONES.get(breach.state, "soon"),
        "brief": breach.of != Breach.Of.DOSSIER and not breach.owes_explanation,
        "by": _length(breach, story.at),
        "shares": _shares(breach, story),
        "debts": _debts(breach, story),
        "may_explain": may_explain(actor, breach),
        "may_judge": may_judge(actor, breach),
    }


def _length(breach: Breach, at: datetime) -> timedelta | None:
    """By how much working time it is late, or was in the end; nothing of one annulled."""
    return None if breach.annulled_at is not None else breach.delay_by(at)


def _shares(breach: Breach, story: Story) -> list[Share]:
    """The working time used before the limit passed, by agency and unit, the most first."""
    used: dict[tuple[str, str], int] = defaultdict(int)
    for part in breach.attribution:
        used[part["agency"], part["unit"]] += part["seconds"]
    names = _names(story)
    found = [
        Share(names.get(agency, agency), names.get(unit, unit), timedelta(seconds=seconds))
        for (agency, unit), seconds in used.items()
        if seconds
    ]
    return sorted(found, key=lambda share: -share.used)


def _debts(breach: Breach, story: Story) -> list[Share]:
    """Who owes it, where that is not the answering agency alone."""
    codes = [debt["agency"] for debt in breach.debts]
    if codes in ([], [story.dossier.answering_agency.code]):
        return []
    names = _names(story)
    return [
        Share(
            names.get(debt["agency"], debt["agency"]),
            "",
            timedelta(seconds=debt["seconds"]),
            timedelta(seconds=debt["over"]),
        )
        for debt in breach.debts
    ]


def _names(story: Story) -> dict[str, str]:
    """The names of agencies and units on the dossier's way, by code."""
    names = {story.dossier.answering_agency.code: story.dossier.answering_agency.name}
    for run in story.step_runs:
        names[run.agency.code] = run.agency.name
        if run.unit is not None:
            names[run.unit.code] = run.unit.name
    return names
