"""The work list of limits that a person decides, with what the catalogue says beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from workflows.catalogue.records import FLAGS
from workflows.folding import fold
from workflows.models import Case, Edition, Fee, Limit

WAITING, DECIDED = "waiting", "decided"


@dataclass(frozen=True, slots=True)
class OpenLimit:
    """One limit to decide (or decided before) with what helps to decide it."""

    row: Limit
    edition: Edition
    case: str
    reason: str
    note: str

    @property
    def amount(self) -> str:
        """The amount as it stands; empty while undecided."""
        return str(self._stored.get("amount", ""))

    @property
    def unit(self) -> str:
        """The unit as it stands; empty while undecided."""
        return str(self._stored.get("unit", ""))

    @property
    def rule(self) -> dict[str, Any]:
        """The rule as it stands; empty while undecided."""
        return dict(self._stored.get("rule") or {})

    @property
    def _stored(self) -> dict[str, Any]:
        return self.row.limit or {}


def limits(state: str, text: str = "") -> QuerySet[Limit]:
    """Limits of latest editions in `state`, whose procedure's name or code holds `text`."""
    latest = (
        Edition.objects.filter(procedure=OuterRef("procedure"))
        .values("procedure")
        .annotate(last=Max("number"))
        .values("last")
    )
    rows = Limit.objects.filter(edition__number=Subquery(latest))
    rows = rows.exclude(flag="") if state == WAITING else rows.filter(decided_by_person=True)
    words = Q()
    for word in fold(text).split():
        words &= Q(procedure__search_key__contains=word)
    if text.strip():
        rows = rows.filter(words | Q(procedure__code__startswith=text.strip()))
    return rows.select_related("procedure", "edition", "channel", "decided_by__agency").order_by(
        "procedure__code", "channel__position", "case_key", "pk"
    )


def described(rows: Sequence[Limit]) -> list[OpenLimit]:
    """These limits with the notes and cases of their editions: two queries for any number."""
    editions = {row.edition_id for row in rows}
    notes = {
        (fee.edition_id, fee.channel_id): fee.note
        for fee in Fee.objects.filter(edition__in=editions)
    }
    cases = {
        (case.edition_id, case.key): case.name for case in Case.objects.filter(edition__in=editions)
    }
    found = []
    for row in rows:
        if row.edition is None:
            continue
        found.append(
            OpenLimit(
                row=row,
                edition=row.edition,
                case=cases.get((row.edition_id or 0, row.case_key), row.case_key),
                reason=str(FLAGS.get(row.flag, row.flag)),
                note=_note(notes, row),
            )
        )
    return found


def _note(notes: dict[tuple[int, int], str], row: Limit) -> str:
    """What is noted at the channel of the limit; of a common one, every different note once."""
    if row.channel_id is not None:
        return notes.get((row.edition_id or 0, row.channel_id), "")
    own = [note for (edition, _channel), note in notes.items() if edition == row.edition_id]
    return "\n".join(dict.fromkeys(note for note in own if note))
