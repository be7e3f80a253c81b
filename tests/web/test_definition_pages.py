"""The pages of workflow definitions: list, one version, its acts, files in and out, comparison, dry
run."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.given.catalogue import record
from tests.given.city import SINCE, City, city
from tests.given.definitions import changed, plain_definition
from workflows.actors import TIME
from workflows.catalogue import life
from workflows.catalogue.importing import import_procedures
from workflows.models import Definition, DefinitionAct, Post, Procedure, Role

LIST = "/catalogue/definitions/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> City:
    return city(roles=[Role.CLERK, Role.OFFICER, Role.APPROVER])


def logged_in(
    client: Any, here: City, role: str = "catalogue_manager", at_root: bool = True
) -> Post:
    user = get_user_model().objects.create_user(username=f"{role}-{at_root}")
    client.force_login(user)
    return Post.objects.create(
        user=user,
        name="Đặng Thuỳ Ế",
        title="",
        role=role,
        agency=here.root if at_root else here.commune,
        valid_from=SINCE,
    )


def page(client: Any, address: str, status: int = 200) -> str:
    client.cookies["django_language"] = "en"
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def sent(client: Any, address: str, **given: Any) -> Any:
    client.cookies["django_language"] = "en"
    return client.post(address, given)


def drafted(here: City, body: Any = None) -> Definition:
    return life.draft(
        here.procedure, body or plain_definition(), source="QĐ 1", by=TIME, at=timezone.now()
    )


def of(definition: Definition, act: str = "") -> str:
    return f"{LIST}{definition.pk}/{act}"


def test_the_list_shows_each_procedure_with_its_versions_and_their_faults(client, here):
    logged_in(client, here)
    over = changed(plain_definition(), "sign", share={"amount": "9", "unit": "working_day"})
    drafted(here, over)

    shown = page(client, LIST)

    assert "Cấp giấy phép xây dựng mới" in shown
    assert "4\xa0steps" in shown
    assert "1 fault that hinders" in shown
    assert shown.count("Published") == 1


def test_drafts_without_a_procedure_have_a_list_of_their_own(client, here):
    logged_in(client, here)
    life.draft(None, plain_definition(), source="QĐ 1594", by=TIME, at=timezone.now())

    assert "QĐ 1594" not in page(client, LIST)
    assert "QĐ 1594" in page(client, f"{LIST}?show=loose")


def test_the_page_draws_the_definition_and_says_every_finding_with_its_step(client, here):
    logged_in(client, here)
    broken = changed(plain_definition(), "appraise", share={"amount": "9", "unit": "working_day"})
    made = drafted(here, broken | {"steps": [*broken["steps"], {
        "key": "lost", "kind": "check", "name": {"vi": "Lạc"}, "who": {"role": "officer"},
        "outcomes": [{"key": "done", "label": {"vi": "Xong"}, "to": "nowhere"}],
    }]})  # fmt: skip

    shown = page(client, of(made))

    assert '<svg class="flow" role="img"' in shown
    assert "The shares of the steps make 84 working hours; the limit is 40." in shown
    assert "leads to “nowhere”, which is not there" in shown
    assert "No way leads to this step." in shown


def test_a_role_that_nobody_holds_is_said(client, here):
    logged_in(client, here)
    made = drafted(here, changed(plain_definition(), "sign", who={"role": "archive_clerk"}))

    assert "Nobody holds the role of this step." in page(client, of(made))
    assert "Nobody holds" not in page(client, of(Definition.objects.get(version=1)))


def test_a_draft_is_checked_published_and_the_one_before_retired(client, here):
    post = logged_in(client, here)
    made = drafted(here, changed(plain_definition(), "sign", name={"vi": "Ký duyệt"}))

    sent(client, of(made, "check/"), seen=made.sha256)
    asked = page(client, of(made, "publish/"))
    sent(client, of(made, "publish/"), on="")

    assert "Version 1 is retired at the same moment." in asked
    states = Definition.objects.order_by("version").values_list("version", "state")
    assert list(states) == [(1, "retired"), (2, "published")]
    acts = DefinitionAct.objects.filter(definition=made).values_list("kind", "post")
    assert list(acts) == [("drafted", None), ("checked", post.pk), ("published", post.pk)]
    assert "<b>Retired</b>: by version 2" in page(client, of(Definition.objects.get(version=1)))


def test_a_day_of_coming_into_force_is_shown_and_a_wrong_one_said(client, here):
    logged_in(client, here)
    made = drafted(here, changed(plain_definition(), "sign", name={"vi": "Ký duyệt"}))
    sent(client, of(made, "check/"), seen=made.sha256)

    wrong = sent(client, of(made, "publish/"), on="01/01/2020")
    right = sent(client, of(made, "publish/"), on="01/01/2090")

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert "This day has passed." in wrong.content.decode()
    assert Definition.objects.get(pk=made.pk).publish_on == date(2090, 1, 1)
    shown = page(client, of(made))
    assert "Comes into force by itself" in shown
    assert "<b>Day of coming into force set</b>: 01/01/2090" in shown


def test_a_check_of_what_another_person_changed_is_refused(client, here):
    logged_in(client, here)
    made = drafted(here)

    answer = client.post(of(made, "check/"), {"seen": "0" * 64}, follow=True)

    assert Definition.objects.get(pk=made.pk).state == "draft"
    assert "notice--late" in answer.content.decode()


def test_a_new_draft_begins_as_the_version_in_force(client, here):
    logged_in(client, here)
    kept = Definition.objects.get()

    answer = sent(client, of(kept, "draft/"))

    made = Definition.objects.get(version=2)
    assert answer.headers["Location"] == of(made, "edit/")
    assert (made.state, made.body) == ("draft", kept.body)


def test_a_draft_is_begun_from_nothing_for_a_procedure(client, here):
    logged_in(client, here)
    import_procedures([record("2.000635")], in_force_from=date(2026, 1, 1))

    sent(client, f"{LIST}new/", procedure="2.000635")
    sent(client, f"{LIST}new/", procedure="9.9")

    made = Definition.objects.get(procedure__code="2.000635")
    assert [one["kind"] for one in made.body["steps"]] == ["receive", "deliver"]
    assert Definition.objects.count() == 2


def test_an_unattached_draft_is_attached_and_a_wrong_code_said_at_its_field(client, here):
    logged_in(client, here)
    made = life.draft(None, plain_definition(), by=TIME, at=timezone.now())

    wrong = sent(client, of(made, "attach/"), code="9.9")
    sent(client, of(made, "attach/"), code=here.procedure.code)

    assert wrong.status_code == 422
    assert 'id="id_code_error"' in wrong.content.decode()
    assert Definition.objects.get(pk=made.pk).procedure == here.procedure


def test_a_draft_is_thrown_away_after_a_page_that_says_so(client, here):
    logged_in(client, here)
    made = drafted(here)

    asked = page(client, of(made, "discard/"))
    sent(client, of(made, "discard/"))

    assert "gone for good" in asked
    assert not Definition.objects.filter(pk=made.pk).exists()


def test_a_version_is_retired_without_a_successor_after_a_page_that_says_so(client, here):
    logged_in(client, here)
    kept = Definition.objects.get()

    assert "Nobody can be received" in page(client, of(kept, "retire/"))
    sent(client, of(kept, "retire/"))

    assert Definition.objects.get().state == "retired"


def test_what_is_written_as_a_file_comes_in_again_as_the_same_draft(client, here):
    post = logged_in(client, here)
    kept = Definition.objects.get()
    files = {
        form: client.get(f"{LIST}{kept.pk}.{form}").content for form in ("json", "yaml", "bpmn")
    }
    renamed = json.loads(files["json"])
    renamed["definition"]["steps"][2]["name"] = {"vi": "Ký duyệt"}

    bpmn = sent(client, f"{LIST}import/", file=SimpleUploadedFile("a.bpmn", files["bpmn"]))
    new = sent(
        client,
        f"{LIST}import/",
        file=SimpleUploadedFile("b.json", json.dumps(renamed).encode()),
    )

    assert bpmn.status_code == new.status_code == 200
    drafts = Definition.objects.filter(state="draft").order_by("pk")
    assert [one.procedure for one in drafts] == [here.procedure] * len(drafts)
    assert drafts.last().body["steps"][2]["name"] == {"vi": "Ký duyệt"}
    assert DefinitionAct.objects.filter(kind="drafted", post=post).count() == len(drafts)


def test_a_trial_reading_of_a_file_keeps_nothing_and_a_strange_file_is_said(client, here):
    logged_in(client, here)
    body = json.dumps(plain_definition()).encode()

    dry = sent(client, f"{LIST}import/", file=SimpleUploadedFile("a.json", body), dry_run="on")
    strange = sent(client, f"{LIST}import/", file=SimpleUploadedFile("a.xml", b"<a/>"))
    none = sent(client, f"{LIST}import/")

    assert Definition.objects.count() == 1
    assert "What would be taken" in dry.content.decode()
    assert "the file holds no workflow definition" in strange.content.decode()
    assert none.status_code == 422


def test_two_versions_stand_side_by_side(client, here):
    logged_in(client, here)
    other = changed(
        plain_definition(), "sign", share={"amount": "2", "unit": "working_day"}, name={"vi": "Ký"}
    )
    made = drafted(here, other)

    shown = page(client, of(made, "compare/"))

    assert "Steps added: 0; gone: 0; changed: 1." in shown
    assert "Share: <del>1 working day</del>" in shown
    assert "Share: <ins>2 working days</ins>" in shown
    assert shown.count('<svg class="flow" role="img"') == 2
    assert page(client, of(made, "compare/?with=999"), 404)
    assert "nothing to compare" not in shown


def test_an_only_version_has_nothing_beside_it(client, here):
    logged_in(client, here)

    assert "There is nothing to compare with" in page(
        client, of(Definition.objects.get(), "compare/")
    )


def test_an_imagined_dossier_is_walked_choice_by_choice_with_its_dates(client, here):
    logged_in(client, here)
    kept = Definition.objects.get()
    start = "try/?on=02/03/2026&hour=08:10&pace=100"

    first = page(client, of(kept, start))
    last = page(client, of(kept, f"{start}&chosen=done&chosen=done&chosen=done"))
    wrong = page(client, of(kept, "try/?on=32/03/2026&hour=x&pace=100"))
    odd = page(client, of(kept, f"{start}&chosen=nonsense"))
    far = page(client, of(kept, "try/?on=01/01/0001&hour=08:10&pace=100"))

    assert "What comes next?" in first
    assert 'datetime="2026-03-05T13:40:00+07:00"' in first
    assert "The end is reached on" in last
    assert "of working time are left to the limit" in last
    assert "error-summary" in wrong
    assert "Give a day between 2000 and 2100." in far
    assert "This step has no such outcome." in odd
    assert Definition.objects.count() == 1


def test_facts_that_conditions_ask_for_are_asked(client, here):
    logged_in(client, here)
    made = drafted(here, changed(plain_definition(), "appraise", outcomes=[
        {"key": "done", "label": {"vi": "Xong"},
         "to": [{"to": "sign", "when": {">": [{"var": "house.area"}, 250]}}, {"to": "deliver"}]},
    ]))  # fmt: skip
    start = "try/?on=02/03/2026&hour=08:10&pace=100&chosen=done"

    assert 'name="fact-house.area"' in page(client, of(made, start))
    assert "Sign" in page(client, of(made, f"{start}&fact-house.area=300"))


def test_an_optional_step_is_left_out_in_the_dry_run(client, here):
    logged_in(client, here)
    made = drafted(here, changed(plain_definition(), "appraise", optional=True))
    start = "try/?on=02/03/2026&hour=08:10&pace=100"

    assert "Leave it out" in page(client, of(made, start))
    assert "left out" in page(client, of(made, f"{start}&chosen=~"))


@pytest.mark.parametrize("rows", ["procedures", "loose"])
def test_as_many_queries_for_many_definitions_as_for_few(client, here, rows):
    logged_in(client, here)
    address = LIST if rows == "procedures" else f"{LIST}?show=loose"
    life.draft(None, plain_definition(), source="0", by=TIME, at=timezone.now())
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    import_procedures([record(f"1.00010{n}") for n in range(6)], in_force_from=date(2026, 1, 1))
    for procedure in Procedure.objects.exclude(pk=here.procedure.pk):
        life.draft(procedure, plain_definition(), by=TIME, at=timezone.now())
        life.draft(None, plain_definition(), source="x", by=TIME, at=timezone.now())

    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(few) == len(many)


@pytest.mark.parametrize("act", ["", "compare/", "try/", "edit/", "publish/"])
def test_as_many_queries_for_a_long_definition_as_for_a_short_one(client, here, act):
    logged_in(client, here)
    short = drafted(here)
    steps = plain_definition()["steps"]
    middle = [
        {**steps[1], "key": f"s{n}", "share": None, "outcomes": [
            {"key": "done", "label": {"vi": "Xong"}, "to": f"s{n + 1}" if n < 11 else "deliver"}
        ]}
        for n in range(12)
    ]  # fmt: skip
    long = plain_definition()
    long["steps"][2]["outcomes"][0]["to"] = "s0"
    long["steps"][3:3] = middle
    other = drafted(here, long)
    for each in (short, other):
        client.get(of(each, act))
    with CaptureQueriesContext(connection) as few:
        client.get(of(short, act))

    with CaptureQueriesContext(connection) as many:
        client.get(of(other, act))

    assert len(few) == len(many)


ACTS = ["draft/", "check/", "attach/", "discard/", "publish/", "retire/", "edit/", "edit/sign/"]


@pytest.mark.parametrize(
    ("role", "at_root"), [("inspector", True), ("supervisor", True), ("catalogue_manager", False)]
)
def test_who_only_reads_finds_no_act(client, here, role, at_root):
    logged_in(client, here, role, at_root)
    made = drafted(here)

    shown = page(client, of(made))
    answers = {client.post(of(made, act)).status_code for act in ACTS}
    answers |= {client.post(f"{LIST}{act}/").status_code for act in ("new", "import")}

    assert answers == {403}
    assert '<button class="button button--primary"' not in shown
    assert Definition.objects.count() == 2


@pytest.mark.parametrize("role", ["clerk", "officer", "approver", "publisher", "administrator"])
def test_nobody_else_sees_the_catalogue_of_definitions(client, here, role):
    logged_in(client, here, role)
    kept = Definition.objects.get()

    addresses = [LIST, of(kept), of(kept, "compare/"), of(kept, "try/"), f"{LIST}{kept.pk}.json"]

    assert {client.get(address).status_code for address in addresses} == {403}


def test_a_definition_that_is_not_there_is_not_found(client, here):
    logged_in(client, here)

    for address in (
        f"{LIST}999/",
        f"{LIST}999/edit/",
        f"{LIST}999.json",
        of(Definition.objects.get(), "edit/"),
    ):
        assert client.get(address).status_code == 404
    assert client.get(f"{LIST}{Definition.objects.get().pk}.exe").status_code == 404
