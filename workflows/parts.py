"""A limit split by agency: "Sở Nội vụ: 03 ngày; UBND cấp xã: 04 ngày", each part inside the whole.

The whole stays the promise to the applicant; a part is the time one agency has of it, counted by
the same rule from when the dossier is with that agency. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from workflows.timelimit import LimitError, TimeLimit

ANSWERING, RECEIVING = "answering", "receiving"
"""Agencies named by what they are to a dossier; any other part names an agency by its code."""


class PartError(LimitError):
    """Parts that do not fit the whole; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Part:
    """What one agency has of the whole."""

    agency: str
    limit: TimeLimit

    def to_json(self) -> dict[str, Any]:
        """As plain data: `{"agency": "answering", "limit": {…}}`."""
        return {"agency": self.agency, "limit": self.limit.to_json()}


def parts_of(whole: TimeLimit, shares: Iterable[tuple[str, str]]) -> tuple[Part, ...]:
    """The parts of a limit by agency and amount, in the whole's unit and by its rule.

    Raises: PartError (no amount, an agency twice, more than the whole).
    Law: domain, how time is counted, 9.
    """
    parts: list[Part] = []
    for agency, amount in shares:
        try:
            part = Part(agency, TimeLimit(amount, whole.unit, whole.rule))
        except LimitError:
            raise PartError("part_no_amount") from None
        if not agency or any(one.agency == agency for one in parts):
            raise PartError("part_twice")
        if part.limit.amount <= 0 or part.limit.is_flagged:
            raise PartError("part_no_amount")
        parts.append(part)
    if sum((one.limit.amount for one in parts), Fraction(0)) > whole.amount:
        raise PartError("parts_exceed_whole")
    return tuple(parts)


def read(stored: Sequence[Any]) -> tuple[Part, ...]:
    """Read what `Part.to_json` wrote. Raises: LimitError."""
    return tuple(Part(str(one["agency"]), TimeLimit.from_json(one["limit"])) for one in stored)
