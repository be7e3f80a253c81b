"""What a manager does with a draft, as pure rules: conditions in words, acts on the steps, two
versions compared, an imagined dossier walked through."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.given.definitions import changed, outcome, plain_definition, step
from workflows import checking, comparing, conditions, editing, parsing, phrasing, trying
from workflows.comparing import How
from workflows.timelimit import TimeLimit
from workflows.worktime import WorkingCalendar

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = WorkingCalendar(
    {day: [(time(8), time(12)), (time(13, 30), time(17, 30))] for day in range(5)},
    {date(2026, 3, 6): ()},
    HANOI,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("area > 250", {">": [{"var": "area"}, 250]}),
        ('kind == "villa"', {"==": [{"var": "kind"}, "villa"]}),
        ("a.b in [1, 2.5]", {"in": [{"var": "a.b"}, [1, 2.5]]}),
        ("paid", {"var": "paid"}),
        ("not (paid)", {"not": [{"var": "paid"}]}),
        (
            "paid and (area > 1 or area == null)",
            {
                "and": [
                    {"var": "paid"},
                    {"or": [{">": [{"var": "area"}, 1]}, {"==": [{"var": "area"}, None]}]},
                ]
            },
        ),
        ("", None),
    ],
)
def test_a_condition_is_read_as_written_and_written_as_read(text, condition):
    assert phrasing.understand(text) == condition
    assert phrasing.understand(phrasing.phrase(condition)) == condition


def test_conditions_in_json_stay_what_they_are():
    assert phrasing.understand('{">": [{"var": "area"}, 250]}') == {">": [{"var": "area"}, 250]}


@pytest.mark.parametrize("text", ["area >", "> 3", "area > 3 4", "(area", "area ~ 3", "and", "{x"])
def test_what_is_no_condition_is_said(text):
    with pytest.raises(phrasing.NotACondition):
        phrasing.understand(text)


_values = st.one_of(
    st.none(), st.booleans(), st.integers(-999, 999), st.text(max_size=5), st.just({"var": "a.b"})
)
_conditions = st.recursive(
    st.builds(
        lambda sign, left, right: {sign: [left, right]},
        st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
        _values,
        _values,
    ),
    lambda inner: st.one_of(
        st.builds(lambda one: {"not": [one]}, inner),
        st.builds(
            lambda sign, some: {sign: some},
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=6,
)


@given(_conditions)
def test_any_condition_survives_being_written_and_read(condition):
    back = phrasing.understand(phrasing.phrase(condition))

    for facts in ({}, {"a": {"b": 1}}, {"a": {"b": "x"}}, {"a": {"b": None}}):
        assert conditions.value(back, facts) == conditions.value(condition, facts)


def targets(body):
    return {one["key"]: [way["to"] for way in one["outcomes"]] for one in body["steps"]}


def test_a_new_step_stands_between_the_one_before_and_what_came_after():
    body = editing.add_step(plain_definition(), step("inspect", "check", "end"), "appraise")

    assert targets(body) == {
        "receive": ["appraise"],
        "appraise": ["inspect"],
        "inspect": ["sign"],
        "sign": ["deliver", "appraise"],
        "deliver": ["end"],
    }
    assert checking.faults(parsing.parse(body)) == []


def test_two_steps_never_bear_one_key():
    with pytest.raises(editing.KeyTaken):
        editing.add_step(plain_definition(), step("sign", "check", "end"), "appraise")
    with pytest.raises(editing.KeyTaken):
        editing.replace_step(plain_definition(), "appraise", step("sign", "check", "end"))
    assert editing.free_key(plain_definition(), "sign") == "sign-2"


def test_a_step_taken_away_is_passed_by_and_nothing_returns_to_it():
    body = editing.remove_step(plain_definition(), "appraise")

    assert targets(body) == {"receive": ["sign"], "sign": ["deliver"], "deliver": ["end"]}


def test_a_changed_key_is_changed_wherever_it_is_spoken_of():
    before = changed(plain_definition(), "sign", who={"role": "approver", "same_as": "appraise"})
    other = {**editing.step(before, "appraise"), "key": "examine"}

    body = editing.replace_step(before, "appraise", other)

    assert targets(body)["receive"] == ["examine"]
    assert targets(body)["sign"] == ["deliver", "examine"]
    assert editing.step(body, "sign")["who"]["same_as"] == "examine"


def test_steps_are_moved_within_the_list_only():
    body = editing.move_step(plain_definition(), "sign", -1)

    assert [one["key"] for one in body["steps"]] == ["receive", "sign", "appraise", "deliver"]
    assert targets(body) == targets(plain_definition())
    assert editing.move_step(body, "receive", -1) == body


def test_no_act_changes_the_body_it_was_given():
    body = plain_definition()
    editing.add_step(body, step("inspect", "check", "end"), "appraise")
    editing.remove_step(body, "appraise")
    editing.move_step(body, "sign", 1)

    assert body == plain_definition()


def test_the_least_definition_has_no_fault():
    assert checking.faults(parsing.parse(editing.new_body())) == []


def compared(after):
    return comparing.compare(parsing.parse(plain_definition()), parsing.parse(after))


def test_the_same_version_differs_in_nothing():
    assert {pair.how for pair in compared(plain_definition())} == {How.SAME}


def test_steps_added_gone_and_changed_are_told_apart():
    after = editing.add_step(plain_definition(), step("inspect", "check", "end"), "sign")
    after = editing.remove_step(after, "appraise")
    after = changed(after, "sign", share={"amount": "2", "unit": "working_day"})

    found = [
        ((pair.after or pair.before).key, pair.how, [one.field for one in pair.differences])
        for pair in compared(after)
    ]

    assert found == [
        ("receive", How.CHANGED, ["ways"]),
        ("appraise", How.GONE, []),
        ("sign", How.CHANGED, ["share", "ways", "outcome"]),
        ("inspect", How.ADDED, []),
        ("deliver", How.SAME, []),
    ]


def test_one_step_moved_is_one_step_moved():
    after = editing.move_step(plain_definition(), "deliver", -2)

    assert [pair.after.key for pair in compared(after) if pair.moved] == ["deliver"]


def walked(chosen, body=None, pace=100, facts=None, limit=None):
    return trying.walk(
        parsing.parse(body or plain_definition()),
        trying.Imagined(at("2026-03-02 08:10"), facts or {}, pace),
        chosen,
        OFFICE,
        limit or TimeLimit(5, "working_day"),
    )


def test_an_imagined_dossier_waits_for_the_next_choice_with_its_share():
    walk = walked([])

    assert [one.step.key for one in walk.passed] == ["receive", "appraise"]
    assert walk.waiting.due_at == at("2026-03-05 13:40")
    assert [one.key for one in walk.waiting.choices] == ["done"]
    assert (walk.ended_at, walk.margin) == (None, None)


def test_the_whole_way_with_dates_and_a_day_off():
    walk = walked(["done", "done", "done"])

    assert [(one.step.key, one.left_at) for one in walk.passed] == [
        ("receive", at("2026-03-02 08:10")),
        ("appraise", at("2026-03-05 13:40")),
        ("sign", at("2026-03-09 13:40")),
        ("deliver", at("2026-03-09 13:40")),
    ]
    assert walk.limit_at == at("2026-03-10 17:30")
    assert walk.margin == timedelta(hours=11, minutes=50)
    assert walk.chosen == ("done", "done", "done")


def test_a_slow_walk_is_late_and_says_by_how_much():
    walk = walked(["done", "done", "done"], pace=200)

    assert walk.margin < timedelta()
    assert OFFICE.between(walk.ended_at, walk.limit_at) == walk.margin


def test_returns_are_counted_and_then_closed():
    walk = walked(["done", "send_back"] * 2 + ["done"])

    assert [one.key for one in walk.waiting.choices] == ["done"]
    assert walked(["done", "send_back"] * 3).stuck == "returned_too_often"


def test_conditions_ask_for_facts_and_choose_the_way():
    body = changed(
        plain_definition(),
        "appraise",
        outcomes=[
            outcome(
                "done", [{"to": "sign", "when": {">": [{"var": "area"}, 250]}}, {"to": "deliver"}]
            )
        ],
    )

    assert trying.asked_for(parsing.parse(body)) == ("area",)
    assert walked(["done"], body, facts={"area": 300}).waiting.step.key == "sign"
    assert walked(["done"], body).waiting.step.key == "deliver"


def test_a_share_in_per_cent_is_of_the_limit():
    body = changed(plain_definition(), "appraise", share={"amount": "40", "unit": "percent"})

    assert walked([], body).waiting.due_at == at("2026-03-04 11:18")


def test_an_optional_step_may_be_left_out_and_another_may_not():
    body = changed(plain_definition(), "appraise", optional=True)

    walk = walked([trying.LEFT_OUT], body)

    assert walk.waiting.step.key == "sign"
    assert walk.waiting.entered_at == at("2026-03-02 08:10")
    assert walk.chosen == (trying.LEFT_OUT,)
    assert walked([trying.LEFT_OUT]).stuck == "not_optional"


def test_a_circle_without_a_person_ends():
    body = plain_definition()
    body["steps"][1] = step("appraise", "automatic", "appraise")

    assert walked([], body).stuck == "loop_without_person"
