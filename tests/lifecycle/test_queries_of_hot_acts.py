"""The acts done all day take a known number of statements, however long a dossier's story is, and
their texts are short enough for the driver to keep."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dossiers.lifecycle import progress
from dossiers.models import Dossier
from tests.given.city import City, city, moment
from workflows.models import Role

pytestmark = pytest.mark.django_db

BEGIN_AND_END = 2  # a savepoint here, in life the transaction's own
LOCK, READ, WRITE, MESSAGES = 1, 1, 1, 1
ONE_ACT = BEGIN_AND_END + LOCK + READ + WRITE
CATALOGUE = 9  # what the counter may receive, and by which limit and papers
IDS, NUMBER = 2, 1
# In bytes. psycopg 3 keeps the parsed form of a query up to MAX_CACHED_STATEMENT_LENGTH (see its
# `_queries.py`); a longer one it takes apart anew each time it is executed.
KEPT_BY_THE_DRIVER = 4096


@pytest.fixture
def given(db: None) -> City:
    built = city()
    # The catalogue's caches are warm: a process reads calendars and definitions once.
    built.handed_to_counter(built.receive("2026-03-02 08:00"), "2026-03-02 09:00")
    return built


def statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured.captured_queries)


def longest(act: Callable[[], object]) -> int:
    """The length of the longest statement of an act as the driver is given it, in bytes."""
    lengths = []

    def measure(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        lengths.append(len(sql.encode()))
        return execute(sql, *more)

    with connection.execute_wrapper(measure):
        act()
    return max(lengths)


def with_a_story(given: City) -> Dossier:
    """A dossier that has been sent back twice."""
    dossier = given.receive("2026-03-02 08:10")
    for day in (3, 4):
        given.advance(dossier, Role.OFFICER, f"2026-03-0{day} 09:00")
        given.advance(dossier, Role.APPROVER, f"2026-03-0{day} 10:00", "send_back")
    return dossier


def claim(given: City, dossier: Dossier) -> Dossier:
    return progress.claim(dossier.pk, by=given.acting(Role.OFFICER), at=moment("2026-03-05 09:00"))


def finish(given: City, dossier: Dossier, role: str, hour: str) -> Dossier:
    return given.advance(dossier, role, f"2026-03-05 {hour}")


def test_taking_up_a_step_is_one_read_under_lock_and_one_write(given: City) -> None:
    fresh, storied = given.receive("2026-03-02 08:10"), with_a_story(given)

    assert statements(partial(claim, given, fresh)) == ONE_ACT
    assert statements(partial(claim, given, storied)) == ONE_ACT


def test_finishing_a_step_is_one_read_under_lock_and_one_write(given: City) -> None:
    fresh, storied = given.receive("2026-03-02 08:10"), with_a_story(given)

    for dossier in (fresh, storied):
        assert statements(partial(finish, given, dossier, Role.OFFICER, "09:00")) == ONE_ACT
        assert statements(partial(finish, given, dossier, Role.APPROVER, "10:00")) == ONE_ACT


def test_receiving_asks_the_catalogue_once_a_table_and_writes_at_once(given: City) -> None:
    taken = statements(given.receive)

    assert taken == BEGIN_AND_END + CATALOGUE + IDS + NUMBER + WRITE + MESSAGES


def test_the_texts_of_hot_acts_are_kept_by_the_driver(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")

    lengths = {
        "receive": longest(given.receive),
        "claim": longest(partial(claim, given, dossier)),
        "ask": longest(partial(given.ask_supplement, dossier, "2026-03-05 09:10")),
        "supply": longest(partial(given.supply, dossier, "2026-03-05 09:20")),
        "advance": longest(partial(finish, given, dossier, Role.OFFICER, "10:00")),
    }

    assert {act: length for act, length in lengths.items() if length > KEPT_BY_THE_DRIVER} == {}
