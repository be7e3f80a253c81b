"""Every door of the API asks the same table: whoever may not is refused and nothing is changed."""

from __future__ import annotations

from typing import Any

import pytest

from dossiers import permissions
from dossiers.api import given as inputs
from dossiers.firing import fire_due
from dossiers.lifecycle import registry
from dossiers.models import Dossier, Event
from tests.api.conftest import Caller
from tests.given.city import City, moment
from workflows.models import Role

# What would be given, well formed, if it were allowed.
BODIES: dict[str, dict[str, Any]] = {
    "accept": {},
    "refuse_at_intake": {"reason": "x", "legal_ground": "x"},
    "arrive": {},
    "claim": {},
    "release": {},
    "assign": {"post": 1},
    "advance": {"outcome": "done"},
    "request_supplement": {"items": [1]},
    "supply": {},
    "conclude": {},
    "return_result": {},
    "withdraw": {},
    "discontinue": {"reason": "x", "legal_ground": "x"},
    "reopen": {"reason": "x"},
    "void": {"reason": "x"},
    "draft_apology": {"reason": "overload", "new_promise_at": None},
    "move": {"unit": "H26.C001.02", "reason": "x"},
    "demand_fee": {"amount": 1, "legal_ground": "x"},
    "confirm_fee": {},
    "ask_opinion": {"unit": "H26.C001.02", "question": "x"},
    "undo": {},
}
BREACH_BODIES: dict[str, dict[str, Any]] = {
    "explain_breach": {"reason": "overload", "text": "x"},
    "accept_explanation": {},
    "return_explanation": {"question": "x"},
}


def sees(given: City, role: str) -> bool:
    return Dossier.objects.visible_to(given.acting(role)).exists()


@pytest.mark.parametrize("command", BODIES)
def test_whoever_may_not_is_refused_at_the_dossiers_door(
    given: City, calling: Caller, command: str
) -> None:
    dossier = given.receive()
    step = registry.current_step(dossier)
    events = Event.objects.count()
    refused = [
        role
        for role in Role.values
        if not permissions.may(given.acting(role), command, dossier, step)
    ]

    answers = {
        role: calling(role)
        .post(f"/api/dossiers/{dossier.code}/commands/{command}/", BODIES[command], format="json")
        .status_code
        for role in refused
    }

    assert len(refused) >= (4 if command == "undo" else 7)
    assert answers == {role: 403 if sees(given, role) else 404 for role in refused}
    assert Event.objects.count() == events


@pytest.mark.parametrize("command", BREACH_BODIES)
def test_whoever_may_not_is_refused_at_the_breachs_door(
    given: City, calling: Caller, the_moment: Any, command: str
) -> None:
    dossier = given.receive()
    the_moment.move_to(moment("2026-03-10 09:00"))
    fire_due(moment("2026-03-10 08:00"))
    flagged = given.breach_of(dossier)
    events = Event.objects.count()
    refused = [
        role
        for role in Role.values
        if not permissions.may(given.acting(role), command, dossier, None)
    ]

    answers = {
        role: calling(role)
        .post(
            f"/api/breaches/{flagged.pk}/commands/{command}/",
            BREACH_BODIES[command],
            format="json",
        )
        .status_code
        for role in refused
    }

    assert len(refused) == 9
    assert answers == {role: 403 if sees(given, role) else 404 for role in refused}
    assert Event.objects.count() == events


def test_the_doors_tried_here_are_all_there_are() -> None:
    assert set(BODIES) == set(inputs.COMMANDS)
    assert set(BREACH_BODIES) == set(inputs.BREACH_COMMANDS)
