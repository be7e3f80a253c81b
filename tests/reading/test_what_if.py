"""What another limit would have done to a procedure's last quarter: replayed, counted, listed."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dossiers.lifecycle import ending
from dossiers.reading.what_if import WhatIf, quarter_before, what_if
from tests.given.city import City, city, moment
from workflows.models import Role
from workflows.timelimit import TimeLimit

pytestmark = pytest.mark.django_db

QUARTER = (date(2026, 1, 1), date(2026, 3, 31))


@pytest.fixture
def here() -> City:
    return city()


def asked(here: City, days: int, **more: str) -> WhatIf:
    limit = TimeLimit(days, "working_day")
    return what_if(here.procedure.code, limit, *QUARTER, **more)


def resolved(here: City, received: str, concluded: str) -> str:
    dossier = here.receive(received)
    here.handed_to_counter(dossier, concluded)
    here.conclude(dossier, concluded)
    return dossier.code or ""


@pytest.mark.parametrize(
    ("on", "quarter"),
    [
        (date(2026, 4, 1), QUARTER),
        (date(2026, 6, 30), QUARTER),
        (date(2026, 1, 1), (date(2025, 10, 1), date(2025, 12, 31))),
        (date(2026, 11, 25), (date(2026, 7, 1), date(2026, 9, 30))),
    ],
)
def test_the_last_quarter_is_the_last_whole_one(on, quarter):
    assert quarter_before(on) == quarter


def test_a_shorter_limit_makes_late_who_was_in_time_and_lists_them(here):
    quick = resolved(here, "2026-03-02 08:10", "2026-03-03 09:00")
    slow = resolved(here, "2026-03-02 08:20", "2026-03-06 09:00")

    found = asked(here, 3)

    assert (found.was, found.would) == ({"early": 2}, {"early": 1, "late": 1})
    assert [(one.code, one.result, one.would) for one in found.changed] == [(slow, "early", "late")]
    assert found.changed[0].would_limit_at == moment("2026-03-05 17:30")
    assert quick not in {one.code for one in found.changed}


def test_the_same_limit_changes_nothing_whatever_befell_the_dossier(here):
    dossier = here.receive("2026-03-02 08:10")
    here.ask_supplement(dossier, "2026-03-03 09:00")
    here.supply(dossier, "2026-03-10 10:00")
    here.handed_to_counter(dossier, "2026-03-17 09:00")
    here.conclude(dossier, "2026-03-17 10:00")
    again = here.receive("2026-03-02 08:20")
    here.handed_to_counter(again, "2026-03-03 09:00")
    here.conclude(again, "2026-03-03 10:00")
    ending.reopen(
        again.pk, reason="Sai tên", by=here.acting(Role.APPROVER), at=moment("2026-03-16 09:00")
    )
    here.handed_to_counter(again, "2026-03-18 09:00")
    here.conclude(again, "2026-03-18 10:00")

    found = asked(here, 5)

    assert found.was == found.would == {"on_time": 1, "early": 1}
    assert found.changed_count == 0


def test_only_what_was_resolved_in_the_quarter_by_that_channel_counts(here):
    resolved(here, "2026-03-02 08:10", "2026-03-03 09:00")
    resolved(here, "2026-03-30 08:10", "2026-04-01 09:00")
    here.receive("2026-03-02 09:10")

    assert asked(here, 5).total == 1
    assert asked(here, 5, channel="counter").total == 1
    assert asked(here, 5, channel="online").total == 0


def test_many_dossiers_take_as_many_queries_as_one(here):
    def queries() -> int:
        with CaptureQueriesContext(connection) as ran:
            asked(here, 3)
        return len(ran)

    resolved(here, "2026-03-02 08:10", "2026-03-03 09:00")
    asked(here, 3)  # the calendar is built once a process
    one = queries()
    for minute in range(20, 25):
        resolved(here, f"2026-03-02 08:{minute}", "2026-03-06 09:00")

    assert (queries(), one) == (2, 2)
