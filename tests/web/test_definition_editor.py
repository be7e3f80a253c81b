"""The editor of workflow definitions: a draft saved at each act, nothing typed lost, no manager
overwriting another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from tests.given.city import SINCE, City, city
from tests.given.definitions import changed, plain_definition, step
from workflows import editing, parsing
from workflows.actors import TIME
from workflows.backoffice.step_editor import StepEditor
from workflows.catalogue import life
from workflows.models import Definition, Post, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> City:
    return city(roles=[Role.CLERK])


@pytest.fixture
def draft(client: Any, here: City) -> Definition:
    """A draft, its manager logged in."""
    user = get_user_model().objects.create_user(username="manager")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    Post.objects.create(
        user=user, name="Ế", title="", role=Role.CATALOGUE_MANAGER, agency=here.root,
        valid_from=SINCE,
    )  # fmt: skip
    return life.draft(here.procedure, plain_definition(), by=TIME, at=timezone.now())


def edit(draft: Definition, key: str = "") -> str:
    return f"/catalogue/definitions/{draft.pk}/edit/{key}{'/' if key else ''}"


def fresh(draft: Definition) -> Definition:
    return Definition.objects.get(pk=draft.pk)


def keys(draft: Definition) -> list[str]:
    return [one["key"] for one in fresh(draft).body["steps"]]


def sent(client: Any, draft: Definition, act: str, **given: Any) -> Any:
    return client.post(edit(draft), {"act": act, "seen": fresh(draft).sha256} | given)


def fields(body: Any, key: str) -> dict[str, str]:
    """What a browser would send of a step's form that nobody touched."""
    editor = StepEditor(body, editing.step(body, key))
    given = {f"{name}-rows": str(count) for name, count in editor.counts.items()}
    for form in editor.forms:
        for bound in form:
            value = bound.value()
            if isinstance(value, bool):
                given |= {bound.html_name: "on"} if value else {}
            else:
                given[bound.html_name] = "" if value is None else str(value)
    return given


def test_steps_are_ordered_added_and_taken_away_each_act_being_saved(client, draft):
    sent(client, draft, "up", step="sign")
    moved = keys(draft)
    sent(client, draft, "down", step="sign")
    answer = sent(
        client, draft, "add",
        **{"add-name": "Thẩm tra thực địa", "add-kind": "check", "add-after": "appraise"},
    )  # fmt: skip
    added = keys(draft)
    sent(client, draft, "remove", step="appraise")

    assert moved == ["receive", "sign", "appraise", "deliver"]
    assert added == ["receive", "appraise", "tham-tra-thuc-dia", "sign", "deliver"]
    assert answer.headers["Location"] == edit(draft, "tham-tra-thuc-dia")
    assert keys(draft) == ["receive", "tham-tra-thuc-dia", "sign", "deliver"]
    assert editing.step(fresh(draft).body, "receive")["outcomes"][0]["to"] == "tham-tra-thuc-dia"
    kinds = draft.acts.values_list("kind", flat=True)
    assert list(kinds) == ["drafted", *["revised"] * 4]


def test_drawing_and_findings_stand_beside_what_was_just_changed(client, draft):
    sent(client, draft, "add", **{"add-name": "Thừa", "add-kind": "check", "add-after": "deliver"})

    shown = client.get(edit(draft)).content.decode()

    assert '<svg class="flow"' in shown
    assert "Thừa" in shown
    assert "before the result has been handed to the counter" in shown


def test_a_step_saved_untouched_is_the_step_it_was(client, draft):
    for key in keys(draft):
        answer = client.post(
            edit(draft, key), fields(draft.body, key) | {"seen": fresh(draft).sha256}
        )
        assert answer.status_code == 302

    assert parsing.parse(fresh(draft).body) == parsing.parse(plain_definition())


def real_bodies() -> list[Any]:
    entries = json.loads(Path("workflows/fixtures/demo/definitions.json").read_text("utf-8"))
    return [entry["definition"] for entry in entries]


def test_every_step_of_the_real_definitions_survives_its_form(here):
    odd = changed(
        plain_definition(),
        "appraise",
        outcomes=[
            {"key": "done", "label": {"vi": "Xong", "en": "Done"}, "when": {"var": "paid"},
             "to": [{"to": "sign", "when": {">": [{"var": "area"}, 250.5]}}, {"to": "deliver"}]},
            {"key": "odd", "label": {"vi": "Lạ"}, "to": [{"to": "sign", "when": {"var": "a"}}]},
        ],
        who={"role": "officer", "agency": "chosen", "chosen_at": "receive", "unit": "02",
             "assignment": "same", "same_as": "receive"},
        needs=["paper:Đơn", "result:giấy phép"], gives=["result:x"], optional=True,
        kind="consult",
        consult={"asked": [{"who": {"role": "officer", "agency": "named", "code": "H26.D05"},
                            "share": {"amount": "2.5", "unit": "working_day"},
                            "units": [{"who": {"role": "officer", "agency": "named",
                                               "code": "H26.D05", "unit": "03"},
                                       "share": {"amount": "1", "unit": "working_day"}}]}],
                 "answers": "any", "late": "go_on"},
        opens=[{"procedure": "1.004222", "waits": False, "when": {"var": "b.c"},
                "who": {"role": "officer", "agency": "named", "code": "H26.CA", "unit": "02"}}],
    )  # fmt: skip

    for body in [*real_bodies(), odd]:
        for one in body["steps"]:
            editor = StepEditor(body, one, fields(body, one["key"]))
            assert editor.is_valid(), [form.errors for form in editor.forms]
            after = editing.replace_step(body, one["key"], editor.given())
            assert parsing.parse(after) == parsing.parse(body)


def test_what_no_field_asks_for_stays_as_it_was(here):
    body = changed(plain_definition(), "sign", later={"a": 1}, kind="consult", consult={
        "asked": [{"who": {"role": "officer", "rank": 2}, "note": "x"}], "answers": "all",
        "late": "wait", "quorum": 1,
    }, opens=[{"procedure": "1.1", "waits": True, "order": 3}])  # fmt: skip
    body["steps"][2]["outcomes"][0]["mark"] = True
    body["steps"][2]["who"]["rank"] = 1
    one = editing.step(body, "sign")

    editor = StepEditor(body, one, fields(body, "sign"))

    assert editor.is_valid()
    given = editor.given()
    assert (given["later"], given["who"]["rank"]) == ({"a": 1}, 1)
    assert given["outcomes"][0]["mark"] is True
    assert given["consult"]["quorum"] == 1
    assert given["consult"]["asked"][0]["note"] == "x"
    assert given["consult"]["asked"][0]["who"]["rank"] == 2
    assert given["opens"][0]["order"] == 3


def test_outcomes_are_added_joined_and_taken_away(client, draft):
    given = fields(draft.body, "sign") | {
        "seen": draft.sha256,
        "outcome-1-gone": "on",
        "outcome-2-key": "refuse",
        "outcome-2-label_vi": "Từ chối",
        "outcome-2-to": "deliver",
        "outcome-2-when": 'kind == "villa"',
    }

    client.post(edit(draft, "sign"), given)

    assert editing.step(fresh(draft).body, "sign")["outcomes"] == [
        {"key": "done", "label": {"vi": "Done"}, "to": "deliver"},
        {
            "key": "refuse",
            "label": {"vi": "Từ chối"},
            "to": "deliver",
            "when": {"==": [{"var": "kind"}, "villa"]},
        },
    ]


def test_a_changed_key_is_changed_wherever_it_is_spoken_of_and_the_page_goes_along(client, draft):
    given = fields(draft.body, "appraise") | {"seen": draft.sha256, "step-key": "examine"}

    answer = client.post(edit(draft, "appraise"), given)

    assert answer.headers["Location"] == edit(draft, "examine")
    assert editing.step(fresh(draft).body, "receive")["outcomes"][0]["to"] == "examine"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("step-name_vi", ""),
        ("step-key", "Ký"),
        ("step-key", "sign"),
        ("step-key", "end"),
        ("step-amount", "bốn"),
        ("step-needs", "Đơn"),
        ("step-answers", "nhiều"),
        ("outcome-0-when", "area >"),
        ("outcome-0-ways", "sign"),
        ("outcome-0-to", "nowhere"),
        ("outcome-0-label_vi", ""),
        ("asked-0-units", "03 mười"),
        ("opened-0-when", "("),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_everything_typed_stays(client, draft, name, value):
    given = fields(draft.body, "appraise") | {
        "seen": draft.sha256,
        "step-name_en": "Thoroughly typed",
        name: value,
    }

    answer = client.post(edit(draft, "appraise"), given)

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{name}_error"' in shown
    assert "Thoroughly typed" in shown
    assert fresh(draft).body == plain_definition()


def test_what_another_manager_saved_is_not_overwritten_and_what_was_typed_stays(client, draft):
    given = fields(draft.body, "sign") | {"seen": draft.sha256, "step-name_vi": "Ký của tôi"}
    theirs = changed(plain_definition(), "sign", name={"vi": "Ký của họ"})
    life.revise(draft.pk, theirs, seen=draft.sha256, by=TIME, at=timezone.now())

    answer = client.post(edit(draft, "sign"), given)

    shown = answer.content.decode()
    assert answer.status_code == 409
    assert fresh(draft).body == theirs
    assert "Ký của tôi" in shown
    assert "Ký của họ" in shown
    again = given | {"seen": fresh(draft).sha256}
    assert client.post(edit(draft, "sign"), again).status_code == 302
    assert editing.step(fresh(draft).body, "sign")["name"]["vi"] == "Ký của tôi"


def test_a_step_taken_away_meanwhile_is_said(client, draft):
    given = fields(draft.body, "appraise") | {"seen": draft.sha256}
    life.revise(
        draft.pk,
        editing.remove_step(draft.body, "appraise"),
        seen=draft.sha256,
        by=TIME,
        at=timezone.now(),
    )

    answer = client.post(edit(draft, "appraise"), given, follow=True)

    assert "Somebody took this step away meanwhile." in answer.content.decode()
    assert client.get(edit(draft, "appraise")).status_code == 404


@pytest.mark.parametrize("act", ["up", "remove", "add", "whole"])
def test_no_act_is_done_on_what_another_manager_changed(client, draft, act):
    theirs = editing.add_step(draft.body, step("inspect", "check", "end"), "appraise")
    life.revise(draft.pk, theirs, seen=draft.sha256, by=TIME, at=timezone.now())

    answer = client.post(
        edit(draft),
        {"act": act, "seen": draft.sha256, "step": "sign", "add-name": "Bước của tôi",
         "add-kind": "check", "add-after": "sign", "whole-source": "Nguồn của tôi",
         "whole-start": "receive"},
        follow=True,
    )  # fmt: skip

    shown = answer.content.decode()
    assert "Somebody else changed this draft meanwhile." in shown
    assert fresh(draft).body == theirs
    typed = {"add": "Bước của tôi", "whole": "Nguồn của tôi"}.get(act, "")
    assert typed in shown


def test_source_and_start_are_said_of_the_whole(client, draft):
    sent(client, draft, "whole", **{"whole-source": "QĐ 12", "whole-start": "appraise"})

    assert (fresh(draft).body["source"], fresh(draft).body["start"]) == ("QĐ 12", "appraise")


def test_a_draft_without_any_share_or_limit_is_edited_all_the_same(client, here, draft):
    body = changed(plain_definition(), "appraise", share=None)
    loose = life.draft(None, body, by=TIME, at=timezone.now())

    assert client.get(edit(loose)).status_code == 200
    assert client.get(edit(loose, "appraise")).status_code == 200
