"""Callers of the API: a program with a person's token, at a moment that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.core.cache import cache
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from tests.given.city import City, city, moment

NOW = moment("2026-03-02 09:00")
Caller = Callable[..., APIClient]


@pytest.fixture
def given(db: None) -> City:
    return city()


@pytest.fixture(autouse=True)
def the_moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def nobody_has_tried(engines: None) -> Iterator[None]:
    """With this process's own Redis number: nobody else counts there."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def calling(given: City) -> Caller:
    """`calling(role)`: a client with that person's token."""

    def client(role: str, language: str = "en") -> APIClient:
        token, _ = Token.objects.get_or_create(user_id=given.posts[role].user_id)
        client = APIClient(headers={"accept-language": language})
        client.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")
        return client

    return client
