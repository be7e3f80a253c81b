"""The API's own page in Chromium: it draws every command with files of ours alone."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright")

from tests.browser.test_ui_accessibility import CHROMIUM, chromium

__all__ = ["chromium"]  # the fixture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


def test_the_api_describes_itself_without_the_network(chromium: Any, live_server: Any) -> None:
    page = chromium.new_page()
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)

    page.goto(f"{live_server.url}/api/docs/")
    page.wait_for_selector(".opblock-post")

    shown = page.locator(".opblock-summary-path").all_inner_texts()
    assert any("commands" in path and "advance" in path for path in shown)
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert faults == []
    page.close()
