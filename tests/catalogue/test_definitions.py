"""Publishing definitions: only without hindering faults, each version once, the old one retired."""

import json
import os
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from tests.given.catalogue import record
from tests.given.definitions import changed, outcome, plain_definition, step
from workflows import checking, parsing
from workflows.catalogue import faults as words
from workflows.catalogue.definitions import Unpublishable, faults, publish
from workflows.catalogue.importing import import_procedures
from workflows.checking import BLOCKING, WARNING, Surroundings
from workflows.models import Definition, Procedure

MARCH = datetime(2026, 3, 2, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, 1, tzinfo=UTC)


@pytest.fixture
def procedure(db):
    import_procedures([record(value=5)], in_force_from=date(2026, 1, 1))
    return Procedure.objects.get()


def states():
    return list(Definition.objects.order_by("version").values_list("version", "state"))


def test_a_definition_without_fault_is_published(procedure):
    published = publish(procedure, plain_definition(), source="1594/QĐ-TTPVHCC", at=MARCH)

    assert (published.version, published.state, published.published_at) == (1, "published", MARCH)
    assert published.graph().start == "receive"


def test_the_same_definition_again_is_no_new_version(procedure):
    first = publish(procedure, plain_definition(), at=MARCH)

    assert publish(procedure, plain_definition(), at=APRIL) == first
    assert states() == [(1, "published")]


def test_a_new_version_retires_the_one_in_force(procedure):
    publish(procedure, plain_definition(), at=MARCH)
    other = changed(plain_definition(), "sign", name={"vi": "Ký duyệt"})

    publish(procedure, other, at=APRIL)

    assert states() == [(1, "retired"), (2, "published")]
    assert Definition.objects.get(version=1).retired_at == APRIL


def test_a_definition_with_a_hindering_fault_is_refused_and_nothing_changes(procedure):
    publish(procedure, plain_definition(), at=MARCH)
    over = changed(plain_definition(), "sign", share={"amount": "2", "unit": "working_day"})

    with pytest.raises(Unpublishable) as refused:
        publish(procedure, over, at=APRIL)

    assert [fault.code for fault in refused.value.faults] == ["shares_over_limit"]
    assert states() == [(1, "published")]


def test_papers_that_the_procedure_does_not_list_are_a_fault(procedure):
    body = changed(plain_definition(), "appraise", needs=["paper:Đơn đề nghị", "paper:Sổ đỏ"])

    assert [(fault.code, dict(fault.facts)) for fault in faults(procedure, body)] == [
        ("paper_unknown", {"paper": "Sổ đỏ"})
    ]


def test_every_fault_has_its_sentence_and_fills_it(procedure):
    assert set(words.SENTENCES) == BLOCKING | WARNING
    body = changed(plain_definition(), "appraise", outcomes=[outcome("done", "nowhere")])

    said = [words.sentence(fault) for fault in faults(procedure, body)]

    assert all("%(" not in sentence for sentence in said)
    assert any("nowhere" in sentence for sentence in said)


@pytest.mark.real_data
def test_shares_that_do_not_add_up_are_said_of_exactly_the_real_flows_that_are_marked():
    path = Path(os.environ["ONESTOP_REAL_DATA"]) / "workflows" / "internal-workflows.json"
    flows = [
        flow
        for flow in json.loads(path.read_text("utf-8"))
        if flow["sum_comparable"] and flow["total"]["unit"] in NOMINAL
    ]

    said = {flow["id"] for flow in flows if share_faults(flow)}

    assert said == {flow["id"] for flow in flows if flow["mismatch"]}


NOMINAL = {"day": 8, "working_day": 8, "working_hour": 1}


def share_faults(flow):
    """The faults of shares that the checker finds in a printed flow, taken as one road."""
    units = {"hour": "working_hour"}
    last = len(flow["steps"]) - 1
    steps = [
        step(
            f"s{place}",
            "receive" if place == 0 else "deliver" if place == last else "process",
            "end" if place == last else f"s{place + 1}",
            share=f"{one['amount']} {units.get(one['unit'], one['unit'])}"
            if one["unit"] and one["amount"] is not None
            else "",
        )
        for place, one in enumerate(flow["steps"])
    ]
    definition = parsing.parse({"version": 1, "start": "s0", "steps": steps})
    limit = Fraction(str(flow["total"]["value"])) * NOMINAL[flow["total"]["unit"]]
    return [
        fault.code
        for fault in checking.faults(definition, Surroundings(limit_hours=limit))
        if fault.code.startswith("shares_")
    ]
