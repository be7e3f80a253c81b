"""The page on which a catalogue manager decides the limits that the catalogue leaves open."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.given.catalogue import method, record
from tests.given.city import SINCE, City, city
from workflows import permissions
from workflows.actors import STAFF, Actor, held
from workflows.catalogue.importing import import_procedures
from workflows.models import Limit, Post, Role

PAGE = "/catalogue/limits/"
GIVEN = {"amount": "3", "unit": "working_day", "rule": "", "cutoff": "", "source": "Luật Hộ tịch"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return city(roles=[Role.CLERK])


def manager(here: City, client, agency=None) -> Post:
    """A catalogue manager of the whole city (or of `agency`), logged in."""
    user = get_user_model().objects.create_user(username="catalogue")
    client.force_login(user)
    return Post.objects.create(
        user=user,
        name="Đặng Thuỳ Ế",
        title="Cán bộ đầu mối",
        role=Role.CATALOGUE_MANAGER,
        agency=agency or here.root,
        valid_from=SINCE,
    )


def undecided() -> Limit:
    """One procedure whose limit the catalogue gives as a bare 1."""
    bare = record(
        "2.000635",
        value=1,
        unit=None,
        name="Cấp bản sao Trích lục hộ tịch",
        methods=[method("direct", 1, None, note="Ngay trong ngày tiếp nhận")],
        steps="Bước 1. Nộp tờ khai",
    )
    import_procedures([bare], in_force_from=date(2026, 1, 1))
    return Limit.objects.exclude(flag="").earliest("pk")


def posted(limit: Limit, **more: str) -> dict[str, str]:
    fields = GIVEN | more
    return {"limit": str(limit.pk)} | {
        f"limit-{limit.pk}-{name}": value for name, value in fields.items()
    }


def test_what_waits_stands_with_its_text_note_and_steps(client, here):
    manager(here, client)
    undecided()

    page = client.get(PAGE).content.decode()

    assert "Cấp bản sao Trích lục hộ tịch" in page
    assert "Ngay trong ngày tiếp nhận" in page
    assert "Bước 1. Nộp tờ khai" in page


def test_who_decided_and_when_is_kept_and_shown(client, here):
    post = manager(here, client)
    limit = undecided()
    before = timezone.now()

    client.post(PAGE, posted(limit))
    page = client.get(f"{PAGE}?show=decided").content.decode()

    settled = Limit.objects.get(pk=limit.pk)
    assert settled.decided_by == post
    assert before <= settled.decided_at <= timezone.now()
    assert "Đặng Thuỳ Ế" in page
    assert f'datetime="{timezone.localtime(settled.decided_at).isoformat()}"' in page


def test_a_decision_settles_the_limit_with_its_source(client, here):
    manager(here, client)
    limit = undecided()

    answer = client.post(PAGE, posted(limit, amount="0", cutoff="15:00"))

    settled = Limit.objects.get(pk=limit.pk)
    assert answer.status_code == 302
    assert (settled.flag, settled.source, settled.decided_by_person) == ("", "Luật Hộ tịch", True)
    assert (settled.limit["amount"], settled.limit["unit"]) == ("0", "working_day")
    assert settled.limit["rule"]["cutoff"] == "15:00"


@pytest.mark.parametrize(
    ("name", "value"),
    [("amount", "mười"), ("amount", ""), ("unit", ""), ("source", "  "), ("cutoff", "25:00")],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client, here, name, value):
    manager(here, client)
    limit = undecided()

    answer = client.post(
        PAGE, posted(limit, source="Nghị định 23/2015/NĐ-CP") | {f"limit-{limit.pk}-{name}": value}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_limit-{limit.pk}-{name}_error"' in page
    assert name == "source" or "Nghị định 23/2015/NĐ-CP" in page
    assert Limit.objects.get(pk=limit.pk).flag == limit.flag


def test_a_decision_can_be_taken_anew_and_keeps_what_is_not_asked(client, here):
    manager(here, client)
    limit = undecided()
    client.post(PAGE, posted(limit))
    stored = Limit.objects.get(pk=limit.pk).limit
    Limit.objects.filter(pk=limit.pk).update(
        limit=stored | {"rule": stored["rule"] | {"moved": False}}
    )

    client.post(f"{PAGE}?show=decided", posted(limit, amount="4"))

    settled = Limit.objects.get(pk=limit.pk)
    assert (settled.limit["amount"], settled.limit["rule"]["moved"]) == ("4", False)


def test_a_limit_decided_meanwhile_is_not_decided_twice(client, here):
    manager(here, client)
    limit = undecided()
    client.post(PAGE, posted(limit))

    answer = client.post(PAGE, posted(limit, amount="9"), follow=True)

    assert Limit.objects.get(pk=limit.pk).limit["amount"] == "3"
    assert "notice--soon" in answer.content.decode()


def test_the_search_needs_no_diacritics(client, here):
    manager(here, client)
    undecided()

    found = client.get(PAGE, {"q": "trich luc"}).content.decode()
    nothing = client.get(PAGE, {"q": "xay dung"}).content.decode()

    assert "Cấp bản sao Trích lục hộ tịch" in found
    assert "Cấp bản sao Trích lục hộ tịch" not in nothing


def test_as_many_queries_for_many_limits_as_for_one(client, here):
    manager(here, client)
    undecided()
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    import_procedures(
        [record(f"1.00010{n}", unit=None) for n in range(6)], in_force_from=date(2026, 1, 1)
    )

    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)

    assert len(few) == len(many)


@pytest.mark.parametrize("role", [each for each in Role.values if each != "catalogue_manager"])
def test_no_other_role_decides(here, role):
    post = Post(role=role, agency=here.root, name="", title="", valid_from=SINCE)

    assert not permissions.may(Actor(kind=STAFF, posts=(held(post),)), "decide_limits")


def test_a_manager_of_one_commune_does_not_decide_for_the_city(client, here):
    manager(here, client, agency=here.commune)
    limit = undecided()

    answers = [client.get(PAGE).status_code, client.post(PAGE, posted(limit)).status_code]

    assert answers == [403, 403]
    assert Limit.objects.get(pk=limit.pk).flag == limit.flag


def test_a_stranger_is_asked_to_log_in(client):
    assert client.get(PAGE).headers["Location"].startswith("/login/")
