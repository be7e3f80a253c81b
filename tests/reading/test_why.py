"""Why this date, in sentences: one line a stretch, days off by name, the sum below."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from dossiers.lifecycle import apology, ending
from dossiers.models import Dossier
from dossiers.reading.story import find, story
from dossiers.reading.why import Why
from tests.given.city import City, city, moment
from tests.lifecycle.test_recalendar import amended, swap
from workflows.models import Amendment, Calendar, CalendarDay, Role
from workflows.timelimit import TimeLimit

pytestmark = pytest.mark.django_db


def told(here: City, dossier: Dossier, at: str) -> Why:
    """The page's explanation, in English."""
    found = find(dossier.code or "", here.acting(Role.OFFICER))
    assert found is not None
    with translation.override("en"):
        why = story(found, moment(at)).why
    assert why is not None
    return why


def culture_day(**more: Any) -> None:
    calendar = Calendar.objects.get()
    CalendarDay.objects.create(
        calendar=calendar,
        on=date(2026, 11, 24),
        kind=CalendarDay.Kind.HOLIDAY,
        name="Ngày Văn hóa Việt Nam",
        **more,
    )


def texts(why: Why) -> list[tuple[str, str]]:
    return [(line.text, line.used) for line in why.lines]


def test_the_dossier_of_the_picture_is_explained_line_by_line():
    here = city(limit=TimeLimit(10, "working_day"))
    culture_day()
    dossier = here.receive("2026-11-09 09:40")
    here.ask_supplement(dossier, "2026-11-11 15:10")
    here.supply(dossier, "2026-11-17 14:20")

    why = told(here, dossier, "2026-11-23 14:00")

    assert texts(why) == [
        (
            "The complete dossier was received. The clock starts. "
            "The day of receipt is not counted.",
            "",
        ),
        ("Time limit: 10 working days", ""),
        ("The clock ran; this counts no more, for the limit began again.", ""),
        ("The clock stood: Waiting for a supplement.", ""),
        ("The supplement is in. The limit starts again.", ""),
        ("The clock runs.", "10\xa0days 3\xa0hours 10\xa0minutes"),
    ]
    assert why.total == "10\xa0days 3\xa0hours 10\xa0minutes"
    assert why.lines[-1].source == (
        "Not counted: 21–22\xa0Nov, 28–29\xa0Nov (weekend); 24\xa0Nov (Ngày Văn hóa Việt Nam)"
    )


def test_each_promise_but_the_last_is_struck_through():
    here = city(limit=TimeLimit(10, "working_day"))
    dossier = here.receive("2026-11-09 09:40")
    here.ask_supplement(dossier, "2026-11-11 15:10")
    here.supply(dossier, "2026-11-17 14:20")

    why = told(here, dossier, "2026-11-23 14:00")

    assert [(line.moment, line.replaced) for line in why.lines if line.moment] == [
        (moment("2026-11-23 17:30"), True),
        (moment("2026-12-01 17:30"), False),
    ]


def test_where_the_limit_goes_on_the_lines_add_up_to_the_minute():
    here = city(after_supplement="resume")
    dossier = here.receive("2026-03-02 08:10")
    here.ask_supplement(dossier, "2026-03-03 09:05")
    here.supply(dossier, "2026-03-05 10:00")

    why = told(here, dossier, "2026-03-06 08:00")

    assert [(line.used, line.kind) for line in why.lines if line.counts] == [
        ("1\xa0day 55\xa0minutes", "ran"),
        ("4\xa0days 6\xa0hours 55\xa0minutes", "ran"),
    ]
    assert why.total == "5\xa0days 7\xa0hours 50\xa0minutes"
    assert why.lines[-1].until == moment("2026-03-12 08:55")


def test_while_the_clock_stands_what_is_left_is_a_line_without_a_day():
    here = city(after_supplement="resume")
    dossier = here.receive("2026-03-02 08:00")
    here.ask_supplement(dossier, "2026-03-03 08:00")

    last = told(here, dossier, "2026-03-04 08:00").lines[-1]

    assert (last.kind, last.at, last.used) == ("left", None, "5\xa0days")


def test_the_new_appointment_is_a_stretch_of_its_own_beyond_the_limit():
    here = city()
    dossier = here.receive("2026-03-02 08:00")
    here.advance(dossier, Role.OFFICER, "2026-03-04 09:00")
    apology.draft_apology(
        dossier.pk,
        reason="overload",
        new_promise_at=moment("2026-03-12 17:30"),
        by=here.acting(Role.UNIT_HEAD),
        at=moment("2026-03-09 08:00"),
    )
    letter = dossier.apologies.get()
    apology_signed(here, letter.pk, "2026-03-09 09:00")

    why = told(here, dossier, "2026-03-09 10:00")

    assert [(line.kind, line.used) for line in why.lines][-2:] == [
        ("said", ""),
        ("restated", "3\xa0days"),
    ]
    assert why.total == "6\xa0days"


def apology_signed(here: City, letter: int, at: str) -> None:
    from dossiers.lifecycle import registry

    registry.COMMANDS["sign_apology"].function(letter, by=here.acting(Role.APPROVER), at=moment(at))


def test_the_time_between_an_end_and_the_opening_again_did_not_count():
    here = city()
    dossier = here.receive("2026-03-02 08:00")
    ending.discontinue(
        dossier.pk,
        reason="Hết căn cứ",
        legal_ground="Điều 19",
        by=here.acting(Role.UNIT_HEAD),
        at=moment("2026-03-04 08:00"),
    )
    ending.reopen(
        dossier.pk, reason="Nhầm", by=here.acting(Role.APPROVER), at=moment("2026-03-06 08:00")
    )

    why = told(here, dossier, "2026-03-06 09:00")

    assert ("The clock stood: The dossier had ended.", "") in texts(why)
    assert why.total == "6\xa0days"


def test_a_day_that_is_not_confirmed_says_so():
    here = city(limit=TimeLimit(10, "working_day"))
    culture_day(confirmed=False)
    dossier = here.receive("2026-11-19 09:00")

    why = told(here, dossier, "2026-11-19 10:00")

    assert "24\xa0Nov (Ngày Văn hóa Việt Nam, not confirmed yet)" in why.lines[-1].source


def test_an_amended_calendar_is_named_by_its_source_and_the_lines_still_add_up():
    here = city(limit=TimeLimit(6, "working_day"))
    dossier = here.receive("2025-12-25 08:10")
    amended(swap("2026-01-02", "2026-01-10"), "2025-12-25 16:00")

    why = told(here, dossier, "2025-12-26 08:00")

    assert [(line.text, line.source) for line in why.lines if line.kind == "said"][1:] == [
        ("The working calendar changed.", Amendment.objects.get().source)
    ]
    (ran,) = [line for line in why.lines if line.kind == "ran"]
    assert ran.until == moment("2026-01-05 17:30")
    assert why.explained.total == why.explained.worth
    assert "2\xa0Jan" in ran.source
