"""What happens, as rows: dossiers, steps, clocks, timers, events, breaches, apologies, figures."""

from dossiers.models.access import AccessLog
from dossiers.models.apology import TO_HAND_OVER, Apology, LetterCounter
from dossiers.models.breach import BREACH_ONCE, Breach, Reason, Statement
from dossiers.models.clock import KEPT_CALENDAR, ClockKind, ClockRow, Ground, LimitValue, Stop
from dossiers.models.dossier import (
    ENDED,
    NATIONAL_CODE,
    OPEN,
    RESUMABLE,
    STOPPED,
    CodeCounter,
    Dossier,
    Origin,
    Party,
    ReturnMethod,
    Status,
)
from dossiers.models.event import CAUSED_BY_TIME, Event, EventKind, Note
from dossiers.models.figures import Entry, Measure, PublishedMonth, Rollup, Unfolded
from dossiers.models.paper import GuidanceSlip, Paper, Supplement
from dossiers.models.recount import Recount
from dossiers.models.repeated import REPEATED_ONCE, RepeatedCase, RepeatedLateness
from dossiers.models.step_run import StepRun
from dossiers.models.timer import Timer, TimerKind
from dossiers.models.waiting import Consultation, FeeDemand

__all__ = [
    "BREACH_ONCE",
    "CAUSED_BY_TIME",
    "ENDED",
    "KEPT_CALENDAR",
    "NATIONAL_CODE",
    "OPEN",
    "REPEATED_ONCE",
    "RESUMABLE",
    "STOPPED",
    "TO_HAND_OVER",
    "AccessLog",
    "Apology",
    "Breach",
    "ClockKind",
    "ClockRow",
    "CodeCounter",
    "Consultation",
    "Dossier",
    "Entry",
    "Event",
    "EventKind",
    "FeeDemand",
    "Ground",
    "GuidanceSlip",
    "LetterCounter",
    "LimitValue",
    "Measure",
    "Note",
    "Origin",
    "Paper",
    "Party",
    "PublishedMonth",
    "Reason",
    "Recount",
    "RepeatedCase",
    "RepeatedLateness",
    "ReturnMethod",
    "Rollup",
    "Statement",
    "Status",
    "StepRun",
    "Stop",
    "Supplement",
    "Timer",
    "TimerKind",
    "Unfolded",
]
