"""Limits that differ by channel and by case, and a city's own before the national (domain: how time
is counted, 9): which one a dossier is promised by."""

from __future__ import annotations

from datetime import date

import pytest

from dossiers.lifecycle import intake
from tests.given.city import City, city, moment
from workflows.models import Case, Channel, Limit
from workflows.timelimit import TimeLimit

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> City:
    """5 working days; 3 online; 10 plain days in the case with a site inspection; from 1 April the
    city itself allows 4 working days at the counter."""
    built = city()
    online = Channel.objects.get_or_create(
        code="online", defaults={"name": "Trực tuyến", "national_code": 2}
    )[0]
    Case.objects.create(edition=built.edition, key="site", name="Phải kiểm tra", position=1)
    for limit, more in (
        (TimeLimit(3, "working_day"), {"channel": online}),
        (TimeLimit(10, "calendar_day"), {"case_key": "site"}),
        (
            TimeLimit(4, "working_day"),
            {"by_city": built.root, "in_force_from": date(2026, 4, 1), "edition": None},
        ),
    ):
        own = {"procedure": built.procedure, "edition": built.edition} | more
        Limit.objects.create(limit=limit.to_json(), source="QĐ", **own)
    return built


@pytest.mark.parametrize(
    ("channel", "case", "received", "due"),
    [
        # Tuesday to Monday: 3, 4, 5, 6, 9 March.
        ("counter", "", "2026-03-02 10:00", "2026-03-09 17:30"),
        # 3, 4, 5 March.
        ("online", "", "2026-03-02 10:00", "2026-03-05 17:30"),
        # 12 March, a Thursday; a case is narrower than a channel.
        ("counter", "site", "2026-03-02 10:00", "2026-03-12 17:30"),
        ("online", "site", "2026-03-02 10:00", "2026-03-12 17:30"),
        # The city's own holds from 1 April, a Wednesday: 2, 3, 6, 7 April; on 31 March not yet.
        ("counter", "", "2026-04-01 10:00", "2026-04-07 17:30"),
        ("counter", "", "2026-03-31 10:00", "2026-04-07 17:30"),
    ],
)
def test_9_the_narrower_limit_holds_and_the_citys_own_before_the_national(
    town: City, channel: str, case: str, received: str, due: str
) -> None:
    promise = intake.promise(
        procedure=town.procedure.code,
        channel=channel,
        receiving_agency=town.commune.pk,
        case=case,
        at=moment(received),
    )

    assert promise.limit_at == moment(due)
