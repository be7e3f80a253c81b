"""Figures of a period: what counts where, and as of when."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dossiers.models import Entry, Rollup, Timer, Unfolded
from dossiers.statistics import posting
from dossiers.statistics.columns import COLUMNS, Figures
from dossiers.statistics.periods import PeriodError, day_end
from dossiers.statistics.reading import Row, UnknownKey, read
from dossiers.statistics.rollup import fold
from tests.given.counted_city import Office, at, office, post

pytestmark = [pytest.mark.django_db, pytest.mark.builds_rows]
MARCH = {"since": date(2026, 3, 1), "until": date(2026, 3, 31)}


@pytest.fixture
def city() -> Office:
    return office()


def march(as_of: str = "2026-03-31 23:59:59.999999", **more: object) -> Figures:
    (row,) = read(**MARCH, as_of=at(as_of), **more)  # type: ignore[arg-type]
    return row.figures


def everything(as_of: datetime, *by: str) -> list[dict[str, object]]:
    rows = read(since=None, until=None, as_of=as_of, by=by)
    return [{**row.keys, **_numbers(row.figures)} for row in rows]


def _numbers(figures: Figures) -> dict[str, int]:
    return {name: getattr(figures, name) for name in COLUMNS if getattr(figures, name)}


def holds(figures: Figures) -> bool:
    came = figures.carried_over + figures.received + figures.reopened + figures.moved_in
    went = figures.resolved + figures.withdrawn + figures.discontinued + figures.moved_out
    return came == went + figures.pending


def test_without_anything_there_is_one_row_of_zeros() -> None:
    assert read(since=None, until=None, as_of=at("2026-03-31 12:00")) == [Row({}, Figures())]
    assert read(since=None, until=None, as_of=at("2026-03-31 12:00"), by=["agency"]) == []


def test_what_was_pending_before_the_month_is_carried_over(city: Office) -> None:
    old, new = city.dossier(), city.dossier()
    post(old, "received", at("2026-02-28 23:59:59.999999"))
    post(new, "received", at("2026-03-01 00:00"))
    post(old, "resolved_late", at("2026-03-31 23:59:59.999999"))

    assert _numbers(march()) == {
        "carried_over": 1,
        "received": 1,
        "resolved_late": 1,
        "pending_in_time": 1,
    }


def test_an_act_after_the_moment_does_not_count(city: Office) -> None:
    dossier = city.dossier()
    post(dossier, "received", at("2026-03-02 08:00"))
    post(dossier, "resolved_early", at("2026-03-05 10:00"))

    assert march("2026-03-05 09:59:59.999999").pending_in_time == 1
    assert march("2026-03-05 10:00").resolved_early == 1
    assert march("2026-03-05 10:00").pending == 0


@pytest.mark.parametrize("folded", [False, True])
def test_a_moment_inside_a_day_is_answered_from_that_days_entries(
    city: Office, folded: bool
) -> None:
    post(city.dossier(), "received", at("2026-03-02 08:00"))
    post(city.dossier(), "received", at("2026-03-02 15:00"))
    if folded:
        assert fold(at("2026-03-03 00:00")) == 2

    assert march("2026-03-02 12:00").received == 1
    assert march("2026-03-02 23:59:59.999999").received == 2
    assert march("2026-03-03 00:00").received == 2


def test_a_day_is_not_folded_before_it_has_ended(city: Office) -> None:
    post(city.dossier(), "received", at("2026-03-02 23:59:59.999999"))

    assert fold(at("2026-03-02 23:59:59.999999")) == 0
    assert fold(at("2026-03-03 00:00")) == 1


def test_folding_again_adds_nothing_and_keeps_the_entries(city: Office) -> None:
    post(city.dossier(), "received", at("2026-03-02 08:00"))
    post(city.dossier(), "received", at("2026-03-02 09:00"))

    assert fold(at("2026-03-03 08:00")) == 2
    assert fold(at("2026-03-03 08:00")) == 0
    assert [rollup.amount for rollup in Rollup.objects.all()] == [2]
    assert Entry.objects.count() == 2
    assert march().received == 2


def test_an_entry_recorded_late_is_added_to_the_day_already_folded(city: Office) -> None:
    post(city.dossier(), "received", at("2026-03-02 08:00"))
    fold(at("2026-03-10 08:00"))
    post(city.dossier(), "received", at("2026-03-02 09:00"))
    before = march()

    assert fold(at("2026-03-10 09:00")) == 1

    assert before.received == 2
    assert march() == before
    assert Unfolded.objects.count() == 0


def test_folding_takes_no_more_than_it_is_asked_to(city: Office) -> None:
    for _ in range(3):
        post(city.dossier(), "received", at("2026-03-02 08:00"))

    assert [fold(at("2026-03-03 08:00"), limit=2) for _ in range(3)] == [2, 1, 0]
    assert march().received == 3


def test_what_is_taken_back_was_never_there(city: Office) -> None:
    entry = post(city.dossier(), "received", at("2026-03-02 08:00"))
    fold(at("2026-03-05 08:00"))
    back = posting.negated(entry, at("2026-03-20 08:00"), 2)
    back.save()
    Unfolded.objects.create(entry=back)

    assert march("2026-03-03 08:00") == Figures()
    assert everything(at("2026-03-25 08:00"), "agency") == []


def test_a_limit_passes_after_its_moment_not_at_it(city: Office) -> None:
    dossier = city.dossier()
    post(dossier, "received", at("2026-03-02 08:00"))
    city.limit_to_pass(dossier, at("2026-03-05 17:30"))

    assert march("2026-03-05 17:30").pending_overdue == 0
    assert march("2026-03-05 17:30").pending_in_time == 1
    assert _numbers(march("2026-03-05 17:30:00.000001")) == {
        "received": 1,
        "pending_overdue": 1,
        "breaches": 1,
        "apologies_owed": 1,
    }


def test_a_limit_nobody_noticed_counts_as_if_it_had_been_noticed(city: Office) -> None:
    dossier = city.dossier()
    post(dossier, "received", at("2026-02-20 08:00"))
    timer = city.limit_to_pass(dossier, at("2026-02-28 23:59:59.999999"))
    moments = [at("2026-02-28 23:59:59.999999"), at("2026-03-01 00:00"), at("2026-03-09 09:00")]
    by = ("agency", "unit", "receiving_agency", "channel", "procedure", "field", "month")
    before = [everything(moment, *by) for moment in moments]

    passed = timer.fires_at + timedelta(microseconds=1)
    for measure in ("overdue", "breaches", "apologies_owed"):
        post(dossier, measure, passed)
    Timer.objects.all().delete()

    assert [everything(moment, *by) for moment in moments] == before
    assert before[1][-1]["breaches"] == 1
    assert before[1][-1]["month"] == "2026-03"
    fold(at("2026-03-20 08:00"))
    assert [everything(moment, *by) for moment in moments] == before


def test_late_reception_counts_to_the_agency_that_had_to_accept(city: Office) -> None:
    dossier = city.dossier()
    city.limit_to_pass(dossier, at("2026-03-05 17:30"), of="intake")

    assert everything(at("2026-03-06 08:00"), "agency", "unit") == [
        {"agency": "H26.90", "unit": None, "received_late": 1}
    ]


def test_an_apology_counts_in_the_month_of_its_breach_once_it_was_made(city: Office) -> None:
    dossier = city.dossier()
    breached = at("2026-02-27 17:30:00.000001")
    for measure in ("received", "overdue", "breaches", "apologies_owed"):
        post(dossier, measure, breached)
    post(dossier, "apologies_made", at("2026-03-04 09:00"), counts_at=breached)

    february = {"since": date(2026, 2, 1), "until": date(2026, 3, 31)}
    (late,) = read(**february, as_of=at("2026-03-04 09:00"))
    (early,) = read(**february, as_of=at("2026-03-04 08:59:59.999999"))
    assert (early.figures.apologies_owed, early.figures.apologies_made) == (1, 0)
    assert (late.figures.apologies_owed, late.figures.apologies_made) == (1, 1)
    assert march().apologies_made == 0


def test_each_month_is_a_period_of_its_own(city: Office) -> None:
    first, second = city.dossier(), city.dossier()
    post(first, "received", at("2026-01-10 08:00"))
    post(second, "received", at("2026-03-10 08:00"))
    post(first, "overdue", at("2026-01-20 08:00"))
    post(first, "overdue", at("2026-03-11 08:00"), -1)
    post(first, "resolved_late", at("2026-03-11 08:00"))

    by_month = everything(at("2026-03-20 08:00"), "month")

    assert by_month == [
        {"month": "2026-01", "received": 1, "pending_overdue": 1},
        {"month": "2026-02", "carried_over": 1, "pending_overdue": 1},
        {
            "month": "2026-03",
            "carried_over": 1,
            "received": 1,
            "resolved_late": 1,
            "pending_in_time": 1,
        },
    ]
    for month in by_month[:2]:
        first_day = date.fromisoformat(f"{month['month']}-01")
        last = date(2026, first_day.month + 1, 1) - timedelta(days=1)
        (alone,) = read(since=first_day, until=last, as_of=day_end(last))
        assert _numbers(alone.figures) == {k: v for k, v in month.items() if k != "month"}


def test_a_month_cut_by_the_period_begins_with_it(city: Office) -> None:
    post(city.dossier(), "received", at("2026-03-10 08:00"))
    post(city.dossier(), "received", at("2026-03-20 08:00"))

    rows = read(since=date(2026, 3, 15), until=None, as_of=at("2026-03-31 08:00"), by=["month"])

    assert [_numbers(row.figures) for row in rows] == [
        {"carried_over": 1, "received": 1, "pending_in_time": 2}
    ]


def test_an_agency_stands_for_all_below_it(city: Office) -> None:
    post(city.dossier(), "received", at("2026-03-02 08:00"))
    post(
        city.dossier(answering=city.commune, unit=city.justice), "received", at("2026-03-02 09:00")
    )

    assert march(agency="H26").received == 2
    assert march(agency="H26.12").received == 1
    assert march(agency="000.00.12.H26").received == 1
    assert march(agency="H26.90").received == 0
    assert everything(at("2026-03-03 08:00"), "agency", "field") == [
        {"agency": "H26.12", "field": "Hộ tịch", "received": 1, "pending_in_time": 1},
        {"agency": "H26.50", "field": "Hộ tịch", "received": 1, "pending_in_time": 1},
    ]
    with pytest.raises(UnknownKey):
        march(agency="H99")


def test_what_moves_leaves_one_row_and_enters_another(city: Office) -> None:
    dossier = city.dossier()
    post(dossier, "received", at("2026-03-02 08:00"))
    post(dossier, "overdue", at("2026-03-03 08:00"))
    moved = at("2026-03-04 08:00")
    post(dossier, "moved_out", moved)
    post(dossier, "overdue", moved, -1)
    dossier.answering_agency, dossier.unit = city.commune, city.justice
    post(dossier, "moved_in", moved)
    post(dossier, "overdue", moved)

    assert everything(at("2026-03-05 08:00"), "agency") == [
        {"agency": "H26.12", "received": 1, "moved_out": 1},
        {"agency": "H26.50", "moved_in": 1, "pending_overdue": 1},
    ]


def test_in_every_row_what_came_is_what_went_and_what_is_there(city: Office) -> None:
    endings = ("resolved_early", "resolved_on_time", "withdrawn", "discontinued", "", "moved_out")
    for day, ending in enumerate(endings * 5, start=1):
        dossier = city.dossier(answering=city.commune if day % 3 else city.department)
        begun = at("2026-01-05 08:00") + timedelta(days=2 * day)
        post(dossier, "received", begun)
        if day % 4 == 0:
            post(dossier, "overdue", begun + timedelta(days=1))
        if day % 7 == 0:
            post(dossier, "without_limit", begun)
        if ending:
            post(dossier, ending, begun + timedelta(days=9))
    fold(at("2026-02-15 08:00"))

    for by in (["month"], ["agency", "month"], ["unit"], []):
        rows = read(since=date(2026, 1, 20), until=None, as_of=at("2026-03-15 11:00"), by=by)
        assert rows
        assert all(holds(row.figures) for row in rows)


@pytest.mark.parametrize(
    ("since", "until", "as_of"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "2026-03-01 12:00"),
        (date(2026, 3, 1), date(2026, 3, 31), "2026-04-01 00:00"),
        (date(2026, 3, 1), date(2026, 3, 31), "2026-02-28 23:59:59.999999"),
    ],
)
def test_a_moment_outside_the_period_is_refused(since: date, until: date, as_of: str) -> None:
    with pytest.raises(PeriodError):
        read(since=since, until=until, as_of=at(as_of))


def test_the_queries_do_not_grow_with_the_rows(
    city: Office, django_assert_num_queries: object
) -> None:
    for _ in range(2):
        for answering, unit in ((city.department, city.division), (city.commune, city.justice)):
            post(city.dossier(answering=answering, unit=unit), "received", at("2026-03-02 08:00"))
        with django_assert_num_queries(3):  # type: ignore[operator]
            read(
                since=None,
                until=None,
                as_of=datetime(2026, 3, 5, tzinfo=UTC),
                by=["agency", "unit"],
            )
