"""Apologies, the duty to write them and repeated lateness by the API."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from dossiers.firing import fire_due
from dossiers.lifecycle.intake import PartyGiven
from dossiers.lifecycle.repeating import raise_repeated
from dossiers.models import Apology, Breach, Dossier, RepeatedLateness
from tests.api.conftest import Caller
from tests.given.city import City, moment
from workflows.models import Role

HOLDER_ONLY = [PartyGiven(role="holder", name="Nguyễn Thị Ẩm")]


@pytest.fixture
def tuesday() -> Any:
    """The tenth of March, 09:00: limits of the ninth have passed."""
    with time_machine.travel(moment("2026-03-10 09:00"), tick=False):
        yield


def late(town: City, number: int = 1, **more: Any) -> list[Dossier]:
    made = [town.receive("2026-03-02 08:10", **more) for _ in range(number)]
    fire_due(moment("2026-03-10 08:00"))
    return made


def test_a_breach_tells_its_limit_delay_debts_and_thread(
    given: City, calling: Caller, tuesday: Any
) -> None:
    (dossier,) = late(given)
    flagged = given.breach_of(dossier)
    head = calling(Role.UNIT_HEAD)

    answer = head.post(
        f"/api/breaches/{flagged.pk}/commands/explain_breach/",
        {"reason": "overload", "text": "Quá tải"},
        format="json",
    ).json()

    assert answer["limit_at"] == answer["breached_at"]
    assert answer["delay_seconds"] == 3600
    assert answer["ended_at"] is None
    assert [debt["agency"] for debt in answer["debts"]] == ["H26.C001"]
    assert [(turn["kind"], turn["reason"], turn["by"]) for turn in answer["thread"]] == [
        ("explanation", "overload", "Trần Thị Hương")
    ]
    (whole,) = [
        one
        for one in head.get(f"/api/dossiers/{dossier.code}/").json()["breaches"]
        if one["of"] == "dossier"
    ]
    assert whole == answer


def test_what_may_be_apologised_for_is_listed_with_the_day_proposed(
    given: City, calling: Caller, tuesday: Any
) -> None:
    (dossier,) = late(given)

    found = calling(Role.UNIT_HEAD).get("/api/apologies/to-write/").json()

    assert found["foreseen"] == []
    assert [(row["dossier"], row["needed_seconds"]) for row in found["owed"]] == [
        (dossier.code, 15 * 3600)
    ]
    assert found["owed"][0]["appointment"] == moment("2026-03-11 17:30").isoformat()
    assert calling(Role.CLERK).get("/api/apologies/to-write/").json()["owed"] == []


def test_a_selection_is_drafted_and_signed_each_by_itself(
    given: City, calling: Caller, tuesday: Any
) -> None:
    first, second = late(given, 2)
    fresh = given.receive("2026-03-10 08:10")

    drafted = calling(Role.UNIT_HEAD).post(
        "/api/apologies/draft/",
        {"dossiers": [first.code, fresh.code, second.code], "reason": "overload"},
        format="json",
    )
    ids = [one["apology"] for one in drafted.json()["done"]]
    signed = calling(Role.APPROVER).post(
        "/api/apologies/sign/", {"apologies": [*ids, 9_999_999]}, format="json"
    )

    assert drafted.status_code == signed.status_code == 200
    assert [one["dossier"] for one in drafted.json()["done"]] == [first.code, second.code]
    assert drafted.json()["refused"] == [
        {
            "dossier": fresh.code,
            "apology": None,
            "code": "nothing_to_apologise",
            "detail": (
                "An apology needs a limit that has passed or will pass within two working days."
            ),
        }
    ]
    assert [one["apology"] for one in signed.json()["done"]] == ids
    assert [one["code"] for one in signed.json()["refused"]] == ["no_letter"]
    assert set(Apology.objects.values_list("state", flat=True)) == {"signed"}


def test_who_may_not_draft_drafts_nothing(given: City, calling: Caller, tuesday: Any) -> None:
    (dossier,) = late(given)

    answer = (
        calling(Role.SUPERVISOR)
        .post(
            "/api/apologies/draft/",
            {"dossiers": [dossier.code], "reason": "overload"},
            format="json",
        )
        .json()
    )

    assert answer["done"] == []
    assert [one["code"] for one in answer["refused"]] == ["not_allowed"]
    assert not Apology.objects.exists()


def test_a_letter_nobody_could_be_reached_with_is_handed_over(
    given: City, calling: Caller, tuesday: Any
) -> None:
    (dossier,) = late(given, parties=HOLDER_ONLY)
    calling(Role.UNIT_HEAD).post(
        "/api/apologies/draft/", {"dossiers": [dossier.code], "reason": "overload"}, format="json"
    )
    letter = Apology.objects.get()
    calling(Role.APPROVER).post(f"/api/apologies/{letter.pk}/commands/sign_apology/")
    clerk = calling(Role.CLERK)

    waiting = clerk.get("/api/apologies/to-hand-over/").json()
    done = clerk.post(
        f"/api/apologies/{letter.pk}/commands/hand_over_apology/",
        {"how": "in_person", "note": "Bà Ẩm ký nhận"},
        format="json",
    ).json()

    assert [(one["id"], one["dossier"], one["tried"]) for one in waiting] == [
        (letter.pk, dossier.code, False)
    ]
    assert (done["state"], done["handed_how"], done["closing"]) == (
        "delivered",
        "in_person",
        "appointment",
    )
    assert clerk.get("/api/apologies/to-hand-over/").json() == []


def test_the_duty_is_a_reading_in_the_form_of_figures(given: City, calling: Caller) -> None:
    dossiers = late(given, 2)
    with time_machine.travel(moment("2026-03-12 09:00"), tick=False):
        watcher = calling(Role.SUPERVISOR)
        whole = watcher.get("/api/apologies/duty/").json()
        cut = watcher.get(
            "/api/apologies/duty/?from=2026-03-01&to=2026-03-31&by=agency,month"
        ).json()
        cases = watcher.get("/api/apologies/duty/cases/?standing=missing").json()
        others = calling(Role.CLERK).get("/api/apologies/duty/cases/").json()

    numbers = {
        "owed": 2, "foreseen": 0, "in_time": 0, "late": 0, "missing": 2, "to_come": 0, "made": 0,
    }  # fmt: skip
    assert whole == {
        "from": None,
        "to": "2026-03-12",
        "as_of": "2026-03-12T09:00:00+07:00",
        "rows": [numbers],
    }
    assert cut["rows"] == [{"agency": "H26.C001", "month": "2026-03", **numbers}]
    assert {one["dossier"] for one in cases} == {one.code for one in dossiers}
    assert others == []


@pytest.mark.parametrize(
    "query", ["by=colour", "from=2026-04-01&to=2026-03-01", "to=x", "as_of=yesterday"]
)
def test_questions_that_cannot_be_are_problems(
    given: City, calling: Caller, tuesday: Any, query: str
) -> None:
    assert calling(Role.SUPERVISOR).get(f"/api/apologies/duty/?{query}").status_code == 422


def test_repeated_lateness_is_read_and_noted(given: City, calling: Caller, tuesday: Any) -> None:
    dossiers = late(given, 3)
    raise_repeated(moment("2026-03-10 08:30"))
    record = RepeatedLateness.objects.get()
    watcher = calling(Role.SUPERVISOR)
    address = f"/api/repeated-lateness/{record.pk}/"

    listed = watcher.get("/api/repeated-lateness/").json()
    whole = watcher.get(address).json()
    unsaid = watcher.post(f"{address}commands/note_repeated_lateness/", {}, format="json")
    noted = watcher.post(
        f"{address}commands/note_repeated_lateness/", {"note": "Đã nhắc"}, format="json"
    )

    assert [(one["id"], one["cases"]) for one in listed] == [(record.pk, 3)]
    assert {one["dossier"] for one in whole["dossiers"]} == {one.code for one in dossiers}
    assert {one["delay_seconds"] for one in whole["dossiers"]} == {3600}
    assert unsaid.status_code == 422
    assert (noted.status_code, noted.json()["note"]) == (200, "Đã nhắc")
    assert watcher.get("/api/repeated-lateness/").json() == []
    assert calling(Role.OFFICER).get(address).status_code == 404


def test_a_late_step_owes_nothing_in_the_answer(given: City, calling: Caller) -> None:
    dossier = given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-06 16:00"))
    assert Breach.objects.get().of == "step"
    with time_machine.travel(moment("2026-03-06 16:30"), tick=False):
        answer = calling(Role.OFFICER).get(f"/api/dossiers/{dossier.code}/").json()

    (step,) = answer["breaches"]
    assert (step["owes_apology"], step["owes_explanation"], step["apology_due_at"]) == (
        False,
        False,
        None,
    )
