"""Pages for apologies: to write, one by one or together; to hand over at the counter."""

from __future__ import annotations

import html

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from dossiers.firing import fire_due
from dossiers.lifecycle import apology, breach, intake, signing
from dossiers.models import Apology, Dossier
from notifications.models import Message
from notifications.sending import drain
from tests.given.chain import chain
from tests.given.city import City, city, moment
from workflows.models import Role

pytestmark = pytest.mark.django_db

HOLDER_ONLY = [intake.PartyGiven(role="holder", name="Nguyễn Thị Ẩm", phone="0912000111")]


@pytest.fixture
def given() -> City:
    return city()


def at_work(role: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(get_user_model().objects.get(username=role))
    client.cookies["django_language"] = "en"
    return client


def text(response: object) -> str:
    return html.unescape(response.content.decode())  # type: ignore[attr-defined]


def late(town: City, number: int) -> list[Dossier]:
    made = [town.receive("2026-03-02 08:10") for _ in range(number)]
    fire_due(moment("2026-03-10 08:00"))
    return made


def unreachable(town: City) -> Apology:
    dossier = town.receive("2026-03-02 08:10", parties=HOLDER_ONLY)
    fire_due(moment("2026-03-10 08:00"))
    letter = apology.draft_apology(
        dossier.pk,
        reason="overload",
        new_promise_at=moment("2026-03-20 17:30"),
        by=town.acting(Role.UNIT_HEAD),
        at=moment("2026-03-10 09:00"),
    )
    signing.sign_apology(letter.pk, by=town.acting(Role.APPROVER), at=moment("2026-03-10 10:00"))
    drain(at=moment("2026-03-10 10:01"))
    assert Message.objects.get(topic="apology").state == "undeliverable"
    return Apology.objects.get(pk=letter.pk)


@time_machine.travel(moment("2026-03-06 14:00"), tick=False)
def test_what_will_probably_be_late_is_offered_with_one_click_to_the_draft(given: City) -> None:
    slow = given.receive("2026-03-02 08:10")  # still to be appraised: 8 working hours too many
    quick = given.receive("2026-03-02 08:10")
    given.advance(quick, Role.OFFICER, "2026-03-06 09:00")  # signing takes a day, two are left

    page = text(at_work(Role.UNIT_HEAD).get("/work/apologies/"))
    desk = text(at_work(Role.UNIT_HEAD).get("/work/desk/"))

    assert "apologise before?" in page
    assert slow.code in page
    assert quick.code not in page
    assert f"/work/dossiers/{slow.code}/acts/draft_apology/" in desk


@time_machine.travel(moment("2026-03-10 09:00"), tick=False)
def test_a_selection_gets_one_reason_and_a_letter_each(given: City) -> None:
    dossiers = late(given, 3)
    head = at_work(Role.UNIT_HEAD)

    response = head.post(
        "/work/apologies/",
        {"dossier": [one.code for one in dossiers], "reason": "overload", "text": "Xin lỗi"},
    )

    letters = Apology.objects.all()
    assert response.status_code == 302
    assert {letter.dossier_id for letter in letters} == {one.pk for one in dossiers}
    assert {(letter.state, letter.reason_id, letter.text) for letter in letters} == {
        ("drafted", "overload", "Xin lỗi")
    }
    assert {letter.new_promise_at for letter in letters} == {moment("2026-03-11 17:30")}
    for letter in letters:
        assert head.get(f"/work/apologies/{letter.pk}.pdf").content.startswith(b"%PDF")


@time_machine.travel(moment("2026-03-10 09:00"), tick=False)
def test_what_is_refused_is_listed_and_the_rest_is_done(given: City) -> None:
    first, second = late(given, 2)
    fresh = given.receive("2026-03-10 08:10")

    response = at_work(Role.UNIT_HEAD).post(
        "/work/apologies/",
        {
            "dossier": [first.code, fresh.code, "H26.C001-260302-9999", second.code],
            "reason": "overload",
        },
    )

    page = text(response)
    assert response.status_code == 200
    assert Apology.objects.count() == 2
    assert "An apology needs a limit that has passed" in page
    assert "There is no such dossier." in page
    assert "2 letters were drafted" in page


@time_machine.travel(moment("2026-03-10 09:00"), tick=False)
def test_without_a_reason_or_a_choice_nothing_is_written(given: City) -> None:
    (dossier,) = late(given, 1)
    head = at_work(Role.UNIT_HEAD)

    no_reason = head.post("/work/apologies/", {"dossier": [dossier.code]})
    no_choice = head.post("/work/apologies/", {"reason": "overload"})

    assert (no_reason.status_code, no_choice.status_code) == (422, 422)
    assert f'value="{dossier.code}" checked' in text(no_reason)
    assert "Choose at least one dossier." in text(no_choice)
    assert not Apology.objects.exists()


@time_machine.travel(moment("2026-03-10 11:00"), tick=False)
def test_the_head_finds_the_delays_to_explain_and_the_questions_back(given: City) -> None:
    first, second = late(given, 2)
    head, watcher = given.acting(Role.UNIT_HEAD), given.acting(Role.SUPERVISOR)
    for dossier in (first, second):
        breach.explain_breach(
            given.breach_of(dossier).pk,
            reason="overload",
            text="Quá tải",
            by=head,
            at=moment("2026-03-10 09:00"),
        )
    breach.return_explanation(
        given.breach_of(first).pk,
        question="Ai giữ hồ sơ?",
        by=watcher,
        at=moment("2026-03-10 10:00"),
    )

    page = text(at_work(Role.UNIT_HEAD).get("/work/apologies/"))
    officers = text(at_work(Role.OFFICER).get("/work/apologies/"))

    assert "Ai giữ hồ sơ?" in page
    assert f"/work/dossiers/{first.code}/acts/explain_breach/" in page
    assert f"/work/dossiers/{second.code}/acts/explain_breach/" not in page
    assert "acts/explain_breach/" not in officers


@time_machine.travel(moment("2026-03-10 09:00"), tick=False)
def test_the_page_takes_as_many_queries_for_many_as_for_few(
    given: City, django_assert_max_num_queries: object
) -> None:
    late(given, 6)
    head = at_work(Role.UNIT_HEAD)
    head.get("/work/apologies/")

    with django_assert_max_num_queries(25):  # type: ignore[operator]
        head.get("/work/apologies/")


@time_machine.travel(moment("2026-03-10 11:00"), tick=False)
def test_the_counter_sees_and_notes_what_could_not_be_delivered(given: City) -> None:
    letter = unreachable(given)
    clerk = at_work(Role.CLERK)

    page = text(clerk.get("/work/counter/letters/"))
    address = f"/work/dossiers/{letter.dossier.code}/acts/hand_over_apology/"
    empty = clerk.post(address, {"of": letter.pk})
    noted = clerk.post(
        address, {"of": letter.pk, "how": "in_person", "note": "Bà Ẩm ký nhận"}, follow=True
    )

    assert letter.number in page
    assert "0912000111" in page
    assert address in page
    assert empty.status_code == 422
    assert noted.status_code == 200
    letter.refresh_from_db()
    assert (letter.state, letter.handed_how) == ("delivered", "in_person")
    assert letter.number not in text(clerk.get("/work/counter/letters/"))


@time_machine.travel(moment("2026-03-10 11:00"), tick=False)
@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPERVISOR, Role.APPROVER])
def test_letters_to_hand_over_are_the_counters(given: City, role: str) -> None:
    assert at_work(role).get("/work/counter/letters/").status_code == 403


@time_machine.travel(moment("2026-03-10 09:00"), tick=False)
def test_the_form_begins_with_the_reason_the_record_suggests() -> None:
    two = chain()
    dossier = two.city.receive("2026-03-02 08:00")
    fire_due(moment("2026-03-10 08:00"))
    flagged = two.city.breach_of(dossier)

    page = text(
        at_work(Role.UNIT_HEAD).get(
            f"/work/dossiers/{dossier.code}/acts/explain_breach/?of={flagged.pk}"
        )
    )

    assert '<option value="other_agency" selected>' in page


@time_machine.travel(moment("2026-03-11 10:00"), tick=False)
def test_the_dossiers_page_tells_how_late_whose_time_and_who_owes_it() -> None:
    two = chain()
    dossier = two.city.receive("2026-03-02 08:00")
    two.examined(dossier, "2026-03-05 08:00")
    fire_due(moment("2026-03-10 08:00"))

    page = text(at_work(Role.UNIT_HEAD).get(f"/work/dossiers/{dossier.code}/"))

    assert "Who owes the delay" in page
    assert "Sở Quy hoạch - Kiến trúc" in page
    assert "1\u00a0day 2\u00a0hours" in page.replace("&nbsp;", "\u00a0")
    assert "so far" in page
