"""Submissions at the counter: listed by the time to answer, received, or refused with form 03."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dossiers.lifecycle import submission
from dossiers.lifecycle.intake import PaperGiven, PartyGiven
from dossiers.models import Dossier, Status
from dossiers.reading import counter as reading
from tests.given.city import City, city
from tests.web.test_backoffice import at_work, text
from workflows.models import Channel, Role

pytestmark = pytest.mark.django_db

PAGE = "/work/counter/submissions/"


@pytest.fixture
def given() -> City:
    return city()


def submitted(given: City, minutes_ago: int = 5, **more: Any) -> Dossier:
    Channel.objects.get_or_create(
        code="online", defaults={"name": "Trực tuyến", "name_en": "Online", "national_code": 2}
    )
    asked: dict[str, Any] = {
        "procedure": given.procedure.code,
        "channel": "online",
        "receiving_agency": given.commune.pk,
        "parties": [PartyGiven(role="holder", name="Nguyễn Thị Ẩm", identity="001099012345")],
        "papers": [PaperGiven(item=given.paper.pk, form="electronic")],
        "by": given.acting(Role.CLERK),
        "at": timezone.now() - timedelta(minutes=minutes_ago),
    }
    return submission.submit(**(asked | more))


def test_what_waits_is_listed_with_the_most_urgent_first_and_counted_in_the_bar(
    given: City,
) -> None:
    later, sooner = submitted(given, 5), submitted(given, 60 * 24 * 9)

    rows = reading.submissions([given.commune.pk], timezone.now())
    page = text(at_work(Role.CLERK).get(PAGE))

    assert [row.code for row in rows] == [sooner.handle, later.handle]
    assert [row.left.state == "late" for row in rows] == [True, False]
    assert '<a href="/work/counter/" aria-current="page">Counter <span class="count">2</span>' in (
        page.replace(' data-key="g q"', "")
    )


def test_another_counter_s_submissions_are_not_there(given: City) -> None:
    submitted(given)

    assert reading.submissions([given.root.pk], timezone.now()) == []


def test_a_submission_is_received_under_its_code_and_its_receipt_offered(given: City) -> None:
    dossier = submitted(given)

    answer = at_work(Role.CLERK).post(f"/work/dossiers/{dossier.handle}/acts/accept/")

    received = Dossier.objects.get()
    assert received.status == Status.RECEIVED
    assert answer["Location"] == f"/work/counter/received/{received.code}/"


def test_one_with_papers_missing_asks_why_they_are_not_needed(given: City) -> None:
    dossier = submitted(given, papers=[])
    client, address = at_work(Role.CLERK), f"/work/dossiers/{dossier.handle}/acts/accept/"

    page = client.get(address)
    refused = client.post(address, {"not_needed_because": " "})
    taken = client.post(address, {"not_needed_because": "Tra cứu được"})

    assert "Missing: Đơn đề nghị cấp giấy phép." in text(page)
    assert (refused.status_code, taken.status_code) == (422, 302)
    assert Dossier.objects.get().status == Status.RECEIVED


def test_one_is_refused_with_reason_and_ground_and_the_slip_can_be_printed(given: City) -> None:
    dossier = submitted(given)
    client, address = at_work(Role.CLERK), f"/work/dossiers/{dossier.handle}"

    bare = client.post(f"{address}/acts/refuse_at_intake/", {"reason": "x", "legal_ground": ""})
    done = client.post(
        f"{address}/acts/refuse_at_intake/",
        {"reason": "Không thuộc thẩm quyền", "legal_ground": "Điều 17 NĐ 118/2025"},
    )
    page = text(client.get(done["Location"]))
    slip = client.get(f"{address}/refusal.pdf")

    assert (bare.status_code, done.status_code) == (422, 302)
    assert Dossier.objects.get().status == Status.NOT_ACCEPTED
    assert f"{address}/refusal.pdf" in page
    assert (slip.status_code, slip["Content-Type"]) == (200, "application/pdf")


def test_a_form_that_is_not_due_is_not_there(given: City) -> None:
    dossier, client = submitted(given), at_work(Role.CLERK)

    for name in ("refusal", "stop", "control-slip"):
        assert client.get(f"/work/dossiers/{dossier.handle}/{name}.pdf").status_code == 404


def test_the_page_of_one_tells_the_time_to_answer(given: City) -> None:
    dossier = submitted(given, 60 * 24 * 9)

    page = text(at_work(Role.CLERK).get(f"/work/dossiers/{dossier.handle}/"))

    assert "Time to answer" in page
    assert "time-left--late" in page
    assert "Why this date?" not in page


def test_an_officer_does_not_get_the_list(given: City) -> None:
    assert at_work(Role.OFFICER).get(PAGE).status_code == 403


def test_twice_as_many_submissions_take_as_many_queries(
    given: City, django_assert_max_num_queries: Any
) -> None:
    client = at_work(Role.CLERK)
    submitted(given)
    client.get(PAGE)
    with django_assert_max_num_queries(12) as few:
        client.get(PAGE)
    for _ in range(3):
        submitted(given)

    with django_assert_max_num_queries(12) as many:
        client.get(PAGE)

    assert len(few) == len(many)
