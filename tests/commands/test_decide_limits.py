"""`decide_limits`: a person's decisions on what the catalogue leaves open, from a sheet."""

import io
import json
from datetime import date

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from tests.given.catalogue import method, record
from workflows.catalogue.importing import import_procedures
from workflows.catalogue.limits import is_undecided
from workflows.models import Edition, Limit

pytestmark = pytest.mark.django_db

HEAD = "code,channel,case,amount,unit,rule,source\n"
SOURCE = "Điều 6 Nghị định 23/2015/NĐ-CP"


@pytest.fixture
def decided(tmp_path):
    """Decide by the lines given, as the command does: the report and the exit status."""

    def decide(text, name="limits.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return run(path)

    return decide


def run(path):
    out = io.StringIO()
    try:
        call_command("decide_limits", str(path), stdout=out, stderr=io.StringIO())
    except SystemExit as stopped:
        return json.loads(out.getvalue()), stopped.code
    return json.loads(out.getvalue()), 0


def take(*records):
    return import_procedures(records, in_force_from=date(2026, 1, 1))


def test_a_decision_settles_the_flagged_limit(decided):
    take(record(value=1, unit="other"))

    report, status = decided(HEAD + f"1.000001,,,1,working_day,,{SOURCE}\n")

    assert (report, status) == (
        {"read": 1, "taken": 1, "unchanged": 0, "refused": [], "flagged": []},
        0,
    )
    row = Limit.objects.get()
    assert (row.limit["amount"], row.limit["unit"], row.flag) == ("1", "working_day", "")
    assert (row.source, row.decided_by_person) == (SOURCE, True)
    assert not is_undecided(Edition.objects.get())


def test_the_same_decision_again_changes_nothing(decided):
    take(record(value=1, unit="other"))
    line = f"1.000001,,,0,working_day,,{SOURCE}\n"
    decided(HEAD + line)

    report, status = decided(HEAD + line)

    assert (report["taken"], report["unchanged"], status) == (0, 1, 0)


def test_a_decided_limit_is_flagged_no_more_by_an_import(decided):
    take(record(value=1, unit="other"))
    decided(HEAD + f"1.000001,,,1,working_day,,{SOURCE}\n")

    assert take(record(value=1, unit="other")).flagged == []


def test_a_decision_holds_in_the_next_edition_while_the_catalogue_says_the_same(decided):
    take(record(value=1, unit="other"))
    decided(HEAD + f"1.000001,,,1,working_day,,{SOURCE}\n")

    same = take(record(value=1, unit="other", requirements="Không"))
    other = take(record(value=2, unit="other", requirements="Không"))

    assert same.flagged == []
    assert [one["code"] for one in other.flagged] == ["1.000001"]


def test_one_channel_can_be_decided_and_the_rest_stays_flagged(decided):
    take(record(value=1, unit="other", methods=[method("online", 1, "other")]))

    report, _status = decided(HEAD + f"1.000001,online,,8,hour,,{SOURCE}\n")

    assert report["taken"] == 1
    assert [one["code"] for one in report["flagged"]] == ["1.000001"]


def test_the_rule_of_counting_can_be_said(decided):
    take(record(value=1, unit="other"))

    decided(HEAD + f"1.000001,,,2,working_day,same_hour cutoff=15:00,{SOURCE}\n")

    assert Limit.objects.get().limit["rule"] == {
        "begins": "next_working_day",
        "ends": "same_hour",
        "cutoff": "15:00",
        "moved": True,
    }


@pytest.mark.parametrize(
    ("case", "line"),
    [
        ("an unknown procedure", f"9.999999,,,1,working_day,,{SOURCE}"),
        ("an unknown channel", f"1.000001,pigeon,,1,working_day,,{SOURCE}"),
        ("an unknown case", f"1.000001,,Trường hợp khác,1,working_day,,{SOURCE}"),
        ("an unknown unit", f"1.000001,,,1,week,,{SOURCE}"),
        ("no amount", f"1.000001,,,,working_day,,{SOURCE}"),
        ("an amount below zero", f"1.000001,,,-1,working_day,,{SOURCE}"),
        ("an amount that is none", f"1.000001,,,NaN,working_day,,{SOURCE}"),
        ("an amount too fine", f"1.000001,,,1e-99999,working_day,,{SOURCE}"),
        ("half a calendar day", f'1.000001,,,"0,5",day,,{SOURCE}'),
        ("a rule unknown", f"1.000001,,,1,working_day,quickly,{SOURCE}"),
        ("no source", "1.000001,,,1,working_day,,"),
        ("a limit that is not open", f"1.000002,,,1,working_day,,{SOURCE}"),
    ],
)
def test_a_decision_that_cannot_be_taken_is_refused_alone(decided, case, line):
    take(record(value=1, unit="other"), record("1.000002"), record("1.000003", 1, "other"))

    report, status = decided(HEAD + line + f"\n1.000003,,,3,day,,{SOURCE}\n")

    assert status == 1
    assert (report["read"], report["taken"]) == (2, 1)
    assert [one["line"] for one in report["refused"]] == [1]
    assert Limit.objects.get(procedure__code="1.000001").flag == "no_unit"


def test_a_sheet_of_excel_is_read_as_well(tmp_path):
    take(record(value=1, unit="other"))
    book = openpyxl.Workbook()
    book.active.append(["code", "channel", "case", "amount", "unit", "rule", "source"])
    book.active.append(["1.000001", None, None, 3, "day", None, SOURCE])
    book.save(tmp_path / "limits.xlsx")

    report, status = run(tmp_path / "limits.xlsx")

    assert (report["taken"], status) == (1, 0)
    assert (Limit.objects.get().limit["amount"], Limit.objects.get().limit["unit"]) == (
        "3",
        "calendar_day",
    )


@pytest.mark.parametrize(
    ("case", "content"),
    [
        ("no heading", b"1.000001,,,1,working_day,,x\n"),
        ("a column missing", b"code,amount,unit\n1.000001,1,day\n"),
        ("nothing", b""),
        ("a broken workbook", b"PK\x03\x04rubbish"),
        ("not text", b"\xff\xfe\x00"),
    ],
)
def test_a_sheet_that_cannot_be_read_changes_nothing(tmp_path, case, content):
    path = tmp_path / "limits.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError) as refused:
        run(path)

    assert refused.value.returncode == 2
