"""Why this date through the API: stretches that add up, each promise with its cause."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Caller
from tests.given.city import City
from workflows.models import Role


def test_the_stretches_add_up_to_the_worth_and_each_promise_is_told(
    given: City, calling: Caller, the_moment: Any
) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.ask_supplement(dossier, "2026-03-03 09:00")
    the_moment.move_to("2026-03-05T03:30:00Z")
    given.supply(dossier, "2026-03-05 10:00")

    told = calling(Role.OFFICER).get(f"/api/dossiers/{dossier.code}/clock/").json()

    counting = [one["used_seconds"] for one in told["stretches"] if one["counts"]]
    assert sum(counting) == told["worth_seconds"] == (5 * 8 + 6) * 3600
    assert [one["kind"] for one in told["stretches"]] == ["given_up", "waited", "ran"]
    assert [one["cause"] for one in told["promises"]] == ["begun", "restarted"]
    assert told["edition"] == {
        "number": 1,
        "in_force_from": "2020-01-01",
        "decision_no": "",
    }
    assert told["limit"] == "5 working days"
    assert told["clock"]["first_promised_at"] == "2026-03-09T17:30:00+07:00"
    assert told["clock"]["promised_at"] == "2026-03-12T17:30:00+07:00"
    assert [line["used"] for line in told["lines"]][-1] == told["total"]


def test_the_first_promise_stands_beside_a_moved_one_in_lists_too(
    given: City, calling: Caller, the_moment: Any
) -> None:
    moved, still = given.receive("2026-03-02 08:10"), given.receive("2026-03-02 08:20")
    given.ask_supplement(moved, "2026-03-03 09:00")
    given.supply(moved, "2026-03-05 10:00")
    the_moment.move_to("2026-03-05T03:30:00Z")

    listed = calling(Role.OFFICER).get("/api/dossiers/").json()["results"]

    first = {one["code"]: one["clock"]["first_promised_at"] for one in listed}
    assert first == {moved.code: "2026-03-09T17:30:00+07:00", still.code: None}


def test_a_dossier_out_of_sight_has_no_clock(given: City, calling: Caller) -> None:
    assert calling(Role.OFFICER).get("/api/dossiers/H26-260302-9999/clock/").status_code == 404
