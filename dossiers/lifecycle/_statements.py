"""How the statements of every act reach the database: Django's cursor, prepared by the driver.

Django binds values into the text and the database plans that text anew each time. The few
statements that every act makes are bound on the server instead: the driver prepares what comes
again (`prepare_threshold`), and the plan is kept with the connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor


@contextmanager
def prepared_cursor() -> Iterator[Any]:
    """A cursor like `connection.cursor()`, with its wrappers, seen by counts of queries."""
    connection.ensure_connection()
    raw: Any = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrap(raw) as cursor:
        yield cursor
