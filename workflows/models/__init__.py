"""What should happen, as rows: agencies, people's posts, calendars, the catalogue, definitions."""

from workflows.models.agency import RUNS_THE_COUNTER, Agency, AgencyKind, Succession, Unit
from workflows.models.calendar import (
    NATIONAL,
    Amendment,
    Calendar,
    CalendarDay,
    CalendarHours,
)
from workflows.models.definition import Definition, DefinitionAct
from workflows.models.procedure import (
    Case,
    Channel,
    Edition,
    Fee,
    Field,
    Limit,
    Offer,
    PaperItem,
    Procedure,
)
from workflows.models.staff import Post, Role

__all__ = [
    "NATIONAL",
    "RUNS_THE_COUNTER",
    "Agency",
    "AgencyKind",
    "Amendment",
    "Calendar",
    "CalendarDay",
    "CalendarHours",
    "Case",
    "Channel",
    "Definition",
    "DefinitionAct",
    "Edition",
    "Fee",
    "Field",
    "Limit",
    "Offer",
    "PaperItem",
    "Post",
    "Procedure",
    "Role",
    "Succession",
    "Unit",
]
