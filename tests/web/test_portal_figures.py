"""The public figures: page, CSV and JSON say the same, and cost the same at any size."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.given.city import City, city, moment
from tests.given.counted_city import Office, agency, office, post, unit

pytestmark = [pytest.mark.django_db, pytest.mark.builds_rows]

NOW = moment("2026-03-18 10:30")


@pytest.fixture
def counted() -> Office:
    return office()


def late_and_early(of: Office, *, answering: Any = None, division: Any = None) -> None:
    """In February one resolved in time; in March one early, one late, one overdue."""
    given = {"answering": answering, "unit": division}
    before = of.dossier(**given)
    post(before, "received", moment("2026-02-10 08:00"))
    post(before, "resolved_on_time", moment("2026-02-12 08:00"))
    for measure in ("resolved_early", "resolved_late"):
        dossier = of.dossier(**given)
        post(dossier, "received", moment("2026-03-02 08:00"))
        post(dossier, measure, moment("2026-03-09 08:00"))
    pending = of.dossier(**given)
    post(pending, "received", moment("2026-03-03 08:00"))
    for measure in ("overdue", "breaches", "apologies_owed"):
        post(pending, measure, moment("2026-03-10 17:30"))


def get(client: Client, path: str, language: str = "en") -> Any:
    client.cookies["django_language"] = language
    with time_machine.travel(NOW, tick=False):
        return client.get(path)


def text(client: Client, path: str) -> str:
    content = get(client, path).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(content.split())


def test_the_running_month_is_shown_live_with_its_moment(counted: Office, client: Client) -> None:
    late_and_early(counted)

    shown = text(client, "/figures/")

    assert "In Mar 2026, 50.0% of dossiers came late, 1 are overdue" in shown
    assert "Live figures, as of <time" in shown
    assert "Wed 18 Mar 2026, 10:30" in shown
    assert "1 of 2 resolved with a limit" in shown
    assert "down 50.0 points on Feb 2026" in shown
    assert "1 letters still owed" in shown


def test_a_month_gone_by_is_whole(counted: Office, client: Client) -> None:
    late_and_early(counted)

    shown = text(client, "/figures/?month=2026-02")

    assert "In Feb 2026, 0% of dossiers came late, 0 are overdue" in shown
    assert "The whole month, as of" in shown
    assert "Sat 28 Feb 2026, 23:59" in shown


def test_departments_and_communes_are_ranked_apart_and_the_late_named(
    counted: Office, client: Client
) -> None:
    late_and_early(counted)
    late_and_early(counted, answering=counted.commune, division=counted.justice)

    departments = text(client, "/figures/?kind=departments")
    communes = text(client, "/figures/?kind=communes")

    ranking = departments.split("Who was late")
    assert "<b>H26.12</b>" in ranking[0]
    assert "<b>H26.50</b>" not in ranking[0]
    assert "<b>H26.12</b>" in ranking[1]
    assert "<b>H26.50</b>" in ranking[1]
    assert "<b>H26.50</b>" in communes.split("Who was late")[0]


def test_the_csv_has_a_bom_and_adds_up(counted: Office, client: Client) -> None:
    late_and_early(counted)
    late_and_early(counted, answering=counted.commune, division=counted.justice)

    answer = get(client, "/figures/figures.csv?month=2026-03")

    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["agency"] for row in rows] == ["H26.12", "H26.50", "total"]
    assert [row["rank"] for row in rows] == ["1", "1", ""]
    for column in ("received", "resolved_early", "resolved_late", "pending_overdue"):
        assert int(rows[0][column]) + int(rows[1][column]) == int(rows[2][column])
    first = rows[0]
    assert (first["on_time"], first["on_time_of"], first["on_time_percent"]) == ("1", "2", "50.00")
    assert first["on_time_change_points"] == "-50.00"
    assert first["as_of"] == "2026-03-18T10:30:00+07:00"


def test_the_json_says_what_the_csv_says(counted: Office, client: Client) -> None:
    late_and_early(counted)

    answer = get(client, "/figures/figures.json?month=2026-03")

    read = json.loads(answer.content)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert (read["month"], read["is_over"]) == ("2026-03", False)
    (line,) = read["agencies"]
    assert line["agency"] == "H26.12"
    assert line["rank"] == 1
    assert line["on_time"] == {"part": 1, "of": 2, "percent": 50.0}
    assert line["previous_month"]["on_time"] == {"part": 1, "of": 1, "percent": 100.0}
    assert line["on_time_change_points"] == -50.0
    assert (line["apologies_owed"], line["apologies_made"]) == (1, 0)
    assert read["total"]["pending_overdue"] == 1


def test_nothing_resolved_is_no_share(counted: Office, client: Client) -> None:
    post(counted.dossier(), "received", moment("2026-03-02 08:00"))

    shown = text(client, "/figures/")
    read = json.loads(get(client, "/figures/figures.json").content)

    assert "Figures of Mar 2026" in shown
    assert "nothing resolved yet" in shown
    assert "100%" not in shown.split("Twelve months")[0].split("</style>")[-1].split("95%")[0]
    assert read["total"]["on_time"] is None


def test_an_empty_month_says_what_will_come(client: Client) -> None:
    assert "Nothing was counted in this month" in text(client, "/figures/")


@pytest.mark.parametrize("month", ["2026-04", "2026-13", "nonsense", "2026-3-1"])
def test_a_month_that_is_none_or_ahead_is_not_found(client: Client, month: str) -> None:
    for path in ("/figures/", "/figures/figures.csv", "/figures/figures.json"):
        assert get(client, f"{path}?month={month}").status_code == 404


def test_twice_the_agencies_cost_no_more_queries(
    counted: Office, client: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def agencies(first: int, last: int) -> None:
        for number in range(first, last):
            commune = agency(f"H26.{number}", "commune", counted.city)
            late_and_early(counted, answering=commune, division=unit(commune, "01"))

    agencies(100, 104)
    with CaptureQueriesContext(
        connection,
    ) as few:
        get(client, "/figures/?kind=communes")
    agencies(104, 108)

    with django_assert_num_queries(len(few)):
        assert get(client, "/figures/?kind=communes").status_code == 200


def test_the_figures_follow_the_commands(client: Client) -> None:
    given: City = city()
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 09:00")
    given.conclude(dossier, "2026-03-04 10:00")
    given.receive("2026-03-02 08:20")

    read = json.loads(get(client, "/figures/figures.json").content)

    total = read["total"]
    assert (total["received"], total["resolved_early"], total["pending_overdue"]) == (2, 1, 1)
    assert total["apologies_owed"] == 1


def test_the_running_month_names_who_waits_longest_by_the_tail_of_the_code(
    client: Client,
) -> None:
    given: City = city()
    given.receive("2026-03-02 08:10")
    given.receive("2026-03-09 08:10")

    shown = text(client, "/figures/")

    assert '<td class="nowrap">…0001</td>' in shown
    assert "6 days 2 hours" in shown.split("Waiting longest")[1]
    assert "H26.C001-260302" not in shown
    assert "Nguyễn" not in shown
    ages = shown.split("Working days since the limit")[1]
    assert '<td>2–5 days</td><td class="number">1</td>' in ages
    assert '<td>6–10 days</td><td class="number">1</td>' in ages


def test_a_month_gone_by_names_no_single_dossier(client: Client) -> None:
    given: City = city()
    given.receive("2026-02-02 08:10")

    assert "…0001" not in text(client, "/figures/?month=2026-02")
