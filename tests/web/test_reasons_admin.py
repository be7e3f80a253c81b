"""The managed list of reasons, kept by the operator."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from dossiers.backoffice.forms import reasons
from dossiers.models import Reason
from dossiers.models.breach import REASONS, put_reasons

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(get_user_model().objects.create_superuser(username="operator"))
    return client


def test_the_list_of_the_circular_is_there_and_put_in_once() -> None:
    put_reasons()

    assert [code for code, _vi, _en in REASONS] == list(
        Reason.objects.values_list("code", flat=True)
    )


def test_an_operator_adds_a_reason_and_it_is_offered(operator: Client) -> None:
    response = operator.post(
        "/admin/dossiers/reason/add/",
        {
            "code": "flood",
            "name": "Ngập lụt",
            "name_en": "Flood",
            "position": 12,
            "is_offered": "on",
        },
    )

    assert response.status_code == 302
    assert "flood" in [code for code, _name in reasons()]


def test_a_reason_offered_no_more_stays_but_is_not_in_the_forms(operator: Client) -> None:
    operator.post(
        "/admin/dossiers/reason/overload/change/",
        {"name": "Quá tải", "name_en": "Overload", "position": 3},
    )

    assert Reason.objects.get(code="overload").is_offered is False
    assert "overload" not in [code for code, _name in reasons()]


def test_a_reason_is_never_deleted(operator: Client) -> None:
    assert operator.post("/admin/dossiers/reason/other/delete/", {"post": "yes"}).status_code == 403
    assert Reason.objects.filter(code="other").exists()
