"""The public pages in Chromium: axe finds nothing and nothing overflows, on a desk and a phone."""

from __future__ import annotations

import os
from typing import Any

import pytest

pytest.importorskip("playwright")
import time_machine
from django.conf import settings as project
from django.core.cache import cache

from dossiers import codes
from dossiers.firing import fire_due
from dossiers.lifecycle import apology, signing
from tests.browser.test_ui_accessibility import AXE, CHROMIUM, chromium, opened
from tests.given.campaign import CAMPAIGN, LOOKS
from tests.given.city import City, city, moment
from workflows.models import Role

__all__ = ["chromium"]  # the fixture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
NOW = moment("2026-03-11 11:00")
SHOTS = os.environ.get("ONESTOP_SHOTS", "")


def link(dossier: Any) -> str:
    return codes.tracking_path(dossier.handle, key=str(project.SECRET_KEY).encode())


def addresses(given: City) -> dict[str, str]:
    """A public page of every kind, with dossiers in time, late, apologised for, waiting, ended."""
    late, told, waiting, early = (given.receive(f"2026-03-02 08:1{n}") for n in range(4))
    given.ask_supplement(waiting, "2026-03-03 09:00")
    given.handed_to_counter(early, "2026-03-04 09:00")
    given.conclude(early, "2026-03-04 10:00")
    in_time = given.receive("2026-03-09 08:10")
    fire_due(moment("2026-03-10 08:00"))
    drafted = apology.draft_apology(
        told.pk,
        reason="overload",
        new_promise_at=moment("2026-03-13 17:30"),
        by=given.acting(Role.UNIT_HEAD),
        at=moment("2026-03-10 09:00"),
    )
    signing.sign_apology(drafted.pk, by=given.acting(Role.APPROVER), at=moment("2026-03-10 10:00"))
    return {
        "home": "/",
        "track": "/track/",
        "in-time": link(in_time),
        "late": link(late),
        "apologised": link(told),
        "waiting": link(waiting),
        "done": link(early),
        "figures": "/figures/?kind=communes",
    }


@pytest.mark.parametrize("look", LOOKS if CAMPAIGN else LOOKS[::4])
def test_the_public_pages_are_accessible_and_fit(
    chromium: Any, live_server: Any, settings: Any, look: tuple[int, str, str]
) -> None:
    settings.TRIAL_MODE = True
    cache.clear()
    faults = {}
    with time_machine.travel(NOW, tick=True):
        for name, path in addresses(city()).items():
            page = opened(chromium, live_server.url + path, *look)
            page.evaluate(AXE)
            found = page.evaluate("async () => (await axe.run(document)).violations")
            faults[name] = [(fault["id"], fault["nodes"][0]["html"][:120]) for fault in found]
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if over > 0:
                faults[name].append(("overflow", over))
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/{name}-{look[0]}.png", full_page=True)
            page.context.close()

    assert faults == dict.fromkeys(faults, [])
