"""Tracking: what opens a dossier, what stays shut, and what its page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from dossiers import codes
from dossiers.firing import fire_due
from dossiers.lifecycle import apology, breach, ending, intake, signing
from dossiers.models import Dossier, Reason
from dossiers.portal import throttle
from dossiers.writing import writing
from tests.given.city import City, city, moment
from workflows.models import Role

pytestmark = pytest.mark.django_db

RECEIVED = "2026-03-02 08:10"  # five working days: promised for Monday 09/03, 17:30
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture(autouse=True)
def fresh_counters(engines: None) -> Iterator[None]:
    """With this process's own Redis number: nobody else counts there."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def given() -> City:
    return city()


def ask(client: Client, code: str, secret: str) -> Any:
    return client.post("/track/", {"code": code, "secret": secret})


def page(client: Client, dossier: Dossier, at: str, language: str = "en") -> str:
    """The page behind the QR code of the receipt, as read at the moment `at`."""
    client.cookies["django_language"] = language
    path = codes.tracking_path(dossier.handle, key=_key())
    with time_machine.travel(moment(at), tick=False):
        response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def _key() -> bytes:
    from django.conf import settings

    return str(settings.SECRET_KEY).encode()


def test_the_last_four_characters_of_who_handed_in_open_the_dossier(
    given: City, client: Client
) -> None:
    dossier = given.receive(RECEIVED)

    answer = ask(client, str(dossier.code), "4321")

    assert answer.status_code == 302
    shown = client.get(answer["Location"])
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]


@pytest.mark.parametrize(
    "spelling",
    [
        "h26.c001-260302-0001",
        "H26C0012603020001",
        "Hồ sơ của tôi: H26.C001 - 260302 - 0001, xin cảm ơn",
    ],
    ids=["lower case", "glued", "in a message"],
)
def test_a_code_is_read_in_any_spelling(given: City, client: Client, spelling: str) -> None:
    dossier = given.receive(RECEIVED)

    assert ask(client, spelling, dossier.lookup_code.lower()).status_code == 302


def test_the_holders_number_does_not_open_what_somebody_else_handed_in(
    given: City, client: Client
) -> None:
    dossier = given.receive(RECEIVED)

    assert ask(client, str(dossier.code), "2345").status_code == 404


def test_an_organisation_has_only_the_lookup_code(given: City, client: Client) -> None:
    company = intake.PartyGiven(
        role="holder", kind="business", name="Công ty Ế Ẩm", identity="0101243150"
    )
    dossier = given.receive(RECEIVED, parties=[company])

    assert ask(client, str(dossier.code), "3150").status_code == 404
    assert ask(client, str(dossier.code), dossier.lookup_code).status_code == 302


def test_signs_alone_are_no_secret(given: City, client: Client) -> None:
    anonymous = intake.PartyGiven(role="holder", name="Không giấy tờ")
    dossier = given.receive(RECEIVED, parties=[anonymous])
    with writing("test"):
        Dossier.objects.filter(pk=dossier.pk).update(lookup_code="")

    for secret in ("-.-", "????", "??????"):
        assert ask(client, str(dossier.code), secret).status_code == 404


def test_an_unknown_code_and_a_wrong_secret_get_the_same_answer(
    given: City, client: Client, django_assert_num_queries: Any
) -> None:
    dossier = given.receive(RECEIVED)

    with django_assert_num_queries(2):
        wrong = ask(client, str(dossier.code), "0000")
    with django_assert_num_queries(2):
        unknown = ask(client, "H26.C001-260302-0999", "4321")

    assert wrong.status_code == unknown.status_code == 404
    assert TOKEN.sub(b"", wrong.content) == TOKEN.sub(b"", unknown.content)
    for header in ("X-Request-Id", "Set-Cookie"):
        wrong.headers.pop(header, None)
        unknown.headers.pop(header, None)
    assert wrong.headers.items() == unknown.headers.items()


def test_a_code_is_tried_ten_times_in_an_hour_and_no_more(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)
    for _try in range(throttle.PER_CODE[0].tries):
        assert ask(client, str(dossier.code), "0000").status_code == 404

    assert ask(client, "h26c001 260302 0001", "4321").status_code == 429
    assert client.get(codes.tracking_path(str(dossier.code), key=_key())).status_code == 200


def test_an_address_is_given_sixty_tries_over_all_codes(client: Client) -> None:
    for number in range(throttle.PER_ADDRESS[0].tries):
        assert ask(client, f"H26.C001-260302-{number + 1:04}", "0000").status_code == 404

    assert ask(client, "H26.C001-260302-0999", "0000").status_code == 429
    assert client.post(
        "/track/", {"code": "H26", "secret": "1"}, REMOTE_ADDR="10.1.2.3"
    ).status_code == 404  # fmt: skip


def test_who_knows_the_secret_is_never_locked_out(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)

    answers = [
        ask(client, str(dossier.code), "4321").status_code
        for _try in range(throttle.PER_CODE[0].tries + 3)
    ]

    assert set(answers) == {302}


def test_an_empty_form_says_what_to_write(client: Client) -> None:
    answer = ask(client, "", "")

    assert answer.status_code == 422
    assert answer.content.decode().count("error-summary") > 0


def test_an_opened_page_closes_after_an_hour(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)
    with time_machine.travel(moment("2026-03-03 09:00"), tick=False):
        address = ask(client, str(dossier.code), "4321")["Location"]

    with time_machine.travel(moment("2026-03-03 09:59"), tick=False):
        assert client.get(address).status_code == 200
    with time_machine.travel(moment("2026-03-03 10:01"), tick=False):
        assert client.get(address).status_code == 410


def test_a_link_signed_for_another_dossier_opens_nothing(given: City, client: Client) -> None:
    first, second = given.receive(RECEIVED), given.receive(RECEIVED)
    signature = codes.tracking_signature(str(first.code), key=_key())

    assert client.get(f"/t/{second.code}/{signature}/").status_code == 404
    assert client.get(f"/t/{first.code}/{signature}/").status_code == 200


def test_the_page_names_nobody(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)

    shown = page(client, dossier, "2026-03-03 09:00", language="vi")

    for secret in ("Nguyễn", "Tuấn", "tuan@", "4321", "2345", dossier.lookup_code, "Khôi"):
        assert secret not in shown


def test_in_time_it_says_the_day_and_where_the_dossier_is(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)

    shown = page(client, dossier, "2026-03-03 08:00")

    assert "On schedule" in shown
    assert (
        '<p class="promise__day"><time class="nowrap" datetime="2026-03-09T17:30:00+07:00">'
        in shown
    )
    assert "5 working days left." in shown
    assert "Dossier received" in shown
    assert "Phòng Kinh tế, Hạ tầng và Đô thị, UBND phường Văn Miếu - Quốc Tử Giám" in shown
    assert 'class="is-now" aria-current="step"' in shown
    assert shown.count('class="is-next"') == 2
    assert "Overdue" not in shown


def test_late_is_said_before_the_worker_noticed_with_who_holds_it(
    given: City, client: Client
) -> None:
    dossier = given.receive(RECEIVED)

    shown = page(client, dossier, "2026-03-11 17:30")

    assert "Overdue by 2 working days" in shown
    assert "Was promised for" in shown
    assert "<dt>Held by</dt><dd><b>Phòng Kinh tế, Hạ tầng và Đô thị" in shown
    assert "Not explained yet" in shown
    assert "The agency has not apologised to you yet." in shown
    assert "no new appointment yet" in shown
    assert 'class="is-late" aria-current="step"' in shown


def test_exactly_at_the_limit_is_in_time(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)

    assert "On schedule" in page(client, dossier, "2026-03-09 17:30")
    assert "Overdue" in page(client, dossier, "2026-03-09 17:31")


def test_a_reason_is_told_only_once_it_was_accepted(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)
    fire_due(moment("2026-03-10 08:00"))
    told = given.breach_of(dossier)
    breach.explain_breach(
        told.pk,
        reason="overload",
        text="Anh Khôi nghỉ ốm",
        by=given.acting(Role.UNIT_HEAD),
        at=moment("2026-03-10 09:00"),
    )

    assert "Not explained yet" in page(client, dossier, "2026-03-10 10:00")

    breach.accept_explanation(
        told.pk, by=given.acting(Role.SUPERVISOR), at=moment("2026-03-10 11:00")
    )
    shown = page(client, dossier, "2026-03-10 14:00")
    assert f"<dd>{Reason.objects.get(code='overload').name_en}</dd>" in shown
    assert "nghỉ ốm" not in shown


def apologised(given: City, dossier: Dossier) -> None:
    fire_due(moment("2026-03-10 08:00"))
    drafted = apology.draft_apology(
        dossier.pk,
        reason="overload",
        text="",
        new_promise_at=moment("2026-03-13 17:30"),
        by=given.acting(Role.UNIT_HEAD),
        at=moment("2026-03-10 09:00"),
    )
    signing.sign_apology(drafted.pk, by=given.acting(Role.APPROVER), at=moment("2026-03-10 10:00"))


def test_an_apology_sets_both_days_side_by_side_and_can_be_downloaded(
    given: City, client: Client
) -> None:
    dossier = given.receive(RECEIVED)
    apologised(given, dossier)

    shown = page(client, dossier, "2026-03-10 11:00")

    assert re.search(r"First promised: <del><time [^>]*>Mon 9 Mar 2026</time></del>", shown)
    assert re.search(r'New appointment</p> <p class="promise__day"><time [^>]*>Fri 13 Mar', shown)
    assert "Overdue by 1 hour" in shown or "Overdue by 3 hours" in shown
    assert "apologises to you." in shown
    assert "The agency has not apologised" not in shown
    link = re.search(r'href="(/track/[^"]+/apology.pdf)"', shown)
    assert link is not None
    with time_machine.travel(moment("2026-03-10 11:30"), tick=False):
        letter = client.get(link[1])
    assert letter["Content-Type"] == "application/pdf"
    assert "no-store" in letter["Cache-Control"]
    assert letter.content.startswith(b"%PDF")


def test_a_missed_new_appointment_is_said(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)
    apologised(given, dossier)

    shown = page(client, dossier, "2026-03-16 08:00")

    assert "The new appointment has passed too." in shown


def test_there_is_no_letter_to_download_before_it_is_signed(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)
    with time_machine.travel(moment("2026-03-03 09:00"), tick=False):
        address = ask(client, str(dossier.code), "4321")["Location"]
        assert client.get(f"{address}apology.pdf").status_code == 404


def test_waiting_for_papers_lists_them_and_says_by_when(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)
    given.ask_supplement(dossier, "2026-03-03 10:00")

    shown = page(client, dossier, "2026-03-04 08:00")

    assert "Waiting for your papers" in shown
    assert "Đơn đề nghị cấp giấy phép" in shown
    assert "Hand them in by" in shown
    assert "Thiếu chữ ký" not in shown


def test_a_supplement_moves_the_day_and_the_first_stays_readable(
    given: City, client: Client
) -> None:
    dossier = given.receive(RECEIVED)
    given.ask_supplement(dossier, "2026-03-03 10:00")
    given.supply(dossier, "2026-03-10 10:00")

    shown = page(client, dossier, "2026-03-10 11:00")

    assert "First promised: <del>" in shown
    assert "Promised now" in shown
    assert "On schedule" in shown


def test_a_result_in_time_says_so_and_where_to_collect_it(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)
    given.handed_to_counter(dossier, "2026-03-04 09:00")
    given.conclude(dossier, "2026-03-04 10:00")

    shown = page(client, dossier, "2026-03-05 08:00")

    assert "The result is there, early" in shown
    assert "Collect it at UBND phường Văn Miếu - Quốc Tử Giám with your receipt." in shown
    assert "is-next" not in shown


def test_a_result_that_came_late_stays_late(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)
    given.handed_to_counter(dossier, "2026-03-10 09:00")
    given.conclude(dossier, "2026-03-11 17:30")

    shown = page(client, dossier, "2026-03-12 08:00")

    assert "The result came 2 working days late" in shown
    assert "The agency has not apologised to you yet." in shown


def test_a_result_that_the_counter_has_not_taken_over_is_still_the_units(
    given: City, client: Client
) -> None:
    dossier = given.receive(RECEIVED)
    given.handed_to_counter(dossier, "2026-03-09 16:00")

    shown = page(client, dossier, "2026-03-10 10:00")

    assert "Overdue by 2 hours" in shown
    assert "<dt>Held by</dt><dd><b>Phòng Kinh tế, Hạ tầng và Đô thị" in shown


def test_a_withdrawn_dossier_promises_nothing(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)
    ending.withdraw(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-03 09:00"))

    shown = page(client, dossier, "2026-03-12 08:00")

    assert "You have withdrawn this dossier" in shown
    assert "Overdue" not in shown


def test_a_voided_receipt_says_so(given: City, client: Client) -> None:
    dossier = given.receive(RECEIVED)
    ending.void(
        dossier.pk,
        reason="wrong_person",
        by=given.acting(Role.SUPERVISOR),
        at=moment("2026-03-02 09:00"),
    )

    assert "This receipt was voided" in page(client, dossier, "2026-03-12 08:00")


def test_a_page_takes_few_queries(
    given: City, client: Client, django_assert_max_num_queries: Any
) -> None:
    dossier = given.receive(RECEIVED)
    apologised(given, dossier)

    with django_assert_max_num_queries(14):
        page(client, dossier, "2026-03-10 11:00")


def test_the_first_page_leads_to_tracking_figures_and_login(client: Client) -> None:
    shown = client.get("/").content.decode()

    for name in ("portal:track", "portal:figures", "login"):
        assert f'"{reverse(name)}"' in shown
