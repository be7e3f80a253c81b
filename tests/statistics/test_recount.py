"""Counting one dossier again: what its story says, to the microsecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dossiers.statistics.lateness import Halt, Limit, Told
from dossiers.statistics.recount import Happened, Judged, Letter, Story, recount

TICK = timedelta(microseconds=1)
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def day(number: int, hour: int = 3) -> datetime:
    return datetime(2026, 3, number, hour, tzinfo=UTC)


LIMIT = day(10)


def story(*moves: tuple[str, datetime], limit: datetime | None = LIMIT, **more: object) -> Story:
    events, status = [], ""
    for n, (went_to, at) in enumerate((("received", day(2)), *moves), start=1):
        events.append(Happened(n, went_to, at, status, went_to, None, {}))
        status = went_to
    told = Told(limits=[Limit(day(2), limit, 1)])
    return Story(place=("A", "A.1"), events=events, dossier=told, **more)  # type: ignore[arg-type]


def counted(told: Story, now: datetime = NOW) -> list[tuple[str, int, datetime]]:
    return sorted((count.measure, count.amount, count.at) for count in recount(told, now))


@pytest.mark.parametrize(
    ("end", "measure"),
    [
        (day(9, 16), "resolved_early"),
        (day(9, 17), "resolved_on_time"),
        (day(10), "resolved_on_time"),
        (day(10) + TICK, "resolved_late"),
    ],
    ids=["the day before", "the same local day", "at the limit", "a tick after"],
)
def test_how_it_ended_follows_from_the_limit(end: datetime, measure: str) -> None:
    told = story(("processing", day(3)), ("concluded", end))
    told.dossier.tz = ZoneInfo("Asia/Ho_Chi_Minh")

    assert (measure, 1, end) in counted(told)


def test_what_ends_in_time_was_never_overdue() -> None:
    assert counted(story(("processing", day(3)), ("concluded", day(10)))) == [
        ("received", 1, day(2)),
        ("resolved_on_time", 1, day(10)),
    ]


def test_a_limit_that_passed_is_overdue_until_the_end() -> None:
    assert counted(story(("processing", day(3)), ("concluded", day(12)))) == [
        ("apologies_owed", 1, day(10) + TICK),
        ("breaches", 1, day(10) + TICK),
        ("overdue", -1, day(12)),
        ("overdue", 1, day(10) + TICK),
        ("received", 1, day(2)),
        ("resolved_late", 1, day(12)),
    ]


def test_at_the_limit_nothing_has_passed() -> None:
    told = story(("processing", day(3)))

    assert [count for count in counted(told, day(10)) if count[0] == "overdue"] == []
    assert ("overdue", 1, day(10) + TICK) in counted(told, day(10) + TICK)


def test_a_stopped_clock_does_not_run_out() -> None:
    told = story(("processing", day(3)), ("supplement_requested", day(4)))
    told.dossier.halts.append(Halt(day(4), None, 3))

    assert counted(told) == [("received", 1, day(2))]


def test_a_stop_begun_after_the_limit_hides_nothing() -> None:
    told = story(("processing", day(3)), ("supplement_requested", day(11)))
    told.dossier.halts.append(Halt(day(11), None, 3))

    assert ("overdue", 1, day(10) + TICK) in counted(told)


def test_a_limit_moved_into_the_past_passes_at_the_moment_of_the_change() -> None:
    told = story(("processing", day(3)))
    told.dossier.limits.append(Limit(day(8), day(5), 3))

    assert ("overdue", 1, day(8) + TICK) in counted(told)


def test_reopened_it_goes_on_being_late() -> None:
    told = story(("processing", day(3)), ("concluded", day(12)), ("processing", day(15)))

    changes = [count for count in counted(told) if count[0] in ("overdue", "reopened", "breaches")]
    assert changes == [
        ("breaches", 1, day(10) + TICK),
        ("overdue", -1, day(12)),
        ("overdue", 1, day(10) + TICK),
        ("overdue", 1, day(15)),
        ("reopened", 1, day(15)),
    ]


def test_without_a_limit_nothing_is_on_time_or_late() -> None:
    told = story(("processing", day(3)), ("concluded", day(12)), limit=None)

    assert counted(told) == [
        ("received", 1, day(2)),
        ("resolved_without_limit", 1, day(12)),
        ("without_limit", -1, day(12)),
        ("without_limit", 1, day(2)),
    ]


def test_a_voided_receipt_counts_nowhere() -> None:
    assert counted(story(("processing", day(3)), voided=True)) == []


def test_an_act_taken_back_was_never_there() -> None:
    told = story(("processing", day(3)), ("concluded", day(5)))
    told.events.append(Happened(4, "undone", day(5, 4), "concluded", "processing", 3, {}))

    assert [count[0] for count in counted(told, day(6))] == ["received"]


def test_an_annulled_breach_counts_nowhere() -> None:
    told = story(("processing", day(3)))
    told.breaches.append(Judged("dossier", day(10), owes_apology=True, annulled=True))

    assert counted(told) == [("received", 1, day(2))]


def test_a_history_that_owes_no_apology_owes_none() -> None:
    told = story(("processing", day(3)))
    told.breaches.append(Judged("dossier", day(10), owes_apology=False, annulled=False))

    assert [count[0] for count in counted(told)] == ["breaches", "overdue", "received"]


@pytest.mark.parametrize(
    ("signed", "settled", "expected"),
    [
        (day(9), day(9, 5), [("foreseen", day(10) + TICK), ("made", day(10) + TICK)]),
        (day(11), day(12), [("made", day(12))]),
        (day(11), None, []),
    ],
    ids=["foreseen", "afterwards", "not arrived"],
)
def test_an_apology_is_made_when_it_arrived_and_counts_with_its_breach(
    signed: datetime, settled: datetime | None, expected: list[tuple[str, datetime]]
) -> None:
    told = story(("processing", day(3)), letter=Letter(signed, settled))

    found = [count for count in recount(told, NOW) if count.measure.startswith("apologies_")]

    assert [(c.measure.removeprefix("apologies_"), c.at) for c in found[1:]] == expected
    assert {count.counts_at for count in found} == {day(10) + TICK}


def test_a_supplement_that_lapsed_unnoticed_ends_the_dossier() -> None:
    told = story(("supplement_requested", day(4)), lapses_at=day(20))
    told.dossier.halts.append(Halt(day(4), None, 2))

    assert counted(told) == [("discontinued", 1, day(20)), ("received", 1, day(2))]


def test_before_reception_it_counts_to_the_receiver() -> None:
    told = Story(
        place=("A", "A.1"),
        events=[
            Happened(1, "submitted", day(2), "", "submitted", None, {}),
            Happened(2, "withdrawn", day(9), "submitted", "withdrawn", None, {}),
        ],
        intake=Told(limits=[Limit(day(2), day(3), 1)]),
    )

    assert [(c.measure, c.at, c.place) for c in recount(told, NOW)] == [
        ("ended_unreceived", day(9), None),
        ("received_late", day(3) + TICK, None),
    ]


def test_who_moves_takes_lateness_along() -> None:
    told = story(("processing", day(3)))
    facts = {"from_agency": "B", "from_unit": "B.1", "to_agency": "A", "to_unit": "A.1"}
    told.events.append(Happened(3, "moved", day(12), "", "", None, facts))

    found = [(c.measure, c.amount, c.place[0]) for c in recount(told, NOW) if c.place]

    assert found == [
        ("received", 1, "B"),
        ("overdue", 1, "B"),
        ("breaches", 1, "B"),
        ("apologies_owed", 1, "B"),
        ("moved_out", 1, "B"),
        ("moved_in", 1, "A"),
        ("overdue", -1, "B"),
        ("overdue", 1, "A"),
    ]
