"""The page on which a catalogue manager sets whom a procedure's reminders tell, and when."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from dossiers.firing import fire_due
from tests.given.city import City, city, moment
from tests.timers.reminded import reminders
from workflows import ladder
from workflows.actors import STAFF, Actor, held
from workflows.catalogue.ladders import NotChanged, change_ladder
from workflows.models import Post, Procedure, Role

pytestmark = pytest.mark.django_db
AT = moment("2026-03-01 09:00")


@pytest.fixture
def given() -> City:
    built = city()
    Post.objects.filter(role=Role.CATALOGUE_MANAGER).update(agency=built.root)
    return built


def manager() -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(username=Role.CATALOGUE_MANAGER))
    client.cookies["django_language"] = "en"
    return client


def manager_of(given: City) -> Actor:
    post = Post.objects.select_related("agency").get(role=Role.CATALOGUE_MANAGER)
    return Actor(kind=STAFF, user_id=post.user_id, name=post.name, posts=(held(post),))


def as_shown(page: Any) -> dict[str, list[str]]:
    """What the browser would send back of the page as it came."""
    values: dict[str, list[str]] = {}
    for line in (line for _name, lines in page.context["sections"] for line in lines):
        for bound in line:
            first = bound.value()
            many = first if isinstance(first, list) else [] if first is None else [first]
            values[bound.html_name] = [str(one) for one in many]
    return values


def address(given: City) -> str:
    return f"/catalogue/reminders/{given.procedure.code}/"


def stored() -> Any:
    return Procedure.objects.get().ladder


def test_the_page_shows_the_city_s_ladder_and_changes_nothing_when_sent_back(given: City) -> None:
    client = manager()

    shown = as_shown(client.get(address(given)))
    answer = client.post(address(given), shown)

    assert shown["dossier-due_soon-hours"] == ["8"]
    assert shown["dossier-unexplained-to"] == ["agency_head", "supervisor"]
    assert answer.status_code == 302
    assert stored() == {}


def test_a_rung_set_on_the_page_is_reached_as_set(given: City) -> None:
    client = manager()
    shown = as_shown(client.get(address(given)))

    client.post(
        address(given),
        shown
        | {
            "dossier-due_soon-mode": ["own"],
            "dossier-due_soon-hours": ["16"],
            "dossier-due_soon-to": ["agency_head"],
        },
    )
    given.receive()
    fire_due(moment("2026-03-06 08:01"))

    assert stored() == {"dossier": {"due_soon": {"hours": 16.0, "to": ["agency_head"]}}}
    assert reminders() == [("due_soon", "approver", "2026-03-06 08:01")]


def test_a_share_is_entered_in_per_cent(given: City) -> None:
    client = manager()
    shown = as_shown(client.get(address(given)))

    client.post(
        address(given),
        shown
        | {
            "dossier-due_soon-mode": ["own"],
            "dossier-due_soon-hours": [""],
            "dossier-due_soon-percent": ["20"],
        },
    )

    assert stored() == {"dossier": {"due_soon": {"share": 0.2, "to": ["officer"]}}}


def test_a_changed_line_is_a_rule_of_its_own_though_nobody_said_so(given: City) -> None:
    client = manager()
    shown = as_shown(client.get(address(given)))

    client.post(address(given), shown | {"dossier-breach-to": ["supervisor"]})

    assert stored() == {"dossier": {"breach": {"to": ["supervisor"]}}}


def test_back_to_the_city_s_ladder(given: City) -> None:
    by = manager_of(given)
    change_ladder(given.procedure.code, {"dossier": {"due_today": None}}, by=by, at=AT)
    client = manager()
    shown = as_shown(client.get(address(given)))
    assert shown["dossier-due_today-mode"] == ["none"]

    client.post(address(given), shown | {"dossier-due_today-mode": ["city"]})

    assert stored() == {}


@pytest.mark.parametrize(
    ("case", "values", "said"),
    [
        (
            "nobody told",
            {"dossier-breach-mode": ["own"], "dossier-breach-to": []},
            "The whole dossier – Limit passed: Say who is told; possible are: Who holds it,",
        ),
        (
            "no hours",
            {"dossier-unexplained-mode": ["own"], "dossier-unexplained-hours": ["0"]},
            "The whole dossier – Not explained: Working hours are a number above 0",
        ),
        (
            "hours and a share",
            {"dossier-due_soon-mode": ["own"], "dossier-due_soon-percent": ["20"]},
            "Give either working hours or a share of the time.",
        ),
        (
            "a miss that nobody hears of",
            {"dossier-breach-mode": ["none"]},
            "Select a valid choice",
        ),
    ],
)
def test_what_is_no_ladder_is_refused_in_words_and_changes_nothing(
    case: str, values: dict[str, Any], said: str, given: City
) -> None:
    client = manager()
    shown = as_shown(client.get(address(given)))

    answer = client.post(address(given), shown | values)

    assert answer.status_code == 422
    assert said in " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
    assert stored() == {}


def test_a_procedure_is_found_by_name_and_one_with_its_own_reminders_stands_first(
    given: City,
) -> None:
    client = manager()

    assert given.procedure.name not in client.get("/catalogue/reminders/").content.decode()
    assert given.procedure.name in client.get("/catalogue/reminders/?q=nha o").content.decode()
    change_ladder(
        given.procedure.code, {"dossier": {"due_today": None}}, by=manager_of(given), at=AT
    )
    assert given.procedure.name in client.get("/catalogue/reminders/").content.decode()


@pytest.mark.parametrize("role", [Role.CLERK, Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_nobody_else_changes_reminders(role: str, given: City) -> None:
    client = Client()
    client.force_login(get_user_model().objects.get(username=role))

    assert client.get(address(given)).status_code == 403
    with pytest.raises(NotChanged):
        change_ladder(given.procedure.code, {}, by=given.acting(role), at=AT)


def test_every_fault_of_a_ladder_has_a_sentence(given: City) -> None:
    with pytest.raises(NotChanged) as refused:
        change_ladder(
            given.procedure.code,
            {"dossier": {"breach": None, "shout": {}}, "parcel": {}, "step": 3},
            by=manager_of(given),
            at=AT,
        )

    assert len(str(refused.value).splitlines()) == 4
    assert stored() == {}
    assert ladder.faults(stored()) == ()
