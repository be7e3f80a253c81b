"""What a unit may apologise for: what will probably be late in the next two working days, and what
is late and has no letter yet; each with the new day that the system proposes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q

from dossiers.foresight import FORESEEN_WITHIN
from dossiers.models import Apology, Breach, ClockKind, ClockRow, Dossier, Party, StepRun
from dossiers.models.scope import DossierQuerySet
from dossiers.outlook import outlook
from dossiers.reading.desk import step_name
from dossiers.reading.timeleft import TimeLeft, time_left
from workflows.actors import Actor
from workflows.models import Calendar, Role

DRAFTERS = (Role.UNIT_HEAD, Role.OFFICER)
MOST = 200


@dataclass(frozen=True, slots=True)
class Draftable:
    """One dossier that may be apologised for. `needed` is the working time that its steps left
    normally take, `short_by` how much more that is than is left (none once the limit passed);
    `appointment` is proposed where the dossier is still under way."""

    code: str
    procedure: str
    addressed_to: str
    left: TimeLeft
    promised_at: datetime | None
    needed: timedelta
    short_by: timedelta | None
    appointment: datetime | None
    step: str
    officer: str
    returned_because: str


def foreseen(actor: Actor, at: datetime) -> list[Draftable]:
    """Of the actor's units: whose limit lies in the next two working days, and whose steps left
    normally take longer than that. The nearest limit first."""
    main = ClockRow.objects.filter(_near(at), state="running", kind=ClockKind.DOSSIER)
    dossiers = _drafters(actor).pending().filter(Exists(main.filter(dossier=OuterRef("pk"))))
    rows = _rows(dossiers.filter(waits_for_counter=False), at)
    return [row for row, late in rows if late]


def owed(actor: Actor, at: datetime) -> list[Draftable]:
    """Of the actor's units: whose limit passed and who has no letter yet. The oldest first."""
    missed = Breach.objects.public().filter(dossier=OuterRef("pk"), owes_apology=True, apology=None)
    dossiers = _drafters(actor).standing().filter(Exists(missed))
    return [row for row, _late in _rows(dossiers, at)]


def _drafters(actor: Actor) -> DossierQuerySet:
    """The dossiers that the actor may draft a letter for, with none that waits or was signed."""
    reach = Q(pk__in=[])
    for held in actor.holding(*DRAFTERS):
        place = Q(answering_agency_id=held.agency_id)
        if held.unit_id is not None:
            place &= Q(unit_id=held.unit_id)
        reach |= place
    letters = Apology.objects.filter(dossier=OuterRef("pk")).exclude(
        state__in=[Apology.State.ANNULLED, Apology.State.RETURNED]
    )
    return Dossier.objects.filter(reach).exclude(Exists(letters))


def _near(at: datetime) -> Q:
    """Limits that lie in the next two working days, each by its own calendar."""
    near = Q(pk__in=[])
    for calendar in Calendar.objects.select_related("base"):
        until = calendar.working().add(at, FORESEEN_WITHIN)
        near |= Q(calendar=calendar, limit_at__gte=at, limit_at__lte=until)
    return near


def _rows(dossiers: DossierQuerySet, at: datetime) -> Iterable[tuple[Draftable, bool]]:
    main = ClockRow.objects.filter(kind=ClockKind.DOSSIER).select_related("calendar__base")
    runs = StepRun.objects.filter(state__in=[StepRun.State.WAITING, StepRun.State.WORKING])
    people = Party.objects.only("dossier_id", "role", "name")
    returned = Apology.objects.filter(state=Apology.State.RETURNED)
    found = (
        dossiers.filter(clocks__kind=ClockKind.DOSSIER)
        .select_related("procedure", "definition")
        .defer("procedure__search_key", "definition__body")
        .prefetch_related(
            Prefetch("clocks", main, to_attr="main_clocks"),
            Prefetch(
                "step_runs",
                runs.select_related("officer", "clock__calendar__base").order_by("ordinal"),
                to_attr="open_runs",
            ),
            Prefetch("parties", people, to_attr="people"),
            Prefetch("apologies", returned, to_attr="returned_drafts"),
        )
        .order_by("clocks__limit_at", "pk")[:MOST]
    )
    for dossier in found:
        yield _row(dossier, at)


def _row(dossier: Dossier, at: datetime) -> tuple[Draftable, bool]:
    clock: ClockRow = dossier.main_clocks[0]  # type: ignore[attr-defined]
    run: StepRun | None = next(iter(reversed(dossier.open_runs)), None)  # type: ignore[attr-defined]
    people = {party.role: party.name for party in dossier.people}  # type: ignore[attr-defined]
    draft = next(iter(dossier.returned_drafts), None)  # type: ignore[attr-defined]
    ahead = outlook(dossier, clock, run, getattr(run, "clock", None), at)
    under_way = dossier.is_open and not dossier.waits_for_counter
    row = Draftable(
        code=dossier.handle,
        procedure=dossier.procedure.name,
        addressed_to=people.get(Party.Role.SUBMITTER) or people.get(Party.Role.HOLDER, ""),
        left=time_left(clock, at),
        promised_at=clock.promised_at,
        needed=ahead.needed,
        short_by=ahead.needed - ahead.left
        if _is_ahead(clock, at) and ahead.probably_late
        else None,
        appointment=ahead.appointment if under_way else None,
        step="" if run is None else step_name(dossier, run.key),
        officer="" if run is None or run.officer is None else run.officer.name,
        returned_because="" if draft is None else draft.returned_because,
    )
    return row, ahead.probably_late


def _is_ahead(clock: ClockRow, at: datetime) -> bool:
    return clock.state == "running" and clock.limit_at is not None and at <= clock.limit_at
