"""Reading and receiving dossiers by the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from dossiers.models import AccessLog, Dossier, Event
from tests.api.conftest import Caller
from tests.given.city import City, moment
from workflows.models import Role


def asked(given: City, **more: Any) -> dict[str, Any]:
    return {
        "procedure": given.procedure.code,
        "receiving_agency": given.commune.code,
        "receiving_unit": given.counter.code,
        "parties": [
            {"role": "holder", "name": "Nguyễn Thị Ẩm", "identity": "001099012345"},
            {"role": "submitter", "name": "Phan Anh Tuấn", "identity": "001088054321"},
        ],
        "papers": [{"item": given.paper.pk, "form": "original"}],
    } | more


def receive(client: APIClient, body: dict[str, Any], key: str | None = "k1") -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/api/dossiers/", body, format="json", headers=headers)


def test_a_dossier_is_received_and_shown_with_its_promised_day(
    given: City, calling: Caller
) -> None:
    answer = receive(calling(Role.CLERK), asked(given))

    assert answer.status_code == 201
    shown = answer.json()
    assert shown["code"] == "H26.C001-260302-0001"
    assert shown["status"] == "received"
    assert shown["national_status"] == 2
    assert shown["clock"]["state"] == "running"
    assert shown["clock"]["limit_at"] == shown["clock"]["promised_at"]
    assert moment("2026-03-09 17:30").isoformat() == shown["clock"]["limit_at"]
    assert shown["clock"]["remaining_seconds"] == (5 * 8 + 7) * 3600
    assert len(shown["lookup_code"]) == 6
    assert [(step["key"], step["state"]) for step in shown["steps"]] == [
        ("receive", "done"),
        ("appraise", "waiting"),
    ]
    assert [event["kind"] for event in shown["events"]] == ["received"]
    assert {one["name"]: one["is_open"] for one in shown["commands"]} == {
        "withdraw": True,
        "void": True,
        "demand_fee": True,
    }


def test_the_same_key_again_answers_with_the_same_dossier(
    given: City, calling: Caller, the_moment: Any
) -> None:
    first = receive(calling(Role.CLERK), asked(given))
    the_moment.shift(5)

    again = receive(calling(Role.CLERK), asked(given))

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["code"] == first.json()["code"]
    assert Dossier.objects.count() == 1
    assert Event.objects.count() == 1


def test_without_a_key_nothing_is_received(given: City, calling: Caller) -> None:
    answer = receive(calling(Role.CLERK), asked(given), key=None)

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert list(answer.json()["fields"]) == ["Idempotency-Key"]
    assert Dossier.objects.count() == 0


def test_a_key_used_for_another_counter_or_procedure_is_refused(
    given: City, calling: Caller
) -> None:
    receive(calling(Role.CLERK), asked(given))
    Dossier.objects.get()

    # The clerk's posts are the commune's only; asking for the city is refused before the key.
    answer = receive(calling(Role.CLERK), asked(given, receiving_agency=given.root.code))

    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"
    assert Dossier.objects.count() == 1


def test_what_is_wrong_is_said_field_by_field(given: City, calling: Caller) -> None:
    wrong = [{"role": "holder", "name": "Nguyễn Thị Ẩm", "identity": "12"}]

    answer = receive(calling(Role.CLERK), asked(given, parties=wrong))

    assert answer.status_code == 422
    assert answer.json() == {
        "type": "urn:onestop:problem:identity_wrong",
        "title": "Something given is wrong",
        "status": 422,
        "code": "identity_wrong",
        "detail": "This is not a valid identity or tax number.",
        "fields": {"holder_identity": "This is not a valid identity or tax number."},
        "facts": {},
    }
    assert Dossier.objects.count() == 0


def test_the_form_of_what_is_given_is_checked_by_its_place(given: City, calling: Caller) -> None:
    answer = receive(calling(Role.CLERK), asked(given, parties=[{"role": "holder"}]))

    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["fields"]) == ["parties.0.name"]


def test_who_works_elsewhere_finds_nothing(given: City, calling: Caller) -> None:
    code = given.receive().code

    answer = calling(Role.PUBLISHER).get(f"/api/dossiers/{code}/")
    unposted = calling(Role.CATALOGUE_MANAGER).get(f"/api/dossiers/{code}/")

    assert answer.status_code == 200
    assert unposted.status_code == 404
    assert unposted.json()["code"] == "not_found"
    assert unposted.json()["detail"] == "There is no such dossier."
    assert calling(Role.CATALOGUE_MANAGER).get("/api/dossiers/").json()["results"] == []


def test_the_code_may_be_typed_without_its_marks(given: City, calling: Caller) -> None:
    given.receive()

    answer = calling(Role.CLERK).get("/api/dossiers/h26c001 260302 0001/")

    assert answer.json()["code"] == "H26.C001-260302-0001"


def test_dossiers_are_found_by_status_lateness_and_text(
    given: City, calling: Caller, the_moment: Any
) -> None:
    late = given.receive("2026-02-02 08:10")
    given.receive("2026-03-02 08:10")
    client = calling(Role.OFFICER)

    def found(query: str) -> list[str]:
        return [row["code"] for row in client.get(f"/api/dossiers/?{query}").json()["results"]]

    assert found("") == ["H26.C001-260302-0001", "H26.C001-260202-0001"]
    assert found("overdue=true") == [late.code]
    assert found("overdue=false") == ["H26.C001-260302-0001"]
    assert found("status=received&q=am") == found("")
    assert found("q=nguyen thi am") == found("")
    assert found("q=260302") == ["H26.C001-260302-0001"]
    assert found("q=khong co ai") == []
    assert found("status=concluded") == []
    assert client.get("/api/dossiers/?status=lost").status_code == 422


def test_pages_stay_put_while_new_dossiers_come_in(given: City, calling: Caller) -> None:
    for minute in range(10, 15):
        given.receive(f"2026-03-02 08:{minute}")
    client = calling(Role.CLERK)

    first = client.get("/api/dossiers/?page_size=2").json()
    given.receive("2026-03-02 08:30")
    second = client.get(first["next"]).json()

    codes = [row["code"][-4:] for row in first["results"] + second["results"]]
    assert codes == ["0005", "0004", "0003", "0002"]


def test_a_list_costs_the_same_however_long(given: City, calling: Caller) -> None:
    client = calling(Role.CLERK)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/api/dossiers/")
        return len(queries)

    for minute in range(10, 13):
        given.receive(f"2026-03-02 08:{minute}")
    short = cost()
    for minute in range(20, 23):
        given.receive(f"2026-03-02 08:{minute}")

    assert cost() == short


@pytest.mark.parametrize("language", ["vi", "vi-VN,vi;q=0.9,en;q=0.8", "fr"])
def test_problems_are_told_in_the_callers_language(
    given: City, calling: Caller, language: str
) -> None:
    answer = calling(Role.CLERK, language).get("/api/dossiers/H26.C001-260302-0009/")

    assert answer["Content-Language"] == "vi"
    assert answer.status_code == 404


def test_a_stranger_is_asked_to_log_in(given: City) -> None:
    answer = APIClient().get("/api/dossiers/", headers={"accept-language": "en"})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "Log in first"


def test_a_submission_waits_and_is_accepted_under_its_code(
    given: City, calling: Caller, the_moment: Any
) -> None:
    client, body = calling(Role.CLERK), asked(given)
    del body["receiving_unit"]
    put_in = client.post(
        "/api/submissions/", body, headers={"Idempotency-Key": "s1"}, format="json"
    )
    handle = put_in.json()["code"]
    the_moment.shift(60)
    again = client.post("/api/submissions/", body, headers={"Idempotency-Key": "s1"}, format="json")

    taken = client.post(
        f"/api/dossiers/{handle}/commands/accept/",
        {"receiving_unit": given.counter.code},
        format="json",
    )

    assert (put_in.status_code, again.status_code) == (201, 200)
    assert (put_in.json()["status"], handle[:2]) == ("submitted", "S-")
    assert put_in.json()["received_at"] is None
    assert taken.json()["code"] == "H26.C001-260302-0001"
    assert taken.json()["status"] == "received"
    assert client.get(f"/api/dossiers/{handle}/").status_code == 404


def test_who_only_watches_leaves_a_trace_of_each_look(given: City, calling: Caller) -> None:
    code = given.receive().code

    calling(Role.OFFICER).get(f"/api/dossiers/{code}/")
    calling(Role.INSPECTOR).get(f"/api/dossiers/{code}/")

    (look,) = AccessLog.objects.all()
    assert look.post == given.posts[Role.INSPECTOR]
    assert look.at == moment("2026-03-02 09:00")
