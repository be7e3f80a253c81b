"""The command `figures`: what it prints, and how it ends."""

from __future__ import annotations

import csv
import io
import json

import pytest
import time_machine
from django.core.management import CommandError, call_command

from dossiers.models import Rollup
from dossiers.statistics.columns import COLUMNS
from dossiers.statistics.rollup import fold
from tests.given.counted_city import Office, at, office, post

pytestmark = [pytest.mark.django_db, pytest.mark.builds_rows]
NOW = "2026-04-10T09:00:00+07:00"


@pytest.fixture
def city() -> Office:
    made = office()
    post(made.dossier(), "received", at("2026-02-10 08:00"))
    post(
        made.dossier(answering=made.commune, unit=made.justice), "received", at("2026-03-10 08:00")
    )
    return made


def printed(*arguments: str) -> str:
    out = io.StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("figures", *arguments, stdout=out)
    return out.getvalue()


def refused(*arguments: str) -> int:
    with time_machine.travel(NOW, tick=False), pytest.raises(CommandError) as refusal:
        call_command("figures", *arguments, stdout=io.StringIO())
    return refusal.value.returncode


def test_without_keys_there_is_one_row(city: Office) -> None:
    found = json.loads(printed("--from", "2026-03-01", "--to", "2026-03-31", "--format", "json"))

    assert {name: found[name] for name in ("from", "to", "as_of")} == {
        "from": "2026-03-01",
        "to": "2026-03-31",
        "as_of": "2026-03-31T23:59:59.999999+07:00",
    }
    (row,) = found["rows"]
    assert tuple(row) == COLUMNS
    assert (row["carried_over"], row["received"], row["pending_in_time"]) == (1, 1, 2)


def test_the_moment_is_at_most_now(city: Office) -> None:
    found = json.loads(printed("--format", "json"))
    later = json.loads(printed("--to", "2026-12-31", "--as-of", "2026-04-30", "--format", "json"))

    assert (found["from"], found["to"], found["as_of"]) == (None, "2026-04-10", NOW)
    assert (later["to"], later["as_of"]) == ("2026-12-31", NOW)


def test_keys_stand_beside_the_columns(city: Office) -> None:
    found = json.loads(printed("--by", "agency,month", "--format", "json", "--as-of", "2026-03-31"))

    assert [
        (row["agency"], row["month"], row["carried_over"], row["received"]) for row in found["rows"]
    ] == [("H26.12", "2026-02", 0, 1), ("H26.12", "2026-03", 1, 0), ("H26.50", "2026-03", 0, 1)]


def test_csv_has_a_line_of_names(city: Office) -> None:
    rows = list(csv.DictReader(io.StringIO(printed("--by", "unit", "--format", "csv"))))

    assert [row["unit"] for row in rows] == ["H26.12.01", "H26.50.01"]
    assert list(rows[0]) == ["unit", *COLUMNS]


def test_the_table_shows_the_same(city: Office) -> None:
    lines = printed("--by", "unit,channel").splitlines()

    assert lines[0] == f"from the beginning to 2026-04-10, as of {NOW}"
    assert lines[2].split()[:4] == ["H26.12.01", "test-counter", "0", "1"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "2026-03-01", "--to", "2026-03-31", "--as-of", "2026-04-01"),
        ("--from", "2026-03-01", "--as-of", "2026-02-28T23:59:59+07:00"),
        ("--from", "2026-03-02", "--to", "2026-03-01"),
        ("--from", "2027-01-01"),
        ("--agency", "H99"),
        ("verify", "--agency", "H26"),
    ],
    ids=["after the period", "before it", "backwards", "not begun", "no agency", "verify a part"],
)
def test_what_cannot_be_is_refused_with_status_2(city: Office, arguments: tuple[str, ...]) -> None:
    assert refused(*arguments) == 2


@pytest.mark.parametrize(
    "arguments",
    [("--by", "colour"), ("--as-of", "2026-03-01T10:00"), ("--from", "yesterday")],
)
def test_what_cannot_be_read_is_refused(city: Office, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="Error: argument"):
        call_command("figures", *arguments)


def test_verify_says_so_when_all_agrees() -> None:
    assert printed("verify") == "0 differences\n"


def test_verify_ends_with_status_1_where_something_differs(city: Office) -> None:
    fold(at("2026-04-10 09:00"))
    Rollup.objects.update(amount=5)

    with pytest.raises(SystemExit) as end:
        printed("verify")

    assert end.value.code == 1
