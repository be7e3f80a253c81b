"""`import_history` on logs of our own: what becomes of a case, and of what cannot be read."""

import gzip
import json
from datetime import date, datetime

import pytest
from jsonschema import Draft202012Validator

from dossiers.exchange.history_form import SCHEMA
from dossiers.firing import fire_due
from dossiers.lifecycle import ending, progress
from dossiers.lifecycle.registry import writing
from dossiers.models import (
    Breach,
    ClockRow,
    Dossier,
    Entry,
    Event,
    LimitValue,
    PublishedMonth,
    StepRun,
    Stop,
    Supplement,
    Timer,
)
from notifications.models import Message
from tests.given.history import EXAMPLES, Log, differences, figures, run_import
from workflows import checking
from workflows.actors import Actor, held
from workflows.models import Agency, Channel, Definition, Post, Procedure, Unit

pytestmark = pytest.mark.django_db

AT = "2026-03-18T12:00:00+07:00"
# Without a moment in its head: a test is called the same in every process.
BROKEN_ARCHIVE = gzip.compress(b"case,activity,time\n" * 99, mtime=0)[:40]
HEADER = "case,activity,time,started,ended,due\n"
COLUMNS = "start: {column: started}\nend: {column: ended}\nlimit: {column: due}"


def local(text):
    return datetime.fromisoformat(f"{text}+07:00")


@pytest.fixture
def counter_log():
    return run_import(EXAMPLES / "counter-log.csv", EXAMPLES / "counter-log.yaml", "--at", AT)


def case(name):
    return Dossier.objects.get(origin__case=name)


def moves(dossier):
    return [event.to_status for event in dossier.events.all() if event.to_status]


# A log without start, end and limit columns


def test_a_log_of_bare_events_becomes_dossiers_and_figures(counter_log):
    status, report = counter_log

    assert status == 0
    assert {name: report[name] for name in ("read", "taken", "unchanged", "refused")} == {
        "read": 7, "taken": 7, "unchanged": 0, "refused": [],
    }  # fmt: skip
    assert report["remarks"] == report["flagged"] == []
    assert figures(AT) == [
        {
            "received": 7,
            "resolved_early": 2,
            "resolved_late": 1,
            "withdrawn": 1,
            "discontinued": 1,
            "pending_overdue": 1,
            "pending_in_time": 1,
            "breaches": 2,
            "apologies_owed": 2,
        }
    ]
    assert differences(AT) == []


def test_a_case_moves_through_the_national_statuses_at_the_logs_times(counter_log):
    dossier = case("P-001")

    assert dossier.code == "N98-260302-0001"
    assert [(event.to_status, event.at) for event in dossier.events.all() if event.to_status] == [
        ("received", local("2026-03-02 08:10")),
        ("processing", local("2026-03-03 09:00")),
        ("concluded", local("2026-03-05 10:00")),
    ]
    assert dossier.clocks.get().limit_at == local("2026-03-09 17:30")
    assert dossier.clocks.get().result == "early"
    assert list(dossier.step_runs.values_list("key", "officer__name", "ended_at")) == [
        ("receive", None, local("2026-03-02 08:10")),
        ("tham_dinh", "Trần Văn Bình", local("2026-03-03 09:00")),
        ("ky_duyet", "Lê Minh Đức", local("2026-03-04 15:20")),
        ("go_on", None, local("2026-03-05 10:00")),
        ("deliver", None, local("2026-03-05 10:00")),
    ]


def test_a_limit_passed_is_laid_at_the_door_of_who_held_the_case(counter_log):
    breach = Breach.objects.get(dossier=case("P-002"))

    assert breach.breached_at == local("2026-03-09 17:30")
    assert (breach.step_run.key, breach.officer.name) == ("tham_dinh", "Trần Văn Bình")
    assert (breach.owes_explanation, breach.owes_apology) == (True, True)
    # Received at 08:30 on Monday: 7.5 hours that day and five days of 8 hours.
    held = [share for share in breach.attribution if share["seconds"]]
    assert held == [
        {"agency": "N98", "unit": "N98.01", "step": "tham_dinh", "seconds": int(47.5 * 3600)}
    ]
    assert moves(case("P-002")) == ["received", "processing", "concluded"]
    kinds = list(case("P-002").events.values_list("kind", flat=True))
    assert kinds == ["received", "breached", "processing", "imported", "imported", "concluded"]


def test_a_supplement_stops_the_clock_and_starts_the_limit_anew(counter_log):
    dossier = case("P-005")

    assert moves(dossier) == [
        "received", "supplement_requested", "received", "processing", "concluded",
    ]  # fmt: skip
    stop = Stop.objects.get(clock__dossier=dossier)
    assert (stop.from_at, stop.to_at) == (local("2026-03-04 09:00"), local("2026-03-11 09:00"))
    values = LimitValue.objects.filter(clock__dossier=dossier)
    assert list(values.values_list("limit_at", "cause")) == [
        (local("2026-03-10 17:30"), "begun"),
        (local("2026-03-18 17:30"), "restarted"),
    ]
    supplement = Supplement.objects.get(dossier=dossier)
    assert (supplement.state, supplement.asked_by.name) == ("supplied", "Trần Văn Bình")


def test_an_open_case_goes_on_from_where_the_log_ends(counter_log):
    dossier = case("P-007")

    assert (dossier.status, dossier.waits_for_counter) == ("received", False)
    run = dossier.step_runs.get(state="waiting")
    assert (run.key, run.opened_at) == ("go_on", local("2026-03-12 10:00"))
    assert dict(Timer.objects.filter(dossier=dossier).values_list("kind", "fires_at")) == {
        "due_today": local("2026-03-19 08:00"),
        "breach": local("2026-03-19 17:30"),
    }


def test_an_import_tells_nobody(counter_log):
    assert Message.objects.count() == 0


def test_withdrawn_and_discontinued_cases_leave_the_pending(counter_log):
    assert (case("P-004").status, case("P-004").ended_at) == (
        "withdrawn",
        local("2026-03-03 16:45"),
    )
    assert moves(case("P-006")) == ["received", "discontinued"]
    assert case("P-006").step_runs.get(key="go_on").state == "cancelled"


def test_what_the_mapping_names_is_made_on_an_empty_database(counter_log):
    definition = Definition.objects.get(procedure__code="EX-1")

    assert Agency.objects.get(code="N98").units.get().code == "N98.01"
    assert definition.state == "published"
    assert [fault for fault in checking.faults(definition.graph()) if fault.blocks] == []
    assert {step.key for step in definition.graph().steps} == {
        "receive", "tham_dinh", "ky_duyet", "go_on", "deliver",
    }  # fmt: skip
    staff = Post.objects.filter(user=None).exclude(name="counter-log")
    assert set(staff.values_list("name", "role")) == {
        ("Trần Văn Bình", "officer"),
        ("Lê Minh Đức", "approver"),
        ("Nguyễn Thị Hoa", "officer"),
    }


# Afterwards


def staff(name, role="officer"):
    unit = Unit.objects.get(code="N98.01")
    post, _ = Post.objects.get_or_create(
        name=name,
        role=role,
        agency=unit.agency,
        unit=unit if role == "officer" else None,
        defaults={"valid_from": date(2026, 1, 1)},
    )
    return Actor(kind="staff", name=name, posts=(held(post),))


def test_an_open_case_is_carried_to_its_end_by_the_commands(counter_log):
    officer, clerk = staff("Trần Văn Bình"), staff("Nguyễn Thị Hoa", "clerk")
    dossier = case("P-007")

    progress.claim(dossier.pk, by=officer, at=local("2026-03-18 14:00"))
    progress.advance(dossier.pk, outcome="deliver", by=officer, at=local("2026-03-18 15:00"))
    ending.conclude(dossier.pk, by=clerk, at=local("2026-03-18 16:00"))

    assert case("P-007").status == "concluded"
    assert case("P-007").clocks.get(kind="dossier").result == "early"
    assert differences("2026-03-18T17:00:00+07:00") == []


def test_the_worker_breaches_what_an_import_left_open(counter_log):
    later = "2026-03-20T08:00:00+07:00"
    foretold = figures(later)

    fire_due(datetime.fromisoformat(later))

    breach = Breach.objects.get(dossier=case("P-007"))
    assert breach.breached_at == local("2026-03-19 17:30")
    assert breach.held_by_unit.code == "N98.01"
    assert figures(later) == foretold
    assert differences(later) == []


# Known cases


def test_the_same_log_again_changes_nothing(counter_log):
    before = Event.objects.count(), Entry.objects.count(), Post.objects.count()

    status, report = run_import(
        EXAMPLES / "counter-log.csv", EXAMPLES / "counter-log.yaml", "--at", AT
    )

    assert (status, report["taken"], report["unchanged"]) == (0, 0, 7)
    assert (Event.objects.count(), Entry.objects.count(), Post.objects.count()) == before
    assert Definition.objects.count() == 1


def test_a_case_told_differently_since_is_refused_and_left_alone(tmp_path):
    log = Log(tmp_path, case=COLUMNS)
    log.run(HEADER + "a,x,2026-03-02 09:00,2026-03-02,,2026-03-20\n", "--at", AT)

    status, report = log.run(
        HEADER
        + "b,x,2026-03-02 09:00,2026-03-02,,2026-03-20\n"
        + "a,x,2026-03-02 09:30,2026-03-02,,2026-03-20\n",
        "--at",
        AT,
    )

    assert (status, report["read"], report["taken"]) == (1, 2, 1)
    assert [(one["line"], one["case"]) for one in report["refused"]] == [(3, "a")]
    assert case("a").events.last().at == local("2026-03-02 09:00")


def test_the_order_of_rows_and_their_place_in_the_file_mean_nothing(tmp_path):
    log = Log(tmp_path, case=COLUMNS)
    rows = [f"a,x{hour},2026-03-02 {hour}:00,2026-03-02,,2026-03-20\n" for hour in (10, 11, 12)]
    log.run(HEADER + "".join(rows), "--at", AT)

    status, report = log.run(HEADER + "\n" + "".join(reversed(rows)), "--at", AT)

    assert (status, report["unchanged"]) == (0, 1)


def test_the_same_case_of_another_source_is_another_case(tmp_path):
    text = HEADER + "a,x,2026-03-02 09:00,2026-03-02,,2026-03-20\n"
    Log(tmp_path, source="one", case=COLUMNS).run(text, "--at", AT)

    _, report = Log(tmp_path, source="two", case=COLUMNS).run(text, "--at", AT)

    assert report["taken"] == 1
    assert list(Dossier.objects.order_by("code").values_list("code", flat=True)) == [
        "N97-260302-0001",
        "N97-260302-0002",
    ]


# Contradictions


def test_events_outside_a_case_move_nothing_and_are_remarked(tmp_path):
    text = (
        HEADER
        + "a,early,2026-03-01 09:00,2026-03-02T08:00,2026-03-04T10:00,2026-03-20\n"
        + "a,within,2026-03-03 09:00,2026-03-02T08:00,2026-03-04T10:00,2026-03-20\n"
        + "a,at the end,2026-03-04 10:00,2026-03-02T08:00,2026-03-04T10:00,2026-03-20\n"
        + "a,later,2026-03-04 10:01,2026-03-02T08:00,2026-03-04T10:00,2026-03-20\n"
    )

    status, report = Log(tmp_path, case=COLUMNS).run(text, "--at", AT)

    assert status == 0
    assert [remark["case"] for remark in report["remarks"]] == ["a", "a"]
    keys = case("a").step_runs.values_list("key", flat=True)
    assert list(keys) == ["receive", "within", "at_the_end", "deliver"]
    assert (case("a").received_at, case("a").concluded_at) == (
        local("2026-03-02 08:00"),
        local("2026-03-04 10:00"),
    )


def test_an_end_before_the_start_is_read_as_the_start(tmp_path):
    text = HEADER + "a,x,2026-03-02 09:00,2026-03-02T08:00,2026-03-01,2026-03-20\n"

    status, report = Log(tmp_path, case=COLUMNS).run(text, "--at", AT)

    assert (status, report["taken"], len(report["remarks"])) == (0, 1, 2)
    assert case("a").concluded_at == case("a").received_at == local("2026-03-02 08:00")
    assert differences(AT) == []


def test_a_case_that_says_two_things_is_taken_with_a_remark(tmp_path):
    text = (
        HEADER
        + "a,x,2026-03-02 09:00,2026-03-02,,2026-03-20\n"
        + "a,y,2026-03-03 09:00,2026-03-02,,2026-03-21\n"
    )

    _, report = Log(tmp_path, case=COLUMNS).run(text, "--at", AT)

    assert [remark["case"] for remark in report["remarks"]] == ["a"]
    assert case("a").clocks.get().limit_at == local("2026-03-20 00:00")


def test_a_case_ended_while_stopped_is_resumed_at_its_end(tmp_path):
    log = Log(
        tmp_path,
        case="end: {last: [done]}",
        more="activities: {stop: {ask: payment, ask law: consultation}, resume: {paid: payment},"
        " ignored: [done]}",
    )
    text = (
        "case,activity,time\n"
        "a,ask,2026-03-02 09:00\n"
        "a,ask law,2026-03-02 10:00\n"
        "a,ask,2026-03-02 11:00\n"
        "a,done,2026-03-03 09:00\n"
        "b,paid,2026-03-02 09:00\n"
    )

    status, report = log.run(text, "--at", AT)

    assert (status, report["taken"]) == (0, 2)
    assert [remark["case"] for remark in report["remarks"]] == ["a", "a", "b"]
    assert moves(case("a")) == [
        "received", "payment_requested", "received", "processing", "concluded",
    ]  # fmt: skip
    assert set(Stop.objects.values_list("to_at", flat=True)) == {local("2026-03-03 09:00")}
    assert differences(AT) == []


# Limits


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("{column: due}", "2026-03-05 00:00"),
        ("{column: due, plain_date: end}", "2026-03-05 23:59:59.999999"),
        ("{last: [y]}", "2026-03-03 09:00"),
        ("{amount: 2, unit: calendar_day}", "2026-03-05 00:00"),
        (
            "{amount: 2, unit: calendar_day, rule: {begins: same_moment, ends: same_hour}}",
            "2026-03-04 08:00",
        ),
        (
            "{amount: 1.5, unit: working_hour, from: {first: [y]}}",
            "2026-03-03 10:30",
        ),
    ],
)
def test_a_limit_is_a_column_an_event_or_so_much_time(tmp_path, limit, expected):
    text = (
        HEADER
        + "a,x,2026-03-02 08:00,2026-03-02T08:00,,2026-03-05\n"
        + "a,y,2026-03-03 09:00,2026-03-02T08:00,,2026-03-05\n"
    )

    status, _ = Log(tmp_path, case=f"start: {{column: started}}\nlimit: {limit}").run(
        text, "--at", AT
    )

    assert status == 0
    assert case("a").clocks.get().limit_at == local(expected)
    assert differences(AT) == []


def test_exactly_at_the_limit_is_on_time(tmp_path):
    rows = (
        "a,x,2026-03-02 09:00,2026-03-02,2026-03-04T10:00,2026-03-04T10:00\n"
        "b,x,2026-03-02 09:00,2026-03-02,2026-03-04T10:00:00.000001,2026-03-04T10:00\n"
    )

    Log(tmp_path, case=COLUMNS).run(HEADER + rows, "--at", AT)

    assert (case("a").clocks.get().result, case("b").clocks.get().result) == ("on_time", "late")
    assert [breach.dossier for breach in Breach.objects.all()] == [case("b")]


def test_an_empty_limit_is_flagged_and_the_case_runs_without_one(tmp_path):
    rows = "a,x,2026-03-02 09:00,2026-03-02,,\nb,x,2026-03-02 09:00,2026-03-02,2026-03-03,\n"

    status, report = Log(tmp_path, case=COLUMNS).run(HEADER + rows, "--at", AT)

    assert (status, [flag["case"] for flag in report["flagged"]]) == (0, ["a", "b"])
    assert figures(AT) == [{"received": 2, "resolved_without_limit": 1, "pending_without_limit": 1}]
    assert differences(AT) == []


def test_time_is_run_up_to_at_and_no_further(tmp_path):
    row = "a,x,2026-03-02 09:00,2026-03-02,,2026-03-10T08:00\n"

    Log(tmp_path, case=COLUMNS).run(HEADER + row, "--at", "2026-03-10T08:00:00+07:00")

    assert Breach.objects.count() == 0
    assert Timer.objects.get(kind="breach").fires_at == local("2026-03-10 08:00")


# What a cell can be


def test_codes_come_from_columns_with_a_table(tmp_path):
    log = Log(tmp_path)
    log.mapping.write_text(
        log.mapping.read_text()
        .replace("channel: counter", "channel: {column: how, values: {no: counter, 1: online}}")
        .replace("procedure: T-1", "procedure: {column: what, values: {p: T-1}, otherwise: T-1}")
    )
    text = (
        "case,activity,time,how,what\na,x,2026-03-02,no,p\nb,x,2026-03-02,1,q\nc,x,2026-03-02,2,p\n"
    )

    status, report = log.run(text, "--at", AT)

    assert (status, report["taken"]) == (1, 2)
    assert [(one["line"], one["case"]) for one in report["refused"]] == [(4, "c")]
    assert (case("a").channel.code, case("b").channel.code) == ("counter", "online")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1258"])
def test_a_log_is_read_in_its_encoding_packed_or_not(tmp_path, encoding):
    log = Log(tmp_path, more=f"csv: {{encoding: {encoding}, delimiter: tab}}")
    text = "case\tactivity\ttime\nsố 1\tđã ký\t2026-03-02\n"
    if encoding == "windows-1258":  # it writes tones apart
        text = text.replace("ố", "ô\u0301").replace("ã", "a\u0303").replace("ý", "y\u0301")

    status, report = log.run(gzip.compress(text.encode(encoding)), "--at", AT)

    assert (status, report["taken"]) == (0, 1)
    assert case("số 1").step_runs.get(ordinal=2).key == "da_ky"


@pytest.mark.parametrize(
    ("formats", "text", "expected"),
    [
        ("[iso]", "2026-03-02", "2026-03-02 00:00"),
        ("[iso]", "2026-03-02 08:15", "2026-03-02 08:15"),
        ("[iso]", "2026-03-02T01:15:00.5Z", "2026-03-02 08:15:00.5"),
        ("['%d/%m/%Y', iso]", "02/03/2026", "2026-03-02 00:00"),
        ("['%d/%m/%Y', iso]", "2026-03-02T08:15+07:00", "2026-03-02 08:15"),
        ("['%d.%m.%Y %I:%M %p']", "02.03.2026 08:15 PM", "2026-03-02 20:15"),
    ],
)
def test_times_are_read_in_their_form(tmp_path, formats, text, expected):
    log = Log(tmp_path)
    log.mapping.write_text(
        log.mapping.read_text().replace("Ho_Chi_Minh}", f"Ho_Chi_Minh, formats: {formats}}}", 1)
    )

    status, report = log.run(f"case,activity,time\na,x,{text}\n", "--at", AT)

    assert (status, report["refused"]) == (0, [])
    assert Dossier.objects.get().received_at == local(expected)


# What cannot be read


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("no case", ",x,2026-03-02 09:00,2026-03-02,,\n"),
        ("no activity", "bad,,2026-03-02 09:00,2026-03-02,,\n"),
        ("no time", "bad,x,,2026-03-02,,\n"),
        ("a time that is none", "bad,x,2026-02-30,2026-03-02,,\n"),
        ("a year that is none", "bad,x,0001-01-01T00:00+14:00,2026-03-02,,\n"),
        ("no start", "bad,x,2026-03-02,,,\n"),
        ("a limit that is none", "bad,x,2026-03-02,2026-03-02,,soon\n"),
        ("too few cells", "bad,x,2026-03-02\n"),
        ("too many cells", "bad,x,2026-03-02,2026-03-02,,,,,\n"),
        ("the future", "bad,x,2199-01-01,2026-03-02,,\n"),
        ("a NUL byte", "bad,x\0y,2026-03-02,2026-03-02,,\n"),
        ("a huge cell", f"bad,{'x' * 300_000},2026-03-02,2026-03-02,,\n"),
        ("a huge case", f"{'b' * 300_000},x,2026-03-02,2026-03-02,,\n"),
        ("the header again", HEADER),
        ("a quote that never closes", 'bad,"x,2026-03-02,2026-03-02,,\n'),
    ],
)
def test_a_case_that_cannot_be_read_is_refused_alone_with_its_line(tmp_path, name, row):
    good = "good,x,2026-03-02 09:00,2026-03-02,,\n"

    status, report = Log(tmp_path, case=COLUMNS).run(HEADER + good + row, "--at", AT)

    assert (status, report["read"], report["taken"]) == (1, 2, 1)
    assert [one["line"] for one in report["refused"]] == [3]
    assert report["refused"][0]["reason"]
    assert Dossier.objects.count() == 1


def test_bytes_that_are_no_text_spoil_only_their_case(tmp_path):
    text = b"case,activity,time\ngood,x,2026-03-02\nbad,\xff\xfe,2026-03-02\n"

    status, report = Log(tmp_path).run(text, "--at", AT)

    assert (status, report["taken"], report["refused"][0]["case"]) == (1, 1, "bad")


def test_one_bad_row_refuses_the_whole_case_at_its_first_line(tmp_path):
    rows = "a,x,2026-03-02,2026-03-02,,\nb,x,2026-03-02,2026-03-02,,\na,y,never,2026-03-02,,\n"

    status, report = Log(tmp_path, case=COLUMNS).run(HEADER + rows, "--at", AT)

    assert (status, report["read"], report["taken"]) == (1, 2, 1)
    assert [(one["line"], one["code"]) for one in report["refused"]] == [(2, "a")]


@pytest.mark.parametrize(
    ("name", "log", "change", "options"),
    [
        ("an empty file", b"", ("", ""), []),
        ("a missing column", b"case,time\n", ("", ""), []),
        ("a doubled column", b"case,activity,time,time\n", ("", ""), []),
        ("another encoding", "case,activity,time\n".encode("utf-16"), ("", ""), []),
        ("a broken archive", BROKEN_ARCHIVE, ("", ""), []),
        ("an unknown field", b"case,activity,time\na,x,2026-03-02\n", ("source:", "sauce:"), []),
        ("an unknown agency", b"case,activity,time\na,x,2026-03-02\n", (": N97\n", ": N1\n"), []),
        ("an unknown zone", b"case,activity,time\n", ("Asia/Ho_Chi_Minh", "Asia/Nowhere"), []),
        ("no YAML", b"case,activity,time\n", ("source: test", "source: [test"), []),
        ("a naive moment", b"case,activity,time\n", ("", ""), ["--at", "2026-03-02"]),
        ("a moment to come", b"case,activity,time\n", ("", ""), ["--at", "2199-01-01T00:00Z"]),
        ("a report nowhere", b"case,activity,time\n", ("", ""), ["--report", "/no/such/folder/r"]),
    ],
)  # fmt: skip
def test_what_cannot_be_used_changes_nothing(tmp_path, name, log, change, options):
    given = Log(tmp_path)
    given.mapping.write_text(given.mapping.read_text().replace(*change, 1))

    status, report = given.run(log, *options)

    assert (status, list(report)) == (2, ["said"])
    assert report["said"].strip()
    assert "Traceback" not in report["said"]
    counts = (Dossier.objects.count(), Agency.objects.count(), Procedure.objects.count())
    assert counts == (0, 0, 0)
    assert not Channel.objects.exclude(code__in=["counter", "online", "post"]).exists()


def test_a_file_that_is_not_there_is_said_in_a_line(tmp_path):
    status, report = run_import(tmp_path / "none.csv", EXAMPLES / "counter-log.yaml")

    assert status == 2
    assert "none.csv" in report["said"]


def test_the_report_can_be_written_to_a_file(tmp_path):
    text = HEADER + "a,x,2026-03-02 09:00,2026-03-02,,\n"

    status, said = Log(tmp_path, case=COLUMNS).run(text, "--report", str(tmp_path / "report.json"))

    assert (status, "said" in said) == (0, True)
    assert '"taken": 1' in (tmp_path / "report.json").read_text()


def test_a_case_in_a_published_month_is_refused(tmp_path):
    with writing("test"):
        PublishedMonth.objects.create(
            month=date(2026, 2, 1), published_at=local("2026-03-05 08:00"), report=b"", sha256=""
        )
    rows = "a,x,2026-02-20,2026-02-20,,\nb,x,2026-03-02,2026-03-02,,\n"

    status, report = Log(tmp_path, case=COLUMNS).run(HEADER + rows, "--at", AT)

    assert (status, report["taken"]) == (1, 1)
    assert [(one["line"], one["case"]) for one in report["refused"]] == [(2, "a")]
    assert Dossier.objects.get() == case("b")


# The definition


def test_a_later_log_with_new_ways_gets_a_new_version(tmp_path):
    log = Log(tmp_path)
    log.run("case,activity,time\na,x,2026-03-02\n", "--at", AT)

    log.run("case,activity,time\na,x,2026-03-02\nb,x,2026-03-02\nb,y,2026-03-03\n", "--at", AT)

    versions = Definition.objects.order_by("version").values_list("version", "state")
    assert list(versions) == [(1, "retired"), (2, "published")]
    assert (case("a").definition.version, case("b").definition.version) == (1, 2)


def test_activities_whose_names_fall_together_are_two_steps(tmp_path):
    rows = "".join(
        f"a,{name},2026-03-0{day}\n" for day, name in enumerate(["Ký", "ký!", "签", "End"], 2)
    )

    Log(tmp_path).run("case,activity,time\n" + rows, "--at", AT)

    keys = list(StepRun.objects.order_by("ordinal").values_list("key", flat=True))
    assert len(set(keys)) == 6
    assert keys[1] == "ky"


def test_the_schema_is_one_and_every_clock_is_finished_or_watched(counter_log):
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text()))

    assert ClockRow.objects.exclude(state="finished").count() == 2
