"""How the statements of every act reach the database: through Django's cursors, but prepared.

Django binds values into the text, and the database plans that text anew each time. The few
statements that every act makes are bound on the server instead: the driver prepares what comes
again (`prepare_threshold`), and the plan is kept with the connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper


class _Logged(CursorDebugWrapper):
    """Logs the text given; the driver itself may have sent no more than the name of a plan."""

    def execute(self, sql: Any, params: Any = None) -> Any:
        with self.debug_sql(sql, params):
            return CursorWrapper.execute(self, sql, params)


def prepared_cursor() -> Any:
    """A cursor like `connection.cursor()`: its wrappers hold and counts of queries see it."""
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    cursor: Any = ServerBindingCursor(database.connection)  # type: ignore[call-arg]
    return (_Logged if database.queries_logged else CursorWrapper)(cursor, database)


@contextmanager
def one_trip() -> Iterator[None]:
    """Statements executed in this block go to the database together, each seeing what the one
    before did or waited for; their rows are fetched after it."""
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.pipeline():
        yield
