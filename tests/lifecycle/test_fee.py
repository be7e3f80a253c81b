"""A payment that the law asks for: demanded, paid, or never paid."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dossiers.errors import Invalid, NotNow
from dossiers.firing import fire_due
from dossiers.lifecycle import ending, fee
from dossiers.models import ClockRow, Dossier, Entry, Event, FeeDemand, Status, Stop
from dossiers.statistics.verify import differences
from notifications.models import Message
from tests.given.city import City, city, moment
from workflows.models import Edition, Role

pytestmark = pytest.mark.django_db

LAW = "Luật Phí và lệ phí 2015, điều 5"


@pytest.fixture
def given() -> City:
    return city()


def demand(given: City, dossier: Dossier, at: str, role: str = Role.OFFICER) -> Dossier:
    return fee.demand_fee(
        dossier.pk, amount=500_000, legal_ground=LAW, by=given.acting(role), at=moment(at)
    )


def confirm(given: City, dossier: Dossier, at: str) -> Dossier:
    return fee.confirm_fee(
        dossier.pk, receipt_no="BL-07", by=given.acting(Role.CLERK), at=moment(at)
    )


def clock(dossier: Dossier) -> ClockRow:
    return ClockRow.objects.get(dossier=dossier, kind="dossier")


def agree(at: datetime) -> bool:
    return [str(line) for line in differences(at)] == []


def test_the_clock_waits_for_the_payment_and_goes_on_with_what_remained(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")

    waiting = demand(given, dossier, "2026-03-03 09:00")
    assert waiting.status == Status.PAYMENT_REQUESTED
    assert (clock(dossier).state, clock(dossier).grounds) == ("stopped", ["payment"])
    paid = confirm(given, dossier, "2026-03-05 09:00")

    assert paid.status == Status.RECEIVED
    # Two working days of waiting move the limit by two working days, though the edition restarts.
    assert clock(dossier).limit_at == moment("2026-03-11 17:30")
    assert [
        (one.ground, one.from_at, one.to_at) for one in Stop.objects.filter(clock=clock(dossier))
    ] == [("payment", moment("2026-03-03 09:00"), moment("2026-03-05 09:00"))]
    row = FeeDemand.objects.get(dossier=dossier)
    assert (row.state, row.amount, row.receipt_no) == ("paid", 500_000, "BL-07")
    assert agree(moment("2026-03-06 00:00"))


def test_a_demand_in_processing_goes_back_to_processing(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-03 09:00")

    demand(given, dossier, "2026-03-03 10:00", Role.CLERK)

    assert confirm(given, dossier, "2026-03-04 10:00").status == Status.PROCESSING


def test_the_applicant_is_told_what_to_pay_and_that_it_came_in(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")

    demand(given, dossier, "2026-03-03 09:00")
    confirm(given, dossier, "2026-03-05 09:00")

    told = Message.objects.filter(topic__in=["payment_requested", "paid"]).order_by("pk")
    assert [(one.topic, one.context.get("amount")) for one in told] == [
        ("payment_requested", 500_000),
        ("paid", None),
    ]
    assert told[0].not_before == moment("2026-03-03 09:02")


def test_where_the_edition_names_a_term_and_it_passes_the_dossier_ends(given: City) -> None:
    Edition.objects.update(payment_term_days=5)
    dossier = given.receive("2026-03-02 08:10")
    demand(given, dossier, "2026-03-03 09:00")

    fire_due(moment("2026-03-10 17:30"))
    assert Dossier.objects.get(pk=dossier.pk).status == Status.PAYMENT_REQUESTED
    assert agree(moment("2026-03-10 17:30") + timedelta(seconds=1))
    fire_due(moment("2026-03-10 17:31"))

    assert Dossier.objects.get(pk=dossier.pk).status == Status.DISCONTINUED
    last = Event.objects.filter(dossier=dossier).last()
    assert last is not None
    assert (last.kind, last.at) == ("payment_lapsed", moment("2026-03-10 17:30"))
    assert FeeDemand.objects.get(dossier=dossier).state == "lapsed"
    assert list(Entry.objects.values_list("measure", flat=True)) == ["received", "discontinued"]
    assert agree(moment("2026-03-11 00:00"))


def test_without_a_term_nothing_lapses(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    demand(given, dossier, "2026-03-03 09:00")

    fire_due(moment("2026-06-30 00:00"))

    assert Dossier.objects.get(pk=dossier.pk).status == Status.PAYMENT_REQUESTED


def test_who_withdraws_owes_nothing_more(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    demand(given, dossier, "2026-03-03 09:00")

    ending.withdraw(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-04 09:00"))

    assert FeeDemand.objects.get(dossier=dossier).state == "closed"
    assert not Stop.objects.filter(to_at=None).exists()


@pytest.mark.parametrize(
    ("case", "amount", "law", "fields"),
    [
        ("nothing", 0, LAW, {"amount": "fee_amount"}),
        ("less than nothing", -1, LAW, {"amount": "fee_amount"}),
        ("beyond reason", 10**13, LAW, {"amount": "fee_amount"}),
        ("without a ground", 1, " ", {"legal_ground": "legal_ground_needed"}),
    ],
)
def test_no_stop_without_a_ground_and_an_amount(
    given: City, case: str, amount: int, law: str, fields: dict[str, str]
) -> None:
    dossier = given.receive("2026-03-02 08:10")

    with pytest.raises(Invalid) as refusal:
        fee.demand_fee(
            dossier.pk,
            amount=amount,
            legal_ground=law,
            by=given.acting(Role.OFFICER),
            at=moment("2026-03-03 09:00"),
        )

    assert refusal.value.fields == fields
    assert clock(dossier).state == "running"
    assert Event.objects.filter(dossier=dossier).count() == 1


def test_one_demand_at_a_time_and_none_once_the_result_is_ready(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    demand(given, dossier, "2026-03-03 09:00")

    with pytest.raises(NotNow) as second:
        demand(given, dossier, "2026-03-03 10:00")
    confirm(given, dossier, "2026-03-03 11:00")
    given.handed_to_counter(dossier, "2026-03-04 09:00")
    with pytest.raises(NotNow) as ready:
        demand(given, dossier, "2026-03-04 10:00", Role.CLERK)

    assert (second.value.code, ready.value.code) == ("wrong_status", "waits_for_counter")
