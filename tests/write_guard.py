"""Fails every write to a dossier's tables that no command, firing, fold or import has made."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dossiers.writing import now_writing

# The verb may stand anywhere: `WITH … UPDATE` begins otherwise. `FOR UPDATE OF` writes nothing.
_WRITES = re.compile(
    r"\b(?:insert\s+into|update(?:\s+only)?|delete\s+from|merge\s+into|truncate(?:\s+table)?)\s+"
    r'"?((?:dossiers|petitions|supervision)_\w+)',
    re.IGNORECASE,
)
# Managed lists that people keep; no dossier's life is in them.
LEAVES = {"dossiers_reason"}


class UnguardedWrite(AssertionError):
    """A row of a dossier was written past the commands."""


def tables_written(sql: str) -> set[str]:
    """The tables of dossiers that a statement writes."""
    return {table.lower() for table in _WRITES.findall(sql)} - LEAVES


def refuse_unmarked(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
) -> Any:
    """An execute wrapper: let a statement through unless it writes where nothing may."""
    if not now_writing():
        tables = tables_written(str(sql))
        if tables:
            raise UnguardedWrite(
                f"{', '.join(sorted(tables))} written outside a command: {sql:.200}"
            )
    return execute(sql, params, many, context)
