"""The whole road through commands: whatever happens, the recount agrees with what was posted, and
the order of worker and people never shows in the figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from dossiers.firing import fire_due
from dossiers.lifecycle import _write, apology, delivering, ending, intake, progress, signing
from dossiers.lifecycle.given import LateEntry
from dossiers.models import Apology, Dossier, Entry, Event, Rollup, Unfolded
from dossiers.statistics.columns import COLUMNS, KEYS, Figures
from dossiers.statistics.reading import read
from dossiers.statistics.rollup import fold
from dossiers.statistics.verify import differences
from tests.given.city import City, city, moment
from workflows.models import Role

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
LIMIT = moment("2026-03-09 17:30")  # 5 working days after Monday 2 March
CLOSING = moment("2026-05-01 08:00")


@pytest.fixture
def town() -> City:
    return city()


def found(at: datetime = CLOSING) -> list[str]:
    return [str(difference) for difference in differences(at)]


def numbers(at: datetime = CLOSING) -> dict[str, int]:
    (row,) = read(since=None, until=None, as_of=at)
    return {name: getattr(row.figures, name) for name in COLUMNS if getattr(row.figures, name)}


def all_figures(moments: list[datetime]) -> list[Any]:
    return [
        [(row.keys, row.figures) for row in read(since=None, until=None, as_of=at, by=by)]
        for at in moments
        for by in ((), KEYS)
    ]


def in_time(town: City) -> Dossier:
    dossier = town.receive()
    town.handed_to_counter(dossier, "2026-03-04 10:00")
    return town.conclude(dossier, "2026-03-05 09:00")


def late(town: City) -> Dossier:
    dossier = town.receive()
    town.handed_to_counter(dossier, "2026-03-16 10:00")
    return town.conclude(dossier, "2026-03-17 09:00")


def at_the_limit(town: City) -> Dossier:
    dossier = town.receive()
    town.handed_to_counter(dossier, "2026-03-09 10:00")
    return town.conclude(dossier, "2026-03-09 17:30")


def supplied(town: City) -> Dossier:
    dossier = town.receive()
    town.ask_supplement(dossier, "2026-03-04 10:00")
    town.supply(dossier, "2026-03-18 09:00")
    return dossier


def supplied_after_the_limit(town: City) -> Dossier:
    dossier = town.receive()
    town.ask_supplement(dossier, "2026-03-10 10:00")
    town.supply(dossier, "2026-03-18 09:00")
    town.handed_to_counter(dossier, "2026-03-19 10:00")
    return town.conclude(dossier, "2026-03-20 10:00")


def lapsed(town: City) -> Dossier:
    dossier = town.receive()
    return town.ask_supplement(dossier, "2026-03-04 10:00")


def lapsed_late(town: City) -> Dossier:
    dossier = town.receive()
    return town.ask_supplement(dossier, "2026-03-11 10:00")


def withdrawn_late(town: City) -> Dossier:
    dossier = town.receive()
    return ending.withdraw(
        dossier.pk, by=town.acting(Role.CLERK), at=moment("2026-03-12 08:30"), reason="Đơn xin rút"
    )


def withdrawn_while_papers_are_missing(town: City) -> Dossier:
    dossier = town.receive()
    town.ask_supplement(dossier, "2026-03-04 10:00")
    return ending.withdraw(
        dossier.pk, by=town.acting(Role.CLERK), at=moment("2026-03-05 08:30"), reason="Đơn xin rút"
    )


def discontinued_while_papers_are_missing(town: City) -> Dossier:
    dossier = town.receive()
    town.ask_supplement(dossier, "2026-03-04 10:00")
    ending.discontinue(
        dossier.pk,
        reason="Không đủ điều kiện",
        legal_ground="118/2025/NĐ-CP",
        by=town.acting(Role.APPROVER),
        at=moment("2026-03-05 08:30"),
    )
    return ending.reopen(
        dossier.pk,
        reason="Dừng nhầm",
        by=town.acting(Role.APPROVER),
        at=moment("2026-03-06 09:00"),
    )


def reopened_late(town: City) -> Dossier:
    dossier = late(town)
    return ending.reopen(
        dossier.pk,
        reason="Kết quả sai",
        by=town.acting(Role.APPROVER),
        at=moment("2026-03-20 09:00"),
    )


def reopened_in_time(town: City) -> Dossier:
    dossier = in_time(town)
    return ending.reopen(
        dossier.pk,
        reason="Kết quả sai",
        by=town.acting(Role.APPROVER),
        at=moment("2026-03-20 09:00"),
    )


def voided_late(town: City) -> Dossier:
    dossier = town.receive()
    return ending.void(
        dossier.pk, reason="Nhập sai", by=town.acting(Role.CLERK), at=moment("2026-03-12 08:30")
    )


def apologised_late(town: City) -> Dossier:
    return apologise(town, town.receive(), "03-11 09:00", "03-11 10:00", "03-12 11:00")


def apologised_beforehand(town: City) -> Dossier:
    return apologise(town, town.receive(), "03-09 09:00", "03-09 10:00", "03-09 11:00")


def signed_as_the_limit_passed(town: City) -> Dossier:
    return apologise(town, town.receive(), "03-09 16:00", "03-10 08:30", "03-10 09:00")


def arrived_as_the_limit_passed(town: City) -> Dossier:
    return apologise(town, town.receive(), "03-09 16:00", "03-09 16:30", "03-10 09:00")


def nobody_to_write_to(town: City) -> Dossier:
    holder = intake.PartyGiven(role="holder", name="Nguyễn Thị Ẩm")
    return apologise(town, town.receive(parties=[holder]), "03-11 09:00", "03-11 10:00")


def voided_with_a_letter_on_its_way(town: City) -> Dossier:
    dossier = apologise(town, town.receive(), "03-11 09:00", "03-11 10:00")
    ending.void(
        dossier.pk, reason="Nhập sai", by=town.acting(Role.CLERK), at=moment("2026-03-12 08:30")
    )
    letter = Apology.objects.get(dossier=dossier)
    delivering.apology_settled(letter.pk, True, moment("2026-03-13 11:00"))
    return dossier


def concluded_in_time_entered_late(town: City) -> Dossier:
    dossier = town.handed_to_counter(town.receive(), "2026-03-09 10:00")
    fire_due(moment("2026-03-09 17:45"))
    return ending.conclude(
        dossier.pk,
        by=town.acting(Role.CLERK),
        at=moment("2026-03-09 17:10"),
        late=LateEntry(moment("2026-03-09 18:00"), "Mất điện"),
    )


def taken_up_in_time_entered_late(town: City) -> Dossier:
    dossier = town.receive()
    fire_due(moment("2026-03-09 17:45"))
    return progress.claim(
        dossier.pk,
        by=town.acting(Role.OFFICER),
        at=moment("2026-03-09 17:10"),
        late=LateEntry(moment("2026-03-09 18:00"), "Mất điện"),
    )


def apologise(
    town: City, dossier: Dossier, drafted: str, signed: str, settled: str = ""
) -> Dossier:
    draft = apology.draft_apology(
        dossier.pk,
        reason="overload",
        text="Quá tải",
        new_promise_at=moment("2026-03-20 10:00"),
        by=town.acting(Role.UNIT_HEAD),
        at=moment(f"2026-{drafted}"),
    )
    signing.sign_apology(draft.pk, by=town.acting(Role.APPROVER), at=moment(f"2026-{signed}"))
    if settled:
        delivering.apology_settled(draft.pk, True, moment(f"2026-{settled}"))
    return dossier


ROADS = [
    in_time,
    late,
    at_the_limit,
    supplied,
    supplied_after_the_limit,
    lapsed,
    lapsed_late,
    withdrawn_late,
    withdrawn_while_papers_are_missing,
    discontinued_while_papers_are_missing,
    reopened_late,
    reopened_in_time,
    voided_late,
    apologised_late,
    apologised_beforehand,
    signed_as_the_limit_passed,
    arrived_as_the_limit_passed,
    nobody_to_write_to,
    voided_with_a_letter_on_its_way,
    concluded_in_time_entered_late,
    taken_up_in_time_entered_late,
]
MOMENTS = [
    LIMIT,
    LIMIT + TICK,
    moment("2026-03-11 23:59:59.999999"),
    moment("2026-03-20 12:00"),
    moment("2026-04-10 12:00"),
]


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
def test_the_recount_agrees_before_and_after_the_worker(town: City, road: Any) -> None:
    road(town)
    assert found() == []
    before = all_figures(MOMENTS)

    fire_due(CLOSING)
    assert found() == []
    assert all_figures(MOMENTS) == before

    fold(CLOSING)
    assert Unfolded.objects.count() == 0
    assert found() == []
    assert all_figures(MOMENTS) == before


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
def test_a_worker_that_was_always_there_leaves_the_same_figures(
    town: City, road: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    road(town)
    unattended = all_figures(MOMENTS)

    locking = _write.lock

    def after_a_sweep(dossier_id: int, command: str, **more: Any) -> Any:
        fire_due(more["at"])
        return locking(dossier_id, command, **more)

    monkeypatch.setattr(_write, "lock", after_a_sweep)
    road(town)
    fire_due(CLOSING)

    assert found() == []
    assert [[row for _, row in reading] for reading in all_figures(MOMENTS)] == [
        [row + row for _, row in reading] for reading in unattended
    ]


def test_the_figures_of_a_late_road(town: City) -> None:
    late(town)

    assert numbers(LIMIT) == {"received": 1, "pending_in_time": 1}
    assert numbers(LIMIT + TICK) == {
        "received": 1,
        "pending_overdue": 1,
        "breaches": 1,
        "apologies_owed": 1,
    }
    assert numbers() == {"received": 1, "resolved_late": 1, "breaches": 1, "apologies_owed": 1}


def test_at_the_limit_is_on_time(town: City) -> None:
    at_the_limit(town)

    assert numbers() == {"received": 1, "resolved_on_time": 1}


def test_a_voided_receipt_is_in_no_reading_since(town: City) -> None:
    voided_late(town)

    assert all_figures(MOMENTS) == [[({}, Figures())], []] * len(MOMENTS)


@contextmanager
def tampering(table: str) -> Iterator[None]:
    """Whoever owns the database can switch its guards off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.builds_rows
def test_an_event_changed_afterwards_is_found(town: City) -> None:
    dossier = late(town)
    with tampering("dossiers_event"):
        Event.objects.filter(dossier=dossier, kind="concluded").update(
            at=moment("2026-03-09 17:00")
        )

    lines = found()

    assert any("hash" in line for line in lines)
    assert any("resolved_late" in line and "posted 1, recounted 0" in line for line in lines)
    assert any("resolved_on_time" in line and "posted 0, recounted 1" in line for line in lines)


@pytest.mark.builds_rows
def test_an_event_removed_afterwards_is_found(town: City) -> None:
    dossier = late(town)
    with tampering("dossiers_event"):
        Event.objects.filter(dossier=dossier).order_by("-n").first().delete()

    assert any("head number" in line for line in found())


@pytest.mark.builds_rows
def test_an_entry_changed_afterwards_is_found(town: City) -> None:
    late(town)
    with tampering("dossiers_entry"):
        Entry.objects.filter(measure="resolved_late").update(measure="resolved_on_time")

    assert len(found()) == 2


@pytest.mark.builds_rows
def test_a_rollup_changed_afterwards_is_found(town: City) -> None:
    late(town)
    fold(CLOSING)
    Rollup.objects.filter(measure="received").update(amount=2)

    first, second = found()
    assert "received" in first
    assert first.endswith("posted 2, recounted 1")
    assert second.startswith("rollup ")


@pytest.mark.builds_rows
def test_a_dossier_of_whom_nothing_was_posted_is_found(town: City) -> None:
    in_time(town)
    Unfolded.objects.all().delete()

    assert len(found()) == 4
