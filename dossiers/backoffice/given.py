"""What a clerk ticked and typed at the counter, as the values that the command takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from dossiers.backoffice.forms import HOLDER_AUTHORISED, HOLDER_SELF
from dossiers.lifecycle.intake import PaperGiven, PartyGiven
from dossiers.models import Paper, Party
from dossiers.reading import counter as reading
from workflows.catalogue import completeness
from workflows.models import PaperItem


@dataclass(frozen=True)
class PaperLine:
    """One paper of the list as the form shows it, with what was ticked."""

    item: PaperItem
    ticked: bool
    form: str
    count: int


def lines_of(
    asked: reading.Asked, kind: str, case: str, given: QueryDict | None
) -> list[PaperLine]:
    """The papers of a kind as the form shows them, with what was ticked in `given`."""
    lines = []
    for item in asked.papers_of(kind, case):
        usual = Paper.Form.COPY if item.copies and not item.originals else Paper.Form.ORIGINAL
        posted: QueryDict | dict[str, str] = given or {}
        lines.append(
            PaperLine(
                item=item,
                ticked=f"paper-{item.pk}" in posted,
                form=posted.get(f"form-{item.pk}", usual),
                count=number(posted.get(f"count-{item.pk}")) or item.originals or 1,
            )
        )
    return lines


def papers_given(lines: Sequence[PaperLine]) -> list[PaperGiven]:
    """The papers ticked; a form nobody offers counts as the original."""
    forms = set(Paper.Form.values)
    return [
        PaperGiven(
            item=line.item.pk,
            form=line.form if line.form in forms else Paper.Form.ORIGINAL,
            count=max(1, min(line.count, 999)),
        )
        for line in lines
        if line.ticked
    ]


def missing(lines: Sequence[PaperLine]) -> list[PaperItem]:
    """What is to be handed in and was not ticked; of alternatives one is enough."""
    ticked = {line.item.pk for line in lines if line.ticked}
    return completeness.missing([line.item for line in lines], ticked)


def parties_given(given: dict[str, Any]) -> list[PartyGiven]:
    """Who hands in and whose dossier it is; one's own dossier names the person twice."""
    authorised = given["holder_is"] == HOLDER_AUTHORISED
    submitter = PartyGiven(
        role=Party.Role.SUBMITTER,
        name=given["submitter_name"],
        identity=given["submitter_identity"],
        phone=given["submitter_phone"],
        email=given["submitter_email"],
        address=given["submitter_address"],
        authorised_by=given["authorised_by"] if authorised else "",
    )
    own = given["holder_is"] == HOLDER_SELF
    holder = PartyGiven(
        role=Party.Role.HOLDER,
        kind=Party.Kind.CITIZEN if own else given["holder_kind"],
        name=given["submitter_name"] if own else given["holder_name"],
        identity=given["submitter_identity"] if own else given["holder_identity"],
        address=given["submitter_address"] if own else "",
    )
    return [submitter, holder]


def number(text: Any) -> int | None:
    """A whole number of at most nine digits as typed, else None."""
    digits = str(text or "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
