"""What the public reads of apologies: by agency and month, and what an applicant is told."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from dossiers.firing import fire_due
from dossiers.lifecycle import apology, ending, signing
from dossiers.models import Dossier
from tests.given.city import City, city, moment
from workflows.models import Role

pytestmark = pytest.mark.django_db

NOW = moment("2026-03-12 09:00")


@pytest.fixture
def given() -> City:
    return city()


def get(client: Client, path: str) -> Any:
    client.cookies["django_language"] = "en"
    with time_machine.travel(NOW, tick=False):
        return client.get(path)


def text(client: Client, path: str) -> str:
    content = get(client, path).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def apologised(town: City, dossier: Dossier, *, to: str = "2026-03-20 17:30") -> None:
    letter = apology.draft_apology(
        dossier.pk,
        reason="overload",
        new_promise_at=moment(to) if to else None,
        by=town.acting(Role.UNIT_HEAD),
        at=moment("2026-03-10 09:00"),
    )
    signing.sign_apology(letter.pk, by=town.acting(Role.APPROVER), at=moment("2026-03-10 10:00"))


def test_the_public_reads_who_apologised_and_when(given: City, client: Client) -> None:
    first, _second = given.receive("2026-03-02 08:10"), given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-10 08:00"))
    apologised(given, first)

    shown = text(client, "/figures/")

    name = "UBND phường Văn Miếu - Quốc Tử Giám"
    assert "Who apologised, and when" in shown
    assert f"Still in time {name} 2 – 1 – 1 – Whole city 2 – 1 – 1 –" in shown


def test_the_same_as_open_data(given: City, client: Client) -> None:
    first, _second = given.receive("2026-03-02 08:10"), given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-10 08:00"))
    apologised(given, first)

    response = get(client, "/figures/apologies.json?month=2026-03")

    numbers = {
        "owed": 2, "foreseen": 0, "in_time": 1, "late": 0, "missing": 1, "to_come": 0, "made": 0,
    }  # fmt: skip
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.json() == {
        "month": "2026-03",
        "as_of": "2026-03-12T09:00:00+07:00",
        "is_over": False,
        "total": numbers,
        "agencies": [
            {
                "agency": "H26.C001",
                "name": "UBND phường Văn Miếu - Quốc Tử Giám",
                **numbers,
            }
        ],
    }


def test_a_month_in_which_nothing_was_owed_shows_no_table(given: City, client: Client) -> None:
    given.receive("2026-03-11 08:10")

    assert "Who apologised, and when" not in text(client, "/figures/")
    assert get(client, "/figures/apologies.json").json()["agencies"] == []
    assert get(client, "/figures/apologies.json?month=2031-01").status_code == 404


def test_an_apology_for_a_dossier_taken_back_promises_the_applicant_nothing(
    given: City, client: Client
) -> None:
    dossier = given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-10 08:00"))
    ending.withdraw(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-10 08:30"))
    apologised(given, dossier, to="")

    client.cookies["django_language"] = "en"
    with time_machine.travel(NOW, tick=False):
        found = client.post(
            "/track/", {"code": dossier.code, "secret": dossier.lookup_code}, follow=True
        )
    page = found.content.decode()

    assert found.status_code == 200
    assert "The law allows one new appointment only." not in page
    assert "apology.pdf" in page
