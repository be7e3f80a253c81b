"""The pages of workflow definitions in Chromium: axe finds nothing and nothing overflows."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright")
from django.core.cache import cache

from tests.browser.test_journeys import Town, town
from tests.browser.test_ui_accessibility import CHROMIUM, chromium
from tests.browser.test_work_pages import looked_at, seen
from tests.given.city import City, moment
from tests.given.definitions import changed, plain_definition
from workflows.actors import TIME
from workflows.catalogue import definitions, life
from workflows.models import Definition, Post, Role

__all__ = ["chromium", "town"]  # the fixtures

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
AT = "2026-03-11 11:00"
LIST = "/catalogue/definitions/"


def pages(given: City) -> list[str]:
    """A page of every kind, with faults, versions and dossiers on them."""
    given.receive("2026-03-02 08:10")
    given.handed_to_counter(given.receive("2026-03-02 08:11"), "2026-03-04 09:00")
    old = Definition.objects.get()
    made = moment("2026-03-05 09:00")
    over = changed(
        plain_definition(),
        "sign",
        kind="consult",
        share={"amount": "9", "unit": "working_day"},
        consult={"asked": [{"who": {"role": "officer", "agency": "named", "code": "H26.C001"}}]},
        opens=[{"procedure": given.procedure.code}],
    )
    broken = life.draft(given.procedure, over, source="QĐ 12", by=TIME, at=made)
    loose = life.draft(None, plain_definition(), source="QĐ 1594", by=TIME, at=made)
    ready = life.draft(
        given.procedure,
        changed(plain_definition(), "sign", name={"vi": "Ký duyệt"}),
        by=TIME,
        at=made,
    )
    life.check(ready.pk, seen=ready.sha256, by=TIME, at=made)
    renamed = changed(plain_definition(), "appraise", name={"vi": "Thẩm tra"})
    definitions.publish(given.procedure, renamed, at=made)
    period = "?since=01/03/2026&until=31/03/2026"
    walked = "?on=02/03/2026&hour=08:10&pace=100&chosen=done"
    return [
        LIST,
        f"{LIST}?show=loose",
        f"{LIST}import/",
        *(f"{LIST}{broken.pk}/{act}" for act in ("", "edit/", "edit/sign/", "compare/")),
        f"{LIST}{broken.pk}/try/{walked}",
        f"{LIST}{loose.pk}/",
        f"{LIST}{ready.pk}/publish/",
        f"{LIST}{old.pk}/dossiers/",
        f"{LIST}{old.pk}/time/{period}",
        f"{LIST}{broken.pk}/discard/",
    ]


def test_the_pages_of_definitions_are_accessible_and_fit(town: Town) -> None:
    Post.objects.filter(role=Role.CATALOGUE_MANAGER).update(agency=town.given.root)
    wanted = [("catalogue_manager", path) for path in pages(town.given)]
    cache.clear()
    town.at(AT)
    states = {"catalogue_manager": town.at_work("catalogue_manager").context.storage_state()}

    faults = {
        (path, *look): seen(town, who, path, look, states)
        for (who, path), look in looked_at(wanted)
    }

    assert faults == dict.fromkeys(faults, [])


def test_a_workflow_is_changed_checked_and_published_without_any_script(
    town: Town, chromium: Any, live_server: Any
) -> None:
    Post.objects.filter(role=Role.CATALOGUE_MANAGER).update(agency=town.given.root)
    town.at(AT)
    session = town.at_work("catalogue_manager").context.storage_state()
    context = chromium.new_context(java_script_enabled=False, storage_state=session)
    page = context.new_page()

    page.goto(f"{live_server.url}{LIST}")
    page.get_by_role("link", name="Version 1").click()
    page.get_by_role("button", name="Begin a draft from it").click()
    page.get_by_label("Name in Vietnamese").fill("Thẩm tra thực địa")
    page.get_by_label("After").select_option("appraise")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("Share", exact=False).first.fill("9")
    page.get_by_label("Unit", exact=False).first.select_option("working_day")
    page.get_by_role("button", name="Save the step").click()
    said = page.locator("#findings").inner_text()
    page.get_by_label("Share", exact=False).first.fill("")
    page.get_by_role("button", name="Save the step").click()
    page.get_by_role("link", name="Drawing and steps").click()
    page.get_by_role("button", name="Have it checked").click()
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish").click()
    page.locator("h1").wait_for()
    context.close()

    assert "The shares of the steps make 112 working hours; the limit is 40." in said
    published = Definition.objects.get(state="published")
    keys = [step["key"] for step in published.body["steps"]]
    assert keys == ["receive", "appraise", "tham-tra-thuc-dia", "sign", "deliver"]
    assert published.version == 2
