"""Acting on dossiers by the API: every command is a door to the same function."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from dossiers.api import given as inputs
from dossiers.firing import fire_due
from dossiers.lifecycle import registry
from dossiers.models import Dossier, Event
from tests.api.conftest import Caller
from tests.given.city import City, moment
from workflows.models import Role


def act(client: APIClient, dossier: Dossier, name: str, **body: Any) -> Any:
    return client.post(f"/api/dossiers/{dossier.code}/commands/{name}/", body, format="json")


def test_every_command_of_people_has_its_door() -> None:
    doors = {
        *inputs.COMMANDS,
        *inputs.BREACH_COMMANDS,
        *inputs.APOLOGY_COMMANDS,
        *inputs.OPINION_COMMANDS,
        *inputs.RECORD_COMMANDS,
    }

    # Receiving and submitting are POST /api/dossiers/ and /api/submissions/; guidance makes no
    # dossier and stays at the counter; calendars are amended on their pages and by a command; who
    # keeps the catalogue moves dossiers to another version on its pages, seeing nothing in them.
    without = {"receive", "submit", "give_guidance", "amend_calendar", "move_to_version"}
    assert set(registry.COMMANDS) - doors == without


def test_the_whole_road_by_the_api(given: City, calling: Caller, the_moment: Any) -> None:
    dossier = given.receive()

    assert act(calling(Role.OFFICER), dossier, "claim").json()["steps"][-1]["state"] == "working"
    done = act(calling(Role.OFFICER), dossier, "advance", outcome="done").json()
    assert [step["key"] for step in done["steps"]] == ["receive", "appraise", "sign"]
    act(calling(Role.APPROVER), dossier, "advance", outcome="done", note="Đồng ý")
    concluded = act(calling(Role.CLERK), dossier, "conclude").json()
    assert concluded["status"] == "concluded"
    assert concluded["clock"]["result"] == "early"
    returned = act(calling(Role.CLERK), dossier, "return_result", method="counter").json()

    assert returned["status"] == "returned"
    assert returned["returned_at"] == moment("2026-03-02 09:00").isoformat()


def test_a_supplement_stops_the_clock_and_a_second_is_refused_with_its_reason(
    given: City, calling: Caller, the_moment: Any
) -> None:
    dossier = given.receive()

    stopped = act(
        calling(Role.OFFICER), dossier, "request_supplement", items=[given.paper.pk], reason="Mờ"
    ).json()
    assert (stopped["status"], stopped["clock"]["state"]) == ("supplement_requested", "stopped")
    papers = [{"item": given.paper.pk, "form": "original"}]
    assert act(calling(Role.CLERK), dossier, "supply", papers=papers).status_code == 200
    events = Event.objects.count()

    second = act(calling(Role.OFFICER), dossier, "request_supplement", items=[given.paper.pk])

    assert second.status_code == 409
    assert second.json()["code"] == "supplement_twice"
    assert Event.objects.count() == events
    shown = calling(Role.OFFICER).get(f"/api/dossiers/{dossier.code}/").json()["commands"]
    (closed,) = [one for one in shown if one["name"] == "request_supplement"]
    assert (closed["is_open"], closed["code"]) == (False, "supplement_twice")
    assert closed["reason"].startswith("A supplement was asked for once already")


def test_a_late_dossier_is_explained_and_apologised_for(
    given: City, calling: Caller, the_moment: Any
) -> None:
    dossier = given.receive()
    the_moment.move_to(moment("2026-03-10 09:00"))
    fire_due(moment("2026-03-10 08:00"))
    breach = given.breach_of(dossier)
    head, watcher = calling(Role.UNIT_HEAD), calling(Role.SUPERVISOR)
    on_breach = f"/api/breaches/{breach.pk}/commands/"

    told = head.post(f"{on_breach}explain_breach/", {"reason": "overload", "text": "Tết"})
    assert told.json()["state"] == "explained"
    back = watcher.post(f"{on_breach}return_explanation/", {"question": "Vì sao?"})
    assert back.json()["state"] == "returned"
    head.post(f"{on_breach}explain_breach/", {"reason": "overload", "text": "Thiếu người"})
    assert watcher.post(f"{on_breach}accept_explanation/").json()["state"] == "accepted"

    new = moment("2026-03-13 17:30").isoformat()
    drafted = act(head, dossier, "draft_apology", reason="overload", new_promise_at=new).json()
    (letter,) = drafted["apologies"]
    signed = calling(Role.APPROVER).post(f"/api/apologies/{letter['id']}/commands/sign_apology/")

    assert signed.status_code == 200
    assert signed.json()["number"] == "01/2026/PXL"
    clock = calling(Role.CLERK).get(f"/api/dossiers/{dossier.code}/").json()["clock"]
    assert clock["promised_at"] == new
    assert clock["limit_at"] == moment("2026-03-09 17:30").isoformat()
    assert clock["remaining_seconds"] < 0


def test_an_apology_is_offered_as_closed_until_there_is_something_to_apologise_for(
    given: City, calling: Caller, the_moment: Any
) -> None:
    dossier = given.receive()
    head = calling(Role.UNIT_HEAD)

    def offered() -> tuple[bool, str | None]:
        shown = head.get(f"/api/dossiers/{dossier.code}/").json()["commands"]
        (one,) = [one for one in shown if one["name"] == "draft_apology"]
        return one["is_open"], one["code"]

    new = moment("2026-03-13 17:30").isoformat()
    refused = act(head, dossier, "draft_apology", reason="overload", new_promise_at=new)
    assert refused.json()["code"] == "nothing_to_apologise"
    assert offered() == (False, "nothing_to_apologise")

    # The limit is 09/03 17:30: two working days of 8 hours before it may be foreseen missed.
    the_moment.move_to(moment("2026-03-05 17:29"))
    assert offered() == (False, "nothing_to_apologise")
    the_moment.move_to(moment("2026-03-06 08:01"))
    assert offered() == (True, None)
    the_moment.move_to(moment("2026-03-10 09:00"))
    assert offered() == (True, None)
    fire_due(moment("2026-03-10 08:00"))
    assert offered() == (True, None)
    taken = act(head, dossier, "draft_apology", reason="overload", new_promise_at=new)
    assert taken.status_code == 200


def test_an_act_of_another_role_is_refused_and_changes_nothing(
    given: City, calling: Caller
) -> None:
    dossier = given.receive()

    answer = act(calling(Role.CLERK), dossier, "advance", outcome="done")

    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"
    assert Event.objects.filter(dossier=dossier).count() == 1


def test_an_act_entered_late_says_when_it_happened_and_why(given: City, calling: Caller) -> None:
    dossier = given.receive("2026-03-02 08:10")
    body = {"outcome": "done", "at": "2026-03-02T08:30:00+07:00"}

    refused = act(calling(Role.OFFICER), dossier, "advance", **body)
    taken = act(calling(Role.OFFICER), dossier, "advance", **body, late_reason="Mất điện")

    assert refused.status_code == 422
    assert list(refused.json()["fields"]) == ["late_reason"]
    event = taken.json()["events"][-1]
    assert event["late_entry"] is True
    assert event["at"] == moment("2026-03-02 08:30").isoformat()
    assert event["recorded_at"] == moment("2026-03-02 09:00").isoformat()


def test_facts_of_a_refusal_are_given_beside_its_sentence(given: City, calling: Caller) -> None:
    dossier = given.receive()

    answer = act(calling(Role.OFFICER), dossier, "advance", outcome="fly")

    assert answer.status_code == 422
    assert answer.json()["facts"] == {"outcome": "fly"}
    assert answer.json()["fields"] == {"outcome": "The step has no outcome “fly”."}


@pytest.mark.parametrize("name", ["explode", "sign_apology", "receive"])
def test_a_command_that_is_none_of_a_dossier_is_not_found(
    given: City, calling: Caller, name: str
) -> None:
    answer = act(calling(Role.CLERK), given.receive(), name)

    assert answer.status_code == 404


def test_a_command_on_a_dossier_out_of_sight_is_not_found(given: City, calling: Caller) -> None:
    answer = act(calling(Role.ADMINISTRATOR), given.receive(), "withdraw")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_nothing_is_changed_by_reading_or_by_patching(given: City, calling: Caller) -> None:
    dossier = given.receive()
    client = calling(Role.CLERK)

    assert client.get(f"/api/dossiers/{dossier.code}/commands/withdraw/").status_code == 405
    assert client.patch(f"/api/dossiers/{dossier.code}/", {"status": "returned"}).status_code == 405
    assert Dossier.objects.get().status == "received"


@pytest.mark.parametrize("moment_given", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "soon"])
def test_moments_beyond_any_calendar_are_refused(
    given: City, calling: Caller, the_moment: Any, moment_given: str
) -> None:
    dossier = given.receive()
    the_moment.move_to(moment("2026-03-10 09:00"))
    fire_due(moment("2026-03-10 08:00"))
    head = calling(Role.UNIT_HEAD)

    answer = act(head, dossier, "draft_apology", reason="overload", new_promise_at=moment_given)

    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["new_promise_at"]


@pytest.mark.parametrize(
    ("moment_given", "status"),
    [("9999-12-31T23:59:59Z", 422), ("0001-01-01T00:00:00Z", 403), ("", 422)],
)
def test_late_entries_beyond_any_calendar_are_refused(
    given: City, calling: Caller, moment_given: str, status: int
) -> None:
    dossier = given.receive()

    answer = act(calling(Role.OFFICER), dossier, "claim", at=moment_given, late_reason="Mất điện")

    assert answer.status_code == status
    assert Event.objects.filter(dossier=dossier).count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 400), ("[]", 422), ('"x"', 422), ("null", 422), ('{"outcome": "a\\u0000b"}', 422)]
    + [('{"outcome": "\\ud800"}', 422), ('{"outcome": {"a": 1}}', 422)],
)
def test_bodies_that_cannot_be_are_problems_not_faults(
    given: City, calling: Caller, body: str, status: int
) -> None:
    dossier = given.receive()

    answer = calling(Role.OFFICER).post(
        f"/api/dossiers/{dossier.code}/commands/advance/", body, content_type="application/json"
    )

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("number", [0, 10**30])
def test_ids_of_nothing_are_not_found(given: City, calling: Caller, number: int) -> None:
    watcher = calling(Role.SUPERVISOR)

    for path in (
        f"/api/breaches/{number}/commands/accept_explanation/",
        f"/api/apologies/{number}/commands/sign_apology/",
    ):
        assert watcher.post(path).status_code == 404
    assigned = act(watcher, given.receive(), "assign", post=number)
    assert assigned.status_code == 422
