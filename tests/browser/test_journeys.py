"""The five journeys of OneStop in Chromium, on a small city: the counter, the desk, a delay
answered for, the citizen's tracking page, the public figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("playwright")
import time_machine
from django.contrib.auth import get_user_model
from django.core.cache import cache
from playwright.sync_api import Page, expect

from dossiers.firing import fire_due
from dossiers.models import Apology, Breach, ClockRow, Dossier
from tests.browser.test_ui_accessibility import CHROMIUM, chromium
from tests.given.city import SINCE, City, city, moment
from workflows.models import Agency, Post, Role, Unit

__all__ = ["chromium"]  # the fixture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
PASSWORD = "mot-cua-2026"
PROCEDURE = "Cấp giấy phép xây dựng mới đối với nhà ở riêng lẻ"


class Town:
    """The city in a browser: who logs in, and what time it is."""

    def __init__(self, chromium: Any, site: str, clock: Any) -> None:
        self.given: City = city()
        self._chromium, self._site, self._clock = chromium, site, clock
        self._contexts: list[Any] = []
        for user in get_user_model().objects.all():
            user.set_password(PASSWORD)
            user.save()

    def at(self, text: str) -> None:
        """Let the clock show `text`, the server's and everybody's."""
        self._clock.move_to(moment(text))

    def visitor(self, path: str = "/") -> Page:
        """Somebody without a login, reading English."""
        context = self._chromium.new_context(
            locale="en-GB", viewport={"width": 1280, "height": 900}
        )
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": "django_language", "value": "en", "url": self._site}])
        self._contexts.append(context)
        page: Page = context.new_page()
        page.goto(self._site + path)
        return page

    def at_work(self, username: str) -> Page:
        """A member of staff, logged in through the login page."""
        page = self.visitor("/login/")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.locator("header.bar").wait_for()
        return page

    def in_look(self, width: int, theme: Any, language: str, state: Any) -> Page:
        """A page of somebody whose session is `state`, in one width, theme and language."""
        context = self._chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            storage_state=state,
            bypass_csp=True,
        )
        cookie = {"name": "django_language", "value": language, "url": self._site}
        context.add_cookies([cookie])
        page: Page = context.new_page()
        return page

    def go(self, page: Page, path: str) -> Page:
        page.goto(self._site + path)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def town(chromium: Any, live_server: Any, settings: Any) -> Iterator[Town]:
    settings.TRIAL_MODE = True
    settings.SITE_URL = live_server.url
    cache.clear()
    with time_machine.travel(moment("2026-03-02 08:10"), tick=True) as clock:
        built = Town(chromium, live_server.url, clock)
        yield built
        built.close()


def branch_of_the_centre(given: City) -> Agency:
    """A branch of the service centre with a counter and its clerk."""
    branch = Agency.objects.create(
        code="H26.TT01",
        name="Chi nhánh số 1 Trung tâm Phục vụ hành chính công",
        kind="branch",
        parent=given.root,
        path=f"{given.root.path}H26.TT01/",
        valid_from=SINCE,
        sort_key="chi nhanh 1",
    )
    counter = Unit.objects.create(
        agency=branch, code="H26.TT01.00", name="Quầy", kind=Unit.Kind.COUNTER, valid_from=SINCE
    )
    user = get_user_model().objects.create_user(username="quay1", password=PASSWORD)
    Post.objects.create(
        user=user,
        name="Lý Thị Hương Giang",
        title="Công chức một cửa",
        role=Role.CLERK,
        agency=branch,
        unit=counter,
        valid_from=SINCE,
    )
    return branch


def pdf_of(page: Page, link: Any) -> bytes:
    """What a link to a PDF leads to, with the session of the page."""
    answer = page.request.get(page.evaluate("element => element.href", link.element_handle()))
    assert answer.headers["content-type"] == "application/pdf"
    return bytes(answer.body())


def test_a_clerk_receives_for_another_agency_and_prints_the_receipt(town: Town) -> None:
    branch = branch_of_the_centre(town.given)
    page = town.at_work("quay1")

    page.get_by_role("searchbox", name="Procedure").press_sequentially("giay phep xay dung")
    page.get_by_role("link", name=PROCEDURE).click()
    page.get_by_label("Who hands in").fill("Phan Anh Tuấn")
    page.get_by_label("Identity number").first.fill("001088054321")
    page.get_by_role("radio", name="By authorisation").check()
    page.get_by_role("textbox", name="Holder (optional)").fill("Nguyễn Thị Ẩm")
    page.get_by_role("checkbox", name="Đơn đề nghị cấp giấy phép").check()
    page.get_by_role("button", name="Receive and print the receipt").click()
    page.get_by_role("heading", name="Received").wait_for()

    dossier = Dossier.objects.get()
    assert dossier.code is not None
    assert dossier.code.startswith("H26.TT01-260302-")
    assert (dossier.receiving_agency, dossier.answering_agency) == (branch, town.given.commune)
    expect(page.get_by_text("Mon 9 Mar 2026").first).to_be_visible()
    expect(page.get_by_text(dossier.lookup_code)).to_be_visible()
    receipt = pdf_of(page, page.get_by_role("link", name="Print the receipt"))
    assert receipt.startswith(b"%PDF-")


def test_an_officer_carries_the_dossier_and_asks_once_for_a_supplement(town: Town) -> None:
    dossier = town.given.receive("2026-03-02 08:10")
    town.at("2026-03-02 10:00")
    officer = town.at_work("officer")

    officer.get_by_role("link", name="My unit").click()
    officer.get_by_role("button", name="Take up").click()
    town.go(officer, f"/work/dossiers/{dossier.code}/")
    officer.get_by_role("link", name="supplement", exact=False).first.click()
    officer.get_by_label("Đơn đề nghị cấp giấy phép").check()
    officer.get_by_label("Reason").fill("Thiếu chữ ký của chủ hộ")
    officer.locator("form.form button.button").click()

    assert Dossier.objects.get(pk=dossier.pk).status == "supplement_requested"
    assert ClockRow.objects.get(dossier=dossier, kind="dossier").state == "stopped"

    town.at("2026-03-05 09:00")
    clerk = town.at_work("clerk")
    town.go(clerk, "/work/counter/results/")
    clerk.get_by_role("link", name="Take in").click()
    clerk.get_by_label("Original", exact=False).first.check()
    clerk.locator("form.form button.button").click()

    clock = ClockRow.objects.get(dossier=dossier, kind="dossier")
    assert (clock.state, clock.limit_at) == ("running", moment("2026-03-12 17:30"))

    officer = town.at_work("officer")
    town.go(officer, f"/work/dossiers/{dossier.code}/")
    expect(officer.get_by_text("the law allows one request in processing")).to_be_visible()
    officer.get_by_role("button", name="Done").click()
    approver = town.at_work("approver")
    town.go(approver, f"/work/dossiers/{dossier.code}/")
    approver.get_by_role("button", name="Done").click()
    town.go(clerk, "/work/counter/results/")
    clerk.get_by_role("button", name="Take over").click()
    expect(clerk.get_by_text("it is concluded")).to_be_visible()

    assert Dossier.objects.get(pk=dossier.pk).status == "concluded"


def test_a_delay_is_flagged_explained_apologised_for_and_judged(town: Town) -> None:
    dossier = town.given.receive("2026-03-02 08:10")
    town.at("2026-03-10 08:00")

    fire_due(moment("2026-03-10 08:00"))
    head = town.at_work("unit_head")
    town.go(head, f"/work/dossiers/{dossier.code}/")
    breach = Breach.objects.get(dossier=dossier, of="dossier")
    sheet = head.locator(f"#breach-{breach.pk}")
    expect(sheet.get_by_text(town.given.division.name).first).to_be_visible()
    sheet.get_by_role("link", name="Explain the delay").click()
    head.get_by_label("Reason").select_option("overload")
    head.get_by_label("What happened").fill("Ba hồ sơ lớn đến cùng một tuần.")
    head.locator("form.form button.button").click()
    head.get_by_role("link", name="apology", exact=False).first.click()
    head.get_by_label("Reason").select_option("overload")
    head.get_by_label("Day").fill("13/03/2026")
    head.get_by_label("Hour").fill("16:00")
    head.locator("form.form button.button").click()
    letter = Apology.objects.get(dossier=dossier)
    assert letter.state == Apology.State.DRAFTED

    approver = town.at_work("approver")
    town.go(approver, "/work/sign/")
    draft = approver.get_by_role("link", name="PDF")
    assert pdf_of(approver, draft).startswith(b"%PDF-")
    approver.get_by_label(f"Choose {dossier.code}").check()
    approver.get_by_role("button", name="Sign and send").click()
    expect(approver.get_by_text("1 letter is signed and sent.")).to_be_visible()
    clock = ClockRow.objects.get(dossier=dossier, kind="dossier")
    assert clock.promised_at == moment("2026-03-13 16:00")

    supervisor = town.at_work("supervisor")
    town.go(supervisor, "/work/board/?show=judge")
    supervisor.get_by_role("link", name="Read and judge").click()
    supervisor.get_by_role("button", name="Accept the explanation").click()
    assert Breach.objects.get(pk=breach.pk).state == "accepted"

    town.go(head, f"/work/dossiers/{dossier.code}/acts/draft_apology/")
    head.get_by_label("Reason").select_option("overload")
    head.get_by_label("Day").fill("20/03/2026")
    head.get_by_label("Hour").fill("16:00")
    head.locator("form.form button.button").click()
    expect(head.locator(".error-summary")).to_be_visible()
    assert Apology.objects.filter(dossier=dossier).count() == 1


def test_a_citizen_tracks_by_code_and_secret_and_learns_nothing_of_others(town: Town) -> None:
    dossier = town.given.receive("2026-03-02 08:10")
    town.at("2026-03-03 09:00")

    def asked(code: str, secret: str) -> Page:
        page = town.visitor("/track/")
        page.get_by_label("Dossier code").fill(code)
        page.get_by_label("Look-up code, or last four characters").fill(secret)
        page.get_by_role("button", name="See where my dossier is").click()
        page.wait_for_load_state()
        return page

    by_identity = asked(str(dossier.code), "4321")
    by_code = asked(str(dossier.code).lower(), dossier.lookup_code)
    for page in (by_identity, by_code):
        expect(page.get_by_text("Mon 9 Mar 2026").first).to_be_visible()
        expect(page.get_by_text("Phan Anh Tuấn")).to_have_count(0)

    wrong_secret = asked(str(dossier.code), "0000").locator("main").inner_text()
    unknown = asked("H26.C001-260302-9999", "4321").locator("main").inner_text()
    assert wrong_secret == unknown


def test_anybody_reads_the_figures_of_the_month_and_takes_them_away(town: Town) -> None:
    late, resolved = (town.given.receive(f"2026-03-02 08:1{n}") for n in range(2))
    town.given.handed_to_counter(resolved, "2026-03-04 09:00")
    town.given.conclude(resolved, "2026-03-04 10:00")
    fire_due(moment("2026-03-10 08:00"))
    town.at("2026-03-10 09:00")

    page = town.visitor("/")
    page.get_by_role("link", name="Public figures").first.click()

    row = page.get_by_role("row").filter(has_text=town.given.commune.name).first
    expect(row).to_contain_text("1 / 1")
    late_row = page.get_by_role("heading", name="Who was late")
    expect(late_row).to_be_visible()
    data = json.loads(
        page.request.get(
            page.get_by_role("link", name="JSON", exact=True).evaluate("a => a.href")
        ).text()
    )
    sheet = page.request.get(page.get_by_role("link", name="CSV").evaluate("a => a.href")).text()
    assert late.code not in sheet
    assert town.given.commune.name in json.dumps(data, ensure_ascii=False)
    assert town.given.commune.name in sheet
