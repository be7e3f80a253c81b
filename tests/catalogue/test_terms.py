"""Setting the terms of a procedure's waits: by the catalogue manager, with the source, for what is
received from then on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from tests.given.catalogue import record
from tests.given.city import City, city, moment
from workflows.actors import STAFF, Actor, held
from workflows.catalogue.importing import import_procedures
from workflows.catalogue.terms import NotSet, set_terms
from workflows.models import Case, Edition, Limit, PaperItem, Post, Role

pytestmark = pytest.mark.django_db
AT = moment("2026-03-03 09:00")
LAW = "Luật Xây dựng, điều 102"
TERMS: dict[str, Any] = {
    "after_supplement": "resume",
    "payment_term_days": 10,
    "opinion_term_days": 5,
    "consultation_stops_by": LAW,
    "source": "Quyết định 12/QĐ-UBND",
}
AS_BEFORE: dict[str, Any] = {
    "after_supplement": "restart",
    "payment_term_days": None,
    "opinion_term_days": 3,
    "consultation_stops_by": "",
}


@pytest.fixture
def given() -> Iterator[City]:
    with translation.override("en"):
        yield city()


def manager() -> Actor:
    post = Post.objects.select_related("agency").get(role=Role.CATALOGUE_MANAGER)
    return Actor(kind=STAFF, user_id=post.user_id, name=post.name, posts=(held(post),))


def stored(edition: Edition) -> dict[str, Any]:
    row = Edition.objects.get(pk=edition.pk)
    return {name: getattr(row, name) for name in AS_BEFORE}


def test_an_edition_that_nobody_was_received_under_changes_in_place(given: City) -> None:
    by = manager()

    made = set_terms(given.procedure.code, **TERMS, by=by, at=AT)

    assert made.pk == given.edition.pk
    assert stored(made) == {name: TERMS[name] for name in AS_BEFORE}
    told = {"source": TERMS["source"], "post": by.posts[0].post_id, "at": AT.isoformat()}
    assert Edition.objects.get().term_sources == dict.fromkeys(AS_BEFORE, told)


def test_dossiers_received_before_keep_the_terms_they_were_received_under(given: City) -> None:
    before = given.receive("2026-03-02 08:10")

    made = set_terms(given.edition, **TERMS, by=manager(), at=AT)
    given.paper = PaperItem.objects.get(edition=made)
    after = given.receive("2026-03-03 09:30")

    assert (made.number, made.in_force_from) == (2, date(2026, 3, 3))
    assert stored(before.edition) == AS_BEFORE
    assert (after.edition_id, after.edition.payment_term_days) == (made.pk, 10)
    assert after.clocks.get(kind="dossier").limit_at == moment("2026-03-10 17:30")


def test_the_next_edition_asks_and_promises_the_same(given: City) -> None:
    import_procedures([record("2.000001", value=7)], in_force_from=date(2026, 1, 1))
    case = Case.objects.create(edition=given.edition, key="k", name="Đổi giấy", position=1)
    PaperItem.objects.create(
        edition=given.edition, case=case, kind="hand_in", name="Giấy phép cũ", position=2
    )
    given.receive("2026-03-02 08:10")

    made = set_terms(given.procedure.code, **TERMS, by=manager(), at=AT)

    limits, papers = Limit.objects.filter(edition=made), PaperItem.objects.filter(edition=made)
    assert [row.limit for row in limits] == [row.limit for row in given.edition.limits.all()]
    assert [(row.name, row.case) for row in papers] == [
        ("Đơn đề nghị cấp giấy phép", None),
        ("Giấy phép cũ", Case.objects.get(edition=made)),
    ]
    assert made.fingerprint == given.edition.fingerprint
    assert Edition.objects.filter(procedure__code="2.000001").count() == 1


def test_an_act_entered_for_the_day_before_is_taken_under_the_edition_of_that_day(
    given: City,
) -> None:
    given.receive("2026-03-02 08:10")
    set_terms(given.procedure.code, **TERMS, by=manager(), at=AT)

    assert given.procedure.edition_on(date(2026, 3, 2)) == given.edition


def test_a_second_change_of_the_same_day_makes_no_further_edition(given: City) -> None:
    given.receive("2026-03-02 08:10")
    set_terms(given.procedure.code, **TERMS, by=manager(), at=AT)

    set_terms(given.procedure.code, **TERMS | {"opinion_term_days": 7}, by=manager(), at=AT)

    assert list(Edition.objects.values_list("number", "opinion_term_days")) == [(2, 7), (1, 3)]


def test_the_same_terms_again_change_nothing_and_need_no_source(given: City) -> None:
    given.receive("2026-03-02 08:10")

    set_terms(given.procedure.code, **AS_BEFORE, source="", by=manager(), at=AT)

    assert Edition.objects.get().term_sources == {}


def test_only_what_changes_takes_the_source(given: City) -> None:
    changed = AS_BEFORE | {"opinion_term_days": 4, "source": "Quyết định 1"}
    set_terms(given.procedure.code, **changed, by=manager(), at=AT)

    again = changed | {"payment_term_days": 5, "source": "Quyết định 2"}
    made = set_terms(given.procedure.code, **again, by=manager(), at=AT)

    assert {name: told["source"] for name, told in made.term_sources.items()} == {
        "opinion_term_days": "Quyết định 1",
        "payment_term_days": "Quyết định 2",
    }


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"source": " "}, ["source"]),
        ({"after_supplement": "never"}, ["after_supplement"]),
        ({"payment_term_days": 0, "opinion_term_days": 367}, None),
        ({"consultation_stops_by": "x" * 301}, ["consultation_stops_by"]),
        ({"source": "x" * 501}, ["source"]),
    ],
)
def test_what_is_no_term_is_refused_and_changes_nothing(
    values: dict[str, Any], fields: list[str] | None, given: City
) -> None:
    with pytest.raises(NotSet) as refused:
        set_terms(given.procedure.code, **TERMS | values, by=manager(), at=AT)

    assert sorted(refused.value.fields) == (fields or ["opinion_term_days", "payment_term_days"])
    assert stored(given.edition) == AS_BEFORE


def test_only_the_catalogue_manager_of_the_whole_city_sets_terms(given: City) -> None:
    Post.objects.filter(role=Role.CATALOGUE_MANAGER).update(agency=given.commune)

    for by in (manager(), given.acting(Role.APPROVER)):
        with pytest.raises(NotSet, match="Only the catalogue manager of the whole city"):
            set_terms(given.procedure.code, **TERMS, by=by, at=AT)
    assert stored(given.edition) == AS_BEFORE


def test_an_edition_whose_place_was_taken_is_not_changed(given: City) -> None:
    given.receive("2026-03-02 08:10")
    set_terms(given.edition, **TERMS, by=manager(), at=AT)

    with pytest.raises(NotSet, match="A later edition"):
        set_terms(given.edition, **TERMS | {"opinion_term_days": 9}, by=manager(), at=AT)
    with pytest.raises(NotSet, match="no procedure"):
        set_terms("9.999999", **TERMS, by=manager(), at=AT)


def test_an_import_carries_what_a_person_set_into_the_edition_it_makes(given: City) -> None:
    import_procedures([record("2.000001", value=7)], in_force_from=date(2026, 1, 1))
    set_terms("2.000001", **AS_BEFORE | {"payment_term_days": 10, "source": "Luật"},
              by=manager(), at=AT)  # fmt: skip

    import_procedures([record("2.000001", value=8)], in_force_from=date(2026, 4, 1))

    made = Edition.objects.get(procedure__code="2.000001", number=2)
    assert (made.payment_term_days, made.opinion_term_days) == (10, 3)
    assert made.term_sources["payment_term_days"]["source"] == "Luật"
