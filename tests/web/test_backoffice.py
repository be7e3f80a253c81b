"""The pages for staff: each journey through the browser's own requests."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from dossiers.firing import fire_due
from dossiers.lifecycle import apology, breach, signing
from dossiers.models import AccessLog, Apology, Dossier, GuidanceSlip, Paper, Party, Status
from dossiers.statistics.verify import differences
from tests.given.city import City, city
from workflows.models import Channel, Limit, Offer, Role
from workflows.timelimit import TimeLimit

pytestmark = pytest.mark.django_db


@pytest.fixture
def given() -> City:
    return city()


def at_work(role: str) -> Client:
    """A browser in which the holder of `role` is logged in; pages come in English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(get_user_model().objects.get(username=role))
    client.cookies["django_language"] = "en"
    return client


def days_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def received(given: City, days: int = 1) -> Dossier:
    return given.receive(days_ago(days))


def late(given: City) -> Dossier:
    """Received thirty days ago under a limit of five working days, and the sweep has run."""
    dossier = received(given, 30)
    fire_due(timezone.now())
    return Dossier.objects.get(pk=dossier.pk)


def post(client: Client, dossier: Dossier, command: str, **values: Any) -> Any:
    return client.post(f"/work/dossiers/{dossier.code}/acts/{command}/", values)


def text(response: Any) -> str:
    return response.content.decode()


# Who gets in


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (Role.CLERK, "/work/counter/"),
        (Role.OFFICER, "/work/desk/"),
        (Role.UNIT_HEAD, "/work/desk/"),
        (Role.APPROVER, "/work/desk/"),
        (Role.ARCHIVE_CLERK, "/work/desk/"),
        (Role.SUPERVISOR, "/work/board/"),
    ],
)
def test_each_role_is_led_to_its_own_page(given: City, role: str, home: str) -> None:
    response = at_work(role).get("/work/")

    assert response.status_code == 302
    assert response["Location"] == home


@pytest.mark.parametrize(
    ("role", "page", "status"),
    [
        (Role.CLERK, "/work/counter/", 200),
        (Role.CLERK, "/work/counter/results/", 200),
        (Role.OFFICER, "/work/counter/", 403),
        (Role.OFFICER, "/work/desk/", 200),
        (Role.CLERK, "/work/desk/", 403),
        (Role.APPROVER, "/work/sign/", 200),
        (Role.UNIT_HEAD, "/work/sign/", 403),
        (Role.SUPERVISOR, "/work/board/", 200),
        (Role.OFFICER, "/work/board/", 403),
    ],
)
def test_a_page_opens_only_to_its_roles(given: City, role: str, page: str, status: int) -> None:
    assert at_work(role).get(page).status_code == status


def test_nobody_gets_in_without_logging_in(given: City) -> None:
    response = Client().get("/work/desk/")

    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/work/desk/"


def test_a_person_without_a_post_is_told_so(given: City) -> None:
    get_user_model().objects.create_user("nobody")

    assert "You hold no post today" in text(at_work("nobody").get("/work/"))


def test_the_bar_names_agency_post_and_spaces(given: City) -> None:
    page = text(at_work(Role.APPROVER).get("/work/desk/"))

    assert "UBND phường Văn Miếu - Quốc Tử Giám" in page
    assert 'href="/work/sign/"' in page
    assert 'href="/work/counter/"' not in page


# Counter


def form_of(given: City, **more: Any) -> dict[str, Any]:
    values = {
        "procedure": given.procedure.code,
        "idempotency_key": "key-1",
        "channel": "counter",
        "answering_agency": given.commune.pk,
        "submitter_name": "Lý Thị Hương Giang",
        "submitter_identity": "001188012345",
        "submitter_phone": "0912000418",
        "holder_is": "self",
        "holder_kind": "citizen",
        "return_method": "counter",
        f"paper-{given.paper.pk}": "1",
        f"form-{given.paper.pk}": "certified",
        f"count-{given.paper.pk}": "2",
    }
    return values | more


def test_a_procedure_is_found_by_part_of_its_name_without_diacritics(given: City) -> None:
    page = text(at_work(Role.CLERK).get("/work/counter/", {"q": "giay phep xay"}))
    part = text(at_work(Role.CLERK).get("/work/counter/procedures/", {"q": "NHÀ Ở riêng"}))

    assert "?procedure=1.009994" in page
    assert "?procedure=1.009994" in part
    assert "<html" not in part


def test_a_procedure_that_nobody_answers_for_is_not_found(given: City) -> None:
    Offer.objects.all().delete()

    page = text(at_work(Role.CLERK).get("/work/counter/procedures/", {"q": "giay phep"}))

    assert "1.009994" not in page


def test_the_promised_day_is_shown_before_anything_is_received(given: City) -> None:
    page = text(at_work(Role.CLERK).get("/work/counter/", {"procedure": given.procedure.code}))

    assert 'class="receipt__day"' in page
    assert "5 working days" in page
    assert Dossier.objects.count() == 0


def test_a_dossier_is_received_with_its_people_and_papers(given: City) -> None:
    response = at_work(Role.CLERK).post("/work/counter/", form_of(given))

    dossier = Dossier.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/work/counter/received/{dossier.code}/"
    assert dossier.receiving_unit == given.counter
    assert sorted(dossier.parties.values_list("role", "name", "identity")) == [
        ("holder", "Lý Thị Hương Giang", "001188012345"),
        ("submitter", "Lý Thị Hương Giang", "001188012345"),
    ]
    assert list(dossier.papers.values_list("item", "form", "count")) == [
        (given.paper.pk, "certified", 2)
    ]


def test_the_same_form_sent_twice_receives_once(given: City) -> None:
    client = at_work(Role.CLERK)

    first = client.post("/work/counter/", form_of(given))
    second = client.post("/work/counter/", form_of(given))

    assert first["Location"] == second["Location"]
    assert Dossier.objects.count() == 1


def test_a_holder_who_is_somebody_else_is_kept_apart(given: City) -> None:
    at_work(Role.CLERK).post(
        "/work/counter/",
        form_of(
            given,
            holder_is="authorised",
            holder_name="Phan Thị Mỹ Lệ",
            holder_identity="001099012345",
            authorised_by="Giấy uỷ quyền 05/11",
        ),
    )

    holder = Party.objects.get(role="holder")
    submitter = Party.objects.get(role="submitter")
    assert (holder.name, holder.identity) == ("Phan Thị Mỹ Lệ", "001099012345")
    assert submitter.authorised_by == "Giấy uỷ quyền 05/11"


def test_a_wrong_identity_is_said_at_its_field_and_nothing_typed_is_lost(given: City) -> None:
    response = at_work(Role.CLERK).post(
        "/work/counter/", form_of(given, submitter_identity="12-34", submitter_address="Ngõ 42")
    )

    page = text(response)
    assert response.status_code == 422
    assert Dossier.objects.count() == 0
    assert re.search(
        r'id="id_submitter_identity_error"[^>]*>.*not a valid identity', page, re.DOTALL
    )
    assert 'value="Ngõ 42"' in page
    assert 'value="certified" checked' in page
    assert "<title>Error:" in page


def test_papers_not_ticked_are_asked_about_before_receiving(given: City) -> None:
    values = form_of(given)
    del values[f"paper-{given.paper.pk}"]
    client = at_work(Role.CLERK)

    refused = client.post("/work/counter/", values)
    confirmed = client.post("/work/counter/", values | {"not_needed_because": "Đã có bản điện tử"})

    assert refused.status_code == 422
    assert "Papers of the list are missing: Đơn đề nghị cấp giấy phép." in text(refused)
    assert confirmed.status_code == 302
    assert Paper.objects.count() == 0


def test_a_form_sent_again_with_other_values_is_refused_and_then_makes_another(
    given: City,
) -> None:
    client = at_work(Role.CLERK)
    client.post("/work/counter/", form_of(given))

    refused = client.post("/work/counter/", form_of(given, submitter_name="Người khác"))
    key = re.search(r'name="idempotency_key" value="(\w+)"', text(refused))
    again = client.post(
        "/work/counter/",
        form_of(given, submitter_name="Người khác", idempotency_key=key[1] if key else ""),
    )

    assert refused.status_code == 422
    assert "differs from what was sent before" in text(refused)
    assert again.status_code == 302
    assert Dossier.objects.count() == 2


def test_looking_at_another_case_keeps_what_was_typed_and_receives_nothing(given: City) -> None:
    response = at_work(Role.CLERK).post("/work/counter/", form_of(given, look="1"))

    assert response.status_code == 200
    assert 'value="Lý Thị Hương Giang"' in text(response)
    assert Dossier.objects.count() == 0


def test_another_channel_or_case_shows_its_own_promised_day_before_receiving(
    given: City,
) -> None:
    by_post = Channel.objects.get(code="post")
    case = given.edition.cases.create(key="urgent", name="Khẩn cấp", position=1)
    for row in ({"channel": by_post}, {"case_key": case.key}):
        days = 30 if "channel" in row else 1
        limit = TimeLimit(days, "working_day").to_json()
        Limit.objects.create(procedure=given.procedure, edition=given.edition, limit=limit, **row)
    client = at_work(Role.CLERK)

    def limit_shown(**more: str) -> str:
        page = text(client.post("/work/counter/", form_of(given, look="1", **more)))
        (shown,) = re.findall(r"answers · (\d+ working days?)", page)
        return shown

    assert limit_shown() == "5 working days"
    assert limit_shown(channel="post") == "30 working days"
    assert limit_shown(case="urgent") == "1 working day"
    assert Dossier.objects.count() == 0


def test_what_is_refused_at_the_counter_has_a_reason_a_ground_and_a_slip(given: City) -> None:
    client = at_work(Role.CLERK)
    values = form_of(given, refuse="1", refusal_reason="Không thuộc thẩm quyền")

    bare = client.post("/work/counter/", values)
    assert bare.status_code == 422
    assert 'id="id_refusal_ground_error"' in text(bare)
    assert not Dossier.objects.exists()

    done = client.post("/work/counter/", values | {"refusal_ground": "Điều 17 NĐ 118/2025"})

    refused = Dossier.objects.get()
    assert (refused.status, refused.code) == (Status.NOT_ACCEPTED, None)
    assert done["Location"] == f"/work/dossiers/{refused.handle}/"
    slip = client.get(f"/work/dossiers/{refused.handle}/refusal.pdf")
    assert slip["Content-Type"] == "application/pdf"
    assert [str(line) for line in differences(timezone.now())] == []


def test_who_comes_with_too_little_gets_a_guidance_slip(given: City) -> None:
    values = form_of(given, guidance="1")
    del values[f"paper-{given.paper.pk}"]
    client = at_work(Role.CLERK)

    response = client.post("/work/counter/", values, follow=True)

    slip = GuidanceSlip.objects.get()
    assert slip.missing == ["Đơn đề nghị cấp giấy phép"]
    assert slip.number in text(response)
    assert client.get(f"/work/counter/guided/{slip.number}.pdf").content.startswith(b"%PDF")
    assert Dossier.objects.count() == 0


def test_the_receipt_is_a_pdf_for_those_who_may_see_the_dossier(given: City) -> None:
    dossier = received(given)

    response = at_work(Role.CLERK).get(f"/work/dossiers/{dossier.code}/receipt.pdf")

    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert (
        at_work(Role.ADMINISTRATOR).get(f"/work/dossiers/{dossier.code}/receipt.pdf").status_code
        == 404
    )


# Desk and the road


def test_the_desk_shows_a_new_dossier_to_be_taken_up(given: City) -> None:
    dossier = received(given)

    page = text(at_work(Role.OFFICER).get("/work/desk/"))

    assert f"/work/dossiers/{dossier.code}/acts/claim/" in page
    assert "Nguyễn Thị Ẩm" in page


def test_the_whole_road_from_taking_up_to_the_result_in_hand(given: City) -> None:
    dossier = received(given)
    officer, head, clerk = at_work(Role.OFFICER), at_work(Role.APPROVER), at_work(Role.CLERK)

    assert post(officer, dossier, "claim").status_code == 302
    assert post(officer, dossier, "advance", outcome="done").status_code == 302
    assert post(head, dossier, "advance", outcome="done").status_code == 302
    assert dossier.code in text(clerk.get("/work/counter/results/"))
    assert post(clerk, dossier, "conclude").status_code == 302
    assert post(clerk, dossier, "return_result", method="counter").status_code == 302

    assert Dossier.objects.get(pk=dossier.pk).status == Status.RETURNED


def test_a_step_that_another_holds_is_refused_with_its_sentence(given: City) -> None:
    dossier = received(given)
    post(at_work(Role.OFFICER), dossier, "claim")

    response = post(at_work(Role.OFFICER), dossier, "claim")

    assert response.status_code == 409
    assert "Đỗ Minh Khôi holds this step." in text(response)


def test_a_role_without_the_right_cannot_act_by_hand_made_requests(given: City) -> None:
    dossier = received(given)

    response = post(at_work(Role.CLERK), dossier, "advance", outcome="done")

    assert response.status_code == 403
    assert Dossier.objects.get(pk=dossier.pk).status == Status.RECEIVED


def test_a_supplement_is_asked_once_stops_the_clock_and_is_taken_in(given: City) -> None:
    dossier = received(given)
    officer, clerk = at_work(Role.OFFICER), at_work(Role.CLERK)

    nothing = post(officer, dossier, "request_supplement", reason="Thiếu")
    asked = post(officer, dossier, "request_supplement", items=[given.paper.pk], reason="Thiếu")
    stopped = text(officer.get("/work/desk/", {"tab": "stopped"}))
    slip = officer.get(f"/work/dossiers/{dossier.code}/supplement.pdf")
    supplied = post(clerk, dossier, "supply", items=[given.paper.pk], form="original")
    again = text(officer.get(f"/work/dossiers/{dossier.code}/"))

    assert nothing.status_code == 422
    assert "Pick at least one paper" in text(nothing)
    assert "Thiếu" in text(nothing)
    assert asked.status_code == supplied.status_code == 302
    assert dossier.code in stopped
    assert slip.content.startswith(b"%PDF")
    assert "the law allows one request in processing" in again
    assert "The limit starts again" in again


# The dossier's page


def test_the_page_tells_where_it_is_why_the_date_and_what_happened(given: City) -> None:
    dossier = received(given)

    page = text(at_work(Role.OFFICER).get(f"/work/dossiers/{dossier.code}/"))

    assert "Time limit: 5 working days" in page
    assert "Edition in force from" in page
    assert "Đơn đề nghị cấp giấy phép" in page
    assert "Ngô Thị Thu Hà, Bộ phận Một cửa" in page


def test_a_dossier_out_of_reach_is_not_there(given: City) -> None:
    dossier = received(given)

    for address in (f"/work/dossiers/{dossier.code}/", "/work/dossiers/H26-000000-0001/"):
        assert at_work(Role.CATALOGUE_MANAGER).get(address).status_code == 404


def test_a_look_by_who_only_watches_is_recorded(given: City) -> None:
    dossier = received(given)

    at_work(Role.OFFICER).get(f"/work/dossiers/{dossier.code}/")
    at_work(Role.SUPERVISOR).get(f"/work/dossiers/{dossier.code}/")

    assert list(AccessLog.objects.values_list("dossier", "post", "relation")) == [
        (dossier.pk, given.posts[Role.SUPERVISOR].pk, "above")
    ]


# What is late


def test_a_late_dossier_is_explained_judged_apologised_for_and_signed(given: City) -> None:
    dossier = late(given)
    owed = given.breach_of(dossier)
    head, chief, watch = at_work(Role.UNIT_HEAD), at_work(Role.APPROVER), at_work(Role.SUPERVISOR)
    new_day = apology.propose_appointment(dossier.pk, timezone.now())
    local = timezone.localtime(new_day)

    explained = post(
        head, dossier, "explain_breach", of=owed.pk, reason="overload", text="Thiếu người"
    )
    returned = post(watch, dossier, "return_explanation", of=owed.pk, question="Ai giữ?")
    again = post(head, dossier, "explain_breach", of=owed.pk, reason="overload", text="Phòng giữ")
    accepted = post(watch, dossier, "accept_explanation", of=owed.pk)
    drafted = post(
        head,
        dossier,
        "draft_apology",
        reason="overload",
        text="",
        new_promise_at_0=f"{local:%d/%m/%Y}",
        new_promise_at_1=f"{local:%H:%M}",
    )
    letter = Apology.objects.get()
    to_sign = text(chief.get("/work/sign/"))
    signed = chief.post("/work/sign/", {"letter": [letter.pk]})
    twice = post(head, dossier, "draft_apology", reason="overload", new_promise_at_0="01/01/2099")

    moves = [explained, returned, again, accepted, drafted, signed]
    assert [response.status_code for response in moves] == [302] * 6
    assert given.breach_of(dossier).state == "accepted"
    assert dossier.code in to_sign
    letter.refresh_from_db()
    assert letter.number
    assert letter.new_promise_at == new_day
    assert head.get(f"/work/apologies/{letter.pk}.pdf").content.startswith(b"%PDF")
    assert twice.status_code in (409, 422)
    assert Apology.objects.count() == 1


def test_a_second_appointment_is_refused_in_words(given: City) -> None:
    dossier = late(given)
    now = timezone.now()
    letter = apology.draft_apology(
        dossier.pk,
        reason="overload",
        new_promise_at=apology.propose_appointment(dossier.pk, now),
        by=given.acting(Role.UNIT_HEAD),
        at=now,
    )
    signing.sign_apology(letter.pk, by=given.acting(Role.APPROVER), at=now)
    later = timezone.localtime(apology.propose_appointment(dossier.pk, now)) + timedelta(days=28)

    response = post(
        at_work(Role.UNIT_HEAD),
        dossier,
        "draft_apology",
        reason="overload",
        new_promise_at_0=f"{later:%d/%m/%Y}",
        new_promise_at_1="17:30",
    )

    assert response.status_code == 409
    assert "the law allows it only once" in text(response)


def test_an_appointment_in_the_past_is_said_at_its_field(given: City) -> None:
    dossier = late(given)

    response = post(
        at_work(Role.UNIT_HEAD),
        dossier,
        "draft_apology",
        reason="overload",
        text="Chúng tôi nhận lỗi",
        new_promise_at_0="05/01/2026",
        new_promise_at_1="17:30",
    )

    page = text(response)
    assert response.status_code == 422
    assert "The new appointment must lie in the future." in page
    assert "Chúng tôi nhận lỗi" in page
    assert 'value="05/01/2026"' in page


def test_only_the_head_of_the_unit_is_offered_to_explain(given: City) -> None:
    dossier = late(given)
    address = f"/work/dossiers/{dossier.code}/"

    assert "acts/explain_breach/" in text(at_work(Role.UNIT_HEAD).get(address))
    assert "acts/explain_breach/" not in text(at_work(Role.OFFICER).get(address))
    assert "acts/explain_breach/" not in text(at_work(Role.SUPERVISOR).get(address))


def test_a_breach_of_another_dossier_cannot_be_reached_through_this_one(given: City) -> None:
    one, other = late(given), received(given)
    number = given.breach_of(one).pk

    response = post(
        at_work(Role.UNIT_HEAD), other, "explain_breach", of=number, reason="overload", text="x"
    )

    assert response.status_code == 404


def test_each_count_of_the_board_opens_exactly_its_rows(given: City) -> None:
    dossiers = [late(given) for _ in range(3)]
    received(given)
    breach.explain_breach(
        given.breach_of(dossiers[0]).pk,
        reason="overload",
        text="Thiếu người",
        by=given.acting(Role.UNIT_HEAD),
        at=timezone.now(),
    )
    client = at_work(Role.SUPERVISOR)

    seen = {}
    for show in ("late", "unexplained", "judge", "apologies"):
        response = client.get("/work/board/", {"show": show, "agency": given.commune.code})
        board = response.context["board"]
        assert board.total == len(board.rows)
        assert board.counts[show] == board.total
        seen[show] = {row.code for row in board.rows}

    codes = [dossier.code for dossier in dossiers]
    assert seen["late"] == set(codes)
    assert seen["judge"] == {codes[0]}
    assert seen["apologies"] == set(codes)
    assert client.get("/work/board/", {"agency": "H99"}).context["board"].total == 0


def test_the_search_finds_by_code_and_by_name_within_reach_only(given: City) -> None:
    dossier = received(given)

    by_name = text(at_work(Role.OFFICER).get("/work/search/", {"q": "nguyen thi am"}))
    by_code = at_work(Role.OFFICER).get("/work/search/", {"q": dossier.code.lower()})
    out_of_reach = text(at_work(Role.CATALOGUE_MANAGER).get("/work/search/", {"q": dossier.code}))

    assert dossier.code in by_name
    assert by_code["Location"] == f"/work/dossiers/{dossier.code}/"
    assert "Nothing found" in out_of_reach


# What nobody would type


@pytest.mark.parametrize(
    ("role", "address", "status"),
    [
        (Role.CLERK, "/work/counter/?procedure=%00&q=%00&at=%00", 200),
        (Role.CLERK, "/work/counter/procedures/?q=%00%25_'", 200),
        (Role.CLERK, "/work/counter/guided/%00/", 404),
        (Role.OFFICER, "/work/desk/?tab=%00", 200),
        (Role.OFFICER, "/work/dossiers/%00/", 404),
        (Role.OFFICER, "/work/search/?q=%00%00%00", 200),
        (Role.SUPERVISOR, "/work/board/?show=%00&agency=%00&unit=%00&page=99999999999", 200),
        (Role.SUPERVISOR, "/work/board/?page=²", 200),
    ],
)
def test_strange_addresses_get_an_answer(given: City, role: str, address: str, status: int) -> None:
    assert at_work(role).get(address).status_code == status


@pytest.mark.parametrize(
    "strange",
    [
        {"case": "\x00"},
        {"channel": "\x00"},
        {"channel": "fax"},
        {"answering_agency": "999999999999999999999"},
        {"answering_agency": "-1"},
        {"submitter_name": "\x00"},
        {"submitter_name": "x" * 300},
        {"idempotency_key": ""},
        {"return_method": "pigeon"},
        {"submitter_email": "no address"},
    ],
)
def test_strange_entries_at_the_counter_are_refused_in_words(
    given: City, strange: dict[str, str]
) -> None:
    client = at_work(Role.CLERK)

    looked = client.post("/work/counter/", form_of(given, look="1", **strange))
    refused = client.post("/work/counter/", form_of(given, **strange))

    assert looked.status_code == 200
    assert refused.status_code == 422
    assert 'class="error-summary"' in text(refused)
    assert Dossier.objects.count() == 0


@pytest.mark.parametrize("day", ["31/12/9999", "01/01/0001", "32/13/2026", "\x00"])
def test_a_strange_appointment_is_refused_in_words(given: City, day: str) -> None:
    dossier = late(given)

    response = post(
        at_work(Role.UNIT_HEAD),
        dossier,
        "draft_apology",
        reason="overload",
        new_promise_at_0=day,
        new_promise_at_1="17:30",
    )

    assert response.status_code == 422
    assert Apology.objects.count() == 0


def test_an_unknown_act_and_a_wrong_number_are_not_there(given: City) -> None:
    dossier = received(given)
    client = at_work(Role.UNIT_HEAD)

    assert post(client, dossier, "delete").status_code == 404
    assert post(client, dossier, "explain_breach", of="9" * 30).status_code == 404
    assert post(client, dossier, "explain_breach", of="²").status_code == 404


def test_going_back_after_an_act_never_leaves_the_house(given: City) -> None:
    dossier = received(given)

    response = post(at_work(Role.OFFICER), dossier, "claim", next="https://elsewhere.example/")

    assert response["Location"] == f"/work/dossiers/{dossier.code}/"


# Weight


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (Role.OFFICER, "/work/desk/"),
        (Role.UNIT_HEAD, "/work/desk/?tab=unit"),
        (Role.SUPERVISOR, "/work/board/?show=late"),
        (Role.SUPERVISOR, "/work/board/?show=unexplained"),
        (Role.CLERK, "/work/counter/results/"),
        (Role.CLERK, "/work/search/?q=nguyen"),
    ],
)
def test_twice_as_many_rows_take_as_many_queries(
    given: City, role: str, page: str, django_assert_max_num_queries: Any
) -> None:
    client = at_work(role)

    def fill() -> None:
        for _ in range(2):
            late(given)
            done = received(given, 3)
            given.handed_to_counter(done, f"{timezone.localtime(days_ago(2)):%Y-%m-%d %H:%M}")

    fill()
    client.get(page)  # calendars and definitions are read once a process
    with django_assert_max_num_queries(17) as first:
        client.get(page)
    fill()
    with django_assert_max_num_queries(17) as second:
        client.get(page)

    assert len(first) == len(second)


def test_a_dossier_s_page_takes_few_queries(
    given: City, django_assert_max_num_queries: Any
) -> None:
    dossier = received(given)
    client = at_work(Role.OFFICER)
    client.get(f"/work/dossiers/{dossier.code}/")

    with django_assert_max_num_queries(12):
        client.get(f"/work/dossiers/{dossier.code}/")


def test_a_late_dossier_s_page_grows_by_no_query_with_what_befell_it(
    given: City, django_assert_max_num_queries: Any
) -> None:
    dossier = late(given)
    client = at_work(Role.UNIT_HEAD)
    address = f"/work/dossiers/{dossier.code}/"
    post(
        client,
        dossier,
        "explain_breach",
        of=given.breach_of(dossier).pk,
        reason="overload",
        text="x",
    )
    apology.draft_apology(
        dossier.pk,
        reason="overload",
        text="x",
        new_promise_at=apology.propose_appointment(dossier.pk, timezone.now()),
        by=given.acting(Role.UNIT_HEAD),
        at=timezone.now(),
    )
    client.get(address)

    with django_assert_max_num_queries(12) as once:
        client.get(address)
    for _ in range(3):
        post(
            at_work(Role.SUPERVISOR),
            dossier,
            "return_explanation",
            of=given.breach_of(dossier).pk,
            question="?",
        )
        post(
            client,
            dossier,
            "explain_breach",
            of=given.breach_of(dossier).pk,
            reason="overload",
            text="y",
        )
    client.get(address)
    with django_assert_max_num_queries(12) as after:
        client.get(address)

    assert len(after) == len(once)


@pytest.mark.parametrize(
    "role", [Role.CLERK, Role.OFFICER, Role.UNIT_HEAD, Role.APPROVER, Role.SUPERVISOR]
)
def test_a_late_dossier_s_page_takes_few_queries_whoever_looks(
    given: City, role: str, django_assert_max_num_queries: Any
) -> None:
    dossier, head = received(given, 30), given.acting(Role.UNIT_HEAD)
    given.ask_supplement(dossier, f"{timezone.localtime(days_ago(29)):%Y-%m-%d %H:%M}")
    given.supply(dossier, f"{timezone.localtime(days_ago(28)):%Y-%m-%d %H:%M}")
    fire_due(timezone.now())
    delay = given.breach_of(dossier).pk
    breach.explain_breach(delay, reason="overload", text="x", by=head, at=timezone.now())
    apology.draft_apology(
        dossier.pk,
        reason="overload",
        new_promise_at=apology.propose_appointment(dossier.pk, timezone.now()),
        by=head,
        at=timezone.now(),
    )
    client, address = at_work(role), f"/work/dossiers/{dossier.code}/"
    client.get(address)

    with django_assert_max_num_queries(12):
        client.get(address)
