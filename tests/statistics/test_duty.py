"""The duty to apologise as figures: owed, foreseen, in time, late, missing, and who is behind."""

from __future__ import annotations

from datetime import date

import pytest

from dossiers.firing import fire_due
from dossiers.lifecycle import apology, delivering, ending, signing
from dossiers.models import Dossier
from dossiers.statistics.duty import COLUMNS, STANDINGS, Asked, Duty, duty, owed
from dossiers.statistics.reading import read
from tests.given.city import City, city, moment
from workflows.models import Role

pytestmark = pytest.mark.django_db

DRAFT, NEW_DAY = "2026-03-09 09:00", "2026-03-20 17:30"


@pytest.fixture
def given() -> City:
    return city()


def signed(town: City, at: str, *, drafted: str = "", arrived: str = "") -> Dossier:
    """Its limit passes on Monday 9 March at 17:30; its letter is signed at `at`."""
    dossier = town.receive("2026-03-02 08:10")
    letter = apology.draft_apology(
        dossier.pk,
        reason="overload",
        new_promise_at=moment(NEW_DAY),
        by=town.acting(Role.UNIT_HEAD),
        at=moment(drafted or at),
    )
    signing.sign_apology(letter.pk, by=town.acting(Role.APPROVER), at=moment(at))
    if arrived:
        delivering.apology_settled(letter.pk, True, moment(arrived))
    return dossier


def everything(as_of: str) -> Duty:
    (row,) = duty(Asked(None, None, moment(as_of)))
    return row.duty


def one_of_each(town: City) -> dict[str, Dossier]:
    """As of Wednesday 11 March, 09:00: one dossier in every standing but the last."""
    return {
        "foreseen": signed(town, "2026-03-09 17:30", drafted="2026-03-09 09:00"),
        "in_time": signed(town, "2026-03-10 17:30", arrived="2026-03-11 08:30"),
        "late": signed(town, "2026-03-11 08:10"),
        "missing": town.receive("2026-03-02 08:10"),
    }


def test_nothing_is_owed_by_nobody(given: City) -> None:
    assert everything("2026-03-02 08:00") == Duty()


def test_every_standing_is_a_figure(given: City) -> None:
    one_of_each(given)
    fire_due(moment("2026-03-11 09:00"))

    assert everything("2026-03-11 09:00") == Duty(
        owed=4, foreseen=1, in_time=1, late=1, missing=1, made=1
    )


def test_a_letter_still_has_until_the_close_of_the_next_working_day(given: City) -> None:
    given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-10 08:00"))

    assert everything("2026-03-10 17:30") == Duty(owed=1, to_come=1)
    assert everything("2026-03-10 17:31") == Duty(owed=1, missing=1)


@pytest.mark.parametrize(
    "as_of", ["2026-03-09 17:30", "2026-03-10 09:00", "2026-03-11 09:00", "2026-03-20 09:00"]
)
def test_the_standings_add_up_and_agree_with_the_figures(given: City, as_of: str) -> None:
    one_of_each(given)
    fire_due(moment("2026-03-20 09:00"))

    found = everything(as_of)
    figures = read(since=None, until=None, as_of=moment(as_of))[0].figures

    assert found.owed == sum(getattr(found, standing) for standing in STANDINGS)
    assert (found.owed, found.foreseen, found.made) == (
        figures.apologies_owed,
        figures.apologies_foreseen,
        figures.apologies_made,
    )


def test_a_reading_is_the_same_before_the_worker_and_after(given: City) -> None:
    given.receive("2026-03-02 08:10")
    given.receive("2026-03-03 08:10")
    moments = ["2026-03-09 17:30", "2026-03-10 12:00", "2026-03-11 09:00", "2026-03-12 09:00"]
    before = [everything(as_of) for as_of in moments]

    fire_due(moment("2026-03-12 10:00"))

    assert [everything(as_of) for as_of in moments] == before
    assert before[-1] == Duty(owed=2, missing=2)
    assert before[1] == Duty(owed=1, to_come=1)


def test_a_letter_signed_before_a_limit_nobody_noticed_is_foreseen(given: City) -> None:
    signed(given, "2026-03-09 10:00", drafted="2026-03-09 09:00")

    assert everything("2026-03-10 09:00") == Duty(owed=1, foreseen=1)


def test_the_list_behind_a_count_is_the_count(given: City) -> None:
    dossiers = one_of_each(given)
    fire_due(moment("2026-03-11 09:00"))
    asked = Asked(None, None, moment("2026-03-11 09:00"))

    for standing, dossier in dossiers.items():
        (line,) = owed(asked, standing)
        assert (line.dossier_id, line.standing) == (dossier.pk, standing)
    assert len(owed(asked)) == 4
    assert owed(asked, "to_come") == []
    assert [line.dossier_id for line in owed(asked, first=1, most=2)] == [
        line.dossier_id for line in owed(asked)[1:3]
    ]


def test_it_is_cut_by_agency_unit_and_month(given: City) -> None:
    given.receive("2026-03-02 08:10")
    given.receive("2026-03-30 08:10")
    fire_due(moment("2026-04-20 09:00"))

    rows = duty(Asked(None, None, moment("2026-04-20 09:00")), ["agency", "unit", "month"])

    assert [(dict(row.keys), row.duty.owed) for row in rows] == [
        ({"agency": "H26.C001", "unit": "H26.C001.02", "month": "2026-03"}, 1),
        ({"agency": "H26.C001", "unit": "H26.C001.02", "month": "2026-04"}, 1),
    ]


def test_a_period_takes_the_limits_that_passed_in_it(given: City) -> None:
    given.receive("2026-03-02 08:10")
    given.receive("2026-03-30 08:10")
    fire_due(moment("2026-04-20 09:00"))
    april = Asked(date(2026, 4, 1), date(2026, 4, 30), moment("2026-04-20 09:00"))

    assert duty(april)[0].duty == Duty(owed=1, missing=1)


def test_it_is_scoped_by_place(given: City) -> None:
    given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-11 09:00"))
    at = moment("2026-03-11 09:00")

    def count(**scope: object) -> int:
        return duty(Asked(None, None, at, **scope))[0].duty.owed  # type: ignore[arg-type]

    assert count(paths=("/H26/",)) == 1
    assert count(paths=("/H26/H26.12/",)) == 0
    assert count(agency="H26.C001") == count(unit="H26.C001.02") == 1
    assert count(agency="H26") == count(unit="H26.C001.00") == 0


def test_voided_receipts_owe_nothing(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-10 08:00"))
    ending.void(
        dossier.pk,
        reason="Nhập sai",
        by=given.acting(Role.CLERK),
        at=moment("2026-03-10 09:00"),
    )

    assert everything("2026-03-12 09:00") == Duty()


def test_only_known_keys_cut_it(given: City) -> None:
    with pytest.raises(ValueError, match="colour is not a key"):
        duty(Asked(None, None, moment("2026-03-12 09:00")), ["colour"])


def test_it_takes_the_same_queries_however_much_is_owed(
    given: City, django_assert_num_queries: object
) -> None:
    for _ in range(3):
        given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-12 09:00"))

    with django_assert_num_queries(2):  # type: ignore[operator]
        duty(Asked(None, None, moment("2026-03-12 10:00")), ["agency"])


def test_the_columns_are_named() -> None:
    assert ("owed", *STANDINGS, "made") == COLUMNS
