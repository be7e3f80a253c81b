"""Calendars through the API: hours, days, sources, whether they are confirmed."""

from __future__ import annotations

from datetime import date

from tests.api.conftest import Caller
from tests.given.amendments import amended, closed
from tests.given.city import City
from workflows.models import NATIONAL, Calendar, CalendarDay


def test_a_calendars_year_is_read_with_sources_and_amendments(given: City, calling: Caller) -> None:
    CalendarDay.objects.create(
        calendar=Calendar.objects.get(code=NATIONAL),
        on=date(2026, 4, 30),
        kind="holiday",
        name="Ngày Chiến thắng",
        source="BLLĐ 2019",
        confirmed=False,
    )
    amended(closed("2026-03-04", agency=given.commune.code), "2026-03-02 08:30")
    client = calling("clerk")

    listed = client.get("/api/calendars/").json()
    own = client.get(f"/api/calendars/agency-{given.commune.code}/?year=2026").json()

    assert [(one["code"], one["base"]) for one in listed] == [
        (f"agency-{given.commune.code}", NATIONAL),
        (NATIONAL, None),
    ]
    days = [(day["on"], day["kind"], day["confirmed"], day["calendar"]) for day in own["days"]]
    assert days == [
        ("2026-03-04", "closed", True, f"agency-{given.commune.code}"),
        ("2026-04-30", "holiday", False, NATIONAL),
    ]
    assert own["amendments"][0]["source"] == "Bão số 3"
    assert client.get("/api/calendars/nowhere/").status_code == 404
    assert client.get("/api/calendars/vn/?year=x").status_code == 200
