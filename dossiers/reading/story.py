"""The whole story of one dossier, for the page of those who work on it.

The short lists beside it come in one query (`beside`); breaches and letters are read only where the
dossier's own record says that there are any, so that the page stays within a few queries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.utils.translation import get_language

from dossiers.models import (
    Apology,
    Breach,
    ClockKind,
    ClockRow,
    Consultation,
    Dossier,
    Event,
    EventKind,
    FeeDemand,
    LimitValue,
    Note,
    Paper,
    Party,
    Statement,
    Status,
    StepRun,
    Supplement,
)
from dossiers.reading import sentences
from dossiers.reading.beside import breaches, lists, threads
from dossiers.reading.desk import Choice, step_name
from dossiers.reading.limits import limit_words
from dossiers.reading.names import called
from dossiers.reading.sentences import Line
from dossiers.reading.steps import key_now
from dossiers.reading.timeleft import LOCAL, TimeLeft, time_left
from dossiers.reading.why import Why, why
from workflows import routing
from workflows.actors import Actor


@dataclass(frozen=True, slots=True)
class StepLine:
    """One passage through a step, or one still to come (without a run)."""

    key: str
    name: str
    state: str
    agency: str = ""
    unit: str = ""
    officer: str = ""
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    left: TimeLeft | None = None
    used: timedelta | None = None
    is_return: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """The events of one day, the newest first."""

    on: date
    lines: tuple[Line, ...]


@dataclass
class Story:
    """A dossier with everything its page tells."""

    dossier: Dossier
    at: datetime
    clock: ClockRow | None
    left: TimeLeft
    step: StepRun | None
    step_left: TimeLeft | None
    limit: str
    steps: list[StepLine]
    outcomes: list[Choice]
    why: Why | None
    days: list[Day]
    parties: dict[str, Party]
    papers: list[Paper]
    first_promise: datetime | None = None
    supplements: list[Supplement] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    threads: dict[int, list[Statement]] = field(default_factory=dict)
    step_runs: list[StepRun] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    consultations: list[Consultation] = field(default_factory=list)
    fee_demands: list[FeeDemand] = field(default_factory=list)
    apologies: list[Apology] = field(default_factory=list)


def find(code: str, actor: Actor) -> Dossier | None:
    """The dossier of this code or handle, if the actor may see it."""
    return (
        Dossier.objects.visible_to(actor)
        .filter(called(code))
        .select_related(
            "procedure",
            "edition",
            "case",
            "definition",
            "channel",
            "receiving_agency",
            "receiving_unit",
            "answering_agency",
            "unit",
            "replaced_by",
        )
        .defer("procedure__search_key", "definition__body", "edition__steps_text")
        .first()
    )


def story(dossier: Dossier, at: datetime) -> Story:
    """Everything about `dossier` as it stands at `at`."""
    events = _events(dossier)
    kinds = {event.kind for event in events}
    clocks = list(dossier.clocks.select_related("calendar__base").order_by("pk"))
    main = next((row for row in reversed(clocks) if row.kind == ClockKind.DOSSIER), None)
    runs = list(dossier.step_runs.standing().select_related("agency", "unit", "officer"))
    step = next((run for run in reversed(runs) if run.is_under_way), None)
    by_run = {row.step_run_id: row for row in clocks if row.step_run_id is not None}
    beside = lists(dossier, main)
    values: list[LimitValue] = beside["values"]
    own = None if step is None else by_run.get(step.pk)
    return Story(
        dossier=dossier,
        at=at,
        clock=main,
        left=time_left(_in_hand(dossier, main, clocks), at),
        step=step,
        step_left=None if own is None else time_left(own, at),
        limit="" if main is None else limit_words(main.limit),
        steps=_steps(dossier, runs, by_run, at),
        outcomes=_outcomes(dossier, runs, step),
        why=None
        if main is None
        else why(dossier, main, values, beside["stops"], beside["days"], at),
        days=_days(dossier, events),
        parties={party.role: party for party in beside["parties"]},
        papers=beside["papers"],
        first_promise=_first_promise(main, values),
        supplements=beside["supplements"],
        breaches=breaches(dossier) if EventKind.BREACHED in kinds else [],
        threads=threads(beside),
        step_runs=runs,
        events=events,
        consultations=_consultations(dossier) if EventKind.CONSULTED in kinds else [],
        fee_demands=_fee_demands(dossier) if EventKind.PAYMENT_REQUESTED in kinds else [],
        apologies=_apologies(dossier) if EventKind.APOLOGY_DRAFTED in kinds else [],
    )


def _in_hand(dossier: Dossier, main: ClockRow | None, clocks: list[ClockRow]) -> ClockRow | None:
    """The clock whose time is told: before reception that of the answer to the submission."""
    if dossier.status != Status.SUBMITTED:
        return main
    return next((row for row in clocks if row.kind == ClockKind.INTAKE), None)


def _consultations(dossier: Dossier) -> list[Consultation]:
    """Opinions asked for, but those whose asking was taken back."""
    rows = dossier.consultations.exclude(state=Consultation.State.UNDONE)
    return list(
        rows.select_related("agency", "unit", "asked_by", "answered_by", "clock__calendar__base")
    )


def _fee_demands(dossier: Dossier) -> list[FeeDemand]:
    return list(dossier.fee_demands.exclude(state=FeeDemand.State.UNDONE))


def _events(dossier: Dossier) -> list[Event]:
    note = Note.objects.filter(dossier=OuterRef("dossier"), event_n=OuterRef("n"))
    return list(
        Event.objects.filter(dossier=dossier)
        .select_related("post__unit", "post__agency", "on_behalf_of")
        .annotate(note=Subquery(note.values("text")[:1]))
        .order_by("-n")
    )


def _apologies(dossier: Dossier) -> list[Apology]:
    return list(dossier.apologies.select_related("reason", "drafted_by", "signed_by"))


def _steps(
    dossier: Dossier, runs: list[StepRun], clocks: dict[int, ClockRow], at: datetime
) -> list[StepLine]:
    lines = []
    for run in runs:
        row = clocks.get(run.pk)
        until = run.ended_at or at
        used = None
        if row is not None:
            used = row.calendar.working().between(run.opened_at, until)
        lines.append(
            StepLine(
                key=run.key,
                name=step_name(dossier, run.key),
                state=_state(run, row, at),
                agency=run.agency.name,
                unit="" if run.unit is None else run.unit.name,
                officer="" if run.officer is None else run.officer.name,
                opened_at=run.opened_at,
                ended_at=run.ended_at,
                left=None if row is None else time_left(row, at),
                used=used,
                is_return=run.is_return,
            )
        )
    return lines + _to_come(dossier, runs)


def _state(run: StepRun, row: ClockRow | None, at: datetime) -> str:
    if not run.is_under_way:
        return "done" if run.state == StepRun.State.DONE else "cancelled"
    return "late" if row is not None and time_left(row, at).state == "late" else "now"


def _to_come(dossier: Dossier, runs: list[StepRun]) -> list[StepLine]:
    """The usual steps after the one under way; none once the dossier has ended."""
    last = runs[-1] if runs else None
    if last is None or not last.is_under_way or not dossier.is_open:
        return []
    try:
        road = routing.road(dossier.definition.graph(), last.key, dossier.facts)[1:]
    except routing.NoWay:
        return []
    return [
        StepLine(key=step.key, name=step_name(dossier, step.key), state="next") for step in road
    ]


def _outcomes(dossier: Dossier, runs: list[StepRun], step: StepRun | None) -> list[Choice]:
    """How the step under way may be finished now, the usual way first."""
    if step is None:
        return []
    returned = Counter(run.outcome for run in runs if key_now(dossier, run.key) == step.key)
    try:
        found = routing.open_outcomes(dossier.definition.graph(), step.key, dossier.facts, returned)
    except routing.NoWay:
        return []
    language = get_language() or "vi"
    choices = [Choice(one.key, one.label.in_language(language), one.returns) for one in found]
    return sorted(choices, key=lambda choice: choice.returns)


def _first_promise(main: ClockRow | None, values: list[LimitValue]) -> datetime | None:
    """The day first promised, where another one holds now."""
    if main is None or not values or values[0].promised_at == main.promised_at:
        return None
    return values[0].promised_at


def _days(dossier: Dossier, events: list[Event]) -> list[Day]:
    by_day: dict[date, list[Line]] = defaultdict(list)
    gone = {event.undoes for event in events if event.kind == EventKind.UNDONE}
    for event in events:
        line = sentences.of_event(dossier, event, taken_back=event.n in gone)
        by_day[event.at.astimezone(LOCAL).date()].append(line)
    return [Day(on, tuple(lines)) for on, lines in by_day.items()]
