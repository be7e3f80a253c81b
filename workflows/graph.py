"""What a workflow definition may look like: frozen values of its steps, who does them, their
shares of the time and where each outcome leads. `parsing.py` reads them from plain data,
`checking.py` finds their faults, `routing.py` follows them. Pure: standard library only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

END = "end"
"""What an outcome leads to when nothing comes after it. No step may bear this key."""


class Kind(StrEnum):
    """What is done in a step. A definition begins with its one `receive`, done by the act of
    receiving, and ends through a `deliver`: to enter that step is to hand the result to the
    counter."""

    RECEIVE = "receive"
    ASSIGN = "assign"
    CHECK = "check"
    PROCESS = "process"
    CONSULT = "consult"
    APPRAISE = "appraise"
    DRAFT = "draft"
    SIGN = "sign"
    ISSUE = "issue"
    DELIVER = "deliver"
    AUTOMATIC = "automatic"


class AgencyOf(StrEnum):
    """Whose step it is, told from the dossier when it is entered."""

    RECEIVING = "receiving"
    ANSWERING = "answering"
    NAMED = "named"
    CHOSEN = "chosen"
    APPLICANT_COMMUNE = "applicant_commune"


class ShareUnit(StrEnum):
    """In what a share of the time is counted. `percent` is of the procedure's limit."""

    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    DAY = "day"
    MONTH = "month"
    PERCENT = "percent"


class Late(StrEnum):
    """What happens when an agency that was asked does not answer in its share of the time."""

    WAIT = "wait"
    GO_ON = "go_on"


ROLES = ("clerk", "officer", "unit_head", "approver", "archive_clerk", "supervisor")
"""The roles that may be given a step; the others watch, publish or administer."""

ASSIGNMENTS = ("pool", "round_robin", "least_loaded", "same", "area")
"""How a step finds its person: whoever claims it first, by turns, the least loaded, who did an
earlier step (`same_as`), or by the applicant's area."""

NOMINAL_HOURS = {
    ShareUnit.WORKING_HOUR: 1,
    ShareUnit.WORKING_DAY: 8,
    ShareUnit.DAY: 8,
    ShareUnit.MONTH: 240,
}
"""Hours that a unit counts for when shares are added up and compared with a limit. The decisions
that lay down internal workflows mix days and working days freely, 8 hours each; they are added as
they are printed."""


@dataclass(frozen=True, slots=True)
class Words:
    """A name in both languages; English may be missing, then the Vietnamese stands for it."""

    vi: str
    en: str = ""

    def in_language(self, language: str) -> str:
        """The words for a reader of `language` (`vi`, `en` or a variety of them)."""
        return self.en if language.startswith("en") and self.en else self.vi


@dataclass(frozen=True, slots=True)
class Share:
    """A step's part of the procedure's time."""

    amount: Decimal
    unit: ShareUnit

    def hours(self, limit: Fraction | None = None) -> Fraction | None:
        """Nominal working hours of the share; None for a percentage when the `limit` (in hours) is
        unknown."""
        if self.unit is ShareUnit.PERCENT:
            return None if limit is None else limit * Fraction(self.amount) / 100
        return Fraction(self.amount) * NOMINAL_HOURS[self.unit]


@dataclass(frozen=True, slots=True)
class Who:
    """Who does a step: a role in an agency, perhaps in one of its units. `unit` is the last part
    of the unit's code, the same in all agencies of a kind; `chosen_at` and `same_as` are keys of
    earlier steps."""

    role: str
    agency: AgencyOf = AgencyOf.ANSWERING
    code: str = ""
    unit: str = ""
    chosen_at: str = ""
    assignment: str = "pool"
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """Where an outcome leads, if its condition holds."""

    to: str
    when: Any = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way for a step to be finished. `when` says if it can be chosen at all; `ways` are tried
    in their order and the first that holds is taken. A return goes back to an earlier step, at
    most `at_most` times if that is set."""

    key: str
    label: Words
    ways: tuple[Way, ...]
    when: Any = None
    returns: bool = False
    at_most: int | None = None

    @property
    def to(self) -> str:
        """Where it leads when no condition speaks: the last of its ways."""
        return self.ways[-1].to


@dataclass(frozen=True, slots=True)
class Asked:
    """One of those asked in a consultation, with its own share of the time; it may ask units of
    its own."""

    who: Who
    share: Share | None = None
    units: tuple["Asked", ...] = ()


@dataclass(frozen=True, slots=True)
class Consultation:
    """Several asked at once. `answers` is how many must have answered before the step can go on."""

    asked: tuple[Asked, ...]
    answers: int
    late: Late = Late.WAIT


@dataclass(frozen=True, slots=True)
class SubProcedure:
    """A linked dossier that a step opens under another procedure; `waits` if this one goes on only
    with its result."""

    procedure: str
    agency: Who | None = None
    waits: bool = True
    when: Any = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to be done by one role in one agency. `needs` and `gives` name papers and results,
    as `paper:<key>` and `result:<key>`."""

    key: str
    name: Words
    kind: Kind
    who: Who | None
    share: Share | None = None
    outcomes: tuple[Outcome, ...] = ()
    needs: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    optional: bool = False
    consultation: Consultation | None = None
    opens: tuple[SubProcedure, ...] = ()

    @property
    def role(self) -> str:
        """The role that does it; empty for an automatic step."""
        return self.who.role if self.who else ""

    @property
    def agency_of(self) -> AgencyOf:
        """Whose step it is."""
        return self.who.agency if self.who else AgencyOf.ANSWERING

    @property
    def needs_person(self) -> bool:
        """Whether somebody must act for it to be finished."""
        return self.kind is not Kind.AUTOMATIC

    def outcome(self, key: str) -> Outcome | None:
        """The outcome of that key, if it has one."""
        return next((outcome for outcome in self.outcomes if outcome.key == key), None)

    def targets(self, *, returning: bool = True) -> Iterator[str]:
        """Keys of the steps that can come after it (and END); without its returns on request."""
        for outcome in self.outcomes:
            if returning or not outcome.returns:
                yield from (way.to for way in outcome.ways)


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole workflow: its steps in the order written, and the one it starts with."""

    start: str
    steps: tuple[Step, ...]
    version: int = 1
    source: str = ""
    _by_key: Mapping[str, Step] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_key = MappingProxyType({step.key: step for step in reversed(self.steps)})
        object.__setattr__(self, "_by_key", by_key)

    def step(self, key: str) -> Step:
        """The step of that key. Raises KeyError."""
        return self._by_key[key]

    def has(self, key: str) -> bool:
        """Whether there is a step of that key."""
        return key in self._by_key
