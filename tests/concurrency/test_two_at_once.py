"""Two people press at the same moment, each in a process of its own: one act, one clear refusal."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from dossiers.models import Dossier, Entry, Event, Timer
from dossiers.statistics import seal
from tests.given.city import City, city, moment
from workflows.models import Post, Role

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

AT = "2026-03-02 09:00"
Person = subprocess.Popen[str]
Press = dict[str, Any]


@pytest.fixture
def given() -> City:
    return city()


@pytest.fixture
def a_person() -> Iterator[Callable[[list[Press]], Person]]:
    """Start a process that stands ready to press."""
    with ExitStack() as started:

        def start(presses: list[Press]) -> Person:
            person = subprocess.Popen(
                [sys.executable, "-m", "tests.concurrency.press", connection.settings_dict["NAME"]],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.enter_context(person)
            started.callback(person.kill)
            _tell(person, json.dumps(presses))
            assert person.stdout is not None
            assert person.stdout.readline() == "ready\n"
            return person

        yield start


@contextmanager
def held_back(sql: str, params: list[Any], waiting: int) -> Iterator[None]:
    """Hold what everyone needs until `waiting` processes wait for it: then all run at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        yield
        blocked = 0
        while blocked < waiting:
            cursor.execute(
                "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            (blocked, _) = cursor.fetchone()
            cursor.execute("SELECT pg_stat_clear_snapshot()")


def press(people: list[Person]) -> None:
    for person in people:
        _tell(person, "go")


def became_of(people: list[Person]) -> list[list[str]]:
    return sorted(one for person in people for one in json.loads(person.communicate()[0]))


def advancing(given: City, dossier: Dossier, role: str = Role.OFFICER, **more: Any) -> Press:
    return {
        "name": "advance",
        "subject": dossier.pk,
        "values": {"outcome": "done"} | more,
        "user": given.posts[role].user_id,
        "at": moment(AT).isoformat(),
    }


def receiving(given: City, key: str | None) -> Press:
    return {
        "name": "receive",
        "subject": None,
        "values": {
            "procedure": given.procedure.code,
            "channel": "counter",
            "receiving_agency": given.commune.pk,
            "parties": [{"role": "holder", "name": "Nguyễn Thị Ẩm"}],
            "papers": [{"item": given.paper.pk, "form": "original"}],
            "idempotency_key": key,
        },
        "user": given.posts[Role.CLERK].user_id,
        "at": moment(AT).isoformat(),
    }


def chain_holds(dossier: Dossier) -> bool:
    previous = ""
    for event in Event.objects.filter(dossier=dossier).order_by("n"):
        fields = seal.event_fields(str(dossier.ref), event)
        if event.previous != previous or event.sha256 != seal.event_hash(fields, previous):
            return False
        previous = event.sha256
    return bool(Dossier.objects.get(pk=dossier.pk).head_sha256 == previous)


def test_two_who_finish_the_same_step_finish_it_once(
    given: City, a_person: Callable[[list[Press]], Person]
) -> None:
    colleague = Post.objects.get(pk=given.posts[Role.OFFICER].pk)
    colleague.pk, colleague.name = None, "Vũ Thị Ơn"
    colleague.user_id = given.posts[Role.ARCHIVE_CLERK].user_id
    colleague.save()
    dossier = given.receive()
    presses = [
        advancing(given, dossier, role, step=2) for role in (Role.OFFICER, Role.ARCHIVE_CLERK)
    ]
    people = [a_person([one]) for one in presses]

    with held_back(
        "SELECT id FROM dossiers_dossier WHERE id = %s FOR UPDATE", [dossier.pk], len(people)
    ):
        press(people)

    assert became_of(people) == [["Conflict", "changed_meanwhile"], ["done", dossier.code]]
    assert [event.kind for event in Event.objects.order_by("n")] == ["received", "advanced"]
    assert [(run.key, run.state) for run in dossier.step_runs.all()] == [
        ("receive", "done"),
        ("appraise", "done"),
        ("sign", "waiting"),
    ]
    assert Entry.objects.count() == 1
    assert chain_holds(dossier)


def undoing(given: City, dossier: Dossier, **more: Any) -> Press:
    return advancing(given, dossier) | {"name": "undo", "values": more}


def test_two_who_take_the_same_act_back_take_it_back_once(
    given: City, a_person: Callable[[list[Press]], Person]
) -> None:
    dossier = given.receive()
    given.advance(dossier, Role.OFFICER, "2026-03-02 08:50")
    people = [a_person([undoing(given, dossier, event=2)]) for _ in range(2)]

    with held_back(
        "SELECT id FROM dossiers_dossier WHERE id = %s FOR UPDATE", [dossier.pk], len(people)
    ):
        press(people)

    assert became_of(people) == [["Conflict", "changed_meanwhile"], ["done", dossier.code]]
    assert [event.kind for event in Event.objects.order_by("n")] == [
        "received",
        "advanced",
        "undone",
    ]
    assert [(run.key, run.state) for run in dossier.step_runs.standing()] == [
        ("receive", "done"),
        ("appraise", "waiting"),
    ]
    assert chain_holds(dossier)


def test_who_takes_back_and_who_goes_on_meet_as_one_act_and_one_refusal(
    given: City, a_person: Callable[[list[Press]], Person]
) -> None:
    dossier = given.receive()
    given.advance(dossier, Role.OFFICER, "2026-03-02 08:50")
    people = [
        a_person([undoing(given, dossier, event=2)]),
        a_person([advancing(given, dossier, Role.APPROVER, step=3)]),
    ]

    with held_back(
        "SELECT id FROM dossiers_dossier WHERE id = %s FOR UPDATE", [dossier.pk], len(people)
    ):
        press(people)
    became = became_of(people)

    refused = [one for one in became if one[0] != "done"]
    assert len(became) - len(refused) == 1
    assert refused in ([["NotNow", "acted_upon"]], [["Conflict", "changed_meanwhile"]])
    assert chain_holds(dossier)


def test_a_command_and_the_firing_of_its_timer_leave_one_breach(
    given: City, a_person: Callable[[list[Press]], Person]
) -> None:
    dossier = given.receive("2026-02-02 08:00")
    people = [a_person([advancing(given, dossier)]), a_person([advancing(given, dossier)])]

    with held_back(
        "SELECT id FROM dossiers_dossier WHERE id = %s FOR UPDATE", [dossier.pk], len(people)
    ):
        press(people)
    became = became_of(people)

    assert sum(1 for one in became if one[0] == "done") == 1
    assert Event.objects.filter(kind="breached").count() == 2  # the step's and the dossier's
    assert Entry.objects.filter(measure="overdue").count() == 1
    assert not Timer.objects.filter(kind="breach", clock__kind="dossier").exists()
    assert chain_holds(dossier)


def test_two_who_send_the_same_key_make_one_dossier(
    given: City, a_person: Callable[[list[Press]], Person]
) -> None:
    people = [a_person([receiving(given, "the same")]) for _ in range(2)]

    with held_back(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["the same"], len(people)
    ):
        press(people)

    assert became_of(people) == [["done", "H26.C001-260302-0001"]] * 2
    assert Dossier.objects.count() == 1
    assert Entry.objects.filter(measure="received").count() == 1


def test_numbers_of_a_day_have_no_gap_however_many_counters_receive(
    given: City, a_person: Callable[[list[Press]], Person]
) -> None:
    people = [a_person([receiving(given, None)] * 10) for _ in range(2)]

    press(people)

    codes = [f"H26.C001-260302-{n:04}" for n in range(1, 21)]
    assert became_of(people) == [["done", code] for code in codes]
    assert sorted(Dossier.objects.values_list("code", flat=True)) == codes


def test_who_never_saw_a_number_does_not_use_one_up(given: City) -> None:
    with transaction.atomic():
        given.receive()
        transaction.set_rollback(True)

    assert given.receive().code == "H26.C001-260302-0001"


def _tell(person: Person, line: str) -> None:
    assert person.stdin is not None
    person.stdin.write(f"{line}\n")
    person.stdin.flush()
