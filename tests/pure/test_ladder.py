"""The ladder of reminders: its moments, whom each rung tells, and data that is no ladder."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.given.working_hours import HANOI, calendar
from workflows import ladder

DAY = timedelta(hours=8)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def moments(changes: dict[str, Any], limit_at: str, whole: timedelta = 5 * DAY) -> dict[str, str]:
    """The dossier's reminders under a changed ladder, as local hours."""
    found = ladder.read(changes).reminders("dossier", local(limit_at), whole, calendar())
    return {name: f"{moment.astimezone(HANOI):%d/%m %H:%M}" for name, moment in found.items()}


def codes(changes: object) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in ladder.faults(changes)]


def test_by_default_it_is_due_soon_one_working_day_before_and_due_today_in_the_morning():
    assert moments({}, "2026-03-10 10:00") == {
        "due_soon": "09/03 10:00",
        "due_today": "10/03 08:00",
    }


def test_a_limit_at_the_close_of_a_day_is_said_once_in_the_morning():
    assert moments({}, "2026-03-10 17:30") == {"due_today": "10/03 08:00"}


def test_due_soon_may_be_other_working_hours():
    changes = {"dossier": {"due_soon": {"hours": 16, "to": ["officer"]}}}

    assert moments(changes, "2026-03-10 17:30")["due_soon"] == "09/03 08:00"


def test_due_soon_may_be_a_share_of_the_whole_time():
    changes = {"dossier": {"due_soon": {"share": 0.5, "to": ["officer"]}}}

    assert moments(changes, "2026-03-10 17:30", whole=4 * DAY)["due_soon"] == "09/03 08:00"
    assert moments(changes, "2026-03-10 17:30", whole=10 * DAY)["due_soon"] == "04/03 08:00"


def test_working_hours_left_do_not_run_over_a_week_end():
    assert moments({}, "2026-03-09 10:00")["due_soon"] == "06/03 10:00"


def test_a_limit_on_a_day_off_is_due_on_the_morning_of_the_working_day_before():
    assert moments({}, "2026-03-08 12:00")["due_today"] == "06/03 08:00"


def test_a_reminder_may_be_left_out():
    changes = {"dossier": {"due_today": None}}

    assert moments(changes, "2026-03-10 17:30") == {"due_soon": "10/03 08:00"}


def test_who_is_told_that_it_is_due_soon_is_told_when_it_is_today():
    changes = {"dossier": {"due_soon": {"hours": 8, "to": ["supervisor"]}}}

    assert ladder.read(changes).told("dossier", "due_today") == (
        "supervisor",
        "officer",
        "unit_head",
    )


def test_each_rung_is_addressed_further_up_the_line():
    told = {name: ladder.CITY.told("dossier", name) for name in ladder.DEFAULT["dossier"]}

    assert told == {
        "due_soon": ("officer",),
        "due_today": ("officer", "unit_head"),
        "breach": ("unit_head", "agency_head"),
        "unexplained": ("agency_head", "supervisor"),
        "apology_overdue": ("agency_head", "supervisor"),
    }


def test_what_a_procedure_does_not_change_stays_the_city_s():
    changed = ladder.read({"dossier": {"unexplained": {"hours": 4, "to": ["supervisor"]}}})

    assert changed.rung("dossier", "unexplained") == ladder.Rung(
        ("supervisor",), timedelta(hours=4)
    )
    assert changed.rung("dossier", "breach") == ladder.CITY.rung("dossier", "breach")
    assert changed.rung("step", "breach") == ladder.CITY.rung("step", "breach")


def test_a_late_step_stays_with_its_unit():
    assert codes({"step": {"breach": {"to": ["supervisor"]}}}) == [("step.breach", "level_unknown")]


SOON = {"to": ["officer"]}


@pytest.mark.parametrize(
    ("case", "changes", "found"),
    [
        ("a list", [], [("", "not_an_object")]),
        ("a word", "officer", [("", "not_an_object")]),
        ("no such clock", {"parcel": {}}, [("parcel", "clock_unknown")]),
        ("a section that is none", {"dossier": 3}, [("dossier", "not_an_object")]),
        ("no such rung", {"dossier": {"shout": SOON}}, [("dossier.shout", "rung_unknown")]),
        (
            "a rung that is none",
            {"dossier": {"breach": "officer"}},
            [("dossier.breach", "not_an_object")],
        ),
        ("neither", {"dossier": {"due_soon": SOON}}, [("dossier.due_soon", "hours_or_share")]),
        (
            "both",
            {"dossier": {"due_soon": SOON | {"hours": 8, "share": 0.5}}},
            [("dossier.due_soon", "hours_or_share")],
        ),
        *(
            (
                f"{hours!r} hours",
                {"dossier": {"unexplained": SOON | {"hours": hours}}},
                [("dossier.unexplained", "hours_wrong")],
            )
            for hours in (0, -1, 2001, "8", True, float("nan"), float("inf"))
        ),
        *(
            (
                f"a share of {share!r}",
                {"dossier": {"due_soon": SOON | {"share": share}}},
                [("dossier.due_soon", "share_wrong")],
            )
            for share in (0, 1, -0.5, "half", float("nan"))
        ),
        (
            "nobody",
            {"dossier": {"breach": {"to": []}}},
            [("dossier.breach", "nobody_told")],
        ),
        ("nobody named", {"dossier": {"breach": {}}}, [("dossier.breach", "nobody_told")]),
        (
            "no such level",
            {"dossier": {"breach": {"to": ["mayor"]}}},
            [("dossier.breach", "level_unknown")],
        ),
        (
            "hours for a rung at its own moment",
            {"dossier": {"breach": SOON | {"hours": 1}}},
            [("dossier.breach", "key_unknown")],
        ),
        (
            "a miss nobody hears of",
            {"dossier": {"breach": None}},
            [("dossier.breach", "rung_needed")],
        ),
        (
            "several at once",
            {"dossier": {"breach": None, "shout": SOON}, "parcel": {}},
            [
                ("dossier.shout", "rung_unknown"),
                ("parcel", "clock_unknown"),
                ("dossier.breach", "rung_needed"),
            ],
        ),
    ],
)
def test_what_is_no_ladder_is_refused_with_every_fault(case, changes, found):
    assert codes(changes) == found
    with pytest.raises(ladder.LadderError):
        ladder.read(changes)
