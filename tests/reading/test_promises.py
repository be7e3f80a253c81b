"""Wherever a promised day has moved, the first one stands beside it."""

from __future__ import annotations

import pytest

from dossiers.reading import board, counter, desk, search
from tests.given.city import city, moment
from workflows.models import Role

pytestmark = pytest.mark.django_db

NOW = "2026-03-06 08:00"
FIRST, MOVED = moment("2026-03-09 17:30"), moment("2026-03-12 17:30")


@pytest.fixture
def here():
    return city()


@pytest.fixture
def moved(here):
    """A supplement let the limit start again."""
    dossier = here.receive("2026-03-02 08:10")
    here.ask_supplement(dossier, "2026-03-03 09:00")
    return here.supply(dossier, "2026-03-05 10:00")


def test_on_the_desk(here, moved):
    (group,) = desk.desk(here.acting(Role.OFFICER), "unit", moment(NOW)).groups

    assert [(row.promised_at, row.first_promised_at) for row in group.rows] == [(MOVED, FIRST)]


def test_in_the_search(here, moved):
    (row,) = search.search(moved.code, here.acting(Role.OFFICER), moment(NOW))

    assert (row.promised_at, row.first_promised_at) == (MOVED, FIRST)


def test_at_the_counter(here, moved):
    here.handed_to_counter(moved, NOW)

    (row,) = counter.waiting([here.commune.pk], moment(NOW))["results"]

    assert (row.promised_at, row.first_promised_at) == (MOVED, FIRST)


def test_on_the_board(here, moved):
    (row,) = board.board(here.acting(Role.SUPERVISOR), moment("2026-03-20 08:00")).rows

    assert (row.promised_at, row.first_promised_at) == (MOVED, FIRST)


def test_a_promise_that_stands_is_told_once(here):
    dossier = here.receive("2026-03-02 08:10")

    (row,) = search.search(dossier.code, here.acting(Role.OFFICER), moment(NOW))

    assert (row.promised_at, row.first_promised_at) == (FIRST, None)
