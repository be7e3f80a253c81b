"""A small city to count in: agencies, a procedure, and dossiers with what they posted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dossiers.models import (
    ClockKind,
    ClockRow,
    Dossier,
    Entry,
    Timer,
    TimerKind,
    Unfolded,
)
from dossiers.statistics import posting
from dossiers.writing import writing
from workflows.models import (
    Agency,
    Calendar,
    Channel,
    Definition,
    Edition,
    Field,
    Procedure,
    Unit,
)

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
LONG_AGO = date(2025, 7, 1)
# Figures are read here without the acts that post them: rows are made past the commands.
BUILDING = writing("a test that counts")


def at(text: str) -> datetime:
    """A local moment, like 2026-03-02 08:10."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def agency(code: str, kind: str, parent: Agency | None = None) -> Agency:
    path = f"{'' if parent is None else parent.path}{code}/"
    return Agency.objects.create(
        code=code,
        name=code,
        kind=kind,
        parent=parent,
        path=path,
        valid_from=LONG_AGO,
        sort_key=code,
    )


def unit(of: Agency, suffix: str) -> Unit:
    return Unit.objects.create(
        agency=of, code=f"{of.code}.{suffix}", name=suffix, kind="division", valid_from=LONG_AGO
    )


@dataclass
class Office:
    """The city with what its dossiers need."""

    city: Agency
    centre: Agency
    department: Agency
    commune: Agency
    division: Unit
    justice: Unit
    procedure: Procedure
    edition: Edition
    definition: Definition
    channel: Channel
    calendar: Calendar

    @BUILDING
    def dossier(self, *, answering: Agency | None = None, unit: Unit | None = None) -> Dossier:
        """A dossier's row alone, to post figures about."""
        return Dossier.objects.create(
            ref=uuid.uuid4(),
            status="processing",
            code=f"T-{Dossier.objects.count() + 1:04}",
            procedure=self.procedure,
            edition=self.edition,
            definition=self.definition,
            channel=self.channel,
            receiving_agency=self.centre,
            answering_agency=answering or self.department,
            unit=unit or self.division,
            return_method="counter",
            received_at=at("2026-03-02 08:00"),
        )

    @BUILDING
    def limit_to_pass(self, dossier: Dossier, moment: datetime, *, of: str = "dossier") -> Timer:
        """A limit that will pass at `moment`, noticed by nobody yet."""
        clock = ClockRow.objects.create(
            dossier=dossier,
            kind=ClockKind(of),
            calendar=self.calendar,
            state="running",
            limit_at=moment,
        )
        return Timer.objects.create(
            clock=clock, dossier=dossier, kind=TimerKind.BREACH, fires_at=moment
        )


def office() -> Office:
    """Make it."""
    city = agency("H26", "city")
    department = agency("H26.12", "department", city)
    commune = agency("H26.50", "commune", city)
    procedure = Procedure.objects.create(
        code="1.001193",
        name="Đăng ký khai sinh",
        field=Field.objects.create(name="Hộ tịch"),
        search_key="dang ky khai sinh",
    )
    edition = Edition.objects.create(
        procedure=procedure, number=1, in_force_from=LONG_AGO, name=procedure.name, fingerprint="1"
    )
    return Office(
        city=city,
        centre=agency("H26.90", "centre", city),
        department=department,
        commune=commune,
        division=unit(department, "01"),
        justice=unit(commune, "01"),
        procedure=procedure,
        edition=edition,
        definition=Definition.objects.create(
            procedure=procedure, version=1, state="published", body={}, sha256="1"
        ),
        channel=Channel.objects.create(code="test-counter", name="Trực tiếp"),
        calendar=Calendar.objects.create(code="test", name="Lịch"),
    )


@BUILDING
def post(
    dossier: Dossier,
    measure: str,
    moment: datetime,
    amount: int = 1,
    *,
    counts_at: datetime | None = None,
) -> Entry:
    """Post an entry as a command does: with its place in the queue to be folded."""
    entry = posting.entry(
        dossier,
        measure,
        amount,
        at=moment,
        counts_at=counts_at,
        recorded_at=moment + timedelta(seconds=1),
        event_n=1,
    )
    entry.save()
    Unfolded.objects.create(entry=entry)
    return entry
