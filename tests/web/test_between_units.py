"""Pages of moving, payments, opinions, taking back and late entries."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from dossiers.models import Consultation, Dossier, Event, FeeDemand
from tests.given.city import SINCE, City, city, moment
from tests.given.elsewhere import another_division, department
from workflows.models import Edition, Post, Role, Unit

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("this_morning"),
]


@pytest.fixture
def this_morning() -> Any:
    with time_machine.travel(moment("2026-03-03 09:00"), tick=False):
        yield


@pytest.fixture
def given(this_morning: None) -> City:
    return city()


def at_work(role: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(get_user_model().objects.get(username=role))
    client.cookies["django_language"] = "en"
    return client


def at_unit(unit: Unit, role: str) -> Client:
    user = get_user_model().objects.create_user(f"{role}-{unit.code}")
    Post.objects.create(
        user=user, name="Vũ Thị Ơn", role=role, agency=unit.agency, unit=unit, valid_from=SINCE
    )
    return at_work(user.username)


def page(client: Client, dossier: Dossier) -> str:
    return client.get(f"/work/dossiers/{dossier.code}/").content.decode()


def form(client: Client, dossier: Dossier, name: str) -> str:
    return client.get(f"/work/dossiers/{dossier.code}/acts/{name}/").content.decode()


def act(client: Client, dossier: Dossier, name: str, **typed: Any) -> Any:
    return client.post(f"/work/dossiers/{dossier.code}/acts/{name}/", typed)


def test_a_unit_head_hands_a_dossier_to_a_unit_of_the_list(given: City) -> None:
    dossier, there, far = given.receive(), another_division(given), department(given)
    head = at_work(Role.UNIT_HEAD)

    asked = form(head, dossier, "move")
    assert (there.name in asked, far.name in asked) == (True, False)
    assert act(head, dossier, "move", unit=there.pk, reason="Sai phòng").status_code == 302

    assert Dossier.objects.get().unit == there
    told = "From Phòng Kinh tế, Hạ tầng và Đô thị to Phòng Văn hóa - Xã hội"
    assert told in page(at_work(Role.SUPERVISOR), dossier)


def test_a_payment_is_demanded_and_confirmed(given: City) -> None:
    dossier = given.receive()
    officer, clerk = at_work(Role.OFFICER), at_work(Role.CLERK)

    refused = act(officer, dossier, "demand_fee", amount="500000", legal_ground="")
    assert refused.status_code == 422
    assert "Give the legal ground." in refused.content.decode()
    assert not FeeDemand.objects.exists()
    act(officer, dossier, "demand_fee", amount="500000", legal_ground="Luật Phí và lệ phí")
    waiting = page(clerk, dossier)
    assert "500,000" in waiting
    assert "Confirm the payment" in waiting
    act(clerk, dossier, "confirm_fee", receipt_no="BL-07")

    assert FeeDemand.objects.get().state == "paid"
    assert "Confirm the payment" not in page(clerk, dossier)


def test_the_asked_unit_reads_the_question_and_gives_its_opinion(given: City) -> None:
    dossier, there = given.receive(), department(given)
    act(
        at_work(Role.OFFICER),
        dossier,
        "ask_opinion",
        unit=there.pk,
        question="Có phù hợp quy hoạch không?",
        days="2",
    )
    asked = Consultation.objects.get()
    elsewhere = at_unit(there, Role.OFFICER)

    assert "Có phù hợp quy hoạch không?" in page(elsewhere, dossier)
    assert act(elsewhere, dossier, "give_opinion", of=asked.pk, answer="Phù hợp").status_code == 302

    assert Consultation.objects.get().state == "given"
    assert "Phù hợp" in page(at_work(Role.OFFICER), dossier)


def test_who_was_not_asked_finds_no_form(given: City) -> None:
    dossier, there = given.receive(), department(given)
    officer = at_work(Role.OFFICER)
    act(officer, dossier, "ask_opinion", unit=there.pk, question="?", days="2")
    asked = Consultation.objects.get()

    assert "Give the opinion" not in page(officer, dossier)
    assert act(officer, dossier, "give_opinion", of=asked.pk, answer="x").status_code == 403
    assert act(officer, dossier, "give_opinion", of="0", answer="x").status_code == 404


def test_who_did_it_is_offered_to_take_it_back_and_nobody_else(given: City) -> None:
    dossier = given.receive()
    officer = at_work(Role.OFFICER)
    act(officer, dossier, "claim")
    seen = Event.objects.latest("n").n

    assert "Take back: Taken up" not in page(at_work(Role.UNIT_HEAD), dossier)
    assert "Take back: Taken up" in page(officer, dossier)
    assert act(officer, dossier, "undo", event=seen).status_code == 302

    after = page(officer, dossier)
    assert "<del>Taken up</del>" in after
    assert "Take back:" not in after
    assert act(officer, dossier, "undo", event=seen).status_code == 409


def test_an_act_entered_late_says_when_and_why(given: City) -> None:
    dossier = given.receive("2026-03-03 08:00")
    officer = at_work(Role.OFFICER)
    late = {"happened_at_0": "03/03/2026", "happened_at_1": "08:20"}

    refused = act(officer, dossier, "advance", outcome="done", **late)
    assert refused.status_code == 422
    assert '<details class="late-entry" open>' in refused.content.decode()
    taken = act(officer, dossier, "advance", outcome="done", late_reason="Mất điện", **late)

    assert taken.status_code == 302
    event = Event.objects.latest("n")
    assert (event.at, event.recorded_at, event.late_entry) == (
        moment("2026-03-03 08:20"),
        moment("2026-03-03 09:00"),
        True,
    )


def test_what_lies_between_units_is_on_the_desks_of_both(given: City) -> None:
    asked, handed = given.receive("2026-03-02 08:10"), given.receive("2026-03-02 08:20")
    there = department(given)
    act(at_work(Role.OFFICER), asked, "ask_opinion", unit=there.pk, question="Ổn?", days="2")
    given.handed_to_counter(handed, "2026-03-03 08:30")

    elsewhere = at_unit(there, Role.OFFICER).get("/work/desk/").content.decode()
    mine = at_work(Role.OFFICER).get("/work/desk/").content.decode()
    counter = at_work(Role.CLERK).get("/work/counter/results/").content.decode()

    assert ("Opinions asked of my unit" in elsewhere, "Ổn?" in elsewhere) == (True, True)
    assert "not yet taken by the counter" not in elsewhere
    assert ("not yet taken by the counter" in mine, "Ổn?" in mine) == (True, False)
    assert "Hand-over:" in counter


def test_the_counter_sees_which_payments_it_waits_for(given: City) -> None:
    dossier = given.receive()
    clerk = at_work(Role.CLERK)
    act(clerk, dossier, "demand_fee", amount="1000", legal_ground="Luật")

    waiting = clerk.get("/work/counter/results/").content.decode()

    assert f"/work/dossiers/{dossier.code}/acts/confirm_fee/" in waiting


def test_a_dossier_received_while_the_power_was_off_counts_from_then(given: City) -> None:
    clerk = at_work(Role.CLERK)
    typed = {
        "procedure": given.procedure.code,
        "idempotency_key": "k1",
        "channel": "counter",
        "submitter_name": "Phan Anh Tuấn",
        "holder_is": "self",
        "holder_kind": "citizen",
        "return_method": "counter",
        f"paper-{given.paper.pk}": "on",
        "happened_at_0": "03/03/2026",
        "happened_at_1": "08:15",
    }

    unexplained = clerk.post("/work/counter/", typed)
    assert unexplained.status_code == 422
    taken = clerk.post("/work/counter/", typed | {"late_reason": "Mất điện"})

    assert taken.status_code == 302
    dossier = Dossier.objects.get()
    assert (dossier.received_at, dossier.late_entry) == (moment("2026-03-03 08:15"), True)
    assert dossier.code == "H26.C001-260303-0001"
    event = Event.objects.get()
    assert (event.at, event.recorded_at) == (moment("2026-03-03 08:15"), moment("2026-03-03 09:00"))


def test_the_citizen_reads_what_is_to_be_paid_and_until_when(given: City) -> None:
    Edition.objects.update(payment_term_days=5)
    dossier = given.receive()
    act(
        at_work(Role.OFFICER),
        dossier,
        "demand_fee",
        amount="500000",
        legal_ground="Luật Phí và lệ phí",
    )

    client = Client(headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    answer = client.post(
        "/track/", {"code": dossier.code, "secret": dossier.lookup_code}, follow=True
    )

    shown = answer.content.decode()
    assert "Waiting for your payment" in shown
    assert "500,000" in shown
    assert "to be paid by" in shown
    assert "2026-03-10" in shown
