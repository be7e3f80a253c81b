"""What comes after an outcome."""

import pytest

from tests.given.definitions import changed, outcome, plain_definition
from workflows import routing
from workflows.parsing import parse


def keys(steps):
    return [step.key for step in steps]


def test_an_outcome_leads_to_the_next_step_and_at_last_to_the_end():
    definition = parse(plain_definition())

    assert routing.first_step(definition).key == "receive"
    assert routing.next_step(definition, "receive", "done").step.key == "appraise"
    last = routing.next_step(definition, "deliver", "done")
    assert (last.ends, last.step) == (True, None)


def test_a_return_is_counted_and_closed_when_used_up():
    definition = parse(plain_definition())

    back = routing.next_step(definition, "sign", "send_back", returned=1)

    assert (back.step.key, back.returns) == ("appraise", True)
    with pytest.raises(routing.NoWay) as refused:
        routing.next_step(definition, "sign", "send_back", returned=2)
    assert refused.value.code == "returned_too_often"
    assert keys(routing.open_outcomes(definition, "sign", returned={"send_back": 2})) == ["done"]


def test_a_decision_takes_the_first_way_whose_condition_holds():
    ways = [{"to": "deliver", "when": {"<": [{"var": "area"}, 100]}}, {"to": "sign"}]
    definition = parse(changed(plain_definition(), "appraise", outcomes=[outcome("done", ways)]))

    assert routing.next_step(definition, "appraise", "done", {"area": 80}).step.key == "deliver"
    assert routing.next_step(definition, "appraise", "done", {"area": 100}).step.key == "sign"
    assert routing.next_step(definition, "appraise", "done").step.key == "sign"


def test_an_outcome_whose_condition_does_not_hold_is_closed():
    data = changed(
        plain_definition(),
        "appraise",
        outcomes=[
            outcome("fast", "deliver", when={"==": [{"var": "urgent"}, True]}),
            outcome("done", "sign"),
        ],
    )
    definition = parse(data)

    assert keys(routing.open_outcomes(definition, "appraise", {"urgent": True})) == ["fast", "done"]
    assert keys(routing.open_outcomes(definition, "appraise", {"urgent": False})) == ["done"]
    with pytest.raises(routing.NoWay) as refused:
        routing.next_step(definition, "appraise", "fast", {"urgent": False})
    assert refused.value.code == "outcome_closed"


@pytest.mark.parametrize(
    ("case", "step", "chosen", "code"),
    [
        ("a step that is not there", "dance", "done", "unknown_step"),
        ("an outcome that is not there", "sign", "dance", "unknown_outcome"),
    ],
)
def test_what_is_not_in_the_definition_cannot_be_taken(case, step, chosen, code):
    with pytest.raises(routing.NoWay) as refused:
        routing.next_step(parse(plain_definition()), step, chosen)

    assert refused.value.code == code


def test_an_optional_step_can_be_passed_over_and_no_other():
    definition = parse(changed(plain_definition(), "appraise", optional=True))

    assert routing.pass_over(definition, "appraise").step.key == "sign"
    with pytest.raises(routing.NoWay) as refused:
        routing.pass_over(definition, "sign")
    assert refused.value.code == "not_optional"


def test_the_road_names_the_steps_still_to_come():
    definition = parse(plain_definition())

    assert keys(routing.road(definition, "appraise")) == ["appraise", "sign", "deliver"]


def test_the_road_stops_where_it_turns_back_on_itself():
    definition = parse(changed(plain_definition(), "sign", outcomes=[outcome("done", "appraise")]))

    assert keys(routing.road(definition, "receive")) == ["receive", "appraise", "sign"]
