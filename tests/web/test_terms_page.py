"""The page on which a catalogue manager sets the terms of a procedure's waits."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.given.city import City, city
from workflows.models import Edition, Role

pytestmark = pytest.mark.django_db
GIVEN = {
    "after_supplement": "resume",
    "payment_term_days": "10",
    "opinion_term_days": "5",
    "consultation_stops_by": "Luật Xây dựng",
    "source": "Quyết định 12/QĐ-UBND",
}


@pytest.fixture
def given() -> City:
    return city()


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(username=role))
    client.cookies["django_language"] = "en"
    return client


def address(given: City) -> str:
    return f"/catalogue/terms/{given.procedure.code}/"


def test_the_terms_are_set_and_shown_with_their_source(given: City) -> None:
    client = client_of(Role.CATALOGUE_MANAGER)

    answer = client.post(address(given), GIVEN)

    assert answer.status_code == 302
    edition = Edition.objects.get()
    assert (edition.after_supplement, edition.payment_term_days) == ("resume", 10)
    page = client.get(address(given)).content.decode()
    assert page.count("<small>Quyết định 12/QĐ-UBND</small>") == 4


def test_what_was_typed_stays_beside_its_fault(given: City) -> None:
    client = client_of(Role.CATALOGUE_MANAGER)

    answer = client.post(address(given), GIVEN | {"source": ""})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Name the source of what you change." in page
    assert 'value="10"' in page
    assert 'value="Luật Xây dựng"' in page
    assert Edition.objects.get().payment_term_days is None


def test_the_page_is_reached_from_the_reminders_and_by_the_catalogue_manager_alone(
    given: City,
) -> None:
    reminders = client_of(Role.CATALOGUE_MANAGER).get(
        f"/catalogue/reminders/{given.procedure.code}/"
    )

    assert f'href="{address(given)}"' in reminders.content.decode()
    assert client_of(Role.APPROVER).get(address(given)).status_code == 403
    assert client_of(Role.CATALOGUE_MANAGER).get("/catalogue/terms/9.9/").status_code == 404
