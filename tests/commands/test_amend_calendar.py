"""`amend_calendar`: the preview, the amendment, and what it refuses."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command

from dossiers.models import ClockRow, Event
from tests.given.city import City, city, moment
from workflows.models import NATIONAL, Amendment, Calendar, CalendarDay
from workflows.timelimit import TimeLimit

pytestmark = pytest.mark.django_db

NOW = moment("2025-12-25 16:00")
SWAP = {
    "source": "Công văn 12729/VPCP-KGVX ngày 25/12/2025",
    "swaps": [{"off": "2026-01-02", "worked": "2026-01-10"}],
}


def run(*arguments: object) -> tuple[dict[str, Any], int]:
    """The result and the exit status."""
    out = io.StringIO()
    with time_machine.travel(NOW, tick=False):
        try:
            call_command("amend_calendar", *map(str, arguments), stdout=out, stderr=io.StringIO())
        except SystemExit as stopped:
            return json.loads(out.getvalue()), int(stopped.code or 0)
    return json.loads(out.getvalue()), 0


@pytest.fixture
def swap(tmp_path: Path) -> Path:
    path = tmp_path / "swap.json"
    path.write_text(json.dumps(SWAP), encoding="utf-8")
    return path


@pytest.fixture
def town() -> City:
    built = city(limit=TimeLimit(5, "working_day"))
    CalendarDay.objects.create(
        calendar=Calendar.objects.get(code=NATIONAL),
        on=date(2026, 1, 1),
        kind="holiday",
        source="BLLĐ 2019",
    )
    return built


def test_a_preview_shows_what_would_move_and_changes_nothing(town: City, swap: Path) -> None:
    dossier = town.receive("2025-12-25 08:10")

    found, status = run(swap, "--preview")

    assert status == 0
    assert (found["to_move"], found["to_be_late"], found["no_longer_late"]) == (1, 0, 0)
    line = next(one for one in found["moved"] if one["kind"] == "dossier")
    assert (line["code"], line["limit_from"], line["limit_to"]) == (
        dossier.code,
        "2026-01-02T17:30:00+07:00",
        "2026-01-05T17:30:00+07:00",
    )
    assert Amendment.objects.count() == 0
    assert Event.objects.filter(kind="recalendared").count() == 0


def test_confirming_amends_and_counts_running_clocks_again(town: City, swap: Path) -> None:
    dossier = town.receive("2025-12-25 08:10")

    found, status = run(swap, "--confirm")

    assert status == 0
    assert found["recount"] == {"state": "done", "moved": 1, "set_aside": 0}
    assert (found["calendar"], found["first_on"], found["last_on"]) == (
        NATIONAL,
        "2026-01-02",
        "2026-01-10",
    )
    row = ClockRow.objects.get(dossier=dossier, kind="dossier")
    assert row.limit_at == moment("2026-01-05 17:30")


def test_options_say_the_same_as_a_file(town: City, swap: Path) -> None:
    by_file, _status = run(swap, "--preview")
    source = SWAP["source"]

    by_options, status = run("--swap", "2026-01-02:2026-01-10", "--source", source, "--preview")

    assert status == 0
    assert by_options == by_file


def test_a_closure_of_some_days_is_one_option(town: City) -> None:
    found, status = run(
        "--agency", town.commune.code, "--closed", "2025-12-29..2025-12-30", "--source", "Bão",
        "--confirm",
    )  # fmt: skip

    assert status == 0
    assert found["calendar"] == f"agency-{town.commune.code}"
    assert CalendarDay.objects.filter(kind="closed").count() == 2


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"swaps": SWAP["swaps"]}, "amendment_no_source"),
        (SWAP | {"agency": "H26.X"}, "amendment_no_calendar"),
        (SWAP | {"swaps": [{"off": "2026-01-03", "worked": "2026-01-10"}]}, "swap_off_not_worked"),
        ({"source": "QĐ 1", "week": {"since": "2026-01-05", "hours": {}}}, "amendment_no_hours"),
        (
            {
                "source": "QĐ 1",
                "week": {
                    "since": "2026-01-05",
                    "hours": {"0": [["08:00", "12:00"], ["11:00", "17:00"]]},
                },
            },
            "amendment_overlap",
        ),
    ],
)
def test_what_cannot_stand_is_refused_with_its_reason(
    town: City, tmp_path: Path, given: dict[str, Any], code: str
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(given), encoding="utf-8")

    found, status = run(path, "--confirm")

    assert status == 1
    assert found["refused"]["code"] == code
    assert found["refused"]["reason"]
    assert (Amendment.objects.count(), CalendarDay.objects.count()) == (0, 1)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"days": 1}', '{"days": [{"on": "31/12/2025"}]}', '{"hours": {}}', "\xff"]
)
def test_what_is_no_amendment_is_exit_status_2(town: City, tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(text.encode("latin-1"))

    with pytest.raises(CommandError) as refused:
        run(path, "--confirm")

    assert refused.value.returncode == 2
    assert Amendment.objects.count() == 0


def test_the_file_has_a_published_form() -> None:
    schema = json.loads(
        (settings.BASE_DIR / "docs/schemas/calendar-amendment.schema.json").read_text("utf-8")
    )

    jsonschema.validate(SWAP, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"swaps": [{"off": "2026-01-02"}]}, schema)
