"""The letter of apology when the delay it answers for is annulled: kept as record, and revoked."""

from __future__ import annotations

from datetime import datetime

from dossiers.lifecycle import _telling
from dossiers.lifecycle._letters import standing
from dossiers.lifecycle._line import out_of_quiet_hours
from dossiers.lifecycle._work import Work
from dossiers.models import Apology, ClockKind, ClockRow, EventKind


def revoke(work: Work) -> None:
    """Annul the letter written for the breach of the limit, which was annulled with its figures: if
    it went out, the applicant is told so and which day holds.

    A letter signed before the limit passed promised on its own account: it stands.
    """
    letter = standing(work)
    if letter is None or letter.foreseen:
        return
    went_out = letter.signed_at is not None
    letter.state, letter.annulled_at = Apology.State.ANNULLED, work.recorded_at
    work.changes.change(letter, "state", "annulled_at")
    work.event(EventKind.APOLOGY_ANNULLED, {"number": letter.number})
    if went_out:
        row = work.clock_row(ClockKind.DOSSIER)
        _telling.citizen(
            work,
            "apology_annulled",
            number=letter.number,
            promised_at=None if row is None else row.promised_at,
            not_before=None if row is None else _not_before(row, work),
        )


def _not_before(row: ClockRow, work: Work) -> datetime:
    return out_of_quiet_hours(row.calendar.working(), work.recorded_at)
