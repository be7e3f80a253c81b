"""The turns that few dossiers of the demo city take: each by the commands, and then onward."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from random import Random

import pytest

from dossiers.models import ClockRow, Dossier, Event, Recount, StepRun
from dossiers.statistics.verify import differences
from onestop.demo.act import Acts
from onestop.demo.between import (
    Between,
    Going,
    Shares,
    leave_open,
    middle_day,
    power_cut,
    without_afternoon,
)
from onestop.demo.pace import HOUR, Pace
from onestop.demo.staff import Roster
from tests.given.city import SINCE, City, city, moment
from workflows.models import Calendar, Post, Role, Unit
from workflows.worktime import WorkingCalendar

pytestmark = pytest.mark.django_db

NO_TURN = Shares(payment=0, opinion=0, move=0, undo=0)


@pytest.fixture
def given() -> City:
    built = city()
    other = Unit.objects.create(
        agency=built.commune,
        code="H26.C001.03",
        name="Phòng Văn hóa - Xã hội",
        kind=Unit.Kind.DIVISION,
        valid_from=SINCE,
    )
    for role in (Role.OFFICER, Role.UNIT_HEAD):
        Post.objects.create(
            name=role, title=role, role=role, agency=built.commune, unit=other, valid_from=SINCE
        )
    return built


def vn() -> WorkingCalendar:
    return Calendar.objects.get(code="vn").working()


def carry(given: City, dossier: Dossier, shares: Shares, seed: int = 1) -> list[datetime]:
    """Let the dossier's step take its turn; the moments at which it was handed back."""
    back: list[datetime] = []

    def onward(at: datetime) -> Acts:
        back.append(at)
        return iter(())

    run = StepRun.objects.get(dossier=dossier, state="waiting")
    going = Going(
        dossier.pk, run, dossier.definition.graph().step(run.key), given.commune.pk, onward
    )
    begins = dossier.received_at
    assert begins is not None
    pace = Pace(vn(), Random(seed), begins)
    first = Between(Roster(), pace, seed, shares).turn(going, begins, 8 * HOUR)
    acts = [] if first is None else [(first[0], 0, first[1])]
    done = 0
    while acts:
        _, _, act = heapq.heappop(acts)
        for when, following in act():
            done += 1
            heapq.heappush(acts, (when, done, following))
    return back


def kinds(dossier: Dossier) -> list[str]:
    return list(Event.objects.filter(dossier=dossier).order_by("n").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("shares", "seen"),
    [
        (NO_TURN, ["received"]),
        (Shares(payment=1), ["received", "payment_requested", "paid"]),
        (Shares(payment=0, opinion=1), ["received", "consulted", "opinion_given"]),
        (Shares(payment=0, opinion=0, move=1), ["received", "moved"]),
        (Shares(payment=0, opinion=0, move=0, undo=1), ["received", "advanced", "undone"]),
    ],
)
def test_a_dossier_takes_its_turn_and_goes_on(given: City, shares: Shares, seen: list[str]) -> None:
    dossier = given.receive("2026-03-02 08:10")

    back = carry(given, dossier, shares)

    assert kinds(dossier) == seen
    assert len(back) == (0 if shares == NO_TURN else 1)
    assert [str(line) for line in differences(moment("2026-03-20 08:00"))] == []


def test_some_payments_are_entered_later_with_the_reason(given: City) -> None:
    dossiers = [given.receive(f"2026-03-02 09:{n:02d}") for n in range(10)]

    for seed, dossier in enumerate(dossiers):
        carry(given, dossier, Shares(payment=1), seed)

    late = Event.objects.filter(kind="paid", late_entry=True)
    assert 0 < late.count() < 10
    assert all(event.recorded_at - event.at >= timedelta(minutes=59) for event in late)


def test_a_refused_turn_lets_the_dossier_go_on(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.ask_supplement(dossier, "2026-03-02 08:20")

    back = carry(given, dossier, Shares(payment=1))

    assert (kinds(dossier)[-1], len(back)) == ("supplement_requested", 1)


def test_the_desks_have_an_opinion_and_a_payment_to_wait_for(given: City) -> None:
    other = Unit.objects.get(code="H26.C001.03")
    first = given.receive("2026-03-02 08:10")
    second = given.receive("2026-03-02 08:20")
    head = Post.objects.get(unit=other, role=Role.UNIT_HEAD)

    leave_open(given.commune.pk, head, at=moment("2026-03-02 10:00"))

    assert kinds(second) == ["received", "consulted"]
    assert kinds(first) == ["received", "payment_requested"]


def test_the_power_cut_moves_running_clocks_by_the_afternoon(given: City) -> None:
    on = moment("2026-03-04 00:00").date()
    dossier = given.receive("2026-03-02 08:10")
    clocks = dict(ClockRow.objects.filter(dossier=dossier).values_list("kind", "limit_at"))
    assert clocks == {"step": moment("2026-03-05 13:40"), "dossier": moment("2026-03-09 17:30")}

    announced, act = power_cut(given.commune.code, on, vn(), given.acting(Role.CATALOGUE_MANAGER))
    list(act())

    # What is counted in hours goes without the afternoon; what is counted in days keeps its day.
    clocks = dict(ClockRow.objects.filter(dossier=dossier).values_list("kind", "limit_at"))
    assert clocks == {"step": moment("2026-03-06 08:10"), "dossier": moment("2026-03-09 17:30")}
    assert announced == moment("2026-03-03 15:30")
    assert Recount.objects.get().state == Recount.State.DONE


def test_nobody_works_where_the_power_is_cut(given: City) -> None:
    on = middle_day(moment("2026-02-20 09:00"), moment("2026-03-14 09:00"), vn())
    hours = without_afternoon(vn(), on)

    assert on == moment("2026-03-04 00:00").date()
    assert hours.next_open(moment("2026-03-04 11:00")) == moment("2026-03-04 11:00")
    assert hours.next_open(moment("2026-03-04 14:00")) == moment("2026-03-05 08:00")
