"""A month as the public reads it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from dossiers.statistics.ranking import Line, MonthPage, month_page
from dossiers.statistics.share import Share
from tests.given.counted_city import Office, agency, at, office, post, unit
from workflows.models import Agency, Unit

pytestmark = [pytest.mark.django_db, pytest.mark.builds_rows]
MARCH = date(2026, 3, 1)


@pytest.fixture
def city() -> Office:
    return office()


def resolve(
    city: Office, of: Agency, by: Unit, *, early: int = 0, late: int = 0, day: str = "2026-03-10"
) -> None:
    for measure, times in (("resolved_early", early), ("resolved_late", late)):
        for _ in range(times):
            dossier = city.dossier(answering=of, unit=by)
            post(dossier, "received", at(f"{day} 08:00"))
            post(dossier, measure, at(f"{day} 16:00"))


def page(moment: datetime | None = None) -> MonthPage:
    found = month_page(MARCH, moment or at("2026-04-05 09:00"))
    assert found is not None
    return found


def ranks(lines: tuple[Line, ...]) -> list[tuple[str, int | None]]:
    return [(line.code, line.rank) for line in lines]


def test_departments_rank_with_departments_and_communes_with_communes(city: Office) -> None:
    other = agency("H26.13", "department", city.city)
    resolve(city, city.department, city.division, early=9, late=1)
    resolve(city, other, unit(other, "01"), early=10)
    resolve(city, city.commune, city.justice, early=5, late=5)

    assert ranks(page().departments) == [("H26.13", 1), ("H26.12", 2)]
    assert ranks(page().communes) == [("H26.50", 1)]
    assert page().others == ()


def test_one_of_one_does_not_stand_above_ninety_of_ninety(city: Office) -> None:
    other = agency("H26.13", "department", city.city)
    resolve(city, city.department, city.division, early=1)
    resolve(city, other, unit(other, "01"), early=30)

    assert ranks(page().departments) == [("H26.13", 1), ("H26.12", 2)]


def test_equal_standing_is_an_equal_place(city: Office) -> None:
    other, third = (agency(f"H26.1{n}", "department", city.city) for n in (3, 4))
    resolve(city, city.department, city.division, early=3)
    resolve(city, other, unit(other, "01"), early=3)
    resolve(city, third, unit(third, "01"), early=3, late=2)

    assert ranks(page().departments) == [("H26.12", 1), ("H26.13", 1), ("H26.14", 3)]


def test_who_leaves_it_undone_does_not_lead(city: Office) -> None:
    other = agency("H26.13", "department", city.city)
    resolve(city, city.department, city.division, early=5)
    resolve(city, other, unit(other, "01"), early=4)
    overdue = city.dossier()
    post(overdue, "received", at("2026-03-02 08:00"))
    post(overdue, "overdue", at("2026-03-12 08:00"))

    assert ranks(page().departments) == [("H26.13", 1), ("H26.12", 2)]
    assert [line.code for line in page().late] == ["H26.12"]
    assert page().late[0].on_time == Share(5, 5)
    assert page().late[0].late == 1


def test_who_has_nothing_to_show_has_no_rank_and_no_share(city: Office) -> None:
    post(city.dossier(), "received", at("2026-03-20 08:00"))

    (line,) = page().departments

    assert (line.rank, line.on_time, line.change) == (None, None, None)
    assert page().late == ()


def test_late_ones_are_named_worst_first_also_for_late_reception(city: Office) -> None:
    resolve(city, city.department, city.division, late=1)
    resolve(city, city.commune, city.justice, late=2)
    city.limit_to_pass(city.dossier(), at("2026-03-05 17:30"), of="intake")

    assert [line.code for line in page().late] == ["H26.50", "H26.12", "H26.90"]
    assert [line.code for line in page().others] == ["H26.90"]


def test_a_month_stands_beside_the_one_before(city: Office) -> None:
    resolve(city, city.department, city.division, early=1, late=1, day="2026-02-10")
    resolve(city, city.department, city.division, early=3, late=1)

    (line,) = page().departments

    assert line.on_time == Share(3, 4)
    assert line.change == Decimal("25.00")
    assert line.before.resolved_late == 1
    assert page().total == line.figures
    assert page().change == Decimal("25.00")


def test_a_running_month_is_read_as_of_now(city: Office) -> None:
    resolve(city, city.department, city.division, early=1, day="2026-03-10")
    resolve(city, city.department, city.division, early=1, day="2026-03-20")

    running = page(at("2026-03-15 09:00"))

    assert not running.is_over
    assert running.as_of == at("2026-03-15 09:00")
    assert running.total.resolved_early == 1
    assert page().is_over
    assert page().as_of == at("2026-03-31 23:59:59.999999")


def test_a_month_that_has_not_begun_has_no_page(city: Office) -> None:
    assert month_page(MARCH, at("2026-02-28 23:59")) is None
    assert month_page(MARCH, at("2026-03-01 00:00")) is not None
