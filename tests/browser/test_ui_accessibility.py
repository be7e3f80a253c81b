"""The design system in Chromium: axe finds nothing, nothing overflows, keys rest while typing."""

import os
import shutil
from pathlib import Path

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import sync_playwright

from tests.given.campaign import CAMPAIGN, LOOKS

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
GALLERY, LOGIN = "/ui/components/", "/login/"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def chromium():
    # Playwright's loop runs in this thread; Django then takes every query for an asynchronous one.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def site(live_server, settings):
    settings.TRIAL_MODE = True
    return live_server.url


def opened(chromium, address, width=1280, theme="light", language="vi"):
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True
    )
    context.add_cookies([{"name": "django_language", "value": language, "url": address}])
    page = context.new_page()
    page.goto(address)
    return page


@pytest.mark.parametrize("look", LOOKS if CAMPAIGN else LOOKS[::2])
@pytest.mark.parametrize("path", [GALLERY, LOGIN])
def test_axe_finds_nothing(chromium, site, path, look):
    page = opened(chromium, site + path, *look)

    page.evaluate(AXE)
    found = page.evaluate("axe.run()")["violations"]

    assert [(each["id"], each["nodes"][0]["target"]) for each in found] == []


@pytest.mark.parametrize("width", [320, 360, 768, 1280, 1680])
@pytest.mark.parametrize("path", [GALLERY, LOGIN])
def test_nothing_is_wider_than_the_window(chromium, site, path, width):
    page = opened(chromium, site + path, width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_list_is_walked_by_keys(chromium, site):
    page = opened(chromium, site + GALLERY)
    page.evaluate("document.activeElement.blur()")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")

    assert page.locator("[data-row]").nth(1).get_attribute("class") == "is-cursor is-chosen"
    assert page.locator("[data-row] input").nth(1).is_checked()


def test_letters_rest_while_somebody_types(chromium, site):
    page = opened(chromium, site + GALLERY)

    page.locator("textarea").fill("")
    page.keyboard.type("jx?")

    assert page.locator("textarea").input_value() == "jx?"
    assert page.locator(".is-cursor").count() == 0
    assert not page.locator("#keys-dialog").is_visible()


def test_letters_can_be_switched_off(chromium, site):
    page = opened(chromium, site + GALLERY)
    page.evaluate("document.activeElement.blur()")

    page.keyboard.press("?")
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")

    assert page.locator(".is-cursor").count() == 0


def test_the_theme_switches_without_leaving_the_page(chromium, site):
    page = opened(chromium, site + "/login/")
    page.context.add_cookies([{"name": "onestop_theme", "value": "dark", "url": site}])

    page.reload()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"


def test_the_password_can_be_shown(chromium, site):
    page = opened(chromium, site + LOGIN)
    page.locator("#id_password").fill("mật khẩu")

    page.locator("[data-reveal]").click()

    assert page.locator("#id_password").get_attribute("type") == "text"
    assert page.locator("#id_password").input_value() == "mật khẩu"
