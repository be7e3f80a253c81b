"""The apology letter (form 04) of a dossier, filled from its rows: for the agency head who signs
it, for the message that brings it, for the citizen who downloads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q

from dossiers import codes
from dossiers.documents.apology import apology
from dossiers.documents.papers import ApologyPaper, Office, Person, Procedure, Signature
from dossiers.models import Apology, Breach, ClockKind, Dossier, LimitValue, Party
from notifications.topics import Attachment

PDF = "application/pdf"


def apology_letter(apology_id: int) -> bytes:
    """Print the letter; one not signed yet prints as a draft. Raises: Apology.DoesNotExist."""
    return apology(apology_paper(_read(apology_id)))


def letter(context: Mapping[str, Any]) -> Attachment | None:
    """The file that goes with the apology's message; none in a preview that names no letter."""
    if not context.get("apology"):
        return None
    content = apology_letter(context["apology"])
    return Attachment(filename(context["code"]), content, PDF)


def filename(code: str) -> str:
    """What the letter's file is called."""
    return f"thu-xin-loi-{code}.pdf"


def apology_paper(row: Apology) -> ApologyPaper:
    """What stands on the letter; without a signature it is a draft of the day it was drafted."""
    dossier = row.dossier
    agency = dossier.answering_agency
    breach = Breach.objects.filter(
        dossier=dossier, of=Breach.Of.DOSSIER, promise_number=1, annulled_at=None
    ).select_related("held_by_unit", "held_by_agency").first()  # fmt: skip
    signer = row.signed_by
    reason = row.reason.name if not row.text else f"{row.reason.name}. {row.text}"
    return ApologyPaper(
        office=Office(
            superior=agency.parent.name if agency.parent else "",
            name=agency.name,
            place=settings.CITY_NAME,
            address=agency.address,
            phone=agency.phone,
            trial=settings.TRIAL_MODE,
        ),
        issued_at=row.signed_at or row.drafted_at,
        number=row.number,
        addressed_to=_addressee(dossier),
        code=dossier.handle,
        procedure=Procedure(
            code=dossier.procedure.code,
            name=dossier.edition.name,
            edition_from=dossier.edition.in_force_from,
            answering_agency=agency.name,
        ),
        received_at=dossier.received_at or row.drafted_at,
        promised_at=_promise_missed(dossier) or row.drafted_at,
        reason=reason,
        foreseen=row.foreseen,
        new_promise_at=row.new_promise_at,
        collect=dossier.receiving_agency.name,
        signature=Signature(
            name="" if signer is None else signer.name,
            title="" if signer is None else signer.title,
            signed_at=row.signed_at,
        ),
        delayed_by=_delayed_by(breach, dossier),
        contact=agency.name,
        contact_phone=agency.phone,
        lookup_code=dossier.lookup_code,
        tracking_url=settings.SITE_URL
        + codes.tracking_path(dossier.handle, key=str(settings.SECRET_KEY).encode()),
    )


def _read(apology_id: int) -> Apology:
    return Apology.objects.select_related(
        "reason",
        "signed_by",
        "dossier__procedure",
        "dossier__edition",
        "dossier__answering_agency__parent",
        "dossier__receiving_agency",
    ).get(pk=apology_id)


def _addressee(dossier: Dossier) -> Person:
    """The holder, to whom the result belongs; else who handed in."""
    parties = {party.role: party for party in dossier.parties.all()}
    party = parties.get(Party.Role.HOLDER) or next(iter(parties.values()), None)
    if party is None:
        return Person(name="")
    return Person(
        name=party.name,
        identity_kind=codes.identity_kind(party.identity) if party.identity else None,
        identity_number=party.identity,
        address=party.address,
    )


def _promise_missed(dossier: Dossier) -> datetime | None:
    """The first promise as it last stood, which the letter answers for."""
    value = (
        LimitValue.objects.filter(
            Q(clock__dossier=dossier), clock__kind=ClockKind.DOSSIER, promise_number=1
        )
        .order_by("pk")
        .last()
    )
    return None if value is None else value.promised_at


def _delayed_by(breach: Breach | None, dossier: Dossier) -> str:
    """The agency that held the dossier when its time ran out, where it is not the one writing."""
    if breach is None or breach.held_by_agency_id in (None, dossier.answering_agency_id):
        return ""
    names = [breach.held_by_unit, breach.held_by_agency]
    return ", ".join(place.name for place in names if place is not None)
