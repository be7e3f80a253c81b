"""The worker and people at the same dossiers at the same moment, each in a process of its own."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from dossiers.lifecycle import apology
from dossiers.models import Apology, Breach, Dossier, Entry, Event, LetterCounter, Timer
from dossiers.statistics.verify import differences
from notifications.models import Message
from tests.concurrency.test_two_at_once import (
    Person,
    Press,
    a_person,
    advancing,
    became_of,
    chain_holds,
    held_back,
    press,
)
from tests.given.city import City, city, moment
from workflows.models import Post, Role

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
__all__ = ["a_person"]  # a fixture

LIMIT = "2026-03-09 17:30"
AFTER = "2026-03-09 17:31"
StartPerson = Callable[[list[Press]], Person]


@pytest.fixture
def given() -> City:
    return city()


def firing(at: str, batch: int = 200) -> Press:
    values = {"batch": batch}
    at = moment(at).isoformat()
    return {"name": "fire_due", "subject": None, "values": values, "user": 0, "at": at}


def pressing(given: City, name: str, subject: int, role: str, at: str, **values: Any) -> Press:
    return {
        "name": name,
        "subject": subject,
        "values": values,
        "user": given.posts[role].user_id,
        "at": moment(at).isoformat(),
    }


def wait_for(waiting: int) -> None:
    """Until so many processes stand still at a lock."""
    blocked = 0
    with connection.cursor() as cursor:
        while blocked < waiting:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            (blocked, _) = cursor.fetchone()


def recorded(dossier: Dossier) -> dict[str, Any]:
    """All but ids."""
    dossier = Dossier.objects.get(pk=dossier.pk)
    events = Event.objects.filter(dossier=dossier).order_by("n")
    return {
        "events": list(events.values_list("n", "kind", "at", "from_status", "to_status")),
        "breaches": list(
            Breach.objects.filter(dossier=dossier).values_list("of", "breached_at", "event_n")
        ),
        "entries": sorted(
            Entry.objects.filter(dossier=dossier).values_list("measure", "amount", "at")
        ),
        "timers": sorted(Timer.objects.filter(dossier=dossier).values_list("kind", "fires_at")),
        "messages": Counter(
            Message.objects.filter(stream=dossier.handle).values_list("topic", "recipient__user_id")
        ),
    }


@pytest.mark.parametrize("first", ["worker", "person"])
def test_the_record_does_not_show_whether_the_worker_or_a_command_came_first(
    given: City, a_person: StartPerson, first: str
) -> None:
    dossier, like_it = given.receive("2026-03-02 08:10"), given.receive("2026-03-02 08:10")
    given.advance(like_it, Role.OFFICER, AFTER)
    worker = a_person([firing(AFTER)])
    officer = a_person([advancing(given, dossier) | {"at": moment(AFTER).isoformat()}])
    order = [worker, officer] if first == "worker" else [officer, worker]

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE dossiers_event IN SHARE ROW EXCLUSIVE MODE")
        press(order[:1])
        wait_for(1)
        press(order[1:])
        if first == "worker":
            wait_for(2)
        else:
            # What a person works on the worker leaves to its next sweep; it does not wait.
            assert became_of([worker]) == [["fired", "0"]]

    if first == "worker":
        assert int(became_of([worker])[0][1]) > 0
    assert became_of([officer]) == [["done", dossier.code]]
    assert recorded(dossier) == recorded(like_it)
    assert chain_holds(dossier)


def test_two_who_sign_the_same_letter_sign_it_once(given: City, a_person: StartPerson) -> None:
    deputy = Post.objects.get(pk=given.posts[Role.APPROVER].pk)
    deputy.pk, deputy.name = None, "Vũ Thị Ơn"
    deputy.user_id = given.posts[Role.ARCHIVE_CLERK].user_id
    deputy.save()
    dossier = given.receive("2026-03-02 08:10")
    letter = apology.draft_apology(
        dossier.pk,
        reason="overload",
        text="Quá tải",
        new_promise_at=moment("2026-03-16 17:30"),
        by=given.acting(Role.UNIT_HEAD),
        at=moment("2026-03-10 09:00"),
    )
    at = "2026-03-10 10:00"
    people = [
        a_person([pressing(given, "sign_apology", letter.pk, role, at)])
        for role in (Role.APPROVER, Role.ARCHIVE_CLERK)
    ]

    with held_back("SELECT id FROM dossiers_dossier WHERE id = %s FOR UPDATE", [dossier.pk], 2):
        press(people)
    became = became_of(people)

    letter = Apology.objects.get(pk=letter.pk)
    assert [one[0] for one in became] in (["Conflict", "done"], ["NotNow", "done"])
    assert became[1][1] == letter.number
    assert LetterCounter.objects.get().last == 1
    assert Event.objects.filter(dossier=dossier, kind="apology_signed").count() == 1
    assert dossier.clocks.get(kind="dossier").promise_number == 2
    assert Message.objects.filter(stream=dossier.handle, topic="apology").count() <= 1
    assert chain_holds(dossier)


@pytest.mark.parametrize(
    ("case", "at", "result"),
    [
        ("a second before the limit", "2026-03-09 17:29:59", "on_time"),
        ("at the limit", LIMIT, "on_time"),
        ("a second after it", "2026-03-09 17:30:01", "late"),
    ],
)
@pytest.mark.parametrize("first", ["worker", "clerk"])
def test_a_result_taken_over_at_the_limits_moment_is_late_or_not_by_its_own_moment(
    given: City, a_person: StartPerson, first: str, case: str, at: str, result: str
) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-09 16:00")
    swept = "2026-03-09 17:30:02"
    worker = a_person([firing(swept), firing(swept)])
    clerk = a_person([pressing(given, "conclude", dossier.pk, Role.CLERK, at)])

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE dossiers_event IN SHARE ROW EXCLUSIVE MODE")
        press([worker if first == "worker" else clerk])
        wait_for(1)
        if first == "worker":
            press([clerk])
            wait_for(2)
    if first == "clerk":
        became_of([clerk])
        press([worker])
    became_of([worker])

    if first == "worker":
        assert became_of([clerk]) == [["done", dossier.code]]
    standing = Breach.objects.filter(dossier=dossier, of="dossier", annulled_at=None)
    assert dossier.clocks.get(kind="dossier").result == result, case
    assert standing.count() == (1 if result == "late" else 0)
    assert [str(line) for line in differences(moment("2026-03-20 08:00"))] == []
    assert chain_holds(dossier)


def test_workers_and_clerks_in_any_order_never_lock_each_other_out(
    given: City, a_person: StartPerson
) -> None:
    chance = random.Random(7)
    dossiers = [given.receive(f"2026-03-02 08:{n:02}") for n in range(20)]
    clerks = []
    for _ in range(3):
        chosen = [chance.choice(dossiers).pk for _ in range(30)]
        names = [chance.choice(["claim", "release", "advance"]) for _ in chosen]
        clerks.append(
            a_person(
                [
                    pressing(
                        given, name, pk, Role.OFFICER, AFTER,
                        **({"outcome": "done"} if name == "advance" else {}),
                    )
                    for name, pk in zip(names, chosen, strict=True)
                ]
            )
        )  # fmt: skip
    workers = [a_person([firing(AFTER, batch=3), firing(AFTER, batch=7)]) for _ in range(2)]

    press([*clerks, *workers])
    became = became_of([*clerks, *workers])

    outcomes = Counter(one[0] for one in became)
    assert set(outcomes) <= {"done", "fired", "NotNow", "NotAllowed", "Conflict"}
    assert outcomes["done"] > 0
    worker = a_person([firing(AFTER)])
    press([worker])
    became_of([worker])
    breached = Counter(
        Breach.objects.filter(of="dossier", annulled_at=None).values_list("dossier", flat=True)
    )
    assert breached == Counter(dossier.pk for dossier in dossiers)
    assert [str(line) for line in differences(moment("2026-03-20 08:00"))] == []
    assert all(chain_holds(dossier) for dossier in dossiers)
