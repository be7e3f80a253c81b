"""What drafting, signing and delivering a letter of apology ask of its dossier."""

from __future__ import annotations

from datetime import datetime

from dossiers.errors import NotNow
from dossiers.lifecycle._work import Work
from dossiers.models import Apology, Breach, ClockKind, ClockRow, Dossier, Measure, Status
from dossiers.statistics.periods import TICK


def main_clock(work: Work) -> ClockRow:
    """The dossier's clock. Raises: NotNow where it has no limit that could be missed."""
    row = work.clock_row(ClockKind.DOSSIER)
    if row is None or row.limit_at is None:
        raise NotNow("nothing_to_apologise")
    return row


def first_breach(work: Work) -> Breach | None:
    """The breach of the limit itself, also if this very act was the first to notice it."""
    for row in work.changes.added:
        if isinstance(row, Breach) and row.of == Breach.Of.DOSSIER and row.promise_number == 1:
            return row
    return Breach.objects.filter(
        dossier=work.dossier, of=Breach.Of.DOSSIER, promise_number=1, annulled_at=None
    ).first()


def standing(work: Work) -> Apology | None:
    """The dossier's letter that was not annulled, drafts included."""
    letters = Apology.objects.filter(dossier=work.dossier)
    return letters.exclude(state=Apology.State.ANNULLED).first()


def closing_of(dossier: Dossier, moment: datetime | None) -> Apology.Closing:
    """What a letter written now ends with: the appointment `moment`, or what the state says."""
    if moment is not None:
        return Apology.Closing.APPOINTMENT
    if dossier.status == Status.RETURNED:
        return Apology.Closing.RETURNED
    if dossier.status in (Status.WITHDRAWN, Status.DISCONTINUED):
        return Apology.Closing.ENDED
    return Apology.Closing.READY


def key_of(work: Work, letter: Apology) -> str:
    """The key of the letter's message: once and for all, and it names the letter."""
    return f"{work.dossier.ref}/apology/{letter.pk}"


def post_made(work: Work, letter: Apology) -> None:
    """Count the apology as made, in the period of the breach it answers for, if that is there."""
    breach = first_breach(work)
    if breach is not None and work.dossier.voided_at is None and _answers(breach, letter):
        passed = breach.breached_at + TICK
        # With its breach, wherever the dossier has been moved since.
        place = breach.agency_id, breach.unit_id
        work.post(Measure.APOLOGIES_MADE, at=max(work.at, passed), counts_at=passed, place=place)


def _answers(breach: Breach, letter: Apology) -> bool:
    return breach.apology_id == letter.pk or (breach.apology is letter)
