"""Taking an act back: everything as if it had not been, or a refusal that changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from dossiers.errors import Conflict, NotAllowed, NotNow
from dossiers.firing import fire_due
from dossiers.lifecycle import consultation, ending, fee, intake, moving, progress, undo
from dossiers.models import (
    Breach,
    ClockRow,
    Consultation,
    Dossier,
    Entry,
    Event,
    FeeDemand,
    PublishedMonth,
    Status,
    StepRun,
    Stop,
    Supplement,
    Timer,
)
from dossiers.statistics.reading import read
from dossiers.statistics.verify import differences
from notifications.models import Message
from tests.given.city import City, city, moment
from tests.given.elsewhere import another_division
from workflows.models import Edition, Post, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def given() -> City:
    return city()


def take_back(given: City, dossier: Dossier, role: str, at: str, **more: Any) -> Dossier:
    return undo.undo(dossier.pk, by=given.acting(role), at=moment(at), **more)


def agree(at: str | datetime) -> bool:
    when = moment(at) if isinstance(at, str) else at
    return [str(line) for line in differences(when)] == []


def state_of(dossier: Dossier) -> dict[str, Any]:
    """All that an undo must put back: nothing of it may tell that the act ever was."""
    now = Dossier.objects.get(pk=dossier.pk)
    runs = StepRun.objects.filter(dossier=dossier).exclude(state="undone").order_by("ordinal")
    standing = [run.pk for run in runs]
    clocks = ClockRow.objects.filter(dossier=dossier, kind__in=["dossier", "step"])
    sums: dict[str, int] = {}
    for entry in Entry.objects.filter(dossier=dossier):
        key = f"{entry.measure} {entry.unit_id} {entry.at}"
        sums[key] = sums.get(key, 0) + entry.amount
    return {
        "dossier": {
            name: getattr(now, name)
            for name in ("status", "unit_id", "answering_agency_id", "concluded_at")
            + ("waits_for_counter", "supplements_asked", "result_negative", "ended_at")
        },
        "steps": [
            (run.key, run.state, run.officer_id, run.claimed_at, run.ended_at, run.outcome)
            for run in runs
        ],
        "clocks": [
            (row.kind, row.state, row.limit_at, row.promised_at, row.grounds, row.remaining)
            + (row.stopped_at, row.finished_at, row.result, row.breached)
            for row in clocks.order_by("pk")
            if row.step_run_id in (None, *standing)
        ],
        "timers": sorted(
            (timer.kind, timer.fires_at)
            for timer in Timer.objects.filter(dossier=dossier)
            if timer.kind != "due_soon"
        ),
        "figures": {key: amount for key, amount in sums.items() if amount},
        "stops": Stop.objects.filter(to_at=None).count(),
    }


def claimed(given: City, dossier: Dossier) -> str:
    progress.claim(dossier.pk, by=given.acting(Role.OFFICER), at=moment("2026-03-03 10:00"))
    return Role.OFFICER


def released(given: City, dossier: Dossier) -> str:
    progress.release(dossier.pk, by=given.acting(Role.OFFICER), at=moment("2026-03-03 10:00"))
    return Role.OFFICER


def assigned(given: City, dossier: Dossier) -> str:
    colleague = Post.objects.get(pk=given.posts[Role.OFFICER].pk)
    colleague.pk, colleague.user = None, None
    colleague.save()
    progress.assign(
        dossier.pk,
        post=colleague.pk,
        by=given.acting(Role.UNIT_HEAD),
        at=moment("2026-03-03 10:00"),
    )
    return Role.UNIT_HEAD


def advanced(given: City, dossier: Dossier) -> str:
    given.advance(dossier, Role.OFFICER, "2026-03-03 10:00")
    return Role.OFFICER


def asked_for_papers(given: City, dossier: Dossier) -> str:
    given.ask_supplement(dossier, "2026-03-03 10:00")
    return Role.OFFICER


def demanded(given: City, dossier: Dossier) -> str:
    fee.demand_fee(
        dossier.pk,
        amount=100_000,
        legal_ground="Luật Phí và lệ phí",
        by=given.acting(Role.OFFICER),
        at=moment("2026-03-03 10:00"),
    )
    return Role.OFFICER


def consulted(given: City, dossier: Dossier) -> str:
    consultation.ask_opinion(
        dossier.pk,
        unit=another_division(given).pk,
        question="Có phù hợp không?",
        by=given.acting(Role.OFFICER),
        at=moment("2026-03-03 10:00"),
    )
    return Role.OFFICER


def moved(given: City, dossier: Dossier) -> str:
    moving.move(
        dossier.pk,
        unit=another_division(given).pk,
        reason="Sai phòng",
        by=given.acting(Role.UNIT_HEAD),
        at=moment("2026-03-03 10:00"),
    )
    return Role.UNIT_HEAD


ACTS: list[tuple[str, bool, Callable[[City, Dossier], str]]] = [
    ("claim", False, claimed),
    ("release", True, released),
    ("assign", False, assigned),
    ("assign what another holds", True, assigned),
    ("advance what nobody held", False, advanced),
    ("advance what one held", True, advanced),
    ("ask for papers", False, asked_for_papers),
    ("demand a payment", True, demanded),
    ("ask for an opinion", True, consulted),
    ("move", True, moved),
]


@pytest.mark.parametrize(("name", "held", "act"), ACTS)
def test_after_an_undo_everything_is_as_if_the_act_had_not_been(
    given: City, name: str, held: bool, act: Callable[[City, Dossier], str]
) -> None:
    Edition.objects.update(consultation_stops_by="Luật Xây dựng", payment_term_days=10)
    dossier = given.receive("2026-03-02 08:10")
    if held:
        progress.claim(dossier.pk, by=given.acting(Role.OFFICER), at=moment("2026-03-02 09:00"))
    before = state_of(dossier)
    role = act(given, dossier)
    done = Event.objects.filter(dossier=dossier).latest("n")
    assert state_of(dossier) != before

    take_back(given, dossier, role, "2026-03-03 10:01")

    assert state_of(dossier) == before
    last = Event.objects.filter(dossier=dossier).latest("n")
    assert (last.kind, last.undoes, last.from_status, last.to_status) == (
        "undone",
        done.n,
        done.to_status,
        done.from_status,
    )
    left = Message.objects.filter(key__contains=f"/{done.n}/").exclude(state="withdrawn")
    assert not left.exists()
    assert agree("2026-03-03 12:00")


@pytest.mark.parametrize(("name", "held", "act"), ACTS)
def test_what_was_taken_back_can_be_done_again(
    given: City, name: str, held: bool, act: Callable[[City, Dossier], str]
) -> None:
    Edition.objects.update(consultation_stops_by="Luật Xây dựng", payment_term_days=10)
    dossier = given.receive("2026-03-02 08:10")
    if held:
        progress.claim(dossier.pk, by=given.acting(Role.OFFICER), at=moment("2026-03-02 09:00"))
    role = act(given, dossier)
    take_back(given, dossier, role, "2026-03-03 10:00")
    Post.objects.filter(user=None).delete()
    if act in (moved, consulted):
        given.division.agency.units.filter(code="H26.C001.03").update(code="H26.C001.04")

    act(given, dossier)

    assert [event.kind for event in Event.objects.filter(dossier=dossier)][-2] == "undone"
    assert agree("2026-03-03 12:00")


def test_a_conclusion_taken_back_waits_for_the_counter_again(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")
    before = state_of(dossier)
    given.conclude(dossier, "2026-03-04 14:00")

    again = take_back(given, dossier, Role.CLERK, "2026-03-04 14:01")

    assert again.status == Status.PROCESSING
    assert state_of(dossier) == before
    assert ClockRow.objects.get(dossier=dossier, kind="hand_over").state == "running"
    assert ClockRow.objects.get(dossier=dossier, kind="uncollected").state == "finished"
    assert agree("2026-03-04 15:00")
    given.conclude(dossier, "2026-03-06 09:00")
    assert read(since=None, until=None, as_of=moment("2026-03-07 00:00"))[0].figures.resolved == 1
    assert agree("2026-03-07 00:00")


def test_a_limit_that_passed_between_an_act_and_its_undo_is_breached_at_that_limit(
    given: City,
) -> None:
    nobody_to_tell = [intake.PartyGiven(role="holder", name="Nguyễn Thị Ẩm")]
    dossier = given.receive("2026-03-02 08:10", parties=nobody_to_tell)
    given.handed_to_counter(dossier, "2026-03-04 10:00")
    given.conclude(dossier, "2026-03-09 17:00")

    take_back(given, dossier, Role.CLERK, "2026-03-10 08:00")

    as_of = moment("2026-03-10 08:00")
    before = [
        read(since=None, until=None, as_of=at)[0] for at in (as_of, moment("2026-03-09 18:00"))
    ]
    assert [row.figures.pending_overdue for row in before] == [1, 1]
    assert agree(as_of)
    fire_due(moment("2026-03-10 08:01"))
    assert given.breach_of(dossier).breached_at == moment("2026-03-09 17:30")
    assert [
        read(since=None, until=None, as_of=at)[0] for at in (as_of, moment("2026-03-09 18:00"))
    ] == before
    assert agree("2026-03-10 09:00")


def test_what_time_caused_meanwhile_is_caused_anew_on_who_really_held_it(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-09 17:00")
    fire_due(moment("2026-03-10 08:00"))
    assert given.breach_of(dossier).step_run.key == "sign"  # type: ignore[union-attr]

    take_back(given, dossier, Role.OFFICER, "2026-03-10 08:01")
    assert agree("2026-03-10 08:01")
    fire_due(moment("2026-03-10 08:02"))

    late = given.breach_of(dossier)
    assert (late.step_run.key, late.breached_at) == (  # type: ignore[union-attr]
        "appraise",
        moment("2026-03-09 17:30"),
    )
    assert Breach.objects.filter(dossier=dossier, of="dossier").count() == 2
    assert agree("2026-03-10 09:00")


def test_a_seen_number_never_names_another_step(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-03 10:00")
    seen = dossier.step_runs.latest("ordinal").ordinal
    take_back(given, dossier, Role.OFFICER, "2026-03-03 10:01")
    given.advance(dossier, Role.OFFICER, "2026-03-03 11:00")

    with pytest.raises(Conflict):
        progress.advance(
            dossier.pk,
            outcome="done",
            step=seen,
            by=given.acting(Role.APPROVER),
            at=moment("2026-03-03 12:00"),
        )


def refused(given: City, dossier: Dossier, role: str, at: str, **more: Any) -> str:
    before, events = state_of(dossier), Event.objects.count()
    with pytest.raises((NotNow, NotAllowed, Conflict)) as refusal:
        take_back(given, dossier, role, at, **more)
    assert (state_of(dossier), Event.objects.count()) == (before, events)
    return str(refusal.value.code)


def test_another_persons_act_stands(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-03 10:00")

    assert refused(given, dossier, Role.UNIT_HEAD, "2026-03-03 10:01") == "not_ones_own_act"


def test_an_act_that_somebody_built_on_stands(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-03 10:00")
    seen = Event.objects.latest("n").n
    progress.claim(dossier.pk, by=given.acting(Role.APPROVER), at=moment("2026-03-03 11:00"))

    assert refused(given, dossier, Role.OFFICER, "2026-03-03 12:00", event=seen) == "acted_upon"
    assert refused(given, dossier, Role.OFFICER, "2026-03-03 12:00") == "not_ones_own_act"


def test_an_act_of_which_the_applicant_has_been_told_stands(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.ask_supplement(dossier, "2026-03-03 10:00")
    Message.objects.filter(topic="supplement_requested").update(
        state="delivered", settled_at=moment("2026-03-03 10:03")
    )

    assert refused(given, dossier, Role.OFFICER, "2026-03-03 10:05") == "already_told"
    assert Supplement.objects.get().state == "open"


def test_what_cannot_be_taken_back_says_so(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")

    assert refused(given, dossier, Role.CLERK, "2026-03-02 08:11") == "cannot_be_undone"
    ending.withdraw(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-02 09:00"))
    assert refused(given, dossier, Role.CLERK, "2026-03-02 09:01") == "cannot_be_undone"


def test_pressed_twice_an_act_is_taken_back_once(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    claimed(given, dossier)
    given.advance(dossier, Role.OFFICER, "2026-03-03 11:00")
    seen = Event.objects.latest("n").n
    take_back(given, dossier, Role.OFFICER, "2026-03-03 11:01", event=seen)

    assert refused(given, dossier, Role.OFFICER, "2026-03-03 11:01", event=seen) == (
        "changed_meanwhile"
    )
    assert undo.may_undo(Event.objects.all(), given.acting(Role.OFFICER)).kind == "claimed"  # type: ignore[union-attr]


@pytest.mark.builds_rows
def test_a_published_month_stands(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-31 10:00")
    PublishedMonth.objects.create(
        month=date(2026, 3, 1), published_at=moment("2026-04-05 08:00"), report=b"", sha256=""
    )

    assert refused(given, dossier, Role.OFFICER, "2026-04-06 09:00") == "published_month"


def test_requests_taken_back_are_kept_as_such(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    for act in (asked_for_papers, demanded, consulted):
        role = act(given, dossier)
        take_back(given, dossier, role, "2026-03-03 10:00")

    assert [
        row.get().state for row in (Supplement.objects, FeeDemand.objects, Consultation.objects)
    ] == ["undone"] * 3
    assert Dossier.objects.get().supplements_asked == 0
