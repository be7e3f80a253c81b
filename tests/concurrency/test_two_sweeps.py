"""Sweeps for repeated lateness at the same moment, each on a connection of its own: one record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from dossiers.firing import fire_due
from dossiers.lifecycle.repeating import raise_repeated
from dossiers.models import RepeatedCase, RepeatedLateness
from notifications.models import Message
from tests.given.city import city, moment

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SWEEPS = 4


def test_sweeps_at_once_raise_one_record_and_tell_once() -> None:
    town = city()
    for _ in range(3):
        town.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-11 08:00"))
    ready = Barrier(SWEEPS)

    def sweep(_number: int) -> int:
        try:
            connection.ensure_connection()
            ready.wait(30)
            return raise_repeated(moment("2026-03-11 09:00"))
        finally:
            connection.close()

    with ThreadPoolExecutor(SWEEPS) as pool:
        raised = list(pool.map(sweep, range(SWEEPS)))

    assert sorted(raised) == [0, 0, 0, 1]
    assert RepeatedLateness.objects.count() == 1
    assert RepeatedCase.objects.count() == 3
    assert Message.objects.filter(topic="repeated_lateness").count() == 1
