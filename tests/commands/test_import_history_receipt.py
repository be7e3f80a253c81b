"""The receipt log of a real municipality (not committed): ONESTOP_REAL_DATA names the folder that
holds event-logs/receipt.csv.gz and receipt-facts.json."""

import json
import os
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from dossiers.models import Breach, Dossier, Entry, Event
from tests.given.history import run_import

REAL_DATA = os.environ.get("ONESTOP_REAL_DATA", "")
AT = datetime.fromisoformat("2012-01-23T14:42:54.644Z")
MAPPING = Path(__file__).parents[2] / "docs" / "examples" / "receipt.yaml"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not REAL_DATA, reason="ONESTOP_REAL_DATA is not set"),
]


def test_the_receipt_log_agrees_with_its_known_figures():
    logs = Path(REAL_DATA) / "event-logs"
    facts = json.loads((logs / "receipt-facts.json").read_text())

    status, report = run_import(logs / "receipt.csv.gz", MAPPING, "--at", AT.isoformat())

    assert (status, report["read"], report["taken"]) == (0, 1434, 1434)
    assert report["refused"] == report["flagged"] == []
    reasons = Counter(remark["reason"].split(" ", 1)[1][:12] for remark in report["remarks"])
    print(reasons, report["remarks"][:3])
    for key, lookup in (("channel", "channel__code"), ("department", "answering_agency__name")):
        for row in facts[f"by_{key}"]:
            mine = Dossier.objects.filter(**{lookup: row[key]})
            late = mine.filter(clocks__result="late")
            assert {
                "cases": mine.count(),
                "ended": mine.filter(status="concluded").count(),
                "ended_late": late.count(),
                "still_open": mine.pending().count(),
                "open_past_deadline_at_log_end": mine.overdue(AT).count(),
            } == {
                name: row[name]
                for name in (
                    "cases",
                    "ended",
                    "ended_late",
                    "still_open",
                    "open_past_deadline_at_log_end",
                )
            }
    assert Breach.objects.count() == 377 + 39

    status, report = run_import(logs / "receipt.csv.gz", MAPPING, "--at", AT.isoformat())

    assert (status, report["taken"], report["unchanged"]) == (0, 0, 1434)
    assert Dossier.objects.count() == 1434
