"""The apology letter (form 04) as a file: for the message that brings it and for the citizen who
downloads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dossiers.documents.apology import apology
from dossiers.documents.filling import apology_paper
from dossiers.models import Apology
from notifications.topics import Attachment

PDF = "application/pdf"
_PRINTED = (
    "reason",
    "drafted_by",
    "signed_by",
    "dossier__procedure",
    "dossier__edition",
    "dossier__case",
    "dossier__answering_agency__parent",
    "dossier__receiving_agency",
    "dossier__receiving_unit",
)


def apology_letter(apology_id: int) -> bytes:
    """Print the letter; one not signed yet prints as a draft. Raises: Apology.DoesNotExist."""
    letter = Apology.objects.select_related(*_PRINTED).get(pk=apology_id)
    return apology(apology_paper(letter))


def letter(context: Mapping[str, Any]) -> Attachment | None:
    """The file that goes with the apology's message; none in a preview that names no letter."""
    if not context.get("apology"):
        return None
    content = apology_letter(context["apology"])
    return Attachment(f"thu-xin-loi-{context['code']}.pdf", content, PDF)
