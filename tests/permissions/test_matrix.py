"""Who may do what to a dossier, from where: the whole table, cell by cell."""

from __future__ import annotations

import pytest

from dossiers import permissions
from dossiers.errors import NotAllowed
from dossiers.lifecycle import registry
from tests.permissions.places import PLACES, acting, dossier, held, step
from workflows.actors import CITIZEN, HISTORY, STAFF, TIME, Actor
from workflows.models import Role

WATCHED = "counter leading head beside city"  # the receiving or the answering agency, or above

# command: {role: places from which it may be done}. Whatever is not here is refused.
MATRIX: dict[str, dict[str, str]] = {
    "receive": {"clerk": "counter"},
    "accept": {"clerk": "counter"},
    "refuse_at_intake": {"clerk": "counter"},
    "arrive": {
        "clerk": "leading head beside",
        "officer": "leading head",
        "unit_head": "leading head",
    },
    "claim": {"officer": "step"},
    "release": {"officer": "step"},
    "advance": {"officer": "step"},
    "assign": {"unit_head": "step", "supervisor": WATCHED},
    "request_supplement": {"officer": "step"},
    "supply": {"clerk": "counter"},
    "conclude": {"clerk": "counter"},
    "return_result": {"clerk": "counter"},
    "withdraw": {"clerk": "counter"},
    "discontinue": {"approver": "leading head beside", "unit_head": "leading head"},
    "reopen": {"approver": "leading head beside"},
    "void": {"clerk": "counter", "supervisor": WATCHED},
    "move": {"unit_head": "leading head", "supervisor": WATCHED},
    "move_to_version": {"catalogue_manager": WATCHED},
    "demand_fee": {"officer": "step", "clerk": "counter"},
    "confirm_fee": {"clerk": "counter"},
    "ask_opinion": {"officer": "step", "unit_head": "leading head"},
    "forgo_opinion": {"officer": "step", "unit_head": "leading head"},
    # Whose opinion was asked is told by the question itself, whose act it was by the event.
    "give_opinion": dict.fromkeys(["officer", "unit_head", "approver"], " ".join(PLACES)),
    "undo": dict.fromkeys(
        ["clerk", "officer", "unit_head", "approver", "archive_clerk", "supervisor"],
        " ".join(PLACES),
    ),
    # Which unit's head answers for a delay is told by the breach itself.
    "explain_breach": {"unit_head": " ".join(PLACES)},
    "accept_explanation": {"supervisor": WATCHED},
    "return_explanation": {"supervisor": WATCHED},
    "draft_apology": {"unit_head": "leading head", "officer": "leading head"},
    "sign_apology": {"approver": "leading head beside"},
    "return_apology": {"approver": "leading head beside"},
    "hand_over_apology": {"clerk": "counter"},
    "note_repeated_lateness": {"supervisor": WATCHED},
}


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("command", MATRIX)
def test_a_row_of_the_table(command: str, role: str) -> None:
    allowed = {
        place
        for place in PLACES
        if permissions.may(acting(role, place), command, dossier(), step())
    }

    assert allowed == set(MATRIX[command].get(role, "").split())


def test_the_table_speaks_of_every_command_and_of_no_other() -> None:
    # Guidance and submissions have no dossier yet: `check_counter` decides.
    # A calendar is the catalogue's: `workflows.permissions` decides.
    without = {"give_guidance", "submit", "amend_calendar"}
    assert set(registry.COMMANDS) - without <= set(MATRIX)
    assert set(permissions.RIGHTS) == set(MATRIX)


def test_what_nobody_listed_nobody_may_do() -> None:
    everything = Actor(
        kind=STAFF, posts=tuple(held(role, place) for role in Role.values for place in PLACES)
    )

    with pytest.raises(NotAllowed) as refusal:
        permissions.check(everything, "delete", dossier(), step())
    assert refusal.value.code == "not_allowed"


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("command", ["claim", "release", "advance", "request_supplement"])
def test_a_step_is_for_the_role_it_names(command: str, role: str) -> None:
    asks_for_papers = {"officer", "unit_head"}
    allowed = command != "request_supplement" or role in asks_for_papers

    assert permissions.may(acting(role, "step"), command, dossier(), step(role)) is allowed


@pytest.mark.parametrize("command", ["claim", "release", "advance", "request_supplement"])
def test_with_no_step_under_way_there_is_nothing_to_work_on(command: str) -> None:
    assert not permissions.may(acting("officer", "step"), command, dossier(), None)


def test_the_post_that_gives_the_right_is_the_one_that_acts() -> None:
    both = Actor(kind=STAFF, posts=(held("clerk", "other"), held("clerk", "counter")))

    assert permissions.check(both, "withdraw", dossier(), None) == held("clerk", "counter")


@pytest.mark.parametrize("command", MATRIX)
def test_applicants_withdraw_and_time_discontinues_and_nothing_else(command: str) -> None:
    assert permissions.may(CITIZEN, command, dossier(), step()) is (command == "withdraw")
    assert permissions.may(TIME, command, dossier(), step()) is (command == "discontinue")
    assert permissions.check(HISTORY, command, dossier(), step()) is None


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", Role.values)
def test_a_counter_takes_in_by_its_own_clerks_alone(role: str, place: str) -> None:
    centre = PLACES["counter"][0]

    if (role, place) == ("clerk", "counter"):
        assert permissions.check_counter(acting(role, place), centre.pk) == held(role, place)
    else:
        with pytest.raises(NotAllowed):
            permissions.check_counter(acting(role, place), centre.pk)
