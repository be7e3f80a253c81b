"""Workflow definitions: their form read from data, and every fault named with its step."""

import json
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from tests.given.definitions import changed, outcome, plain_definition, step
from workflows import checking, parsing
from workflows.checking import Surroundings
from workflows.graph import AgencyOf, Kind

SCHEMA = json.loads(
    (Path(checking.__file__).parent / "schemas" / "workflow-definition.schema.json").read_text(
        "utf-8"
    )
)


def found(data, **known):
    return [
        (fault.code, fault.step)
        for fault in checking.faults(parsing.parse(data), Surroundings(**known))
    ]


def test_a_definition_is_read_from_plain_data():
    definition = parsing.parse(plain_definition())

    assert definition.start == "receive"
    assert [one.key for one in definition.steps] == ["receive", "appraise", "sign", "deliver"]
    sign = definition.step("sign")
    assert (sign.kind, sign.role, sign.agency_of) == (Kind.SIGN, "approver", AgencyOf.ANSWERING)
    assert (sign.share.amount, sign.share.hours()) == (Decimal(1), Fraction(8))
    assert [(one.key, one.to, one.returns, one.at_most) for one in sign.outcomes] == [
        ("done", "deliver", False, None),
        ("send_back", "appraise", True, 2),
    ]


def test_the_plain_definition_has_no_fault_and_fits_the_published_schema():
    data = plain_definition()

    assert found(data, limit_hours=Fraction(40)) == []
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(data, SCHEMA)


@pytest.mark.parametrize(
    ("case", "damage", "place"),
    [
        ("not a mapping", lambda data: [], "definition"),
        ("another version", lambda data: data | {"version": 2}, "version"),
        ("no steps", lambda data: data | {"steps": []}, "steps"),
        ("a field unknown", lambda data: data | {"colour": "red"}, "definition.colour"),
        ("an unknown kind", lambda data: changed(data, "sign", kind="dance"), "steps[2].kind"),
        (
            "a share below zero",
            lambda data: changed(data, "sign", share={"amount": -1, "unit": "day"}),
            "steps[2].share.amount",
        ),
        (
            "a share that is no number",
            lambda data: changed(data, "sign", share={"amount": "NaN", "unit": "day"}),
            "steps[2].share.amount",
        ),
        ("a step called end", lambda data: changed(data, "sign", key="end"), "steps[2].key"),
        (
            "a name without Vietnamese",
            lambda data: changed(data, "sign", name={"en": "Sign"}),
            "steps[2].name.vi",
        ),
        (
            "a bad condition",
            lambda data: changed(
                data, "sign", outcomes=[outcome("done", "deliver", when={"run": 1})]
            ),
            "steps[2].outcomes[0].when",
        ),
        (
            "a null character",
            lambda data: changed(data, "sign", name={"vi": "a\0"}),
            "steps[2].name.vi",
        ),
        (
            "nobody for a step of people",
            lambda data: changed(data, "sign", who=None),
            "steps[2].who",
        ),
        (
            "a count of zero",
            lambda data: changed(data, "sign", outcomes=[outcome("done", "deliver", at_most=0)]),
            "steps[2].outcomes[0].at_most",
        ),
        (
            "a paper without its mark",
            lambda data: changed(data, "sign", needs=["Đơn"]),
            "steps[2].needs[0]",
        ),
    ],
)
def test_data_without_the_form_is_refused_with_the_place(case, damage, place):
    data = damage(plain_definition())

    with pytest.raises(parsing.MalformedDefinition) as refused:
        parsing.parse(data)

    assert place in [misfit.place for misfit in refused.value.misfits]
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(data) or "null" in case


def test_everything_that_does_not_fit_is_said_at_once():
    data = changed(plain_definition(), "sign", kind="dance", share={"amount": "x", "unit": "week"})

    with pytest.raises(parsing.MalformedDefinition) as refused:
        parsing.parse(data)

    assert [misfit.place for misfit in refused.value.misfits] == [
        "steps[2].kind",
        "steps[2].share.amount",
        "steps[2].share.unit",
    ]


def with_step(extra):
    data = plain_definition()
    data["steps"].append(extra)
    return data


def with_automatic_circle():
    data = changed(
        plain_definition(),
        "receive",
        outcomes=[outcome("done", "look"), outcome("by_hand", "appraise")],
    )
    nobody = {"who": None, "share": None}
    look = step("look", "automatic", "again") | nobody
    again = step("again", "automatic", "look") | nobody
    again["outcomes"].append(outcome("go", "appraise"))
    for one in (look, again):
        del one["who"]
    data["steps"] += [look, again]
    return data


@pytest.mark.parametrize(
    ("case", "data", "expected"),
    [
        (
            "a target that is no step",
            changed(
                plain_definition(),
                "appraise",
                outcomes=[outcome("done", "sign"), outcome("ask", "nowhere")],
            ),
            [("unknown_target", "appraise")],
        ),
        (
            "a step nobody comes to",
            with_step(step("archive", "process", "deliver")),
            [("unreachable", "archive")],
        ),
        (
            "a step without a way to the end",
            with_step(step("trap", "process", "trap")),
            [("unreachable", "trap"), ("no_end", "trap"), ("return_uncounted", "trap")],
        ),
        (
            "an end without delivery",
            changed(
                plain_definition(),
                "appraise",
                outcomes=[outcome("done", "sign"), outcome("refuse", "end")],
            ),
            [("end_without_delivery", "appraise")],
        ),
        (
            "two steps of one key",
            with_step(step("sign", "sign", "deliver", role="approver")),
            [("duplicate_step", "sign")],
        ),
        (
            "two outcomes of one key",
            changed(
                plain_definition(),
                "receive",
                outcomes=[outcome("done", "appraise"), outcome("done", "sign")],
            ),
            [("duplicate_outcome", "receive")],
        ),
        (
            "a start that is not there",
            plain_definition() | {"start": "begin"},
            [("unknown_start", "")],
        ),
        (
            "a start that receives nothing",
            plain_definition() | {"start": "appraise"},
            [
                ("received_twice", "receive"),
                ("unreachable", "receive"),
                ("start_receives_not", "appraise"),
            ],
        ),
        (
            "a step without outcomes",
            changed(plain_definition(), "deliver", outcomes=[]),
            [
                ("no_end", "receive"),
                ("no_end", "appraise"),
                ("no_end", "sign"),
                ("no_end", "deliver"),
                ("no_outcome", "deliver"),
            ],
        ),
        (
            "a circle without a person",
            with_automatic_circle(),
            [("loop_without_person", "look"), ("loop_without_person", "again")],
        ),
        (
            "a return that goes forward",
            changed(
                plain_definition(),
                "receive",
                outcomes=[outcome("done", "appraise", **{"return": True, "at_most": 1})],
            ),
            [("returns_forward", "receive")],
        ),
        (
            "a return without a count",
            changed(
                plain_definition(),
                "sign",
                outcomes=[
                    outcome("done", "deliver"),
                    outcome("back", "appraise", **{"return": True}),
                ],
            ),
            [("return_uncounted", "sign")],
        ),
        (
            "only conditions",
            changed(
                plain_definition(),
                "sign",
                outcomes=[outcome("done", "deliver", when={"var": "urgent"})],
            ),
            [("no_way_on", "sign")],
        ),
        (
            "a role that does no steps",
            changed(plain_definition(), "sign", who={"role": "inspector"}),
            [("role_unknown", "sign")],
        ),
        (
            "a named agency without its code",
            changed(plain_definition(), "sign", who={"role": "approver", "agency": "named"}),
            [("agency_unnamed", "sign")],
        ),
        (
            "an agency chosen at a later step",
            changed(
                plain_definition(),
                "appraise",
                who={"role": "officer", "agency": "chosen", "chosen_at": "sign"},
            ),
            [("choice_unknown", "appraise")],
        ),
        (
            "a consultation of nobody",
            changed(plain_definition(), "appraise", kind="consult"),
            [("consultation_missing", "appraise")],
        ),
        (
            "more answers than asked",
            changed(
                plain_definition(),
                "appraise",
                kind="consult",
                consult={"asked": [{"who": {"role": "officer"}}], "answers": 2},
            ),
            [("answers_too_many", "appraise")],
        ),
        (
            "a machine given time",
            changed(plain_definition(), "appraise", kind="automatic"),
            [("automatic_waits", "appraise")],
        ),
    ],
)
def test_every_fault_is_named_with_its_step(case, data, expected):
    assert sorted(found(data)) == sorted(expected)


@pytest.mark.parametrize(
    ("case", "known", "expected"),
    [
        ("an agency not in the tree", {"agencies": {"H26.1"}}, [("agency_unknown", "appraise")]),
        ("a unit no agency has", {"units": {"02"}}, [("unit_unknown", "appraise")]),
        (
            "a paper the procedure does not list",
            {"papers": {"Tờ khai"}},
            [("paper_unknown", "appraise")],
        ),
        (
            "a procedure not in the catalogue",
            {"procedures": {"1.000001"}},
            [("procedure_unknown", "appraise")],
        ),
        (
            "a role that nobody holds",
            {"holds_role": lambda who: who.unit == ""},
            [("role_unheld", "appraise")],
        ),
        (
            "all that is known is there",
            {"agencies": {"H26.2"}, "units": {"01"}, "papers": {"Đơn"}, "procedures": {"1.004222"}},
            [],
        ),
    ],
)
def test_what_the_organisation_and_the_catalogue_know_is_compared(case, known, expected):
    data = changed(
        plain_definition(),
        "appraise",
        who={"role": "officer", "agency": "named", "code": "H26.2", "unit": "01"},
        needs=["paper:Đơn", "result:draft"],
        opens=[{"procedure": "1.004222"}],
    )

    assert found(data, **known) == expected


@pytest.mark.parametrize(
    ("case", "limit", "expected"),
    [
        ("exactly the limit", 40, []),
        ("more than the limit", 39, [("shares_over_limit", "")]),
        ("less than the limit", 41, [("shares_under_limit", "")]),
    ],
)
def test_the_shares_are_compared_with_the_limit(case, limit, expected):
    assert found(plain_definition(), limit_hours=Fraction(limit)) == expected


def test_only_shares_above_the_limit_hinder_publishing():
    definition = parsing.parse(plain_definition())

    over = checking.faults(definition, Surroundings(limit_hours=Fraction(39)))
    under = checking.faults(definition, Surroundings(limit_hours=Fraction(41)))

    assert [fault.blocks for fault in over + under] == [True, False]
    assert over[0].facts == {"hours": "40", "limit": "39"}


def test_of_two_branches_the_longer_counts_and_returns_do_not():
    data = changed(
        plain_definition(),
        "receive",
        outcomes=[outcome("done", "appraise"), outcome("visit", "inspect")],
    )
    data["steps"].append(step("inspect", "process", "sign", share="10 working_day"))

    assert checking.longest_hours(parsing.parse(data)) == Fraction(4 + 80 + 8)


def test_percentages_are_of_the_limit():
    data = changed(plain_definition(), "appraise", share={"amount": "70", "unit": "percent"})

    assert found(data, limit_hours=Fraction(40)) == []
    assert found(data) == [("percent_without_limit", "appraise")]


def test_two_hundred_steps_are_checked_at_once():
    data = plain_definition()
    middle = [step(f"s{n}", "process", f"s{n + 1}") for n in range(196)]
    middle[-1]["outcomes"][0]["to"] = "sign"
    data["steps"][1:1] = middle
    data["steps"][0]["outcomes"][0]["to"] = "s0"
    data["steps"] = [one for one in data["steps"] if one["key"] != "appraise"]
    data["steps"][-2]["outcomes"] = [outcome("done", "deliver")]

    begun = time.perf_counter()
    assert found(data) == []
    assert time.perf_counter() - begun < 2
