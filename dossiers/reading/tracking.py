"""What a citizen sees of one dossier: when the result is due, where it is, what is said of a delay.

No name, number, phone or address of a person is read for the page. Proof of being concerned (code
and secret, or the signed link of the receipt) is asked for first: `dossiers.reading.proof`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dossiers.clock import Clock
from dossiers.models import (
    OPEN,
    STOPPED,
    Apology,
    Breach,
    ClockKind,
    ClockRow,
    Dossier,
    Reason,
    Status,
    StepRun,
    Supplement,
)
from dossiers.reading.moved import Move, moves
from dossiers.reading.road import RoadStep, road
from dossiers.reading.unconfirmed import crosses_unconfirmed
from dossiers.reading.why import pure
from workflows.models import CalendarDay

# What the page never shows; a published definition is parsed once and kept.
_LONG_TEXTS = (
    "edition__steps_text",
    "edition__requirements",
    "edition__competent_agency",
    "edition__legal_bases",
    "procedure__search_key",
    "definition__body",
)


@dataclass(frozen=True, slots=True)
class ApologyTold:
    """A signed apology as its addressee may read it."""

    id: int
    signed_by: str
    signed_at: datetime
    reason: str
    text: str
    new_promise_at: datetime | None


@dataclass(frozen=True, slots=True)
class DayOff:
    """A working weekday on which the offices are closed before the promised day."""

    on: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """The page. `state` is one of `in_time late stopped on_its_way without_limit done ended
    voided`; `first_promised_at` is None unless the promised day was moved; `reason` is empty until
    the explanation was accepted or stands in a signed apology."""

    code: str
    procedure: str
    status: str
    state: str
    agency: str
    phone: str
    counter: str
    received_at: datetime | None
    promised_at: datetime | None
    first_promised_at: datetime | None
    moves: tuple[Move, ...]
    is_restated: bool
    restated_passed: bool
    left: timedelta | None
    late_by: timedelta | None
    result: str
    ended_at: datetime | None
    returned_at: datetime | None
    held_by: str
    reason: str
    apology: ApologyTold | None
    owes_apology: bool
    wanted: tuple[str, ...]
    wanted_until: datetime | None
    days_off: tuple[DayOff, ...]
    uncertain: str
    road: tuple[RoadStep, ...]

    @property
    def is_late(self) -> bool:
        """Overdue now, or ended after its limit."""
        return self.state == "late" or self.result == "late"


def tracked(dossier_id: int, *, at: datetime, language: str) -> Tracked | None:
    """Everything the page shows of a dossier at the moment `at`; None if it is gone."""
    dossier = (
        Dossier.objects.filter(pk=dossier_id, code__isnull=False)
        .select_related(
            "procedure",
            "edition",
            "definition",
            "receiving_agency",
            "receiving_unit",
            "answering_agency",
            "unit",
        )
        .defer(*_LONG_TEXTS)
        .first()
    )
    if dossier is None:
        return None
    row = (
        ClockRow.objects.filter(dossier=dossier, kind=ClockKind.DOSSIER)
        .select_related("calendar__base")
        .first()
    )
    clock = None if row is None else pure(row)
    runs = list(dossier.step_runs.standing().select_related("agency", "unit").order_by("ordinal"))
    letter = _letter(dossier, language)
    state = _state(dossier, clock, at)
    moved = _moves(row)
    promised = None if clock is None else clock.promised_at
    supplement = _supplement(dossier)
    return Tracked(
        code=dossier.handle,
        procedure=dossier.edition.name,
        status=dossier.status,
        state=state,
        agency=dossier.answering_agency.name,
        phone=dossier.answering_agency.phone,
        counter=_counter(dossier),
        received_at=dossier.received_at,
        promised_at=promised,
        first_promised_at=moved[0].before if moved else None,
        moves=moved,
        is_restated=clock is not None and clock.promise_number > 1,
        restated_passed=_restated_passed(clock, at),
        left=_left(row, clock, at),
        late_by=_late_by(row, clock, state, at),
        result="" if clock is None or state != "done" else clock.result,
        ended_at=dossier.concluded_at if state == "done" else dossier.ended_at,
        returned_at=dossier.returned_at,
        held_by=_held_by(dossier, runs),
        reason=_reason(dossier, letter, language),
        apology=letter,
        owes_apology=letter is None and (state == "late" or _was_late(clock, state)),
        wanted=() if supplement is None else tuple(one["name"] for one in supplement.wanted),
        wanted_until=_until(supplement),
        days_off=_days_off(row, at, promised) if state == "in_time" else (),
        uncertain=_uncertain(row, at, promised) if state == "in_time" else "",
        road=road(dossier, runs, late=state == "late", language=language),
    )


def signed_letter(dossier_id: int) -> int | None:
    """The signed apology of a dossier, which its addressee may download."""
    pk: int | None = (
        Apology.objects.filter(dossier=dossier_id, signed_at__isnull=False)
        .exclude(state=Apology.State.ANNULLED)
        .values_list("pk", flat=True)
        .last()
    )
    return pk


def _state(dossier: Dossier, clock: Clock | None, at: datetime) -> str:
    if dossier.voided_at is not None:
        return "voided"
    if dossier.status in (Status.CONCLUDED, Status.RETURNED):
        return "done"
    if dossier.status not in OPEN:
        return "ended"
    if dossier.waits_for_arrival:
        return "on_its_way"
    if clock is None or clock.limit_at is None:
        return "stopped" if dossier.status in STOPPED else "without_limit"
    if clock.late(at):
        return "late"
    return "stopped" if dossier.status in STOPPED else "in_time"


def _moves(row: ClockRow | None) -> tuple[Move, ...]:
    """How the promised day moved; of a day that stands nothing more is read."""
    if row is None:
        return ()
    values = list(row.values.exclude(promised_at=None))
    if not moves(values, ()):
        return ()
    return moves(values, list(row.stop_rows.all()))


def _restated_passed(clock: Clock | None, at: datetime) -> bool:
    """The one new appointment was missed too."""
    return clock is not None and clock.promise_broken(at)


def _left(row: ClockRow | None, clock: Clock | None, at: datetime) -> timedelta | None:
    """Working time until the promised moment; while stopped what will remain."""
    if row is None or clock is None or clock.promised_at is None or clock.finished_at is not None:
        return None
    if clock.stopped_at is not None:
        return clock.remaining
    return row.calendar.working().between(at, clock.promised_at)


def _late_by(
    row: ClockRow | None, clock: Clock | None, state: str, at: datetime
) -> timedelta | None:
    if row is None or clock is None or clock.limit_at is None:
        return None
    if state == "late":
        until = clock.stopped_at or at
        return row.calendar.working().between(clock.limit_at, until)
    if _was_late(clock, state) and clock.margin is not None:
        return abs(clock.margin)
    return None


def _was_late(clock: Clock | None, state: str) -> bool:
    return state == "done" and clock is not None and clock.result == "late"


def _held_by(dossier: Dossier, runs: list[StepRun]) -> str:
    """Who holds it now, unit and agency; until the counter takes the result, the leading unit."""
    if not dossier.is_open:
        return ""
    under_way = bool(runs) and runs[-1].is_under_way and not dossier.waits_for_counter
    run = runs[-1] if under_way else None
    agency = dossier.answering_agency if run is None else run.agency
    unit = dossier.unit if run is None else run.unit
    return agency.name if unit is None else f"{unit.name}, {agency.name}"


def _counter(dossier: Dossier) -> str:
    """Where it was handed in and is collected."""
    return dossier.receiving_agency.name


def _letter(dossier: Dossier, language: str) -> ApologyTold | None:
    row = (
        Apology.objects.filter(dossier=dossier, signed_at__isnull=False)
        .exclude(state=Apology.State.ANNULLED)
        .select_related("reason", "signed_by")
        .last()
    )
    if row is None or row.signed_at is None:
        return None
    title = "" if row.signed_by is None else row.signed_by.title
    reason = _said(row.reason, language)
    return ApologyTold(row.pk, title, row.signed_at, reason, row.text, row.new_promise_at)


def _reason(dossier: Dossier, letter: ApologyTold | None, language: str) -> str:
    """Of the managed list only: free text of colleagues is not for the public."""
    breach = (
        Breach.objects.filter(dossier=dossier, of=Breach.Of.DOSSIER, annulled_at=None)
        .filter(state=Breach.State.ACCEPTED)
        .select_related("reason")
        .last()
    )
    if breach is not None and breach.reason is not None:
        return _said(breach.reason, language)
    return "" if letter is None else letter.reason


def _said(reason: Reason, language: str) -> str:
    return reason.name_en if language.startswith("en") and reason.name_en else reason.name


def _supplement(dossier: Dossier) -> Supplement | None:
    if dossier.status != Status.SUPPLEMENT_REQUESTED:
        return None
    return (
        Supplement.objects.filter(dossier=dossier, state=Supplement.State.OPEN)
        .select_related("clock")
        .first()
    )


def _until(supplement: Supplement | None) -> datetime | None:
    if supplement is None or supplement.clock is None:
        return None
    return supplement.clock.limit_at


def _uncertain(row: ClockRow | None, at: datetime, until: datetime | None) -> str:
    """Why the promised day may still move; empty where every day to it is confirmed."""
    return "" if row is None else crosses_unconfirmed(row.calendar, at, until).sentence


def _days_off(row: ClockRow | None, at: datetime, until: datetime | None) -> tuple[DayOff, ...]:
    """Named days off on weekdays before the promised day: they explain why it lies there."""
    if row is None or until is None:
        return ()
    calendar = row.calendar.working()
    first, last = at.astimezone(calendar.tz).date(), until.astimezone(calendar.tz).date()
    days = CalendarDay.objects.filter(
        calendar__in=[row.calendar_id, row.calendar.base_id], on__gte=first, on__lte=last
    ).exclude(name="")
    return tuple(
        DayOff(day.on, day.name)
        for day in days
        if day.on.weekday() < 5 and not calendar.is_working_day(day.on)
    )
