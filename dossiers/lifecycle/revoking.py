"""The letter of apology when the delay it answers for is annulled: kept as record, and revoked."""

from __future__ import annotations

from dossiers.lifecycle import _telling
from dossiers.lifecycle._letters import standing
from dossiers.lifecycle._work import Work
from dossiers.models import Apology, Breach, ClockKind, Entry, EventKind, Measure
from dossiers.statistics import posting
from dossiers.statistics.periods import TICK


def revoke(work: Work, breach: Breach) -> None:
    """Annul the letter written for `breach`, which was annulled: what it counted for is taken back,
    and the applicant, if it went out, is told so and which day holds.

    A letter signed before the limit passed promised on its own account: it stands.
    """
    letter = standing(work)
    if letter is None or letter.foreseen:
        return
    went_out = letter.signed_at is not None
    letter.state, letter.annulled_at = Apology.State.ANNULLED, work.recorded_at
    work.changes.change(letter, "state", "annulled_at")
    event = work.event(EventKind.APOLOGY_ANNULLED, {"number": letter.number})
    for entry in _made(work, breach):
        work.post_entry(posting.negated(entry, work.recorded_at, event.n))
    if went_out:
        row = work.clock_row(ClockKind.DOSSIER)
        _telling.citizen(
            work,
            "apology_annulled",
            number=letter.number,
            promised_at=None if row is None else row.promised_at,
        )


def _made(work: Work, breach: Breach) -> list[Entry]:
    """The entry of the apology made, unless it was posted with the breach or taken back before."""
    found = Entry.objects.filter(
        dossier=work.dossier,
        measure=Measure.APOLOGIES_MADE,
        counts_at=breach.breached_at + TICK,
    ).exclude(event_n=breach.event_n)
    entries = list(found)
    if sum(entry.amount for entry in entries) != 1:
        return []
    return [entry for entry in entries if entry.amount == 1][-1:]
