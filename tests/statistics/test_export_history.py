"""The history handed out: its form, and a stranger who counts from nothing else."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command

from dossiers.firing import fire_due
from dossiers.lifecycle import ending
from dossiers.statistics.handout import history
from dossiers.statistics.reading import read
from tests.given.city import city, moment
from tests.statistics.test_verify import ROADS
from workflows.models import Role

pytestmark = pytest.mark.django_db
SCHEMA = json.loads(Path("docs/schemas/export-history.schema.json").read_text())
NOW = moment("2026-05-01 08:00")
ENDED = ("concluded", "returned", "discontinued", "withdrawn")


def stranger(lines: list[dict[str, Any]], as_of: datetime) -> Counter[str]:
    """Counts by what the schema says and nothing else."""
    counts: Counter[str] = Counter()
    for dossier in lines:
        if dossier["voided_at"] is None:
            _count(dossier, as_of, counts)
    return +counts


def _count(dossier: dict[str, Any], as_of: datetime, counts: Counter[str]) -> None:
    gone = {event["undoes"] for event in dossier["events"]}
    moves = [event for event in dossier["events"] if event["to"] and event["n"] not in gone]
    counts["received"] += any(move["to"] == "received" for move in moves)
    passed = [
        breach
        for breach in dossier["breaches"]
        if breach["of"] == "dossier" and breach["annulled_at"] is None
    ]
    counts["breaches"] += len(passed)
    counts["apologies_made"] += sum(
        bool(letter["delivered_at"]) for letter in dossier["apologies"] if passed
    )
    for move in moves:
        counts["reopened"] += move["from"] in ENDED and move["to"] == "processing"
        counts[move["to"]] += move["to"] in ("withdrawn", "discontinued")
        if move["to"] == "concluded":
            counts[_resolved(dossier, datetime.fromisoformat(move["at"]))] += 1
    if moves[-1]["to"] not in ENDED:
        counts["pending_overdue" if passed else "pending_in_time"] += 1


def _resolved(dossier: dict[str, Any], at: datetime) -> str:
    values = [v for v in dossier["limits"] if datetime.fromisoformat(v["at"]) <= at]
    limit = datetime.fromisoformat(values[-1]["limit_at"])
    if at > limit:
        return "resolved_late"
    return "resolved_early" if at.date() < limit.date() else "resolved_on_time"


def figures(as_of: datetime) -> Counter[str]:
    (row,) = read(since=None, until=None, as_of=as_of)
    left_out = ("apologies_owed", "apologies_foreseen")
    return +Counter(
        {
            name: getattr(row.figures, name)
            for name in type(row.figures).__dataclass_fields__
            if name not in left_out
        }
    )


@pytest.mark.parametrize("as_of", [moment("2026-03-09 17:30"), moment("2026-03-12 12:00"), NOW])
def test_a_stranger_comes_to_the_same_figures(as_of: datetime) -> None:
    town = city()
    for road in ROADS:
        road(town)

    for noticed in (False, True):
        if noticed:
            fire_due(NOW)
        lines = list(history(as_of))
        for line in lines:
            jsonschema.validate(line, SCHEMA)
        if as_of == NOW and not noticed:
            continue  # a term that lapsed unnoticed has no event yet
        assert stranger(lines, as_of) == figures(as_of)


def test_nobody_is_named(tmp_path: Path) -> None:
    town = city()
    dossier = town.receive()
    ending.withdraw(
        dossier.pk, by=town.acting(Role.CLERK), at=moment("2026-03-03 08:30"), reason="Đơn xin rút"
    )
    target = tmp_path / "out.jsonl"

    call_command("export_history", str(target))

    text = target.read_text()
    for secret in (
        "Ẩm",
        "Tuấn",
        "001099012345",
        "tuan@example.vn",
        "Đơn",
        "Ngô",
        dossier.lookup_code,
    ):
        assert secret not in text
    (line,) = map(json.loads, text.splitlines())
    assert line["code"] == dossier.code
    assert [event["kind"] for event in line["events"]] == ["received", "withdrawn"]


def test_what_came_later_is_not_handed_out(tmp_path: Path) -> None:
    town = city()
    dossier = town.receive()
    town.receive(moment("2026-03-20 09:00"))
    town.handed_to_counter(dossier, "2026-03-16 10:00")
    target = tmp_path / "out.jsonl.gz"

    call_command("export_history", str(target), "--as-of", "2026-03-03")
    again = target.read_bytes()
    call_command("export_history", str(target), "--as-of", "2026-03-03T23:59:59.999999+07:00")

    assert target.read_bytes() == again
    (line,) = [json.loads(text) for text in gzip.decompress(again).decode().splitlines()]
    assert [event["kind"] for event in line["events"]] == ["received"]
    assert line["breaches"] == []


def test_a_limit_that_passed_unnoticed_is_handed_out() -> None:
    city().receive()

    (at_it,) = history(moment("2026-03-09 17:30"))
    (after_it,) = history(moment("2026-03-09 17:30:00.000001"))

    assert at_it["breaches"] == []
    assert after_it["breaches"] == [
        {"at": "2026-03-09T17:30:00+07:00", "of": "dossier", "annulled_at": None}
    ]


def test_the_chain_can_be_followed() -> None:
    town = city()
    dossier = town.receive()
    town.handed_to_counter(dossier, "2026-03-16 10:00")
    town.conclude(dossier, "2026-03-17 10:00")

    (line,) = history(NOW + timedelta(days=1))

    hashes = [None, *(event["sha256"] for event in line["events"])]
    assert [event["previous"] for event in line["events"]] == hashes[:-1]
