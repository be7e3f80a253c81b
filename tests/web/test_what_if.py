"""A catalogue manager tries another limit on the last quarter, on a page or by a command."""

from __future__ import annotations

import json
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from tests.given.city import City, city, moment
from tests.web.test_backoffice import at_work, text
from workflows.models import Post, Role

pytestmark = pytest.mark.django_db

PAGE = "/catalogue/limits/what-if/"


@pytest.fixture
def given() -> City:
    here = city()
    Post.objects.filter(role=Role.CATALOGUE_MANAGER).update(agency=here.root)
    for received, concluded in (
        ("2026-03-02 08:10", "2026-03-03 09:00"),
        ("2026-03-02 08:20", "2026-03-06 09:00"),
    ):
        dossier = here.receive(received)
        here.handed_to_counter(dossier, concluded)
        here.conclude(dossier, concluded)
    return here


def asked(client: Client, given: City, **more: str) -> str:
    values = {"procedure": given.procedure.code, "amount": "3", "unit": "working_day"}
    with time_machine.travel(moment("2026-04-10 09:00"), tick=False):
        client = at_work(Role.CATALOGUE_MANAGER)
        return text(client.get(PAGE, values | more))


def test_the_last_quarter_is_shown_as_it_was_and_as_it_would_have_been(
    client: Client, given: City
) -> None:
    page = asked(client, given)

    assert "Under a limit of 3 working days" in page
    assert "2 dossiers resolved in the quarter" in page
    assert "0% (0 of 2)" in page
    assert "50.0% (1 of 2)" in page
    assert page.count("H26.C001-260302-") == 1
    assert "<del>Early</del>" in page


def test_a_limit_that_cannot_be_is_said_at_its_field(client: Client, given: City) -> None:
    page = asked(client, given, amount="nhiều")

    assert 'id="id_amount_error"' in page
    assert "Under a limit" not in page


def test_the_procedure_is_found_without_diacritics(client: Client, given: City) -> None:
    found = text(at_work(Role.CATALOGUE_MANAGER).get(PAGE, {"find": "giay phep xay dung"}))

    assert f"{PAGE}?procedure={given.procedure.code}" in found


@pytest.mark.parametrize("role", [Role.CLERK, Role.OFFICER, Role.SUPERVISOR])
def test_nobody_else_gets_the_page(given: City, role: str) -> None:
    assert at_work(role).get(PAGE).status_code == 403


def test_the_command_says_the_same(given: City) -> None:
    out = StringIO()
    call_command(
        "what_if",
        given.procedure.code,
        "3",
        "working_day",
        "--from=2026-01-01",
        "--to=2026-03-31",
        "--format=json",
        stdout=out,
    )

    answer = json.loads(out.getvalue())
    assert (answer["was"]["early"], answer["would"]["early"], answer["would"]["late"]) == (2, 1, 1)
    assert [(one["result"], one["would"]) for one in answer["changed"]] == [("early", "late")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["9.999999", "3", "working_day"],
        ["1.009994", "nhiều", "working_day"],
        ["1.009994", "3", "fortnight"],
        ["1.009994", "3", "working_day", "--from=2026-04-01", "--to=2026-03-01"],
    ],
)
def test_the_command_refuses_what_makes_no_sense(given: City, arguments: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("what_if", *arguments)

    assert refused.value.returncode == 2
