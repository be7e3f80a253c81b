"""Definitions as BPMN 2.0: out and in again the same; of others' files what the form covers."""

import json
from pathlib import Path

import pytest

from tests.given.bpmn import flow, node, process, row
from workflows import checking, parsing
from workflows.interchange import bpmn_reading, bpmn_tree, bpmn_writing, reading

SHIPPED = json.loads(Path("workflows/fixtures/demo/definitions.json").read_text(encoding="utf-8"))


def taken(content: bytes):
    (found,) = reading.read(content, name="file", agencies={})
    return found


def reasons(found) -> set[tuple[str, str]]:
    return {(one.element, one.code) for one in found.not_taken}


def steps_of(found) -> dict:
    return {step.key: step for step in parsing.parse(found.body).steps}


@pytest.mark.parametrize("entry", SHIPPED, ids=lambda entry: entry["procedure"])
def test_a_definition_written_and_read_again_is_the_same(entry):
    written = bpmn_writing.write(entry["definition"], name="Cấp phép", procedure=entry["procedure"])

    found = taken(written)

    assert parsing.parse(found.body) == parsing.parse(entry["definition"])
    assert (found.not_taken, found.codes) == ([], (entry["procedure"],))


def test_conditions_several_ways_and_counted_returns_come_back_whole():
    body = {
        "version": 1, "start": "receive", "source": "1594/QĐ-TTPVHCC",
        "steps": [
            {"key": "receive", "name": {"vi": "Tiếp  nhận", "en": "Receive"}, "kind": "receive",
             "who": {"role": "clerk", "agency": "receiving"},
             "outcomes": [{"key": "done", "label": {"vi": "Chuyển"}, "to": "appraise"}]},
            {"key": "appraise", "name": {"vi": "Thẩm định"}, "kind": "appraise",
             "who": {"role": "officer"}, "share": {"amount": "2.5", "unit": "working_day"},
             "outcomes": [
                 {"key": "fit", "label": {"vi": "Đạt"},
                  "to": [{"to": "ask", "when": {">": [{"var": "area"}, 250]}}, {"to": "deliver"}]},
                 {"key": "again", "label": {"vi": "Làm lại"}, "to": "receive", "return": True,
                  "at_most": 2, "when": {"==": [{"var": "kind"}, "a & <b>"]}}]},
            {"key": "ask", "name": {"vi": "Lấy ý kiến"}, "kind": "consult",
             "who": {"role": "officer"},
             "consult": {"asked": [{"who": {"role": "officer", "agency": "named", "code": "H26.02"},
                                    "share": {"amount": 20, "unit": "percent"}}],
                         "answers": "any", "late": "go_on"},
             "outcomes": [{"key": "done", "label": {"vi": "Xong"}, "to": "deliver"}]},
            {"key": "deliver", "name": {"vi": "Trả kết quả"}, "kind": "deliver",
             "who": {"role": "clerk", "agency": "receiving"},
             "outcomes": [{"key": "done", "label": {"vi": "Đã trả"}, "to": "end"}]},
        ],
    }  # fmt: skip

    found = taken(bpmn_writing.write(body, name="Cấp phép"))

    assert parsing.parse(found.body) == parsing.parse(body)


def test_every_node_and_flow_of_a_written_file_is_drawn():
    (process_read,) = bpmn_tree.read(
        written := bpmn_writing.write(SHIPPED[-1]["definition"], name="Quy trình")
    )

    text = written.decode()
    flows = sum(len(found) for found in process_read.out.values())
    drawn = len(process_read.nodes) + flows
    assert all(f'bpmnElement="{ident}"' in text for ident in process_read.nodes)
    assert text.count("<bpmndi:BPMNEdge") == flows
    assert drawn > 10


@pytest.mark.parametrize("prefix", ["", "bpmn", "semantic", "ns0"])
def test_a_foreign_row_of_tasks_becomes_steps_whatever_its_prefix(prefix):
    file = process(
        node("startEvent", "s"),
        node("userTask", "a", "Tiếp nhận hồ sơ"),
        node("task", "b", "Thẩm định"),
        node("serviceTask", "c", "Gửi tin"),
        node("userTask", "d", "Trả kết quả"),
        node("endEvent", "e"),
        row("s", "a", "b", "c", "d", "e"),
        prefix=prefix,
        lanes={"Bộ phận Một cửa": ["s", "a", "d", "e"], "Chuyên viên": ["b"], "Máy": ["c"]},
    )

    found = taken(file)

    steps = steps_of(found)
    assert [(key, step.kind, step.role) for key, step in steps.items()] == [
        ("tiep-nhan-ho-so", "receive", "clerk"),
        ("tham-dinh", "process", "officer"),
        ("gui-tin", "automatic", ""),
        ("tra-ket-qua", "deliver", "clerk"),
    ]
    assert checking.faults(parsing.parse(found.body)) == []
    assert reasons(found) == set()


def test_an_exclusive_gateway_becomes_outcomes_and_a_way_back_a_return():
    file = process(
        node("startEvent", "s"),
        node("userTask", "a", "Nhận"),
        node("userTask", "b", "Thẩm định"),
        node("exclusiveGateway", "g", "Đủ?"),
        node("userTask", "c", "Trả"),
        node("endEvent", "e"),
        row("s", "a", "b", "g"),
        flow("g", "c", "Đạt"),
        flow("g", "a", "Làm lại", "${again}"),
        row("c", "e"),
        lanes={"Chuyên viên": ["b"]},
    )

    found = taken(file)

    outcomes = steps_of(found)["tham-dinh"].outcomes
    assert [(one.key, one.label.vi, one.to, one.returns) for one in outcomes] == [
        ("dat", "Đạt", "tra", False),
        ("lam-lai", "Làm lại", "nhan", True),
    ]
    assert reasons(found) == {("flow Làm lại", "condition")}


def test_single_tasks_side_by_side_are_one_consultation():
    file = process(
        node("startEvent", "s"),
        node("userTask", "a", "Nhận"),
        node("parallelGateway", "fork", "Lấy ý kiến"),
        node("userTask", "x", "Sở Xây dựng"),
        node("userTask", "y", "Sở Tài chính"),
        node("parallelGateway", "join"),
        node("userTask", "c", "Trả"),
        node("endEvent", "e"),
        row("s", "a", "fork", "x", "join", "c", "e"),
        row("fork", "y", "join"),
        lanes={"Chuyên viên": ["x", "y"]},
    )

    found = taken(file)

    step = steps_of(found)["lay-y-kien"]
    assert (step.kind, len(step.consultation.asked), step.consultation.answers) == ("consult", 2, 2)
    assert [one.to for one in step.outcomes] == ["tra"]
    assert checking.faults(parsing.parse(found.body)) == []


def test_other_branches_side_by_side_are_named_not_guessed():
    file = process(
        node("startEvent", "s"),
        node("userTask", "a", "Nhận"),
        node("parallelGateway", "fork", "Chia"),
        node("userTask", "x", "Một"),
        node("userTask", "x2", "Hai"),
        node("userTask", "y", "Ba"),
        node("parallelGateway", "join"),
        node("userTask", "c", "Trả"),
        node("endEvent", "e"),
        row("s", "a", "fork", "x", "x2", "join", "c", "e"),
        row("fork", "y", "join"),
        lanes={"Chuyên viên": ["x", "x2", "y"]},
    )

    found = taken(file)

    assert list(steps_of(found)) == ["nhan", "mot", "hai", "tra"]
    assert reasons(found) == {
        ("parallelGateway Chia", "parallel"),
        ("userTask Ba", "unreached"),
    }


def test_a_sub_process_is_walked_through_and_timers_are_listed():
    file = process(
        node("startEvent", "s"),
        node("userTask", "a", "Nhận"),
        node(
            "subProcess", "sub", "Thẩm định",
            node("startEvent", "is") + node("userTask", "i", "Xem") + node("endEvent", "ie")
            + row("is", "i", "ie"),
        ),
        node("intermediateCatchEvent", "t", "Chờ", "<timerEventDefinition/>"),
        node("userTask", "c", "Trả"),
        node("endEvent", "e"),
        row("s", "a", "sub", "t", "c", "e"),
        lanes={"Chuyên viên": ["sub"]},
    )  # fmt: skip

    found = taken(file)

    assert list(steps_of(found)) == ["nhan", "tra", "xem"]
    assert [one.to for one in steps_of(found)["xem"].outcomes] == ["tra"]
    assert reasons(found) == {("intermediateCatchEvent Chờ", "timer")}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<x/>", "not_a_definition"),
        (b"<definitions>", "not_readable"),
        (b'<!DOCTYPE d [<!ENTITY a "b">]><definitions>&a;</definitions>', "document_type"),
        (b'<!DOCTYPE d SYSTEM "http://example.org/d.dtd"><definitions/>', "document_type"),
        (process(), "no_steps"),
        (process(node("startEvent", "s"), node("endEvent", "e"), row("s", "e")), "no_steps"),
        (b"<?xml version='1.0' encoding='no-such'?><definitions/>", "not_readable"),
    ],
)
def test_what_is_no_workflow_is_refused_in_words(content, code):
    found = taken(content)

    assert found.body is None
    assert [one.code for one in found.not_taken] == [code]


def test_gateways_in_a_circle_and_flows_to_nowhere_end_the_reading():
    ways = [f"g{number}" for number in range(40)]
    file = process(
        node("startEvent", "s"),
        node("userTask", "a", "Nhận"),
        *(node("exclusiveGateway", way) for way in ways),
        row("s", "a", *ways, "g0"),
        *(flow(one, other) for one, other in zip(ways, ways[2:], strict=False)),
        flow("g39", "nowhere"),
    )

    found = taken(file)

    assert list(steps_of(found)) == ["nhan"]


def test_own_facts_that_somebody_spoilt_are_as_if_absent():
    written = bpmn_writing.write(SHIPPED[0]["definition"], name="Quy trình").decode()

    found = taken(written.replace('{"key"', '{"key').encode())

    assert bpmn_reading.read(bpmn_tree.read(written.encode())[0], "x").body is not None
    assert [step["kind"] for step in found.body["steps"]][0] == "receive"
