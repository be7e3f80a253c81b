"""`import_procedures`: each record is taken or refused with its reason; nothing is guessed."""

import io
import json
import os
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.given.catalogue import method, record
from workflows.models import (
    Agency,
    AgencyKind,
    Channel,
    Edition,
    Fee,
    Limit,
    PaperItem,
    Procedure,
)

pytestmark = pytest.mark.django_db


def run(path, *arguments):
    """The report and the exit status."""
    out = io.StringIO()
    try:
        call_command("import_procedures", str(path), *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as stopped:
        return json.loads(out.getvalue()), stopped.code
    return json.loads(out.getvalue()), 0


@pytest.fixture
def imported(tmp_path):
    """Import the records given, as the command does."""

    def take(*records, arguments=()):
        path = tmp_path / "procedures.json"
        path.write_text(json.dumps(records), encoding="utf-8")
        return run(path, *arguments)

    return take


def limits(code):
    """The limits of the latest edition: (channel, case) → (amount, unit), or why none."""
    edition = Edition.objects.filter(procedure__code=code).order_by("-number").first()
    return {
        (row.channel.code if row.channel else "", row.case_key): (
            (row.limit["amount"], row.limit["unit"]) if row.limit else row.flag
        )
        for row in Limit.objects.filter(edition=edition).select_related("channel")
    }


def test_a_record_becomes_a_procedure_with_its_first_edition(imported):
    report, status = imported(record(), arguments=["--in-force-from", "2026-07-01"])

    assert (report, status) == (
        {"read": 1, "taken": 1, "unchanged": 0, "refused": [], "flagged": []},
        0,
    )
    edition = Edition.objects.get()
    assert edition.procedure.code == "1.000001"
    assert edition.procedure.field.name == "Xây dựng"
    assert (edition.number, edition.in_force_from) == (1, date(2026, 7, 1))
    assert edition.legal_bases == [{"code": "61/2018/NĐ-CP"}, {"text": "Nghị định 61/2018/NĐ-CP"}]
    assert edition.results == [{"name": "Giấy phép", "code": "KQ.1"}]
    assert limits("1.000001") == {("", ""): ("5", "working_day")}
    assert [(fee.channel.code, fee.free) for fee in Fee.objects.order_by("channel__code")] == [
        ("counter", True),
        ("online", True),
    ]


@pytest.mark.parametrize(
    ("case", "unit", "value", "kept"),
    [
        ("hours", "hour", 4, ("4", "working_hour")),
        ("part of a working day", "working_day", 1.5, ("1.5", "working_day")),
        ("calendar days", "day", 10, ("10", "calendar_day")),
        ("months", "month", 2, ("2", "month")),
    ],
)
def test_each_unit_is_kept_for_what_it_is(imported, case, unit, value, kept):
    report, _status = imported(record(value=value, unit=unit))

    assert report["flagged"] == []
    assert limits("1.000001") == {("", ""): kept}


@pytest.mark.parametrize(
    ("case", "value", "unit", "flag"),
    [
        ("a bare 1", 1, "other", "no_unit"),
        ("no unit", 3, None, "no_unit"),
        ("no time", None, None, "missing"),
        ("zero", 0, "working_day", "zero"),
        ("text instead of a number", "3", "day", "missing"),
        ("yes", True, "day", "missing"),
        ("half a calendar day", 0.5, "day", "unlawful_fraction"),
        ("a list for a unit", 3, ["day"], "no_unit"),
    ],
)
def test_a_limit_that_cannot_be_read_is_flagged_and_never_guessed(
    imported, case, value, unit, flag
):
    report, status = imported(record(value=value, unit=unit))

    assert (report["taken"], status) == (1, 0)
    assert [one["code"] for one in report["flagged"]] == ["1.000001"]
    assert limits("1.000001") == {("", ""): flag}


def test_one_channel_without_a_limit_is_enough_to_be_flagged(imported):
    report, _status = imported(
        record(methods=[method("direct", 5, "working_day"), method("post", None, None)])
    )

    assert [one["code"] for one in report["flagged"]] == ["1.000001"]
    assert limits("1.000001") == {("", ""): ("5", "working_day"), ("post", ""): "missing"}


def test_channels_that_differ_and_channels_unknown_are_kept(imported):
    imported(record(methods=[method("direct", 3, "working_day"), method("fax", 5, "working_day")]))

    assert limits("1.000001") == {
        ("", ""): ("5", "working_day"),
        ("counter", ""): ("3", "working_day"),
    }
    assert Channel.objects.filter(code="fax").count() == 1


def test_limits_that_differ_by_case_within_a_channel_are_kept_by_case(imported):
    imported(
        record(
            value=15,
            methods=[
                method("direct", 15, "working_day", note="Trường hợp cấp mới"),
                method("direct", 5, "working_day", note="Trường hợp cấp lại"),
            ],
        )
    )

    assert limits("1.000001") == {
        ("", ""): ("15", "working_day"),
        ("counter", "truong-hop-cap-moi"): ("15", "working_day"),
        ("counter", "truong-hop-cap-lai"): ("5", "working_day"),
    }


def test_headings_of_papers_say_what_the_lines_are_and_only_conditions_are_cases(imported):
    def paper(name, heading=""):
        return {"name": name, "originals": 1, "copies": 0, "case": heading}

    imported(
        record(
            papers=[
                paper("Đơn"),
                paper("Giấy chứng sinh", "* Giấy tờ phải nộp:"),
                paper("Thẻ căn cước", "* Giấy tờ phải xuất trình:"),
                paper("Không nộp thêm", "* Lưu ý :"),
                paper("Văn bản ủy quyền", "Trường hợp ủy quyền thực hiện thủ tục:"),
                paper("Hợp đồng", "Trường hợp thuê thì nộp một trong những giấy tờ sau:"),
                paper("Sơ đồ", "1) Thành phần hồ sơ, bao gồm:"),
            ]
        )
    )

    assert [
        (item.name, item.kind, item.case.name if item.case else "", item.group)
        for item in PaperItem.objects.select_related("case")
    ] == [
        ("Đơn", "hand_in", "", ""),
        ("Giấy chứng sinh", "hand_in", "", ""),
        ("Thẻ căn cước", "show", "", ""),
        ("Không nộp thêm", "note", "", ""),
        ("Văn bản ủy quyền", "hand_in", "Trường hợp ủy quyền thực hiện thủ tục:", ""),
        (
            "Hợp đồng",
            "hand_in",
            "Trường hợp thuê thì nộp một trong những giấy tờ sau:",
            "one-of-1",
        ),
        ("Sơ đồ", "hand_in", "", ""),
    ]


def test_importing_again_changes_nothing(imported):
    imported(record(), record("1.000002", 1, "other"))
    before = list(Edition.objects.values_list("pk", "fingerprint"))

    report, status = imported(record(), record("1.000002", 1, "other"))

    assert (report["taken"], report["unchanged"], status) == (0, 2, 0)
    assert [one["code"] for one in report["flagged"]] == ["1.000002"]
    assert list(Edition.objects.values_list("pk", "fingerprint")) == before


def test_a_changed_record_makes_a_new_edition_and_keeps_the_old_one(imported):
    imported(record(), arguments=["--in-force-from", "2026-01-01"])

    report, _status = imported(
        record(value=3, name="Cấp phép xây dựng"), arguments=["--in-force-from", "2026-07-01"]
    )

    assert report["taken"] == 1
    procedure = Procedure.objects.get()
    assert procedure.name == "Cấp phép xây dựng"
    assert procedure.edition_on(date(2026, 6, 30)).name == "Cấp giấy phép 1.000001"
    assert procedure.edition_on(date(2026, 7, 1)).number == 2
    assert limits("1.000001") == {("", ""): ("3", "working_day")}


def test_a_citys_own_limit_survives_an_import(imported):
    imported(record())
    city = Agency.objects.create(
        code="H26",
        name="Hà Nội",
        kind=AgencyKind.CITY,
        path="H26/",
        valid_from=date(2025, 7, 1),
    )
    own = Limit.objects.create(
        procedure=Procedure.objects.get(),
        by_city=city,
        limit={"amount": "2", "unit": "working_day"},
        source="1594/QĐ-TTPVHCC",
    )

    imported(record(value=4))

    assert Limit.objects.get(pk=own.pk).limit == {"amount": "2", "unit": "working_day"}


@pytest.mark.parametrize(
    ("case", "bad", "code"),
    [
        ("not an object", 7, ""),
        ("nothing", None, ""),
        ("no code", {"name": "Cấp phép"}, ""),
        ("a code that is a number", {"code": 1.5, "name": "Cấp phép"}, ""),
        ("no name", {"code": "1.000009"}, "1.000009"),
        ("an empty name", {"code": "1.000009", "name": " "}, "1.000009"),
        ("a code used before", record(), "1.000001"),
        ("a null character", record("1.000009", name="a\0b"), "1.000009"),
        ("half a character", record("1.000009", name="a\ud800"), "1.000009"),
        ("methods that are no list", record("1.000009", methods={}), "1.000009"),
        ("a method that is no object", record("1.000009", methods=[3]), "1.000009"),
        ("a paper without a name", record("1.000009", papers=[{}]), "1.000009"),
        ("papers below zero", record("1.000009", papers=[{"name": "a", "copies": -1}]), "1.000009"),
        ("a code too long", {"code": "1" * 61, "name": "x"}, "1" * 60),
        ("a text without end", record("1.000009", steps="x" * 200_001), "1.000009"),
        ("a nest", record("1.000009", levels=[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]), "1.000009"),
    ],
)
def test_a_record_that_cannot_be_taken_is_refused_alone(imported, case, bad, code):
    report, status = imported(record(), bad, record("1.000002"))

    assert status == 1
    assert (report["read"], report["taken"]) == (3, 2)
    assert [(one["line"], one["code"]) for one in report["refused"]] == [(2, code)]
    assert report["refused"][0]["reason"]
    assert sorted(Procedure.objects.values_list("code", flat=True)) == ["1.000001", "1.000002"]


@pytest.mark.parametrize(
    ("case", "content"),
    [
        ("nothing", b""),
        ("no JSON", b"[{"),
        ("an object", b'{"code": "1.000001"}'),
        ("lines of JSON", b'{"code": "1"}\n{"code": "2"}\n'),
        ("another encoding", '["Thủ tục"]'.encode("utf-16")),
        ("a nest", b"[" * 100_000),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(tmp_path, case, content):
    path = tmp_path / "procedures.json"
    path.write_bytes(content)

    with pytest.raises(CommandError) as refused:
        run(path)

    assert refused.value.returncode == 2
    assert Procedure.objects.count() == 0


def test_a_report_that_cannot_be_written_stops_before_anything_is_changed(tmp_path):
    path = tmp_path / "procedures.json"
    path.write_text(json.dumps([record()]), encoding="utf-8")

    with pytest.raises(CommandError) as refused:
        run(path, "--report", str(tmp_path / "nowhere" / "report.json"))

    assert refused.value.returncode == 2
    assert Procedure.objects.count() == 0


def test_the_report_can_be_written_to_a_file(tmp_path):
    path = tmp_path / "procedures.json"
    path.write_text(json.dumps([record()]), encoding="utf-8")

    call_command(
        "import_procedures",
        str(path),
        "--report",
        str(tmp_path / "report.json"),
        stderr=io.StringIO(),
    )

    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["taken"] == 1


@pytest.mark.slow
@pytest.mark.real_data
def test_the_whole_catalogue_is_taken_and_414_limits_wait_for_a_person():
    path = Path(os.environ["ONESTOP_REAL_DATA"]) / "procedures" / "procedures.json"

    report, status = run(path)
    again, _status = run(path)

    assert (report["read"], report["taken"], status) == (2274, 2274, 0)
    assert (report["refused"], len(report["flagged"])) == ([], 414)
    assert (again["unchanged"], again["flagged"]) == (2274, report["flagged"])
    birth = PaperItem.objects.filter(edition__procedure__code="1.001193")
    assert [birth.filter(kind=kind).count() for kind in ("note", "show", "hand_in")] == [19, 6, 8]
    assert birth.filter(case__isnull=False).count() == 0
