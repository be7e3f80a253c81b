"""Logging in for a token, the catalogue's search, the published description."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from dossiers.lifecycle import registry
from tests.api.conftest import Caller
from tests.given.city import City
from workflows.models import Role


@pytest.fixture
def person(given: City) -> str:
    user = get_user_model().objects.get(username=Role.CLERK)
    user.set_password("một mật khẩu dài")
    user.save()
    return user.get_username()


def login(name: str, password: str, address: str = "10.0.0.1") -> APIClient:
    return APIClient(REMOTE_ADDR=address, headers={"accept-language": "en"}).post(
        "/api/token/", {"username": name, "password": password}
    )


def test_name_and_password_give_a_token_that_opens_the_api(person: str) -> None:
    token = login(person, "một mật khẩu dài").json()["token"]

    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get("/api/dossiers/").status_code == 200


def test_a_wrong_password_gives_no_token(person: str) -> None:
    answer = login(person, "sai")

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert "token" not in answer.json()


def test_ten_attempts_a_minute_on_one_name_are_all(person: str) -> None:
    tried = [login(person, "sai", f"10.0.0.{n}").status_code for n in range(10)]

    answer = login(person.upper(), "một mật khẩu dài", "10.0.0.99")

    assert tried == [422] * 10
    assert answer.status_code == 429
    assert answer.json()["title"] == "Too many attempts"
    assert int(answer["Retry-After"]) > 0


def test_attempts_from_one_address_are_limited_whatever_it_says_of_itself(person: str) -> None:
    for n in range(30):
        login(f"name{n}", "sai")

    spoofed = APIClient(headers={"x-forwarded-for": "1.2.3.4"}, REMOTE_ADDR="10.0.0.1").post(
        "/api/token/", {"username": "x", "password": "y"}
    )
    assert spoofed.status_code == 429


@pytest.mark.parametrize("text", ["giay phep xay", "GIẤY phép", "1.0099", "nha o"])
def test_a_procedure_is_found_without_diacritics(given: City, calling: Caller, text: str) -> None:
    answer = calling(Role.CLERK).get("/api/procedures/", {"q": text})

    assert [row["code"] for row in answer.json()] == ["1.009994"]


def test_a_procedure_shows_the_papers_that_receiving_needs(given: City, calling: Caller) -> None:
    answer = calling(Role.CLERK).get("/api/procedures/1.009994/").json()

    assert answer["papers"][0]["id"] == given.paper.pk
    assert answer["answering_agencies"] == ["H26.C001"]
    assert calling(Role.CLERK).get("/api/procedures/9.9/").status_code == 404


def test_the_published_description_names_every_command() -> None:
    schema = SchemaGenerator().get_schema(public=True)

    named = {
        operation["operationId"]
        for methods in schema["paths"].values()
        for operation in methods.values()
    }
    without_a_door = {
        "give_guidance", "submit", "accept", "refuse_at_intake", "amend_calendar",
        "move_to_version",
    }  # fmt: skip
    assert set(registry.COMMANDS) - without_a_door <= named
    advance = schema["paths"]["/api/dossiers/{code}/commands/advance/"]["post"]
    assert "outcome" in str(schema["components"]["schemas"]["AdvanceGiven"])
    assert set(advance["responses"]) == {"200", "400", "401", "403", "404", "409", "422"}


def test_the_published_description_is_valid_and_leaves_nothing_to_guess(
    tmp_path: Path,
) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "api.yml"))


def test_the_description_and_its_page_are_open(client: APIClient, db: None) -> None:
    assert client.get("/api/schema/").status_code == 200
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert "https://" not in page.content.decode()
