"""One at a time: two imports of the catalogue would both make the next edition."""

from django.db import connection

_CATALOGUE = 5_210_443
"""Any number of our own: PostgreSQL's advisory locks are told apart by it."""


def one_at_a_time() -> None:
    """Wait until no other transaction changes the catalogue, then keep others out until this one
    ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CATALOGUE])
