"""Who may write rows of this package just now: a command, the firing, a fold, an import.

A mark, not a lock: a guard under test refuses every write made while it is empty, so that no other
code changes a dossier unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_writing: ContextVar[str] = ContextVar("writing", default="")


@contextmanager
def writing(name: str) -> Iterator[None]:
    """Mark that rows of this package may be written (commands, firing, folding, imports)."""
    token = _writing.set(name)
    try:
        yield
    finally:
        _writing.reset(token)


def now_writing() -> str:
    """The name of what may write just now; empty if nothing may."""
    return _writing.get()
