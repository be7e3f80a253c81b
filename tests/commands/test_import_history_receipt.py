"""The receipt log of a real municipality (not committed): ONESTOP_REAL_DATA names the folder that
holds event-logs/receipt.csv.gz and receipt-facts.json."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from dossiers.models import Breach, Dossier, Entry, Event, StepRun, Timer
from notifications.models import Message
from tests.given.history import EXAMPLES, differences, figures, run_import

REAL_DATA = os.environ.get("ONESTOP_REAL_DATA", "")
AT = "2012-01-23T14:42:54.644+00:00"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.real_data,
]


@pytest.fixture
def logs():
    return Path(REAL_DATA) / "event-logs"


def test_the_receipt_log_agrees_with_its_known_figures(logs):
    facts = json.loads((logs / "receipt-facts.json").read_text())

    status, report = run_import(logs / "receipt.csv.gz", EXAMPLES / "receipt.yaml", "--at", AT)

    assert (status, report["read"], report["taken"]) == (0, 1434, 1434)
    assert report["refused"] == report["flagged"] == []
    assert len(report["remarks"]) == 2 + 145 + 2
    assert max(Counter(remark["case"] for remark in report["remarks"]).values()) <= 3
    whole = facts["facts"]
    (all_of_it,) = figures(AT)
    assert all_of_it["received"] == whole["cases"]
    assert _late(all_of_it) == (whole["ended"], whole["ended_late"], whole["open_late"])
    assert all_of_it["breaches"] == whole["ended_late"] + whole["open_late"]
    assert "apologies_owed" not in all_of_it
    by_channel = {row["channel"]: row for row in figures(AT, "channel")}
    for fact in facts["by_channel"]:
        assert _known(by_channel[fact["channel"]]) == _fact(fact)
    names = dict(Dossier.objects.values_list("answering_agency__name", "answering_agency__code"))
    for key in ("agency", "unit"):
        rows = {row[key]: row for row in figures(AT, key)}
        for fact in facts["by_department"]:
            code = names[fact["department"]] + (".01" if key == "unit" else "")
            assert _known(rows[code]) == _fact(fact)
    assert differences(AT) == []


def test_the_receipt_log_leaves_a_story_and_no_noise(logs):
    run_import(logs / "receipt.csv.gz", EXAMPLES / "receipt.yaml", "--at", AT)

    assert Breach.objects.count() == 416
    assert Breach.objects.filter(owes_explanation=True).count() == 0
    assert Message.objects.count() == 0
    assert Timer.objects.filter(kind="breach").count() == 105 - 39
    assert set(Timer.objects.values_list("kind", flat=True)) <= {"breach", "due_soon", "due_today"}
    assert StepRun.objects.filter(state="waiting").count() == 105
    assert Event.objects.filter(kind="concluded", from_status="processing").count() == 1329


def test_the_receipt_log_again_changes_nothing(logs):
    run_import(logs / "receipt.csv.gz", EXAMPLES / "receipt.yaml", "--at", AT)
    before = Event.objects.count(), Entry.objects.count(), StepRun.objects.count()

    status, report = run_import(logs / "receipt.csv.gz", EXAMPLES / "receipt.yaml", "--at", AT)

    assert (status, report["taken"], report["unchanged"]) == (0, 0, 1434)
    assert (Event.objects.count(), Entry.objects.count(), StepRun.objects.count()) == before


def _late(row):
    ended = ("resolved_early", "resolved_on_time", "resolved_late")
    return (
        sum(row.get(column, 0) for column in ended),
        row.get("resolved_late", 0),
        row.get("pending_overdue", 0),
    )


def _known(row):
    pending = row.get("pending_in_time", 0) + row.get("pending_overdue", 0)
    return (row["received"], *_late(row), pending)


def _fact(fact):
    names = ("cases", "ended", "ended_late", "open_past_deadline_at_log_end", "still_open")
    return tuple(fact[name] for name in names)
