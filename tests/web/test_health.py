"""The health page answers only for engines that answer."""

import pytest

pytestmark = pytest.mark.django_db


def test_health_is_200_when_database_and_broker_answer(client):
    response = client.get("/health/")

    assert response.status_code == 200
    assert response.json() == {
        "database": True,
        "broker": True,
        "timers": {"lag_seconds": 0, "set_aside": 0},
    }
