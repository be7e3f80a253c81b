"""`import_definitions`: workflows from files become drafts, with what was not taken and every
fault."""

import io
import json
import os
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.given.catalogue import record
from workflows.catalogue.importing import import_procedures
from workflows.models import Definition

pytestmark = pytest.mark.django_db


def run(*files, **options):
    out = io.StringIO()
    try:
        call_command(
            "import_definitions", *map(str, files), stdout=out, stderr=io.StringIO(), **options
        )
    except SystemExit as stopped:
        return json.loads(out.getvalue()), stopped.code
    return json.loads(out.getvalue()), 0


@pytest.fixture
def file(tmp_path):
    """A file with this content."""

    def write(content, name="flows.json"):
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def row(role, amount=None, unit=None, **more):
    return {
        "n": 1, "source_label": "Bước", "name": f"Bước {role}", "who": "", "agency": "Sở Y tế",
        "agency_from": "text", "role": role, "amount": amount, "unit": unit, "note": None,
    } | more  # fmt: skip


def annex(*rows, code="1.000001", total=(5, "working_day"), comparable=True, **more):
    return {
        "id": "f-01", "code": code, "name": "Cấp phép", "lead_agency": "Sở Y tế",
        "source": "2022/QĐ-UBND", "total": {"value": total[0], "unit": total[1], "text": ""},
        "steps": list(rows), "sum_comparable": comparable,
    } | more  # fmt: skip


ROWS = (
    row("reception", 0.5, "working_day"),
    row("process", 24, "working_hour"),
    row("sign", "1.5", "day"),
    row("return"),
)


def codes(entry):
    return [fault["code"] for fault in entry["faults"]]


def test_an_annex_becomes_a_draft_of_its_procedure(file):
    import_procedures([record()], in_force_from=date(2026, 1, 1))

    report, status = run(file([annex(*ROWS)]))

    kept = Definition.objects.get()
    steps = kept.graph().steps
    assert status == 0
    assert (kept.procedure.code, kept.state, kept.origin, kept.source) == (
        "1.000001", "draft", "f-01", "2022/QĐ-UBND",
    )  # fmt: skip
    assert [(step.kind, step.role) for step in steps] == [
        ("receive", "clerk"), ("process", "officer"), ("sign", "approver"), ("deliver", "clerk"),
    ]  # fmt: skip
    assert steps[-1].share is None
    assert report == [
        {"file": report[0]["file"], "id": "f-01", "taken": True, "not_taken": [], "faults": []}
    ]


def test_the_same_file_again_makes_no_second_draft_and_a_dry_run_none(file):
    import_procedures([record()], in_force_from=date(2026, 1, 1))
    path = file([annex(*ROWS)])

    dry, _ = run(path, dry_run=True)
    assert (dry[0]["taken"], Definition.objects.count()) == (True, 0)

    run(path)
    run(path)
    assert Definition.objects.count() == 1


@pytest.mark.parametrize(
    ("total", "comparable", "said"),
    [
        ((5, "working_day"), True, []),
        ((4, "working_day"), True, ["shares_over_limit"]),
        ((41, "working_hour"), True, ["shares_under_limit"]),
        ((4, "working_day"), False, []),
        ((None, "immediate"), True, []),
    ],
)
def test_shares_are_measured_by_the_limit_that_the_annex_prints(file, total, comparable, said):
    import_procedures([record(value=17)], in_force_from=date(2026, 1, 1))

    report, status = run(file([annex(*ROWS, total=total, comparable=comparable)]))

    assert (codes(report[0]), status) == (said, 0)


def test_an_agency_of_elsewhere_must_be_chosen_and_the_applicants_time_is_no_step(file):
    rows = (*ROWS[:2], row("applicant"), row("upper-decision", agency="UBND tỉnh"), ROWS[3])

    report, _ = run(file([annex(*rows, comparable=False)]))

    assert ("agency_unnamed", "step-4") in {
        (fault["code"], fault["step"]) for fault in report[0]["faults"]
    }
    assert [one["element"] for one in report[0]["not_taken"]] == [
        "step-3 Bước applicant", "step-4 Bước upper-decision", "procedure 1.000001",
    ]  # fmt: skip
    assert Definition.objects.get().procedure is None


def test_each_entry_answers_for_itself(file):
    import_procedures([record()], in_force_from=date(2026, 1, 1))
    own = json.loads(Path("workflows/fixtures/demo/definitions.json").read_text())[0]
    entries = [annex(*ROWS), 7, {"a": 1}, annex(), own | {"procedure": "1.000001"}]

    report, status = run(file(entries))

    assert [entry["taken"] for entry in report] == [True, False, False, False, True]
    assert status == 1
    assert Definition.objects.filter(procedure__code="1.000001").count() == 2


def test_our_own_form_comes_as_yaml_and_a_misfit_is_named_by_its_place(file):
    yaml = "version: 1\nstart: a\nsteps:\n- {key: a, kind: receive, name: {vi: Nhận}}\n"

    report, status = run(file(yaml, "own.yaml"))

    assert (report[0]["id"], report[0]["taken"], status) == ("own", False, 1)
    assert [one["element"] for one in report[0]["not_taken"]] == [
        "steps[0].who",
        "steps[0].who.role",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.json", ""), ("list.json", "[]"), ("bomb.yaml", "a: &a [1]\nsteps: [*a, *a]\n"),
        ("broken.json", "{"), ("broken.xml", "<definitions"), ("words.yaml", "just words"),
    ],
)  # fmt: skip
def test_a_file_without_a_definition_gives_one_entry_that_says_why(file, name, content):
    report, status = run(file(content, name))

    assert (len(report), report[0]["taken"], status) == (1, False, 1)
    assert report[0]["not_taken"][0]["reason"]


def test_a_file_that_is_not_there_changes_nothing(file, tmp_path):
    with pytest.raises(CommandError) as refused:
        run(file([annex(*ROWS)]), tmp_path / "nowhere.json")

    assert refused.value.returncode == 2
    assert not Definition.objects.exists()


def test_a_published_definition_goes_out_and_comes_in_again_unchanged(file, tmp_path, capsysbinary):
    import_procedures([record()], in_force_from=date(2026, 1, 1))
    own = json.loads(Path("workflows/fixtures/demo/definitions.json").read_text())[0]
    run(file([own | {"procedure": "1.000001"}]))

    call_command("export_definition", "1.000001", number=1, format="bpmn")
    (tmp_path / "out.bpmn").write_bytes(capsysbinary.readouterr().out)
    report, status = run(tmp_path / "out.bpmn")

    assert (report[0]["taken"], report[0]["not_taken"], status) == (True, [], 0)
    again = Definition.objects.order_by("pk").last()
    assert again.graph().steps == Definition.objects.get(version=1).graph().steps


@pytest.mark.real_data
def test_every_workflow_that_provinces_approved_comes_in():
    folder = Path(os.environ["ONESTOP_REAL_DATA"])
    path = folder / "workflows" / "internal-workflows.json"
    flows = {flow["id"]: flow for flow in json.loads(path.read_text(encoding="utf-8"))}

    report, status = run(path)

    assert (len(report), status) == (len(flows), 0)
    for entry in report:
        mismatch = flows[entry["id"]]["mismatch"]
        said = [code for code in codes(entry) if code.startswith("shares_")]
        over = mismatch is not None and mismatch["diff_hours"] > 0
        expected = "shares_over_limit" if over else "shares_under_limit"
        assert said == ([] if mismatch is None else [expected])
