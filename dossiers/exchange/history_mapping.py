"""How an event log is to be read, as frozen values; `history_form.py` reads them from YAML. Nothing
here knows the log or the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo

from workflows.timelimit import TimeLimit

ISO = "iso"


@dataclass(frozen=True, slots=True)
class Choice:
    """A code: constant, or the cell of a column, as it is or by a table of values."""

    constant: str = ""
    column: str = ""
    values: Mapping[str, str] | None = None
    otherwise: str = ""

    def codes(self) -> set[str]:
        """Every code it is known to give."""
        given = {self.constant, self.otherwise, *(self.values or {}).values()}
        return given - {""}


@dataclass(frozen=True, slots=True)
class MomentOf:
    """Where a moment of a case is taken from: a column, or its first or last event of some
    activities (None: of all)."""

    column: str = ""
    at_day_end: bool = False
    last: bool = False
    activities: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A limit as so much time from a moment (None: from the start)."""

    limit: TimeLimit
    since: MomentOf | None = None


@dataclass(frozen=True, slots=True)
class StepForm:
    """How an activity appears as a step of the definition; empty means by default."""

    key: str = ""
    name: str = ""
    name_en: str = ""
    kind: str = "process"
    role: str = "officer"


@dataclass(frozen=True, slots=True)
class Activities:
    """What activities mean. `steps` is None where every activity without another meaning is one."""

    steps: Mapping[str, StepForm] | None = None
    ignored: frozenset[str] = frozenset()
    withdrawal: frozenset[str] = frozenset()
    discontinuation: frozenset[str] = frozenset()
    stop: Mapping[str, str] = field(default_factory=dict)
    resume: Mapping[str, str] = field(default_factory=dict)

    def is_step(self, activity: str) -> bool:
        """Whether doing this activity finishes a step."""
        if self.steps is not None:
            return activity in self.steps
        named = (self.ignored, self.withdrawal, self.discontinuation, self.stop, self.resume)
        return not any(activity in group for group in named)

    def form(self, activity: str) -> StepForm:
        """How the activity appears as a step."""
        return (self.steps or {}).get(activity, StepForm())


@dataclass(frozen=True, slots=True)
class NewCalendar:
    """Working hours to be put in, for agencies that the mapping creates."""

    code: str
    name: str
    zone: str
    hours: tuple[tuple[int, time, time], ...]
    days_off: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class NewAgency:
    """An agency to be put in, with its units as (code, name)."""

    code: str
    name: str
    kind: str
    parent: str
    units: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A channel to be put in."""

    code: str
    name: str
    name_en: str
    national_code: int | None


@dataclass(frozen=True, slots=True)
class NewProcedure:
    """A procedure to be put in, with its first edition."""

    code: str
    name: str
    field: str
    decision_no: str
    in_force_from: date | None
    after_supplement: str


@dataclass(frozen=True, slots=True)
class LogMapping:
    """The whole mapping."""

    source: str
    delimiter: str
    quote: str
    encoding: str
    zone: ZoneInfo
    formats: tuple[str, ...]
    case_column: str
    activity_column: str
    time_column: str
    performer_column: str
    agency: Choice
    unit: Choice | None
    receiving_agency: Choice | None
    channel: Choice
    procedure: Choice
    start: MomentOf
    end: MomentOf | None
    limit: MomentOf | Span | None
    activities: Activities
    owes_explanation: bool
    owes_apology: bool
    calendar: NewCalendar | None
    agencies: tuple[NewAgency, ...]
    channels: tuple[NewChannel, ...]
    procedures: tuple[NewProcedure, ...]

    def case_columns(self) -> frozenset[str]:
        """The columns that tell of the case as a whole."""
        choices = (self.agency, self.unit, self.receiving_agency, self.channel, self.procedure)
        limit = self.limit.since if isinstance(self.limit, Span) else self.limit
        named = {choice.column for choice in choices if choice is not None}
        named |= {moment.column for moment in (self.start, self.end, limit) if moment is not None}
        return frozenset(named - {""})

    def columns(self) -> frozenset[str]:
        """Every column the log must have."""
        of_events = {self.activity_column, self.time_column, self.performer_column}
        return (self.case_columns() | of_events | {self.case_column}) - {""}
