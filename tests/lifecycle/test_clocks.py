"""One clock for every limit: the wait to be received, hand-overs, results not collected; and the
time without the waits beside the legal figure."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dossiers.clock import ClockError
from dossiers.firing import fire_due
from dossiers.lifecycle import ending, intake, submission, supplement
from dossiers.lifecycle._work import pure
from dossiers.lifecycle.given import LateEntry
from dossiers.models import Breach, ClockRow, Dossier, Entry, Timer
from dossiers.reading.timeleft import without_restart
from dossiers.statistics.verify import differences
from notifications.models import Message
from tests.given.city import City, city, moment
from workflows.actors import CITIZEN
from workflows.models import Channel, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def given() -> City:
    return city()


def clock(dossier: Dossier, kind: str) -> ClockRow:
    return ClockRow.objects.filter(dossier=dossier, kind=kind).latest("pk")


def agree(at: datetime) -> bool:
    return [str(line) for line in differences(at)] == []


# The wait to be received


@pytest.mark.parametrize(
    ("channel", "at", "limit_at"),
    [
        ("online", "2026-03-02 10:00", "2026-03-03 10:00"),  # 8 working hours
        ("online", "2026-03-07 22:00", "2026-03-09 17:30"),  # sent on Saturday night
        ("post", "2026-03-02 10:00", "2026-03-03 17:30"),  # 1 working day
        ("post", "2026-03-06 17:00", "2026-03-09 17:30"),
    ],
)
def test_a_submission_is_answered_within_8_working_hours_online_and_a_working_day_by_post(
    given: City, channel: str, at: str, limit_at: str
) -> None:
    Channel.objects.get_or_create(code=channel, defaults={"name": channel})
    dossier = submission.submit(
        procedure=given.procedure.code,
        channel=channel,
        receiving_agency=given.commune.pk,
        parties=[intake.PartyGiven(role="holder", name="Nguyễn Thị Ẩm")],
        by=CITIZEN,
        at=moment(at),
    )
    assert clock(dossier, "intake").limit_at == moment(limit_at)

    fire_due(moment(limit_at))
    assert not Breach.objects.exists()
    fire_due(moment(limit_at) + timedelta(microseconds=1))

    late = Breach.objects.get()
    assert (late.of, late.agency, late.breached_at) == ("intake", given.commune, moment(limit_at))
    assert (late.owes_explanation, late.owes_apology) == (True, False)
    assert Entry.objects.get().measure == "received_late"
    assert agree(moment(limit_at) + timedelta(days=1))


# Hand-overs


def test_the_officers_done_opens_a_hand_over_and_the_counter_ends_it(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")
    row = clock(dossier, "hand_over")
    assert (row.state, row.limit_at) == ("running", moment("2026-03-04 15:30"))
    assert row.step_run == dossier.step_runs.latest("ordinal")

    given.conclude(dossier, "2026-03-04 14:00")

    assert (clock(dossier, "hand_over").result, Breach.objects.count()) == ("on_time", 0)


def test_a_late_hand_over_lies_at_the_door_of_the_unit_that_hands_over(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")

    fire_due(moment("2026-03-05 08:00"))

    late = Breach.objects.get()
    assert (late.of, late.breached_at) == ("hand_over", moment("2026-03-04 15:30"))
    assert (late.agency, late.unit, late.officer) == (
        given.commune,
        given.division,
        given.posts[Role.APPROVER],
    )
    # Inside an on-time dossier it is the unit's own matter.
    assert (late.owes_explanation, late.owes_apology) == (False, False)
    assert {entry.measure for entry in Entry.objects.all()} == {"received"}


# Results not collected


def test_who_does_not_collect_is_reminded_after_7_15_and_30_days(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")
    given.conclude(dossier, "2026-03-04 14:00")

    for day in ("2026-03-11 15:00", "2026-03-19 15:00", "2026-04-03 15:00", "2026-05-30 15:00"):
        fire_due(moment(day))

    told = Message.objects.filter(topic="uncollected").order_by("pk")
    assert [
        one.not_before.astimezone(moment("2026-01-01 00:00").tzinfo).date().isoformat()
        for one in told
    ] == ["2026-03-11", "2026-03-19", "2026-04-03"]
    assert not Timer.objects.filter(dossier=dossier, kind="uncollected").exists()


def test_a_worker_that_slept_reminds_once(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")
    given.conclude(dossier, "2026-03-04 14:00")

    fire_due(moment("2026-03-20 09:00"))

    assert Message.objects.filter(topic="uncollected").count() == 1
    timer = Timer.objects.get(dossier=dossier, kind="uncollected")
    assert timer.fires_at == moment("2026-04-03 14:00")


def test_who_has_collected_is_not_reminded(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")
    given.conclude(dossier, "2026-03-04 14:00")
    ending.return_result(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-12 09:00"))

    fire_due(moment("2026-06-01 09:00"))

    assert not Message.objects.filter(topic="uncollected").exists()
    assert clock(dossier, "uncollected").state == "finished"


def test_what_is_sent_by_post_is_not_waited_for_at_the_counter(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10", return_method="post")
    given.handed_to_counter(dossier, "2026-03-04 10:00")
    given.conclude(dossier, "2026-03-04 14:00")

    assert not ClockRow.objects.filter(kind="uncollected").exists()


# The legal figure and the time without the waits


@pytest.mark.parametrize(
    ("rule", "limit_at"), [("restart", "2026-03-12 17:30"), ("resume", "2026-03-11 17:30")]
)
def test_after_a_supplement_both_figures_are_kept(rule: str, limit_at: str) -> None:
    given = city(after_supplement=rule)
    dossier = given.receive("2026-03-02 08:00")
    given.ask_supplement(dossier, "2026-03-03 08:00")
    given.supply(dossier, "2026-03-05 08:00")
    given.handed_to_counter(dossier, "2026-03-05 17:30")

    given.conclude(dossier, "2026-03-06 08:00")

    row = clock(dossier, "dossier")
    assert row.limit_at == moment(limit_at)
    assert without_restart(row) == moment("2026-03-11 17:30")
    assert row.used == timedelta(hours=16)  # Monday and Thursday
    assert agree(moment("2026-03-07 00:00"))


def test_a_clock_stops_for_a_ground_or_not_at_all(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")

    with pytest.raises(ClockError) as refusal:
        pure(clock(dossier, "dossier")).stop("", moment("2026-03-03 08:00"))

    assert refusal.value.code == "no_ground"


def test_what_was_reopened_is_not_waited_for(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")
    given.conclude(dossier, "2026-03-04 14:00")
    ending.reopen(
        dossier.pk, reason="Sai tên", by=given.acting(Role.APPROVER), at=moment("2026-03-05 09:00")
    )

    assert clock(dossier, "uncollected").state == "finished"
    assert not Timer.objects.filter(kind="uncollected").exists()


# What a late entry overtakes


@pytest.mark.parametrize("rule", ["restart", "resume"])
def test_papers_brought_in_time_and_entered_late_take_the_lapse_back(rule: str) -> None:
    given = city(after_supplement=rule)
    dossier = given.receive("2026-03-02 08:10")
    given.ask_supplement(dossier, "2026-03-03 09:00")
    fire_due(moment("2026-03-24 17:31"))
    assert Dossier.objects.get(pk=dossier.pk).status == "discontinued"

    supplement.supply(
        dossier.pk,
        papers=[intake.PaperGiven(item=given.paper.pk, form="original")],
        by=given.acting(Role.CLERK),
        at=moment("2026-03-24 17:00"),
        late=LateEntry(moment("2026-03-24 18:00"), "Mất điện"),
    )

    assert Dossier.objects.get(pk=dossier.pk).status == "processing"
    assert (clock(dossier, "dossier").state, clock(dossier, "supplement").result) == (
        "running",
        "on_time",
    )
    # Asked on the second day; the rest of the five days, or all of them, after the 24th at 17:00.
    limits = {"restart": "2026-03-31 17:30", "resume": "2026-03-31 16:00"}
    assert clock(dossier, "dossier").limit_at == moment(limits[rule])
    assert dossier.step_runs.latest("ordinal").state == "waiting"
    assert agree(moment("2026-03-25 00:00"))
    given.handed_to_counter(dossier, "2026-03-25 10:00")
    given.conclude(dossier, "2026-03-25 11:00")
    assert agree(moment("2026-03-26 00:00"))
