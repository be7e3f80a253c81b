"""Repeated lateness of a unit or an officer in a period: one record, its cases, what was done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from dossiers.errors import Invalid, NotAllowed, NotNow
from dossiers.firing import fire_due
from dossiers.lifecycle import progress
from dossiers.lifecycle.repeating import (
    RULE,
    Case,
    Period,
    note_repeated_lateness,
    periods,
    raise_repeated,
)
from dossiers.models import Breach, Dossier, RepeatedCase, RepeatedLateness
from dossiers.writing import writing
from notifications.models import Message
from tests.given.city import City, city, moment
from workflows.models import Role

DAY = timedelta(days=1)
START = moment("2026-03-02 17:30")


def cases(*days: float) -> list[Case]:
    return [Case(number, START + day * DAY) for number, day in enumerate(days)]


# The rule


def test_the_default_is_three_within_thirty_days() -> None:
    assert (RULE.breaches, RULE.within) == (3, 30 * DAY)


@pytest.mark.parametrize(
    ("name", "days", "found"),
    [
        ("two are not repeated", (0, 1), []),
        ("three on one day", (0, 0, 0), [(0, 3)]),
        ("the third within the period", (0, 10, 29.9), [(0, 3)]),
        ("the third when it is over", (0, 10, 30), []),
        ("a quiet start is left behind", (0, 20, 40, 45), [(20, 3)]),
        ("more join the same period", (0, 1, 2, 3, 29), [(0, 5)]),
        ("after it a new one begins", (0, 1, 2, 30, 31, 59), [(0, 3), (30, 3)]),
    ],
)
def test_periods_begin_with_their_first_case(
    name: str, days: tuple[float, ...], found: list[tuple[float, int]]
) -> None:
    read = [((one.since - START) / DAY, len(one.cases)) for one in periods(cases(*days), [])]

    assert read == found


def test_what_falls_into_a_known_period_joins_it_and_raises_nothing() -> None:
    known = Period(START, START + 30 * DAY, [], record_id=7)

    found = periods(cases(5, 6, 7, 31), [known])

    assert [(one.record_id, len(one.cases)) for one in found] == [(7, 3)]


# The records


@pytest.fixture
def given(db: None) -> City:
    return city()


def late(town: City, number: int, at: str = "2026-03-02 08:10") -> list[Dossier]:
    """So many dossiers received at `at` whose limits have passed."""
    made = [town.receive(at) for _ in range(number)]
    fire_due(moment(at) + 9 * DAY)
    return made


def records(**more: object) -> list[RepeatedLateness]:
    return list(RepeatedLateness.objects.filter(**more).order_by("pk"))


def test_a_unit_late_three_times_raises_one_record_with_its_cases(given: City) -> None:
    dossiers = late(given, 3)

    assert raise_repeated(moment("2026-03-11 09:00")) == 1

    (record,) = records()
    assert (record.agency, record.unit, record.officer) == (given.commune, given.division, None)
    assert (record.since, record.until) == (
        moment("2026-03-09 17:30"),
        moment("2026-03-09 17:30") + 30 * DAY,
    )
    assert set(record.breaches.values_list("dossier", flat=True)) == {one.pk for one in dossiers}


def test_it_is_raised_once_and_what_follows_joins_it(given: City) -> None:
    late(given, 3)
    raise_repeated(moment("2026-03-11 09:00"))
    late(given, 2, "2026-03-16 08:10")

    assert raise_repeated(moment("2026-03-25 09:00")) == 0
    assert raise_repeated(moment("2026-03-25 09:01")) == 0

    (record,) = records()
    assert record.breaches.count() == 5
    assert Message.objects.filter(topic="repeated_lateness").count() == 1


def test_two_are_not_repeated(given: City) -> None:
    late(given, 2)

    assert raise_repeated(moment("2026-03-11 09:00")) == 0
    assert records() == []


def test_after_the_period_a_new_record_is_raised(given: City) -> None:
    late(given, 3)
    raise_repeated(moment("2026-03-11 09:00"))
    late(given, 3, "2026-04-06 08:10")

    assert raise_repeated(moment("2026-04-15 09:00")) == 1
    assert [record.breaches.count() for record in records()] == [3, 3]


def test_a_sweep_that_slept_raises_the_same_records(given: City) -> None:
    late(given, 3)
    late(given, 3, "2026-04-06 08:10")

    assert raise_repeated(moment("2026-04-15 09:00")) == 2
    assert [record.since for record in records()] == [
        moment("2026-03-09 17:30"),
        moment("2026-04-13 17:30"),
    ]


def test_an_officer_late_three_times_has_a_record_of_their_own(given: City) -> None:
    for _ in range(3):
        dossier = given.receive("2026-03-02 08:10")
        officer = given.acting(Role.OFFICER)
        progress.claim(dossier.pk, by=officer, at=moment("2026-03-02 09:00"))
    fire_due(moment("2026-03-11 08:00"))

    assert raise_repeated(moment("2026-03-11 09:00")) == 2

    (own,) = records(officer__isnull=False)
    assert own.officer == given.posts[Role.OFFICER]
    assert own.breaches.count() == 3


def test_late_steps_of_dossiers_on_time_are_not_counted(given: City) -> None:
    for _ in range(4):
        given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-06 16:00"))

    assert Breach.objects.filter(of="step").count() == 4
    assert raise_repeated(moment("2026-03-06 17:00")) == 0


def test_a_delay_annulled_before_is_none(given: City) -> None:
    first, *_others = late(given, 3)
    with writing("test"):
        Breach.objects.filter(dossier=first).update(annulled_at=moment("2026-03-11 08:30"))

    assert raise_repeated(moment("2026-03-11 09:00")) == 0


def test_the_supervisor_is_told_with_the_way_to_the_record(given: City) -> None:
    late(given, 3)
    raise_repeated(moment("2026-03-11 09:00"))

    (message,) = Message.objects.filter(topic="repeated_lateness")

    assert message.recipient["user_id"] == given.posts[Role.SUPERVISOR].user_id
    assert message.context["cases"] == 3
    assert message.context["unit"] == given.division.name
    assert message.context["link"] == reverse("backoffice:repeated-record", args=[records()[0].pk])


def test_nobody_is_told_at_night(given: City) -> None:
    late(given, 3)
    raise_repeated(moment("2026-03-11 23:00"))

    (message,) = Message.objects.filter(topic="repeated_lateness")

    assert records()[0].raised_at == moment("2026-03-11 23:00")
    assert message.not_before == moment("2026-03-12 08:00")


def test_a_case_is_in_a_record_once(given: City) -> None:
    late(given, 3)
    raise_repeated(moment("2026-03-11 09:00"))

    pairs = list(RepeatedCase.objects.values_list("record", "breach"))
    assert len(pairs) == len(set(pairs)) == 3


# What was done


def test_who_watches_notes_what_was_done_once(given: City) -> None:
    late(given, 3)
    raise_repeated(moment("2026-03-11 09:00"))
    (record,) = records()
    watcher, at = given.acting(Role.SUPERVISOR), moment("2026-03-12 09:00")

    note_repeated_lateness(record.pk, note=" Phòng bổ sung người ", by=watcher, at=at)

    (noted,) = records()
    assert (noted.note, noted.noted_at, noted.noted_by) == (
        "Phòng bổ sung người",
        at,
        given.posts[Role.SUPERVISOR],
    )
    with pytest.raises(NotNow) as refused:
        note_repeated_lateness(record.pk, note="Lần nữa", by=watcher, at=at + DAY)
    assert refused.value.code == "noted_already"
    assert records()[0].noted_at == at


@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.OFFICER, Role.APPROVER, Role.INSPECTOR])
def test_nobody_else_notes_it(given: City, role: str) -> None:
    late(given, 3)
    raise_repeated(moment("2026-03-11 09:00"))

    with pytest.raises(NotAllowed):
        note_repeated_lateness(
            records()[0].pk, note="Xong", by=given.acting(role), at=moment("2026-03-12 09:00")
        )

    assert records()[0].noted_at is None


def test_a_note_says_something(given: City) -> None:
    late(given, 3)
    raise_repeated(moment("2026-03-11 09:00"))

    with pytest.raises(Invalid) as refused:
        note_repeated_lateness(
            records()[0].pk,
            note="  ",
            by=given.acting(Role.SUPERVISOR),
            at=moment("2026-03-12 09:00"),
        )

    assert refused.value.fields == {"note": "note_needed"}
