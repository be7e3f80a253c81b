"""Received at another territory's counter, the clock begins when the competent agency has it."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from dossiers.documents.filling import receipt_paper
from dossiers.errors import NotNow
from dossiers.lifecycle import arrival, ending, intake, progress
from dossiers.models import ClockRow, Dossier, Event
from dossiers.reading.tracking import tracked
from dossiers.statistics.reading import read
from dossiers.statistics.verify import differences
from notifications.models import Message
from tests.given.city import SINCE, City, city, moment
from workflows.actors import STAFF, Actor, held
from workflows.models import Agency, Post, Role, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> City:
    return city()


@pytest.fixture
def clerk(town: City) -> Actor:
    """The clerk of another commune's counter."""
    other = Agency.objects.create(
        code="H26.C002",
        name="UBND phường Ngọc Hà",
        kind="commune",
        parent=town.root,
        path="/H26/H26.C002/",
        valid_from=SINCE,
        sort_key="ngoc ha",
    )
    unit = Unit.objects.create(
        agency=other, code="H26.C002.00", name="Một cửa", kind="counter", valid_from=SINCE
    )
    post = Post.objects.create(
        name="Lý Thị Ỷ", title="", role=Role.CLERK, agency=other, unit=unit, valid_from=SINCE
    )
    return Actor(kind=STAFF, user_id=None, name=post.name, posts=(held(post),))


def taken_in(town: City, clerk: Actor, at: str = "2026-03-02 10:00") -> Dossier:
    """Received at the other commune for ours; 5 working days."""
    (post,) = clerk.posts
    return town.receive(
        at,
        receiving_agency=post.agency_id,
        receiving_unit=post.unit_id,
        answering_agency=town.commune.pk,
        by=clerk,
    )


def limit_of(dossier: Dossier) -> datetime | None:
    return ClockRow.objects.get(dossier=dossier, kind="dossier").limit_at


def test_3_the_limit_runs_from_the_arrival_and_both_moments_are_kept(
    town: City, clerk: Actor
) -> None:
    dossier = taken_in(town, clerk)
    assert limit_of(dossier) is None

    arrival.arrive(dossier.pk, by=town.acting(Role.OFFICER), at=moment("2026-03-03 08:30"))

    # Tuesday is not counted: 4, 5, 6, 9, 10 March.
    row = ClockRow.objects.get(dossier=dossier, kind="dossier")
    assert row.limit_at == moment("2026-03-10 17:30")
    kept = Dossier.objects.get(pk=dossier.pk)
    assert (kept.received_at, row.started_at) == (
        moment("2026-03-02 10:00"),
        moment("2026-03-03 08:30"),
    )
    kinds = list(Event.objects.filter(dossier=dossier).values_list("kind", flat=True))
    assert kinds == ["received", "arrived"]
    told = Message.objects.get(topic="arrived")
    assert told.context["promised_at"] == "2026-03-10T10:30:00+00:00"


def test_any_act_of_the_competent_agency_says_that_it_is_there(town: City, clerk: Actor) -> None:
    dossier = taken_in(town, clerk)

    progress.claim(dossier.pk, by=town.acting(Role.OFFICER), at=moment("2026-03-02 15:00"))

    assert limit_of(dossier) == moment("2026-03-09 17:30")
    kinds = list(Event.objects.filter(dossier=dossier).values_list("kind", flat=True))
    assert kinds == ["received", "arrived", "claimed"]
    with pytest.raises(NotNow) as refused:
        arrival.arrive(dossier.pk, by=town.acting(Role.OFFICER), at=moment("2026-03-02 15:01"))
    assert refused.value.code == "arrived_already"


def test_the_figures_know_no_limit_until_it_runs(town: City, clerk: Actor) -> None:
    dossier = taken_in(town, clerk)
    arrival.arrive(dossier.pk, by=town.acting(Role.CLERK), at=moment("2026-03-03 08:30"))

    before = read(since=None, until=None, as_of=moment("2026-03-02 18:00"))[0].figures
    after = read(since=None, until=None, as_of=moment("2026-03-03 18:00"))[0].figures

    assert (before.pending_without_limit, before.pending_in_time) == (1, 0)
    assert (after.pending_without_limit, after.pending_in_time) == (0, 1)
    assert [*differences(moment("2026-03-20 00:00"))] == []


def test_one_withdrawn_on_the_way_leaves_the_figures_whole(town: City, clerk: Actor) -> None:
    dossier = taken_in(town, clerk)

    ending.withdraw(dossier.pk, reason="Đơn", by=clerk, at=moment("2026-03-02 11:00"))

    assert [*differences(moment("2026-03-20 00:00"))] == []


@pytest.mark.parametrize(
    ("received", "counts_from", "limit_at"),
    [
        ("2026-03-02 10:00", "2026-03-02 17:30", "2026-03-09 17:30"),
        ("2026-03-02 15:00", "2026-03-02 17:30", "2026-03-09 17:30"),
        ("2026-03-02 15:01", "2026-03-03 08:00", "2026-03-10 17:30"),
        ("2026-03-06 16:00", "2026-03-09 08:00", "2026-03-16 17:30"),
    ],
)
def test_the_counter_promises_from_the_moment_by_which_it_must_be_handed_over(
    town: City, clerk: Actor, received: str, counts_from: str, limit_at: str
) -> None:
    (post,) = clerk.posts

    promise = intake.promise(
        procedure=town.procedure.code,
        channel="counter",
        receiving_agency=post.agency_id,
        answering_agency=town.commune.pk,
        at=moment(received),
    )

    assert (promise.counts_from, promise.limit_at) == (moment(counts_from), moment(limit_at))


def test_the_receipt_says_which_moment_counts(town: City, clerk: Actor) -> None:
    dossier = taken_in(town, clerk)

    paper = receipt_paper(dossier)
    arrival.arrive(dossier.pk, by=town.acting(Role.OFFICER), at=moment("2026-03-02 14:00"))
    again = receipt_paper(Dossier.objects.get(pk=dossier.pk))

    assert (paper.received_at, paper.counts_from, paper.promised_at) == (
        moment("2026-03-02 10:00"),
        moment("2026-03-02 17:30"),
        moment("2026-03-09 17:30"),
    )
    assert (again.counts_from, again.promised_at) == (paper.counts_from, paper.promised_at)


def test_who_waits_sees_that_it_is_on_its_way(town: City, clerk: Actor) -> None:
    dossier = taken_in(town, clerk)

    page = tracked(dossier.pk, at=moment("2026-03-02 11:00"), language="vi")

    assert page is not None
    assert page.state == "on_its_way"


def test_for_ones_own_agency_and_for_one_of_the_whole_city_it_runs_at_once(
    town: City, clerk: Actor
) -> None:
    own = town.receive("2026-03-02 10:00")
    Agency.objects.filter(pk=town.commune.pk).update(kind="department")
    of_the_city = taken_in(town, clerk)

    assert limit_of(own) == limit_of(of_the_city) == moment("2026-03-09 17:30")


def test_its_page_is_shown_before_and_after(town: City, clerk: Actor) -> None:
    dossier = taken_in(town, clerk)
    officer = Client(headers={"accept-language": "en"})
    officer.force_login(get_user_model().objects.get(username="officer"))
    officer.cookies["django_language"] = "en"

    before = officer.get(f"/work/dossiers/{dossier.code}/")
    done = officer.post(f"/work/dossiers/{dossier.code}/acts/arrive/", follow=True)

    assert before.status_code == done.status_code == 200
    assert "Take in from the other counter" in before.content.decode()
    assert "Take in from the other counter" not in done.content.decode()
    assert limit_of(dossier) is not None
