"""The short-lived address a citizen gets after proving to be concerned: it names the dossier,
signed, for an hour. So no secret stands in an address, and no session is kept."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

VALID_FOR = timedelta(hours=1)


def _signer() -> signing.TimestampSigner:
    # Made when needed: the secret key is not read, nor made, by an import.
    return signing.TimestampSigner(salt="onestop.portal.tracked")


def issue(dossier_id: int) -> str:
    """A ticket for one dossier."""
    return _signer().sign(str(dossier_id))


def read(ticket: str) -> int | None:
    """The dossier of a ticket; None for one that ran out or was not issued here."""
    try:
        return int(_signer().unsign(ticket, max_age=VALID_FOR))
    except signing.BadSignature:
        return None
