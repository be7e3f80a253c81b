"""The national calendar as shipped: days off, swapped days, their sources."""

from datetime import date

import pytest

from workflows.catalogue.calendars import load_national_calendar
from workflows.models import CalendarDay

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("case", "day", "worked"),
    [
        ("a plain Wednesday", date(2026, 11, 25), True),
        ("Vietnam Culture Day", date(2026, 11, 24), False),
        ("a swapped Friday off", date(2026, 1, 2), False),
        ("the Saturday worked for it", date(2026, 1, 10), True),
        ("the next Saturday", date(2026, 1, 17), False),
        ("Lunar New Year", date(2026, 2, 17), False),
        ("National Day", date(2026, 9, 2), False),
        ("a Saturday worked for a day of the year before", date(2019, 1, 5), True),
        ("the first day of a year not announced yet", date(2027, 1, 1), False),
    ],
)
def test_the_national_calendar_knows_days_off_and_swapped_days(case, day, worked):
    working = load_national_calendar().working()

    assert working.is_working_day(day) is worked


def test_a_swapped_saturday_has_the_hours_of_a_weekday():
    working = load_national_calendar().working()

    assert working.hours(date(2026, 1, 10)) == working.hours(date(2026, 1, 9))


def test_every_day_names_its_source_and_what_nobody_read_is_not_confirmed():
    load_national_calendar()

    assert not CalendarDay.objects.filter(source="").exists()
    assert not CalendarDay.objects.filter(confirmed=True, on__year__in=[2020, 2027]).exists()
    assert CalendarDay.objects.get(on=date(2026, 11, 24)).confirmed


def test_loading_again_leaves_the_calendar_and_what_a_person_changed():
    calendar = load_national_calendar()
    CalendarDay.objects.filter(on=date(2026, 11, 24)).update(name="Ngày Văn hoá")

    again = load_national_calendar()

    assert (again.pk, again.version) == (calendar.pk, calendar.version)
    assert CalendarDay.objects.get(on=date(2026, 11, 24)).name == "Ngày Văn hoá"
