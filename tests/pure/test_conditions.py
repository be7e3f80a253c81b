"""The expression language of workflow definitions."""

import pytest

from workflows.conditions import complaint, holds, variables

FACTS = {"channel": "online", "area": 320.5, "applicant": {"kind": "citizen"}, "urgent": True}


@pytest.mark.parametrize(
    ("case", "expression", "expected"),
    [
        ("equal texts", {"==": [{"var": "channel"}, "online"]}, True),
        ("unequal texts", {"!=": [{"var": "channel"}, "online"]}, False),
        ("a fact inside a fact", {"==": [{"var": "applicant.kind"}, "citizen"]}, True),
        ("a number above", {">": [{"var": "area"}, 300]}, True),
        ("a number at the bound", {">=": [{"var": "area"}, 320.5]}, True),
        ("a number below", {"<": [{"var": "area"}, 300]}, False),
        ("0.1 as written", {"==": [0.1, {"var": "tenth"}]}, False),
        ("one of a list", {"in": [{"var": "channel"}, ["post", "online"]]}, True),
        ("none of a list", {"in": [{"var": "channel"}, ["post", "counter"]]}, False),
        ("both", {"and": [{"var": "urgent"}, {">": [{"var": "area"}, 1]}]}, True),
        ("one of two", {"or": [False, {"var": "urgent"}]}, True),
        ("not", {"not": {"var": "urgent"}}, False),
        ("an absent fact is null", {"==": [{"var": "floors"}, None]}, True),
        ("an absent fact is not below", {"<": [{"var": "floors"}, 3]}, False),
        ("a text is not below a number", {"<": [{"var": "channel"}, 3]}, False),
        ("true is not one", {"==": [{"var": "urgent"}, 1]}, False),
        ("an absent fact is in no list", {"in": [{"var": "floors"}, [1, 2]]}, False),
    ],
)
def test_a_condition_is_evaluated_over_facts(case, expression, expected):
    assert complaint(expression) is None
    assert holds(expression, FACTS) is expected


@pytest.mark.parametrize(
    ("case", "expression", "expected"),
    [
        ("an operator that is not there", {"system": ["rm"]}, "unknown_operator"),
        ("two operators at once", {"==": [1, 1], "not": True}, "unknown_operator"),
        ("too few arguments", {"<": [1]}, "wrong_arguments"),
        ("a name that is no text", {"var": 3}, "wrong_arguments"),
        ("an endless number", {"==": [float("nan"), 1]}, "not_a_value"),
        ("an object", {"==": [object(), 1]}, "not_a_value"),
        ("nothing to join", {"and": []}, "wrong_arguments"),
    ],
)
def test_a_condition_without_the_form_is_named(case, expression, expected):
    assert complaint(expression) == expected


def test_a_condition_too_deep_is_refused_and_not_followed():
    expression: object = True
    for _ in range(10_000):
        expression = {"not": expression}

    assert complaint(expression) == "too_deep"


def test_the_facts_a_condition_asks_for_are_known():
    expression = {"or": [{"in": [{"var": "channel"}, ["online"]]}, {">": [{"var": "area"}, 300]}]}

    assert variables(expression) == {"channel", "area"}
