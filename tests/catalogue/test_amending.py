"""Amending a calendar's rows: what may stand, what it becomes, who may."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from tests.given.city import City, city, moment
from workflows import permissions
from workflows.actors import STAFF, Actor, Held
from workflows.catalogue import amending
from workflows.catalogue.amendment import (
    Amendment,
    AmendmentFault,
    DayOff,
    Swap,
    WeekFrom,
    intervals,
    read,
)
from workflows.models import NATIONAL, Agency, Calendar, CalendarDay, CalendarHours
from workflows.models import Amendment as AmendmentRow

pytestmark = pytest.mark.django_db

AT = moment("2026-03-02 08:00")
OFFICE = ((time(8), time(12)), (time(13, 30), time(17, 30)))
SUMMER = ((time(7), time(11, 30)), (time(13, 30), time(17)))
MORNING = ((time(8), time(11, 30)),)


@pytest.fixture
def town() -> City:
    return city()


def put(given: Amendment) -> Calendar:
    """Amend, and the calendar as it is read anew."""
    row = amending.write(amending.plan(given), post_id=None, at=AT)
    return Calendar.objects.select_related("base").get(pk=row.calendar_id)


def refused(given: Amendment) -> AmendmentFault:
    rows = list(CalendarDay.objects.values_list("pk", flat=True))
    with pytest.raises(AmendmentFault) as fault:
        amending.plan(given)
    assert list(CalendarDay.objects.values_list("pk", flat=True)) == rows
    assert AmendmentRow.objects.count() == Calendar.objects.exclude(code=NATIONAL).count() == 0
    return fault.value


def test_an_agency_gets_saturday_mornings_from_a_day_on(town: City) -> None:
    week = WeekFrom(date(2026, 4, 15), {**dict.fromkeys(range(5), SUMMER), 5: MORNING})

    own = put(Amendment(agency=town.commune.code, source="QĐ 45", week=week))

    assert own.base is not None
    assert own.base.code == NATIONAL
    assert Agency.objects.get(pk=town.commune.pk).calendar == own
    assert own.working().hours(date(2026, 4, 14)) == OFFICE
    assert own.working().hours(date(2026, 4, 15)) == SUMMER
    assert own.working().hours(date(2026, 4, 18)) == MORNING
    kept = AmendmentRow.objects.get()
    assert (kept.first_on, kept.last_on, kept.source) == (date(2026, 4, 15), None, "QĐ 45")


def test_hours_given_again_for_the_same_day_replace_those_before(town: City) -> None:
    for hours in (SUMMER, OFFICE):
        week = WeekFrom(date(2026, 4, 15), dict.fromkeys(range(4), hours))
        own = put(Amendment(agency=town.commune.code, source="QĐ 45", week=week))

    assert own.working().hours(date(2026, 4, 15)) == OFFICE
    assert own.working().hours(date(2026, 4, 17)) == ()  # Fridays are no longer worked
    assert CalendarHours.objects.filter(calendar=own).count() == 8


def test_an_office_closed_at_ten_for_a_power_cut_is_open_before(town: City) -> None:
    day = DayOff(date(2026, 3, 4), "closed", hours=((time(8), time(10)),))

    own = put(Amendment(agency=town.commune.code, source="EVN 12", days=[day]))

    assert own.working().hours(date(2026, 3, 4)) == ((time(8), time(10)),)
    assert own.working().hours(date(2026, 3, 5)) == OFFICE


def test_a_national_change_shows_through_an_agencys_calendar_where_it_says_nothing(
    town: City,
) -> None:
    put(
        Amendment(
            agency=town.commune.code, source="QĐ 1", days=[DayOff(date(2026, 3, 4), "closed")]
        )
    )
    given = Amendment(source="QĐ 2", swaps=[Swap(date(2026, 3, 6), date(2026, 3, 7))])

    planned = amending.plan(given)
    amending.write(planned, post_id=None, at=AT)

    assert [change.calendar.code for change in planned.changes] == [
        NATIONAL,
        f"agency-{town.commune.code}",
    ]
    own = Calendar.objects.select_related("base").get(code=f"agency-{town.commune.code}")
    for day, hours in (("04", ()), ("06", ()), ("07", OFFICE)):
        assert own.working().hours(date.fromisoformat(f"2026-03-{day}")) == hours
    for change in planned.changes:
        fresh = Calendar.objects.select_related("base").get(pk=change.calendar.pk)
        assert change.after == fresh.working()  # what was previewed is what is


def test_a_swap_known_already_is_confirmed_without_moving_anything(town: City) -> None:
    swap = Swap(date(2026, 3, 6), date(2026, 3, 7), confirmed=False)
    put(Amendment(source="Dự kiến", swaps=[swap]))

    planned = amending.plan(
        Amendment(source="CV 9", swaps=[Swap(date(2026, 3, 6), date(2026, 3, 7))])
    )

    assert not planned.counts_otherwise
    amending.write(planned, post_id=None, at=AT)
    assert set(CalendarDay.objects.values_list("confirmed", "source")) == {(True, "CV 9")}


def test_an_entry_taken_back_leaves_the_amendment_that_made_it(town: City) -> None:
    put(Amendment(source="QĐ 1", days=[DayOff(date(2026, 3, 4), "closed")]))

    national = put(Amendment(source="QĐ 2", removed=[date(2026, 3, 4)]))

    assert national.working().is_working_day(date(2026, 3, 4))
    assert [row.source for row in AmendmentRow.objects.all()] == ["QĐ 1", "QĐ 2"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"week": WeekFrom(date(2026, 4, 1), {})}, "amendment_no_hours"),
        (
            {"week": WeekFrom(date(2026, 4, 1), {0: ((time(8), time(12)), (time(11), time(17)))})},
            "amendment_overlap",
        ),
        ({"week": WeekFrom(date(2026, 4, 1), {0: ((time(12), time(8)),)})}, "amendment_overlap"),
        ({"days": [DayOff(date(2026, 3, 7), "closed")]}, "amendment_off_already"),
        ({"days": [DayOff(date(2026, 3, 4), "closed")] * 2}, "amendment_day_twice"),
        ({"days": [DayOff(date(2026, 3, 4), "closed")], "source": " "}, "amendment_no_source"),
        ({"removed": [date(2026, 3, 4)]}, "amendment_not_there"),
        ({}, "amendment_nothing"),
        ({"calendar": "nowhere"}, "amendment_no_calendar"),
        ({"agency": "H26.X"}, "amendment_no_calendar"),
        ({"swaps": [Swap(date(2026, 3, 4), date(2026, 3, 4))]}, "swap_same_day"),
        ({"swaps": [Swap(date(2026, 3, 7), date(2026, 3, 8))]}, "swap_off_not_worked"),
        ({"swaps": [Swap(date(2026, 3, 4), date(2026, 3, 5))]}, "swap_worked_already"),
    ],
)
def test_what_cannot_stand_is_refused(town: City, given: dict[str, Any], code: str) -> None:
    assert refused(Amendment(**({"source": "QĐ 1"} | given))).code == code


def test_half_of_another_swap_is_taken(town: City) -> None:
    put(Amendment(source="QĐ 1", swaps=[Swap(date(2026, 3, 6), date(2026, 3, 7))]))

    with pytest.raises(AmendmentFault) as fault:
        amending.plan(Amendment(source="QĐ 2", swaps=[Swap(date(2026, 3, 5), date(2026, 3, 7))]))

    assert fault.value.code == "swap_taken"


def test_what_is_given_survives_being_kept(town: City) -> None:
    given = Amendment(
        agency="H26.C001",
        source="QĐ 1",
        days=(DayOff(date(2026, 3, 4), "closed", "Bão", ((time(8), time(10)),), "CĐ 2", False),),
        swaps=(Swap(date(2026, 3, 6), date(2026, 3, 7)),),
        week=WeekFrom(date(2026, 4, 15), {0: OFFICE, 5: MORNING}, "QĐ 3"),
        removed=(date(2026, 3, 9),),
    )

    assert read(given.to_json()) == given


def test_hours_are_read_as_people_write_them() -> None:
    assert intervals("08:00-12:00, 13:30–17:30") == OFFICE
    assert intervals("") == ()
    for text in ("8h-12h", "08:00", "08:00-25:00", "08:00-12:00-13:00"):
        with pytest.raises(AmendmentFault):
            intervals(text)


@pytest.mark.parametrize(
    ("role", "path", "unit", "owner", "may"),
    [
        ("catalogue_manager", "/H26/", None, None, True),
        ("catalogue_manager", "/H26/", None, "/H26/H26.12/", True),
        ("catalogue_manager", "/H26/H26.12/", None, "/H26/H26.12/", True),
        ("catalogue_manager", "/H26/H26.12/", None, None, False),
        ("catalogue_manager", "/H26/H26.12/", None, "/H26/H26.13/", False),
        ("catalogue_manager", "/H26/H26.12/", 7, "/H26/H26.12/", False),
        ("administrator", "/H26/", None, None, False),
        ("supervisor", "/H26/", None, "/H26/H26.12/", False),
    ],
)
def test_a_calendar_is_amended_by_the_manager_of_its_agency_or_above(
    role: str, path: str, unit: int | None, owner: str | None, may: bool
) -> None:
    by = Actor(kind=STAFF, posts=(Held(1, role, 1, path, unit),))

    assert (permissions.calendar_post(by, owner) is not None) is may


def test_the_owner_of_a_calendar_is_the_agency_that_keeps_it(town: City) -> None:
    assert amending.owner_path(Amendment()) is None
    assert amending.owner_path(Amendment(agency=town.commune.code)) == town.commune.path
