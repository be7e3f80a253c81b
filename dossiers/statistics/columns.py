"""The columns of a figures row and how they follow from what was posted. Pure.

Pending is never posted: it is what came in less what went out. Overdue and without limit are
posted as +1 and −1 and summed. So in every row carried over + received + reopened + moved in =
all resolved + withdrawn + discontinued + moved out + all pending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

KEYS = ("agency", "unit", "receiving_agency", "channel", "procedure", "field", "month")

INTO_PENDING = ("received", "reopened", "moved_in")
OUT_OF_PENDING = (
    "resolved_early",
    "resolved_on_time",
    "resolved_late",
    "resolved_without_limit",
    "withdrawn",
    "discontinued",
    "moved_out",
)
TO_PENDING = {
    **dict.fromkeys(INTO_PENDING, 1),
    **dict.fromkeys(OUT_OF_PENDING, -1),
}
"""By how much one of each changes the number of pending dossiers."""

STOCKS = ("overdue", "without_limit")


@dataclass(frozen=True, slots=True)
class Figures:
    """One row's numbers; the names are those of the output."""

    carried_over: int = 0
    received: int = 0
    reopened: int = 0
    moved_in: int = 0
    moved_out: int = 0
    resolved_early: int = 0
    resolved_on_time: int = 0
    resolved_late: int = 0
    resolved_without_limit: int = 0
    withdrawn: int = 0
    discontinued: int = 0
    pending_in_time: int = 0
    pending_overdue: int = 0
    pending_without_limit: int = 0
    not_accepted: int = 0
    ended_unreceived: int = 0
    received_late: int = 0
    breaches: int = 0
    apologies_owed: int = 0
    apologies_made: int = 0
    apologies_foreseen: int = 0

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in COLUMNS)

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in COLUMNS))

    @property
    def resolved(self) -> int:
        """All moves to concluded, whatever the limit says of them."""
        return (
            self.resolved_early
            + self.resolved_on_time
            + self.resolved_late
            + self.resolved_without_limit
        )

    @property
    def resolved_in_time(self) -> int:
        """Early and on time: the numerator of the share on time."""
        return self.resolved_early + self.resolved_on_time

    @property
    def resolved_with_limit(self) -> int:
        """What can be early, on time or late: the denominator of the share on time."""
        return self.resolved_in_time + self.resolved_late

    @property
    def pending(self) -> int:
        return self.pending_in_time + self.pending_overdue + self.pending_without_limit


COLUMNS = tuple(field.name for field in fields(Figures))
FLOWS = tuple(
    name for name in COLUMNS if name != "carried_over" and not name.startswith("pending_")
)


def pending_change(sums: Mapping[str, int]) -> int:
    """By how much these sums of measures change the number of pending dossiers."""
    return sum(sign * sums.get(measure, 0) for measure, sign in TO_PENDING.items())


def figures(before: Mapping[str, int], within: Mapping[str, int]) -> Figures:
    """A row from the sums per measure posted before the period and within it."""
    carried_over = pending_change(before)
    overdue, without_limit = (before.get(measure, 0) + within.get(measure, 0) for measure in STOCKS)
    pending = carried_over + pending_change(within)
    return Figures(
        carried_over=carried_over,
        pending_in_time=pending - overdue - without_limit,
        pending_overdue=overdue,
        pending_without_limit=without_limit,
        **{flow: within.get(flow, 0) for flow in FLOWS},
    )
