"""A promised day that rests on days nobody has confirmed says so, wherever it is shown."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from dossiers.documents.filling import receipt_paper
from dossiers.reading.tracking import tracked
from dossiers.reading.unconfirmed import crosses_unconfirmed
from tests.given.city import City, city, moment
from workflows.models import NATIONAL, Calendar, CalendarDay

pytestmark = pytest.mark.django_db

SINCE, UNTIL = moment("2026-03-02 08:10"), moment("2026-03-10 17:30")


def with_day(on: date, *, confirmed: bool) -> City:
    town = city()
    CalendarDay.objects.create(
        calendar=Calendar.objects.get(code=NATIONAL),
        on=on,
        kind=CalendarDay.Kind.HOLIDAY,
        name="Ngày lễ",
        source="Dự kiến",
        confirmed=confirmed,
    )
    return town


@pytest.mark.parametrize(
    ("case", "on", "confirmed", "named"),
    [
        ("on the way", date(2026, 3, 4), False, ["2026-03-04"]),
        ("confirmed", date(2026, 3, 4), True, []),
        ("before", date(2026, 3, 1), False, []),
        ("the first day", date(2026, 3, 2), False, ["2026-03-02"]),
        ("the last day", date(2026, 3, 10), False, ["2026-03-10"]),
        ("after", date(2026, 3, 11), False, []),
    ],
)
def test_days_on_the_way_that_are_not_confirmed_are_named(
    case: str, on: date, confirmed: bool, named: list[str]
) -> None:
    with_day(on, confirmed=confirmed)

    found = crosses_unconfirmed(Calendar.objects.get(code=NATIONAL), SINCE, UNTIL)

    assert [str(day.on) for day in found.days] == named, case
    assert bool(found) is bool(named)


def test_a_year_without_any_day_off_has_not_been_announced() -> None:
    with_day(date(2026, 9, 2), confirmed=True)
    calendar = Calendar.objects.get(code=NATIONAL)

    found = crosses_unconfirmed(calendar, moment("2026-12-20 08:00"), moment("2027-01-05 17:30"))

    assert found.years == [2027]
    with translation.override("en"):
        assert found.sentence == (
            "The days off of 2027 have not been announced yet; the promised day may move."
        )


def test_the_receipt_and_the_tracking_page_say_that_the_day_may_move() -> None:
    town = with_day(date(2026, 3, 4), confirmed=False)
    dossier = town.receive("2026-03-02 08:10")

    with translation.override("vi"):
        page = tracked(dossier.pk, at=moment("2026-03-03 08:00"), language="vi")
    paper = receipt_paper(dossier)

    assert page is not None
    assert "04/03/2026 (Ngày lễ)" in page.uncertain
    assert "04/03/2026 (Ngày lễ)" in paper.uncertain
    later = tracked(dossier.pk, at=moment("2026-03-05 08:00"), language="vi")
    assert later is not None
    assert later.uncertain == ""
