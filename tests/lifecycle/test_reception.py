"""Only a complete dossier is received, and one key makes one dossier of one content."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dossiers.errors import Conflict, Invalid
from dossiers.lifecycle import submission
from dossiers.lifecycle.intake import PaperGiven, PartyGiven
from dossiers.models import Dossier, Event, Note
from tests.given.city import City, city, moment
from workflows.models import Channel, PaperItem, Role

pytestmark = pytest.mark.django_db

HOLDER = PartyGiven(role="holder", name="Nguyễn Thị Ẩm", identity="001099012345")


@pytest.fixture
def here() -> City:
    return city()


def listed(here: City, name: str, **more: Any) -> PaperItem:
    return PaperItem.objects.create(
        edition=here.edition,
        kind=more.pop("kind", PaperItem.Kind.HAND_IN),
        name=name,
        position=9,
        **more,
    )


def submitted(here: City, **more: Any) -> Dossier:
    Channel.objects.get_or_create(code="online", defaults={"name": "Trực tuyến"})
    asked: dict[str, Any] = {
        "procedure": here.procedure.code,
        "channel": "online",
        "receiving_agency": here.commune.pk,
        "parties": [HOLDER],
        "by": here.acting(Role.CLERK),
        "at": moment("2026-03-02 08:10"),
    }
    return submission.submit(**(asked | more))


def test_a_paper_that_is_missing_keeps_a_dossier_from_being_received(here):
    listed(here, "Bản vẽ thiết kế")

    with pytest.raises(Invalid) as refused:
        here.receive()

    assert (refused.value.code, refused.value.facts) == (
        "papers_missing",
        {"papers": "Bản vẽ thiết kế"},
    )
    assert not Dossier.objects.exists()


def test_with_the_reason_why_it_is_not_needed_it_is_received_and_the_reason_kept(here):
    drawing = listed(here, "Bản vẽ thiết kế")

    dossier = here.receive(not_needed_because="Công trình cấp bốn")

    assert Event.objects.get(dossier=dossier).facts["not_needed"] == [drawing.pk]
    assert Note.objects.get(dossier=dossier).text == "Công trình cấp bốn"


def test_a_reason_without_a_missing_paper_is_not_kept(here):
    dossier = here.receive(not_needed_because="Thừa")

    assert "not_needed" not in Event.objects.get(dossier=dossier).facts
    assert not Note.objects.exists()


def test_of_alternatives_one_is_enough(here):
    one = listed(here, "Căn cước", group="identity")
    listed(here, "Hộ chiếu", group="identity")

    given = [PaperGiven(item=pk, form="original") for pk in (here.paper.pk, one.pk)]

    assert here.receive(papers=given).papers.count() == 2


@pytest.mark.parametrize("kind", ["show", "looked_up", "note"])
def test_what_is_not_to_be_handed_in_is_not_missed(here, kind):
    listed(here, "Thẻ căn cước", kind=kind)

    assert here.receive().received_at is not None


def test_a_submission_without_its_papers_is_not_accepted_without_a_reason(here):
    dossier = submitted(here)

    with pytest.raises(Invalid) as refused:
        submission.accept(dossier.pk, by=here.acting(Role.CLERK), at=moment("2026-03-02 09:00"))
    assert refused.value.code == "papers_missing"
    assert Dossier.objects.get().status == "submitted"

    taken = submission.accept(
        dossier.pk,
        not_needed_because="Tra cứu được",
        by=here.acting(Role.CLERK),
        at=moment("2026-03-02 09:00"),
    )
    assert taken.status == "received"


def test_the_same_key_with_the_same_content_gives_the_same_dossier_later_too(here):
    people = [HOLDER, PartyGiven(role="submitter", name="Phan Anh Tuấn")]
    first = here.receive(idempotency_key="k", parties=people)

    again = here.receive("2026-03-02 09:30", idempotency_key="k", parties=people[::-1])

    assert (again.pk, Dossier.objects.count()) == (first.pk, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"parties": [replace(HOLDER, name="Nguyễn Thị Ấm")]},
        {"return_method": "post"},
        {"papers": []},
        {"channel": "post"},
    ],
    ids=["person", "return", "papers", "channel"],
)
def test_the_same_key_with_another_content_is_refused(here, other):
    first = here.receive(idempotency_key="k", parties=[HOLDER])

    with pytest.raises(Conflict) as refused:
        here.receive(idempotency_key="k", **({"parties": [HOLDER]} | other))

    assert (refused.value.code, refused.value.facts) == ("key_reused", {"code": first.code})
    assert Dossier.objects.count() == 1


def test_a_key_of_a_submission_is_not_one_of_a_reception(here):
    submitted(here, idempotency_key="k")

    with pytest.raises(Conflict):
        here.receive(idempotency_key="k", channel="online", parties=[HOLDER])
