"""The frames: language, theme, the bar, the login page, and what a page may weigh."""

import gzip
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory

from onestop.ui.context import frame

BUDGET = 150_000  # bytes a page may weigh, fonts and styles included


@pytest.fixture
def _trial(settings):
    settings.TRIAL_MODE = True


@pytest.mark.django_db
def test_a_page_is_vietnamese_until_english_is_chosen(client):
    first = client.get("/login/", headers={"accept-language": "en-GB"})
    client.post("/language/setlang/", {"language": "en", "next": "/login/"})
    second = client.get("/login/")

    assert '<html lang="vi"' in first.content.decode()
    assert '<html lang="en"' in second.content.decode()


@pytest.mark.django_db
def test_a_failed_login_says_so_and_keeps_the_name(client):
    page = client.post("/login/", {"username": "thuha.quay3", "password": "wrong"}).content.decode()

    assert 'value="thuha.quay3"' in page
    assert "error-summary" in page
    assert re.search(r"<title>\s*Lỗi:", page)


@pytest.mark.django_db
def test_the_chosen_theme_is_remembered_and_can_be_given_back(client):
    client.post("/ui/theme/", {"theme": "dark", "next": "/login/"})
    dark = client.get("/login/").content.decode()
    client.post("/ui/theme/", {"theme": "", "next": "/login/"})

    assert 'data-theme="dark"' in dark
    assert "data-theme=" not in client.get("/login/").content.decode().split("<body")[0]


@pytest.mark.django_db
def test_the_theme_switch_never_leads_to_another_site(client):
    response = client.post("/ui/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})

    assert response.headers["Location"] == "/"


@pytest.mark.django_db
def test_the_gallery_is_closed_to_strangers_outside_trial_mode(client, settings):
    settings.TRIAL_MODE = settings.DEBUG = False

    assert client.get("/ui/components/").status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("_trial")
def test_every_page_says_that_it_is_a_trial(client):
    assert "Chế độ dùng thử" in client.get("/ui/components/").content.decode()
    assert "Chế độ dùng thử" in client.get("/login/").content.decode()


def request_at(path, **attributes):
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    for name, value in attributes.items():
        setattr(request, name, value)
    return request


def test_the_bar_marks_the_space_the_page_lies_in():
    spaces = [("desk", "Bàn việc", "/desk/", 24), ("board", "Bảng theo dõi", "/board/", None)]
    workplace = SimpleNamespace(agency_name="UBND phường Ba Đình", title="", spaces=spaces)

    bar = frame(request_at("/desk/H26/", workplace=workplace))["bar"]

    assert [(space.key, space.current, space.shortcut) for space in bar["spaces"]] == [
        ("desk", True, "d"),
        ("board", False, "b"),
    ]


def test_the_bar_stands_without_a_workplace():
    bar = frame(request_at("/"))["bar"]

    assert (bar["agency_name"], bar["person"], bar["spaces"]) == ("", "", [])


@pytest.mark.parametrize("name", ["403.html", "404.html", "500.html"])
def test_error_pages_render_without_anything_given(name):
    assert "OneStop" in render_to_string(name)


def test_a_work_page_stays_within_its_weight():
    def weight(path):
        content = Path(finders.find(path)).read_bytes()
        return len(content) if path.endswith("woff2") else len(gzip.compress(content))

    fonts = [
        f"ui/fonts/{name}-{step}"
        for step in (400, 500, 600)
        for name in ("be-vietnam-pro-latin", "be-vietnam-pro-vietnamese", "onestop-digits")
    ]
    files = [f"{font}-normal.woff2" if "pro" in font else f"{font}.woff2" for font in fonts]
    styles = ["tokens", "type", "layout", "tables", "forms", "components", "charts", "print"]
    files += [f"ui/css/{style}.css" for style in styles] + ["ui/js/keys.js", "ui/js/theme.js"]
    files.append("django_htmx/htmx-2.min.js")

    assert sum(weight(path) for path in files) + 10_000 < BUDGET  # and the page itself
