"""What an import of the catalogue did: the report that its commands print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Progress = Callable[[int, int], None]
"""Called now and then with how many records are done, and of how many."""


@dataclass(slots=True)
class Report:
    """Counts, what was refused and what a person must decide.

    read = taken + unchanged + refused; what is flagged is counted in one of them too.
    """

    taken: int = 0
    unchanged: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    flagged: list[dict[str, Any]] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many records the file held."""
        return self.taken + self.unchanged + len(self.refused)

    def refuse(self, line: int, code: str, reason: str) -> None:
        """Note that the record at place `line` (from 1) was refused."""
        self.refused.append({"line": line, "code": code, "reason": reason})

    def flag(self, code: str, reason: str) -> None:
        """Note that a limit of the procedure `code` waits for a person's decision."""
        self.flagged.append({"code": code, "reason": reason})

    def as_data(self) -> dict[str, Any]:
        """The report in its published form."""
        return {
            "read": self.read,
            "taken": self.taken,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "flagged": self.flagged,
        }
