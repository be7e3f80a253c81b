"""The entries that commands post with their acts: which cell an act counts in, and taking it back.

Entries are built here and written by the command in its own transaction; nothing here reads or
writes the database.
"""

from __future__ import annotations

from datetime import datetime

from dossiers.models import Dossier, Entry, Measure

OF_THE_RECEIVER = frozenset({Measure.NOT_ACCEPTED, Measure.ENDED_UNRECEIVED, Measure.RECEIVED_LATE})
"""What counts to the agency that had to accept; everything else to the answering one."""


def entry(
    dossier: Dossier,
    measure: str,
    amount: int,
    *,
    at: datetime,
    counts_at: datetime | None = None,
    recorded_at: datetime,
    event_n: int,
    place: tuple[int, int | None] | None = None,
) -> Entry:
    """An unsaved entry of +1 or −1 in the cell where the dossier stands now, or in `place`.

    `at` is when it became true; `counts_at` (default `at`) the moment that decides its period.
    """
    agency, unit = place or (dossier.answering_agency_id, dossier.unit_id)
    if measure in OF_THE_RECEIVER:
        agency, unit = dossier.receiving_agency_id, None
    return Entry(
        agency_id=agency,
        unit_id=unit,
        receiving_agency_id=dossier.receiving_agency_id,
        procedure_id=dossier.procedure_id,
        edition_id=dossier.edition_id,
        channel_id=dossier.channel_id,
        measure=measure,
        amount=amount,
        dossier_id=dossier.pk,
        event_n=event_n,
        at=at,
        counts_at=counts_at or at,
        recorded_at=recorded_at,
    )


def negated(posted: Entry, recorded_at: datetime, event_n: int) -> Entry:
    """What takes `posted` back: the same cell and moments, the opposite amount, recorded now."""
    return Entry(
        agency_id=posted.agency_id,
        unit_id=posted.unit_id,
        receiving_agency_id=posted.receiving_agency_id,
        procedure_id=posted.procedure_id,
        edition_id=posted.edition_id,
        channel_id=posted.channel_id,
        measure=posted.measure,
        amount=-posted.amount,
        dossier_id=posted.dossier_id,
        event_n=event_n,
        at=posted.at,
        counts_at=posted.counts_at,
        recorded_at=recorded_at,
    )
