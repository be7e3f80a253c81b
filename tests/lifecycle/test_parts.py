"""A limit split by agency: each part inside the whole, counted while the dossier is with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from dossiers.firing import fire_due
from dossiers.lifecycle import ending, progress, undo
from dossiers.models import Breach, ClockRow, Dossier
from dossiers.reading.parts import parts as told
from dossiers.statistics.verify import differences
from tests.given.city import SINCE, City, city, moment
from tests.given.definitions import outcome, step
from workflows.actors import STAFF, Actor, held
from workflows.catalogue.limits import Decision, Undecidable, decide_limit
from workflows.models import Agency, Limit, Post, Role
from workflows.parts import PartError, parts_of
from workflows.timelimit import TimeLimit

pytestmark = pytest.mark.django_db

WHOLE = TimeLimit(7, "working_day")


def definition() -> dict[str, Any]:
    """Appraised by the commune, decided by the department, returned by the commune's counter."""
    decide = step("decide", "process", "sign", role="officer")
    decide["who"] = {"role": "officer", "agency": "named", "code": "H26.12"}
    decide["outcomes"].append(outcome("send_back", "appraise", **{"return": True, "at_most": 2}))
    return {
        "version": 1,
        "start": "receive",
        "steps": [
            step("receive", "receive", "appraise", role="clerk"),
            step("appraise", "appraise", "decide"),
            decide,
            step("sign", "sign", "deliver", role="approver"),
            step("deliver", "deliver", "end", role="clerk"),
        ],
    }


@pytest.fixture
def town() -> City:
    """ "Sở Nội vụ: 03 ngày; UBND cấp xã: 04 ngày" of 7 working days."""
    built = city(limit=WHOLE, body=definition())
    parts = parts_of(WHOLE, [("H26.12", "3"), ("answering", "4")])
    Limit.objects.update(parts=[part.to_json() for part in parts])
    return built


@pytest.fixture
def department(town: City) -> Actor:
    agency = Agency.objects.create(
        code="H26.12",
        name="Sở Nội vụ",
        kind="department",
        parent=town.root,
        path="/H26/H26.12/",
        valid_from=SINCE,
        sort_key="so noi vu",
    )
    post = Post.objects.create(
        name="Vũ Đức Ổn", title="", role=Role.OFFICER, agency=agency, valid_from=SINCE
    )
    return Actor(kind=STAFF, name=post.name, posts=(held(post),))


def parts(dossier: Dossier) -> list[tuple[str, str, datetime | None]]:
    rows = ClockRow.objects.filter(dossier=dossier, kind="part").order_by("pk")
    return [(row.agency.code if row.agency else "", row.state, row.limit_at) for row in rows]


def test_9_each_agencys_part_runs_while_it_has_the_dossier(town: City, department: Actor) -> None:
    dossier = town.receive("2026-03-02 10:00")
    # The whole: 3, 4, 5, 6, 9, 10, 11 March; the commune's part: 3, 4, 5, 6 March.
    assert ClockRow.objects.get(dossier=dossier, kind="dossier").limit_at == moment(
        "2026-03-11 17:30"
    )
    assert parts(dossier) == [("H26.C001", "running", moment("2026-03-06 17:30"))]

    town.advance(dossier, Role.OFFICER, "2026-03-05 09:00")

    # The department's: 6, 9, 10 March.
    assert parts(dossier) == [
        ("H26.C001", "finished", moment("2026-03-06 17:30")),
        ("H26.12", "running", moment("2026-03-10 17:30")),
    ]


def test_a_part_that_passes_is_its_agencys_and_not_the_dossiers_lateness(
    town: City, department: Actor
) -> None:
    dossier = town.receive("2026-03-02 10:00")
    town.advance(dossier, Role.OFFICER, "2026-03-05 09:00")

    fire_due(moment("2026-03-11 08:00"))

    (breach,) = Breach.objects.all()
    assert (breach.of, breach.agency.code, breach.breached_at) == (
        "part",
        "H26.12",
        moment("2026-03-10 17:30"),
    )
    assert (breach.owes_explanation, breach.owes_apology) == (False, False)
    assert [*differences(moment("2026-03-11 08:00"))] == []


def test_what_comes_back_goes_on_with_what_was_left(town: City, department: Actor) -> None:
    dossier = town.receive("2026-03-02 10:00")
    town.advance(dossier, Role.OFFICER, "2026-03-05 10:00")
    progress.advance(dossier.pk, outcome="send_back", by=department, at=moment("2026-03-06 08:00"))

    # Worth 6 + 4 * 8 = 38 hours from Monday 10:00; used 6 + 8 + 8 + 2 = 24: 14 are left. From
    # Friday 08:00 that is 8 on Friday and 6 on Monday: to 15:30.
    assert parts(dossier)[-1] == ("H26.C001", "running", moment("2026-03-09 15:30"))


def test_a_supplement_stops_the_part_and_starts_it_again_with_the_whole(
    town: City, department: Actor
) -> None:
    dossier = town.receive("2026-03-02 10:00")
    town.ask_supplement(dossier, "2026-03-03 09:00")
    assert [state for _agency, state, _limit in parts(dossier)] == ["stopped"]

    town.supply(dossier, "2026-03-09 09:00")

    assert parts(dossier) == [("H26.C001", "running", moment("2026-03-13 17:30"))]


def test_taking_an_act_back_puts_the_parts_back(town: City, department: Actor) -> None:
    dossier = town.receive("2026-03-02 10:00")
    town.advance(dossier, Role.OFFICER, "2026-03-05 09:00")

    undo.undo(dossier.pk, by=town.acting(Role.OFFICER), at=moment("2026-03-05 09:01"))

    running = [one for one in parts(dossier) if one[1] == "running"]
    assert running == [("H26.C001", "running", moment("2026-03-06 17:30"))]


def test_no_part_runs_on_when_the_dossier_ends(town: City, department: Actor) -> None:
    dossier = town.receive("2026-03-02 10:00")

    ending.withdraw(
        dossier.pk, reason="Đơn", by=town.acting(Role.CLERK), at=moment("2026-03-03 09:00")
    )

    assert [state for _agency, state, _limit in parts(dossier)] == ["finished"]


def test_the_dossiers_page_tells_each_part_and_what_is_left(town: City, department: Actor) -> None:
    dossier = town.receive("2026-03-02 10:00")

    with translation.override("en"):
        lines = told(dossier, moment("2026-03-03 08:00"))

    assert [(line.agency, line.limit, line.begun) for line in lines] == [
        ("Sở Nội vụ", "3 working days", False),
        (town.commune.name, "4 working days", True),
    ]
    assert lines[1].left.remaining == timedelta(hours=32)


@pytest.mark.parametrize(
    ("shares", "code"),
    [
        ([("answering", "5"), ("receiving", "3")], "parts_exceed_whole"),
        ([("answering", "3"), ("answering", "3")], "part_twice"),
        ([("", "3")], "part_twice"),
        ([("answering", "")], "part_no_amount"),
        ([("answering", "0")], "part_no_amount"),
        ([("answering", "-1")], "part_no_amount"),
    ],
)
def test_parts_that_do_not_fit_are_refused(shares: list[tuple[str, str]], code: str) -> None:
    with pytest.raises(PartError) as refused:
        parts_of(WHOLE, shares)

    assert refused.value.code == code


def test_a_sheet_of_decisions_splits_a_limit(town: City, department: Actor) -> None:
    Limit.objects.update(flag="missing", parts=[])
    rule = "part=H26.12:3 part=answering:4"
    given = Decision(town.procedure.code, "", "", "7", "working_day", rule, "QĐ 12")

    decide_limit(given, at=moment("2026-03-01 08:00"))

    kept = Limit.objects.get()
    assert [(one["agency"], one["limit"]["amount"]) for one in kept.parts] == [
        ("H26.12", "3"),
        ("answering", "4"),
    ]
    wrong = Decision(town.procedure.code, "", "", "7", "working_day", "part=H26.99:3", "QĐ 12")
    with pytest.raises(Undecidable):
        decide_limit(wrong, at=moment("2026-03-01 08:00"))
