"""Every page for staff in Chromium: axe finds nothing and nothing overflows; languages, themes
and widths are spread over the pages."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle, product
from typing import Any

import pytest

pytest.importorskip("playwright")
from django.core.cache import cache
from django.utils.http import urlencode

from dossiers.firing import fire_due
from dossiers.lifecycle import apology, breach, signing, submission
from dossiers.lifecycle.intake import PartyGiven
from dossiers.lifecycle.repeating import raise_repeated
from dossiers.models import Breach, RepeatedLateness
from tests.browser.test_journeys import Town, branch_of_the_centre, town
from tests.browser.test_ui_accessibility import AXE, CHROMIUM, chromium
from tests.given.campaign import CAMPAIGN, LOOKS
from tests.given.catalogue import record
from tests.given.city import City, moment
from workflows.catalogue.importing import import_procedures
from workflows.models import Post, Role

__all__ = ["chromium", "town"]  # the fixtures

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
AT = "2026-03-11 11:00"


def pages(given: City) -> list[tuple[str, str]]:
    """A page of every kind with somebody who may open it; dossiers in every state."""
    late, told, waiting, ready, done = (given.receive(f"2026-03-02 08:1{n}") for n in range(5))
    nobody = PartyGiven(role="holder", name="Nguyễn Thị Ẩm", phone="")
    unreached = given.receive("2026-03-02 08:20", parties=[nobody])
    fresh = given.receive("2026-03-10 08:10")
    given.ask_supplement(waiting, "2026-03-03 09:00")
    for dossier in (ready, done):
        given.handed_to_counter(dossier, "2026-03-04 09:00")
    given.conclude(done, "2026-03-04 10:00")
    fire_due(moment("2026-03-10 08:00"))
    answerable = Breach.objects.get(dossier=told, of="dossier")
    head = given.acting(Role.UNIT_HEAD)
    at = moment("2026-03-10 09:00")
    breach.explain_breach(answerable.pk, reason="overload", text="Quá tải", by=head, at=at)
    apology.draft_apology(
        told.pk,
        reason="overload",
        text="",
        new_promise_at=moment("2026-03-13 16:00"),
        by=head,
        at=at,
    )
    letter = apology.draft_apology(
        unreached.pk,
        reason="overload",
        new_promise_at=moment("2026-03-13 16:00"),
        by=head,
        at=at,
    )
    signing.sign_apology(letter.pk, by=given.acting(Role.APPROVER), at=at)
    raise_repeated(at)
    record_of_lateness = RepeatedLateness.objects.get()
    import_procedures([record("2.000635", unit=None)], in_force_from=at.date())
    submitted = submission.submit(
        procedure=given.procedure.code,
        channel="counter",
        receiving_agency=given.commune.pk,
        parties=[PartyGiven(role="holder", name="Nguyễn Thị Ẩm")],
        by=given.acting(Role.CLERK),
        at=at,
    )
    tried = {"procedure": given.procedure.code, "amount": "3", "unit": "working_day"}
    unexplained = Breach.objects.get(dossier=late, of="dossier")
    acts = [
        ("officer", fresh, "request_supplement"),
        ("officer", fresh, "advance"),
        ("unit_head", fresh, "assign"),
        ("clerk", waiting, "supply"),
        ("clerk", ready, "conclude"),
        ("clerk", done, "return_result"),
        ("clerk", fresh, "withdraw"),
        ("unit_head", late, "draft_apology"),
        ("approver", fresh, "discontinue"),
    ]
    return [
        ("clerk", "/work/counter/?q=giay+phep"),
        ("clerk", f"/work/counter/?procedure={given.procedure.code}"),
        ("clerk", f"/work/counter/received/{fresh.code}/"),
        ("clerk", "/work/counter/results/"),
        ("clerk", "/work/counter/submissions/"),
        ("clerk", f"/work/dossiers/{submitted.handle}/"),
        ("clerk", f"/work/dossiers/{submitted.handle}/acts/accept/"),
        ("clerk", f"/work/dossiers/{submitted.handle}/acts/refuse_at_intake/"),
        ("officer", "/work/desk/"),
        ("officer", "/work/desk/?tab=unit"),
        ("officer", "/work/search/?q=phan"),
        *((who, f"/work/dossiers/{one.code}/") for who, one in (
            ("officer", fresh), ("unit_head", late), ("approver", told), ("clerk", waiting),
            ("supervisor", done),
        )),
        *((who, f"/work/dossiers/{one.code}/acts/{act}/") for who, one, act in acts),
        ("unit_head", f"/work/dossiers/{late.code}/acts/explain_breach/?of={unexplained.pk}"),
        ("unit_head", "/work/apologies/"),
        ("clerk", "/work/counter/letters/"),
        ("clerk", f"/work/dossiers/{unreached.code}/"),
        ("clerk", f"/work/dossiers/{unreached.code}/acts/hand_over_apology/?of={letter.pk}"),
        ("approver", "/work/sign/"),
        ("supervisor", "/work/board/apologies/"),
        ("supervisor", "/work/board/repeated/"),
        ("supervisor", f"/work/board/repeated/{record_of_lateness.pk}/"),
        ("supervisor", "/work/board/"),
        ("supervisor", "/work/board/?show=judge"),
        ("catalogue_manager", "/catalogue/limits/"),
        ("catalogue_manager", "/catalogue/limits/what-if/?find=giay+phep"),
        ("catalogue_manager", f"/catalogue/limits/what-if/?{urlencode(tried)}"),
    ]  # fmt: skip


def seen(
    town: Town, who: str, path: str, look: tuple[int, str, str], states: dict[str, Any]
) -> Any:
    """What is wrong with a page as `who` sees it in one look."""
    width, theme, language = look
    page = town.in_look(width, theme, language, states.get(who))
    town.go(page, path)
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run(document)).violations")
    faults = [(fault["id"], fault["nodes"][0]["html"][:160]) for fault in found]
    over = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if over > 0:
        faults.append(("overflow", str(over)))
    if not page.locator("header.bar").count():
        faults.append(("no page", page.url))
    page.context.close()
    return faults


def looked_at(wanted: list[tuple[str, str]]) -> Iterable[tuple[tuple[str, str], Any]]:
    """Each page in one look after the other; in the campaign each in every look."""
    return product(wanted, LOOKS) if CAMPAIGN else zip(wanted, cycle(LOOKS), strict=False)


def test_the_pages_for_staff_are_accessible_and_fit(town: Town) -> None:
    Post.objects.filter(role=Role.CATALOGUE_MANAGER).update(agency=town.given.root)
    branch_of_the_centre(town.given)
    wanted = pages(town.given)
    cache.clear()
    town.at(AT)
    states = {
        who: town.at_work(who).context.storage_state()
        for who in dict.fromkeys(who for who, _path in wanted)
    }

    faults = {
        (path, *look): seen(town, who, path, look, states)
        for (who, path), look in looked_at(wanted)
    }

    assert faults == dict.fromkeys(faults, [])
