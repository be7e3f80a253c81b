"""Handing a dossier on to another answering unit."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from dossiers.errors import Invalid, NotAllowed, NotNow, Refusal
from dossiers.firing import fire_due
from dossiers.lifecycle import ending, moving, progress, recalendar
from dossiers.lifecycle.recount import recount_due
from dossiers.models import Breach, ClockRow, Dossier, Entry, Event
from dossiers.statistics.verify import differences
from tests.given.city import City, city, moment
from tests.given.elsewhere import acting_at, another_division, department
from workflows.actors import TIME
from workflows.catalogue.amendment import Amendment, DayOff
from workflows.models import NATIONAL, Agency, Calendar, Role, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def given() -> City:
    return city()


def move(given: City, dossier: Dossier, unit: Unit, at: str, role: str = Role.UNIT_HEAD) -> Dossier:
    return moving.move(
        dossier.pk, unit=unit.pk, reason="Sai phòng", by=given.acting(role), at=moment(at)
    )


def cells(dossier: Dossier) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for entry in Entry.objects.filter(dossier=dossier).select_related("unit"):
        key = (entry.measure, entry.unit.code if entry.unit is not None else "")
        sums[key] = sums.get(key, 0) + entry.amount
    return {key: amount for key, amount in sums.items() if amount}


def counted_twice_the_same(at: datetime) -> bool:
    return [str(line) for line in differences(at)] == []


def test_a_unit_head_hands_on_within_the_agency_with_step_and_clock(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    progress.claim(dossier.pk, by=given.acting(Role.OFFICER), at=moment("2026-03-02 09:00"))
    there = another_division(given)
    share = ClockRow.objects.get(dossier=dossier, kind="step")

    moved = move(given, dossier, there, "2026-03-03 10:00")

    assert moved.unit == there
    assert [(run.key, run.unit, run.state, run.outcome) for run in dossier.step_runs.all()] == [
        ("receive", None, "done", "done"),
        ("appraise", given.division, "done", "moved"),
        ("appraise", there, "waiting", ""),
    ]
    after = ClockRow.objects.get(pk=share.pk)
    assert (after.step_run.ordinal, after.limit_at, after.state) == (3, share.limit_at, "running")
    event = Event.objects.filter(dossier=dossier).last()
    assert event is not None
    assert event.facts == {
        "from_agency": "H26.C001",
        "from_unit": "H26.C001.02",
        "to_agency": "H26.C001",
        "to_unit": "H26.C001.03",
        "step": "appraise",
        "ordinal": 2,
    }
    assert cells(dossier) == {
        ("received", "H26.C001.02"): 1,
        ("moved_out", "H26.C001.02"): 1,
        ("moved_in", "H26.C001.03"): 1,
    }
    assert counted_twice_the_same(moment("2026-03-04 00:00"))


def test_a_moved_dossier_is_finished_where_it_went(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    there = another_division(given)
    move(given, dossier, there, "2026-03-03 10:00")

    with pytest.raises(NotAllowed):
        given.advance(dossier, Role.OFFICER, "2026-03-03 11:00")
    progress.advance(
        dossier.pk,
        outcome="done",
        by=acting_at(there, Role.OFFICER),
        at=moment("2026-03-03 11:00"),
    )
    given.advance(dossier, Role.APPROVER, "2026-03-04 09:00")
    given.conclude(dossier, "2026-03-05 09:00")

    assert cells(dossier)["resolved_early", "H26.C001.03"] == 1
    assert counted_twice_the_same(moment("2026-03-06 00:00"))


def test_an_overdue_dossier_takes_its_overdue_along_and_leaves_its_breach(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    there = another_division(given)

    move(given, dossier, there, "2026-03-10 09:00")

    assert cells(dossier) == {
        ("received", "H26.C001.02"): 1,
        ("breaches", "H26.C001.02"): 1,
        ("apologies_owed", "H26.C001.02"): 1,
        ("moved_out", "H26.C001.02"): 1,
        ("moved_in", "H26.C001.03"): 1,
        ("overdue", "H26.C001.03"): 1,
    }
    assert given.breach_of(dossier).unit == given.division
    assert counted_twice_the_same(moment("2026-03-11 00:00"))


def test_to_another_agency_a_supervisor_above_both_hands_on(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    there = department(given)

    with pytest.raises(NotAllowed) as refusal:
        move(given, dossier, there, "2026-03-03 10:00")
    assert refusal.value.code == "move_needs_supervisor"
    moved = move(given, dossier, there, "2026-03-03 10:00", Role.SUPERVISOR)

    assert (moved.answering_agency.code, moved.unit) == ("H26.12", there)
    assert moved.code == "H26.C001-260302-0001"
    run = moved.step_runs.last()
    assert run is not None
    assert (run.agency.code, run.unit) == ("H26.12", there)
    # What the new unit does not do in time is its own delay.
    fire_due(moment("2026-03-11 08:00"))
    late = Breach.objects.get(dossier=dossier, of="dossier")
    assert (late.agency.code, late.unit) == ("H26.12", there)
    assert [share["unit"] for share in late.attribution] == [
        "",
        "H26.C001.02",
        "H26.12.02",
    ]
    assert counted_twice_the_same(moment("2026-03-11 08:00"))


def test_a_result_at_the_counter_stays_there_when_the_unit_changes(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")
    there = another_division(given)

    move(given, dossier, there, "2026-03-04 11:00")
    given.conclude(dossier, "2026-03-04 14:00")

    assert cells(dossier)["resolved_early", "H26.C001.03"] == 1


@pytest.mark.parametrize(
    ("case", "code"),
    [("itself", "moved_nowhere"), ("nowhere", "no_such_unit"), ("counter", "no_such_unit")],
)
def test_where_a_dossier_cannot_go(given: City, case: str, code: str) -> None:
    dossier = given.receive("2026-03-02 08:10")
    units = {"itself": given.division.pk, "nowhere": 0, "counter": given.counter.pk}

    with pytest.raises(Invalid) as refusal:
        moving.move(
            dossier.pk,
            unit=units[case],
            reason="Sai phòng",
            by=given.acting(Role.UNIT_HEAD),
            at=moment("2026-03-03 10:00"),
        )

    assert refusal.value.fields == {"unit": code}
    assert Event.objects.filter(dossier=dossier).count() == 1


def test_a_dossier_that_ended_is_not_moved(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    ending.withdraw(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-02 09:00"))

    with pytest.raises(NotNow) as refusal:
        move(given, dossier, another_division(given), "2026-03-03 10:00")

    assert refusal.value.code == "wrong_status"


def test_the_units_offered_are_those_that_would_be_taken(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    near, far = another_division(given), department(given)
    at = moment("2026-03-03 10:00")

    assert moving.targets(dossier, given.acting(Role.UNIT_HEAD), at) == [near]
    assert moving.targets(dossier, given.acting(Role.SUPERVISOR), at) == [far, near]
    assert moving.targets(dossier, given.acting(Role.OFFICER), at) == []
    for unit in (near, far):
        try:
            move(given, dossier, unit, "2026-03-03 10:00", Role.SUPERVISOR)
        except Refusal as refusal:  # pragma: no cover - says which one was wrongly offered
            pytest.fail(f"{unit}: {refusal}")


def test_the_promised_day_stays_where_the_other_agency_keeps_hours_of_its_own(given: City) -> None:
    there = department(given)
    own = Calendar.objects.create(
        code="so-xay-dung", name="Sở Xây dựng", base=Calendar.objects.get(code=NATIONAL)
    )
    Agency.objects.filter(pk=there.agency_id).update(calendar=own)
    dossier = given.receive("2026-03-02 08:10")

    move(given, dossier, there, "2026-03-03 10:00", Role.SUPERVISOR)
    storm = Amendment(source="Bão", days=[DayOff(date(2026, 3, 4), "closed")], calendar=own.code)
    recalendar.amend(storm, by=TIME, at=moment("2026-03-03 11:00"))
    recount_due(moment("2026-03-03 11:01"))

    row = ClockRow.objects.get(dossier=dossier, kind="dossier")
    assert (row.limit_at, row.calendar.code) == (moment("2026-03-09 17:30"), NATIONAL)
    assert counted_twice_the_same(moment("2026-03-04 00:00"))
