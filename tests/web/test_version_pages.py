"""The pages of a version that need its dossiers: who is under way, moving them, where time went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dossiers.lifecycle import ending
from dossiers.models import Dossier, Event, Timer
from dossiers.reading.step_times import step_times
from tests.given.city import City, city, moment
from tests.given.definitions import changed, plain_definition
from workflows.catalogue import definitions
from workflows.editing import replace_step
from workflows.models import Definition, DefinitionAct, Role

pytestmark = pytest.mark.django_db

NOW = moment("2026-03-03 10:00")


@pytest.fixture
def here() -> City:
    return city()


def login(client: Any, role: str = Role.CATALOGUE_MANAGER) -> None:
    client.force_login(get_user_model().objects.get(username=role))
    client.cookies["django_language"] = "en"


def new_version(here: City) -> Definition:
    body = plain_definition()
    body = replace_step(body, "appraise", {**body["steps"][1], "key": "examine"})
    return definitions.publish(here.procedure, body, at=moment("2026-03-01 00:00"))


def of(version: Definition, act: str) -> str:
    return f"/catalogue/definitions/{version.pk}/{act}/"


def mapping(**more: str) -> dict[str, str]:
    to = {"receive": "receive", "appraise": "examine", "sign": "sign", "deliver": "deliver"}
    return {f"to-{key}": value for key, value in (to | more).items()}


def post(client: Any, address: str, **given: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        return client.post(address, {"which": "all", "reason": "QĐ 12"} | given)


def get(client: Any, address: str) -> str:
    with time_machine.travel(NOW, tick=False):
        answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_is_under_way_is_listed_by_code_and_step_and_nobody_is_named(client, here):
    login(client)
    dossier, ended = here.receive("2026-03-02 08:10"), here.receive("2026-03-02 08:11")
    ending.withdraw(ended.pk, by=here.acting(Role.CLERK), at=moment("2026-03-02 09:00"))
    old = Definition.objects.get()

    shown = get(client, of(old, "dossiers"))

    assert "H26.C001-260302-<b>0001</b>" in shown
    assert "<b>0002</b>" not in shown
    assert "Appraise" in shown
    assert "Nguyễn Thị Ẩm" not in shown
    assert "Move to version" not in shown
    assert dossier.pk


def test_moving_is_previewed_then_done_and_recorded(client, here):
    login(client)
    for minute in range(3):
        here.receive(f"2026-03-02 08:1{minute}")
    old, to = Definition.objects.get(), new_version(here)
    timers = list(Timer.objects.order_by("pk").values_list("pk", "kind", "fires_at"))

    form = get(client, of(old, "dossiers"))
    told = post(client, of(old, "dossiers"), **mapping())
    untouched = Dossier.objects.filter(definition=old).count()
    done = post(client, of(old, "dossiers"), confirmed="1", **mapping())

    assert "Move to version 2, which is in force" in form
    assert "3 dossiers would go on by version 2." in told.content.decode()
    assert untouched == 3
    assert done.status_code == 302
    assert Dossier.objects.filter(definition=to).count() == 3
    assert Event.objects.filter(kind="moved_to_version").count() == 3
    assert list(Timer.objects.order_by("pk").values_list("pk", "kind", "fires_at")) == timers
    act = DefinitionAct.objects.get(definition=to, kind="moved_to")
    assert (act.facts["moved"], act.facts["timers_changed"]) == (3, 0)
    assert act.facts["timers_before"] == act.facts["timers_after"] == len(timers)
    shown = get(client, f"/catalogue/definitions/{to.pk}/")
    assert "3 moved from version 1, 0 refused" in shown


def test_a_selection_is_moved_and_the_others_stay(client, here):
    login(client)
    first, _second = here.receive("2026-03-02 08:10"), here.receive("2026-03-02 08:11")
    old, to = Definition.objects.get(), new_version(here)
    given = mapping() | {"which": "selected", "chosen": [first.code], "confirmed": "1"}

    post(client, of(old, "dossiers"), **given)

    assert list(Dossier.objects.filter(definition=to)) == [first]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"to-appraise": ""}, "to-appraise"),
        ({"to-appraise": "-"}, "to-appraise"),
        ({"to-sign": "nowhere"}, "to-sign"),
        ({"reason": ""}, "reason"),
        ({"which": "selected"}, "which"),
    ],
)
def test_a_mapping_that_is_not_total_is_refused_at_its_field(client, here, given, field):
    login(client)
    here.receive("2026-03-02 08:10")
    old = Definition.objects.get()
    new_version(here)

    answer = post(client, of(old, "dossiers"), **(mapping() | {"confirmed": "1"} | given))

    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert Dossier.objects.filter(definition=old).count() == 1


def test_what_does_not_fit_is_said_before_and_refused_one_by_one(client, here):
    login(client)
    here.receive("2026-03-02 08:10")
    old = Definition.objects.get()
    new_version(here)

    told = post(client, of(old, "dossiers"), **mapping(appraise="deliver"))
    done = client.post(
        of(old, "dossiers"),
        mapping(appraise="deliver") | {"which": "all", "reason": "x", "confirmed": "1"},
        follow=True,
    )

    assert "Some of them would be refused" in told.content.decode()
    assert "A dossier waits at the counter exactly where" in done.content.decode()
    assert Dossier.objects.filter(definition=old).count() == 1


@pytest.mark.parametrize("role", ["inspector", "supervisor"])
def test_who_only_reads_moves_nothing(client, here, role):
    login(client, role)
    here.receive("2026-03-02 08:10")
    old = Definition.objects.get()
    new_version(here)

    assert "Move to version" not in get(client, of(old, "dossiers"))
    assert post(client, of(old, "dossiers"), confirmed="1", **mapping()).status_code == 403
    assert Dossier.objects.filter(definition=old).count() == 1


@pytest.mark.parametrize("role", ["clerk", "officer", "approver", "administrator"])
def test_nobody_else_sees_these_pages(client, here, role):
    login(client, role)
    old = Definition.objects.get()

    assert {client.get(of(old, act)).status_code for act in ("dossiers", "time")} == {403}


def worked(here: City, day: str, hours: int) -> Dossier:
    """Received at eight, appraised after so many hours of that day."""
    dossier = here.receive(f"{day} 08:00")
    here.advance(dossier, Role.OFFICER, f"{day} {8 + hours:02d}:00")
    return dossier


def test_where_time_went_is_median_and_ninth_decile_against_the_share(here):
    for day, hours in (("2026-03-02", 1), ("2026-03-03", 2), ("2026-03-04", 3)):
        worked(here, day, hours)
    version = Definition.objects.get()

    times = {
        one.key: one
        for one in step_times(
            version, moment("2026-03-01 00:00").date(), moment("2026-03-31 00:00").date()
        )
    }

    appraised = times["appraise"]
    assert (appraised.passages, appraised.median) == (3, timedelta(hours=2))
    assert appraised.ninth_decile == timedelta(hours=2, minutes=48)
    assert (appraised.share, appraised.heat) == (timedelta(hours=28), 0)
    assert (times["deliver"].passages, times["deliver"].heat) == (0, None)


def test_a_period_holds_what_ended_in_it_both_days_included(here):
    worked(here, "2026-03-02", 1)
    worked(here, "2026-03-04", 3)
    version = Definition.objects.get()

    def passages(since: str, until: str) -> int:
        found = step_times(version, moment(since).date(), moment(until).date())
        return {one.key: one.passages for one in found}["appraise"]

    assert passages("2026-03-02 00:00", "2026-03-04 00:00") == 2
    assert passages("2026-03-03 00:00", "2026-03-03 00:00") == 0
    assert passages("2026-03-04 00:00", "2026-03-04 00:00") == 1


def test_more_than_the_share_is_hot_and_said_in_words(client, here):
    body = changed(plain_definition(), "appraise", share={"amount": "1", "unit": "working_hour"})
    definitions.publish(here.procedure, body, at=moment("2026-03-01 00:00"))
    for day, hours in (("2026-03-02", 2), ("2026-03-03", 3)):
        worked(here, day, hours)
    login(client)
    version = Definition.objects.get(version=2)

    shown = get(client, of(version, "time") + "?since=01/03/2026&until=31/03/2026")

    assert 'class="step is-heat-3"' in shown
    assert "half and more use more than the share" in shown
    assert '<td class="number" data-label="Half within">2\xa0hours 30\xa0min' in shown


def test_a_step_without_a_share_is_reckoned_too(here):
    body = changed(plain_definition(), "appraise", share=None)
    definitions.publish(here.procedure, body, at=moment("2026-03-01 00:00"))
    worked(here, "2026-03-02", 2)
    version = Definition.objects.get(version=2)

    day = moment("2026-03-02 00:00").date()
    appraised = step_times(version, day, day)[1]

    assert (appraised.median, appraised.share, appraised.heat) == (timedelta(hours=2), None, None)


def test_a_wrong_period_is_said_and_an_empty_one_too(client, here):
    login(client)
    version = Definition.objects.get()

    wrong = get(client, of(version, "time") + "?since=05/03/2026&until=01/03/2026")

    far = get(client, of(version, "time") + "?since=01/01/0001&until=31/12/9999")

    assert "The last day lies before the first." in wrong
    assert far.count("Give a day between 2000 and 2100.") == 4
    assert "No step was finished in this period" in get(client, of(version, "time"))


def test_addresses_and_choices_that_no_page_offers_are_nobodys(client, here):
    login(client)
    here.receive("2026-03-02 08:10")
    old = Definition.objects.get()
    new_version(here)
    given = mapping() | {"which": "selected", "chosen": ["\x00", "nowhere"], "confirmed": "1"}

    assert "No dossier is under way" in get(client, of(old, "dossiers") + "?step=%00nowhere")
    assert post(client, of(old, "dossiers"), **given).status_code == 302
    assert Dossier.objects.filter(definition=old).count() == 1


def test_drafts_have_no_dossiers(client, here):
    login(client)
    draft = Definition.objects.create(
        procedure=here.procedure, version=9, body=plain_definition(), sha256="1" * 64
    )

    assert {client.get(of(draft, act)).status_code for act in ("dossiers", "time")} == {404}


@pytest.mark.parametrize("act", ["dossiers", "time"])
def test_as_many_queries_for_many_dossiers_as_for_few(client, here, act):
    login(client)
    old = Definition.objects.get()
    worked(here, "2026-03-02", 1)
    new_version(here)
    get(client, of(old, act))
    with CaptureQueriesContext(connection) as few:
        get(client, of(old, act))
    definitions.publish(here.procedure, plain_definition(), at=moment("2026-03-01 00:01"))
    body = changed(plain_definition(), "sign", name={"vi": "Ký"})
    other = definitions.publish(here.procedure, body, at=moment("2026-03-01 00:02"))
    for _n in range(6):
        worked(here, "2026-03-02", 2)
    new_version(here)
    get(client, of(other, act))

    with CaptureQueriesContext(connection) as many:
        get(client, of(other, act))

    assert len(few) == len(many)
