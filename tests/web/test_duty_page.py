"""The board's pages on the duty to apologise, on late steps and on repeated lateness."""

from __future__ import annotations

import html
import re

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from dossiers.firing import fire_due
from dossiers.lifecycle.repeating import raise_repeated
from dossiers.models import RepeatedLateness
from tests.given.city import City, city, moment
from workflows.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def given() -> City:
    return city()


def at_work(role: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(get_user_model().objects.get(username=role))
    client.cookies["django_language"] = "en"
    return client


def text(response: object) -> str:
    return html.unescape(response.content.decode())  # type: ignore[attr-defined]


def stat(page: str, label: str) -> str:
    """The figure of a headline."""
    found = re.search(
        rf'stat__label">{re.escape(label)}</span><span class="stat__figure[^>]*>(?:<svg.*?</svg>)?'
        r"([^<]*)<",
        page,
        re.DOTALL,
    )
    assert found is not None, label
    return found[1].strip()


@time_machine.travel(moment("2026-03-12 09:00"), tick=False)
def test_the_board_says_how_the_duty_stands_and_each_count_opens_its_rows(given: City) -> None:
    dossiers = [given.receive("2026-03-02 08:10") for _ in range(2)]
    fire_due(moment("2026-03-12 08:00"))
    watcher = at_work(Role.SUPERVISOR)

    board = text(watcher.get("/work/board/"))
    missing = text(watcher.get("/work/board/apologies/?show=missing"))
    in_time = text(watcher.get("/work/board/apologies/?show=in_time"))

    assert (stat(board, "Letters owed"), stat(board, "Missing")) == ("2", "2")
    assert all(one.code in missing for one in dossiers)
    assert not any(one.code in in_time for one in dossiers)
    assert given.division.name in missing


@time_machine.travel(moment("2026-03-12 09:00"), tick=False)
@pytest.mark.parametrize(
    "query", ["?month=2026-02", "?month=x", "?month=2031-01", "?page=%00", "?show=x"]
)
def test_strange_questions_are_answered(given: City, query: str) -> None:
    assert at_work(Role.SUPERVISOR).get(f"/work/board/apologies/{query}").status_code == 200


@time_machine.travel(moment("2026-03-06 16:30"), tick=False)
def test_a_late_step_of_a_dossier_on_time_is_on_the_board_alone(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-06 16:30"))

    board = text(at_work(Role.SUPERVISOR).get("/work/board/?show=steps"))
    public = text(Client().get("/figures/", headers={"accept-language": "en"}))

    assert stat(board, "Late steps in dossiers on time") == "1"
    assert dossier.code in board
    assert stat(board, "Late now") == "0"
    assert (dossier.code or "")[-4:] not in re.sub(r"<[^>]+>", "", public)


@time_machine.travel(moment("2026-03-11 09:00"), tick=False)
def test_a_late_step_of_a_late_dossier_is_told_by_the_dossier(given: City) -> None:
    given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-11 08:00"))

    board = text(at_work(Role.SUPERVISOR).get("/work/board/"))

    assert (stat(board, "Late now"), stat(board, "Late steps in dossiers on time")) == ("1", "0")


@time_machine.travel(moment("2026-03-11 10:00"), tick=False)
def test_repeated_lateness_is_listed_with_its_cases_and_noted(given: City) -> None:
    dossiers = [given.receive("2026-03-02 08:10") for _ in range(3)]
    fire_due(moment("2026-03-11 08:00"))
    raise_repeated(moment("2026-03-11 09:00"))
    record = RepeatedLateness.objects.get()
    watcher, address = at_work(Role.SUPERVISOR), f"/work/board/repeated/{record.pk}/"

    board, listed = text(watcher.get("/work/board/")), text(watcher.get("/work/board/repeated/"))
    whole = text(watcher.get(address))
    empty = watcher.post(address, {"note": ""})
    noted = watcher.post(address, {"note": "Đã bổ sung một chuyên viên"}, follow=True)

    assert stat(board, "Repeated lateness to deal with") == "1"
    assert given.division.name in listed
    assert all((one.code or "") in whole.replace("&nbsp;", "") for one in dossiers)
    assert empty.status_code == 422
    assert "Đã bổ sung một chuyên viên" in text(noted)
    assert stat(text(watcher.get("/work/board/")), "Repeated lateness to deal with") == "0"
    assert watcher.post(address, {"note": "Lần nữa"}).status_code == 409


@time_machine.travel(moment("2026-03-11 10:00"), tick=False)
def test_who_only_reads_is_not_offered_to_note(given: City) -> None:
    for _ in range(3):
        given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-11 08:00"))
    raise_repeated(moment("2026-03-11 09:00"))
    address = f"/work/board/repeated/{RepeatedLateness.objects.get().pk}/"

    reader = at_work(Role.INSPECTOR)

    assert "<textarea" not in text(reader.get(address))
    assert reader.post(address, {"note": "Xong"}).status_code == 403
    assert at_work(Role.OFFICER).get(address).status_code == 403


def test_a_record_of_nobodys_reach_is_not_there(given: City) -> None:
    assert at_work(Role.SUPERVISOR).get("/work/board/repeated/999/").status_code == 404
