"""The same act on several dossiers: each by itself, in a transaction of its own. What is refused is
told beside what is done, and stops nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dossiers.errors import Missing, Refusal
from dossiers.lifecycle.apology import draft_apology, propose_appointment
from dossiers.lifecycle.signing import sign_apology
from dossiers.models import OPEN, Apology, Dossier
from workflows.actors import Actor


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one: the letter's id, or why not. `code` is the dossier's."""

    code: str
    letter_id: int | None = None
    refusal: Refusal | None = None


def draft_apologies(
    codes: Sequence[str], *, reason: str, text: str = "", by: Actor, at: datetime
) -> list[Outcome]:
    """Draft a letter with one reason for each of these dossiers, with the new day that the system
    proposes where one can be set. A dossier that the actor does not see is refused like none."""
    found = {
        dossier.handle: dossier
        for dossier in Dossier.objects.visible_to(by)
        .filter(code__in=codes)
        .only("code", "ref", "status", "received_at", "waits_for_counter")
    }
    outcomes = []
    for code in dict.fromkeys(codes):
        dossier = found.get(code)
        try:
            if dossier is None:
                raise Missing("not_found")
            letter = draft_apology(
                dossier.pk,
                reason=reason,
                text=text,
                new_promise_at=_appointment(dossier, at),
                by=by,
                at=at,
            )
        except Refusal as refusal:
            outcomes.append(Outcome(code, refusal=refusal))
        else:
            outcomes.append(Outcome(code, letter_id=letter.pk))
    return outcomes


def sign_apologies(ids: Sequence[int], *, by: Actor, at: datetime) -> list[Outcome]:
    """Sign these letters, one by one."""
    seen = Dossier.objects.visible_to(by).values("pk")
    letters = Apology.objects.filter(pk__in=ids, dossier__in=seen).select_related("dossier")
    codes = {letter.pk: letter.dossier.handle for letter in letters}
    outcomes = []
    for letter_id in dict.fromkeys(ids):
        try:
            if letter_id not in codes:
                raise Missing("no_letter")
            sign_apology(letter_id, by=by, at=at)
        except Refusal as refusal:
            outcomes.append(Outcome(codes.get(letter_id, ""), letter_id, refusal))
        else:
            outcomes.append(Outcome(codes[letter_id], letter_id))
    return outcomes


def _appointment(dossier: Dossier, at: datetime) -> datetime | None:
    """The day to set anew; none for what ended or lies ready, nor where it was set once."""
    if dossier.status not in OPEN or dossier.waits_for_counter:
        return None
    return propose_appointment(dossier.pk, at)
