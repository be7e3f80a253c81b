"""The life of a definition: draft, checked, published, retired; what is published never changes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from tests.given.catalogue import record
from tests.given.definitions import changed, plain_definition
from workflows.actors import STAFF, TIME, Actor, Held
from workflows.catalogue import act_words, life
from workflows.catalogue.definitions import Unpublishable
from workflows.catalogue.importing import import_procedures
from workflows.catalogue.refusals import SENTENCES, Refused
from workflows.models import Definition, DefinitionAct, Procedure, Role
from workflows.tasks import publish_definitions

MARCH = datetime(2026, 3, 2, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture
def procedure(db: Any) -> Procedure:
    import_procedures([record(value=5)], in_force_from=date(2026, 1, 1))
    return Procedure.objects.get()


def renamed(name: str) -> dict[str, Any]:
    return changed(plain_definition(), "sign", name={"vi": name})


def drafted(procedure: Procedure | None, body: Any = None, at: datetime = MARCH) -> Definition:
    return life.draft(procedure, body or plain_definition(), by=TIME, at=at)


def checked(procedure: Procedure, body: Any = None) -> Definition:
    made = drafted(procedure, body)
    assert [one.code for one in life.check(made.pk, seen=made.sha256, by=TIME, at=MARCH)] == []
    return Definition.objects.get(pk=made.pk)


def in_force(procedure: Procedure, body: Any = None, at: datetime = MARCH) -> Definition:
    return life.publish_checked(checked(procedure, body).pk, by=TIME, at=at)


def states() -> list[tuple[int, str]]:
    return list(Definition.objects.order_by("pk").values_list("version", "state"))


def acts(definition: Definition) -> list[str]:
    return list(DefinitionAct.objects.filter(definition=definition).values_list("kind", flat=True))


def test_the_whole_road_of_a_definition(procedure: Procedure) -> None:
    first = in_force(procedure)

    second = in_force(procedure, renamed("Ký duyệt"), LATER)

    assert states() == [(1, "retired"), (2, "published")]
    assert Definition.objects.get(pk=first.pk).retired_at == LATER
    assert second.published_at == LATER
    assert acts(first) == ["drafted", "checked", "published", "retired"]


def test_a_draft_with_a_hindering_fault_stays_a_draft_and_is_told_why(
    procedure: Procedure,
) -> None:
    over = changed(plain_definition(), "sign", share={"amount": "2", "unit": "working_day"})
    made = drafted(procedure, over)

    faults = life.check(made.pk, seen=made.sha256, by=TIME, at=MARCH)

    assert [fault.code for fault in faults] == ["shares_over_limit"]
    assert states() == [(1, "draft")]
    assert acts(made) == ["drafted"]


def test_only_what_is_checked_is_published(procedure: Procedure) -> None:
    made = drafted(procedure)

    with pytest.raises(Refused) as refused:
        life.publish_checked(made.pk, by=TIME, at=MARCH)

    assert (refused.value.code, states()) == ("not_checked", [(1, "draft")])


def test_what_changes_after_the_check_is_a_draft_again(procedure: Procedure) -> None:
    made = checked(procedure)

    life.revise(made.pk, renamed("Ký"), seen=made.sha256, by=TIME, at=MARCH)

    assert states() == [(1, "draft")]
    assert acts(made) == ["drafted", "checked", "revised"]


def test_two_managers_do_not_overwrite_each_other(procedure: Procedure) -> None:
    made = drafted(procedure)
    life.revise(made.pk, renamed("Ký thay"), seen=made.sha256, by=TIME, at=MARCH)

    with pytest.raises(Refused) as refused:
        life.revise(made.pk, renamed("Ký nháy"), seen=made.sha256, by=TIME, at=LATER)

    assert refused.value.code == "changed_meanwhile"
    assert Definition.objects.get().body == renamed("Ký thay")


def test_saving_the_same_again_is_no_change(procedure: Procedure) -> None:
    made = checked(procedure)

    life.revise(made.pk, plain_definition(), seen=made.sha256, by=TIME, at=MARCH)

    assert states() == [(1, "checked")]


def test_a_draft_from_a_file_is_attached_to_its_procedure(procedure: Procedure) -> None:
    in_force(procedure)
    made = drafted(None, renamed("Ký duyệt"))

    attached = life.attach(made.pk, f" {procedure.code} ", by=TIME, at=MARCH)

    assert (attached.procedure, attached.version, attached.state) == (procedure, 2, "draft")
    for code, given in (("attached_already", made.pk), ("no_such_procedure", drafted(None).pk)):
        with pytest.raises(Refused) as refused:
            life.attach(given, "9.999999", by=TIME, at=MARCH)
        assert refused.value.code == code


def test_an_unattached_draft_cannot_be_checked(procedure: Procedure) -> None:
    made = drafted(None)

    with pytest.raises(Refused) as refused:
        life.check(made.pk, seen=made.sha256, by=TIME, at=MARCH)

    assert refused.value.code == "not_attached"


def test_a_definition_comes_into_force_by_itself_when_its_day_begins(
    procedure: Procedure,
) -> None:
    in_force(procedure)
    made = checked(procedure, renamed("Ký duyệt"))
    life.publish_checked(made.pk, on=date(2026, 3, 9), by=TIME, at=MARCH)
    sunday = datetime(2026, 3, 8, 16, 59, tzinfo=UTC)
    monday = datetime(2026, 3, 8, 17, 0, 12, tzinfo=UTC)

    before = life.publish_due(sunday)
    waiting = states()
    after = life.publish_due(monday)

    assert (before["published"], waiting) == (0, [(1, "published"), (2, "checked")])
    assert (after["published"], states()) == (1, [(1, "retired"), (2, "published")])
    midnight = datetime(2026, 3, 8, 17, tzinfo=UTC)
    assert Definition.objects.get(version=2).published_at == midnight
    assert Definition.objects.get(version=1).retired_at == midnight
    assert life.publish_due(monday) == {"published": 0, "not_published": 0}


def test_what_no_longer_fits_on_its_day_goes_back_and_says_so(procedure: Procedure) -> None:
    in_force(procedure)
    made = checked(procedure, renamed("Ký duyệt"))
    life.publish_checked(made.pk, on=date(2026, 3, 9), by=TIME, at=MARCH)
    import_procedures([record(value=3)], in_force_from=date(2026, 3, 5))

    counts = life.publish_due(datetime(2026, 3, 9, 1, tzinfo=UTC))

    assert counts == {"published": 0, "not_published": 1}
    assert states() == [(1, "published"), (2, "draft")]
    assert DefinitionAct.objects.latest("pk").facts == {"faults": "shares_over_limit"}


def test_the_worker_puts_in_force_what_is_due_and_says_what_did_not_fit(
    procedure: Procedure,
) -> None:
    made = checked(procedure)
    life.publish_checked(made.pk, on=date(2026, 3, 9), by=TIME, at=MARCH)
    import_procedures([record(value=3)], in_force_from=date(2026, 3, 5))

    with time_machine.travel(datetime(2026, 3, 9, 1, tzinfo=UTC), tick=False):
        publish_definitions()

    assert states() == [(1, "draft")]
    with translation.override("en"):
        said = act_words.detail(DefinitionAct.objects.latest("pk"))
    assert said == "the shares no longer fit the limit"


def test_a_check_that_is_out_of_date_does_not_publish(procedure: Procedure) -> None:
    made = checked(procedure)
    import_procedures([record(value=3)], in_force_from=date(2026, 3, 1))

    with pytest.raises(Unpublishable):
        life.publish_checked(made.pk, by=TIME, at=MARCH)

    assert states() == [(1, "checked")]


def test_a_day_that_has_passed_and_a_version_in_force_already_are_refused(
    procedure: Procedure,
) -> None:
    in_force(procedure)
    again = checked(procedure)

    for on, code in ((date(2026, 3, 1), "day_has_passed"), (None, "same_as_in_force")):
        with pytest.raises(Refused) as refused:
            life.publish_checked(again.pk, on=on, by=TIME, at=MARCH)
        assert refused.value.code == code
    assert states() == [(1, "published"), (2, "checked")]


@pytest.mark.parametrize("state", ["published", "retired"])
def test_what_was_published_is_neither_changed_nor_thrown_away(
    procedure: Procedure, state: str
) -> None:
    kept = in_force(procedure)
    if state == "retired":
        life.retire(kept.pk, by=TIME, at=LATER)
    asked = [
        lambda: life.revise(kept.pk, renamed("Ký"), seen=kept.sha256, by=TIME, at=LATER),
        lambda: life.discard(kept.pk, by=TIME),
        lambda: life.check(kept.pk, seen=kept.sha256, by=TIME, at=LATER),
    ]

    for ask in asked:
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.code == "not_a_draft"
    assert states() == [(1, state)]


@pytest.mark.parametrize("state", ["published", "retired"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE workflows_definition SET body = '{}'",
        "UPDATE workflows_definition SET sha256 = repeat('1', 64)",
        "UPDATE workflows_definition SET version = 9",
        "UPDATE workflows_definition SET published_at = now()",
        "UPDATE workflows_definition SET procedure_id = NULL",
        "UPDATE workflows_definition SET state = 'draft'",
        "DELETE FROM workflows_definition",
    ],
)
def test_the_database_itself_keeps_what_was_published(
    procedure: Procedure, statement: str, state: str
) -> None:
    kept = in_force(procedure)
    if state == "retired":
        life.retire(kept.pk, by=TIME, at=LATER)

    with (
        pytest.raises(IntegrityError, match="never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert states() == [(1, state)]


def test_a_draft_begun_twice_is_one_draft(procedure: Procedure) -> None:
    first = drafted(procedure)

    assert drafted(procedure) == first
    assert drafted(procedure, renamed("Ký duyệt")) != first
    assert states() == [(1, "draft"), (2, "draft")]


def test_a_draft_is_thrown_away(procedure: Procedure) -> None:
    life.discard(drafted(procedure).pk, by=TIME)

    assert states() == []


def test_a_form_that_does_not_parse_is_no_draft(procedure: Procedure) -> None:
    made = drafted(procedure)

    with pytest.raises(Refused) as refused:
        life.revise(made.pk, {"version": 1}, seen=made.sha256, by=TIME, at=MARCH)

    assert refused.value.code == "malformed"
    assert Definition.objects.get().body == plain_definition()


def test_only_the_catalogue_manager_of_the_whole_city_acts(procedure: Procedure) -> None:
    made = checked(procedure)
    for role, path in [(role, "/H26/") for role in Role.values if role != "catalogue_manager"] + [
        ("catalogue_manager", "/H26/H26.C001/")
    ]:
        by = Actor(STAFF, 1, "", (Held(1, role, 1, path, None),))
        tries = [
            lambda by=by: life.draft(procedure, plain_definition(), by=by, at=MARCH),
            lambda by=by: life.revise(made.pk, {}, seen=made.sha256, by=by, at=MARCH),
            lambda by=by: life.attach(made.pk, "1", by=by, at=MARCH),
            lambda by=by: life.discard(made.pk, by=by),
            lambda by=by: life.check(made.pk, seen=made.sha256, by=by, at=MARCH),
            lambda by=by: life.publish_checked(made.pk, by=by, at=MARCH),
            lambda by=by: life.retire(made.pk, by=by, at=MARCH),
        ]
        for attempt in tries:
            with pytest.raises(Refused) as refused:
                attempt()
            assert refused.value.code == "not_allowed"
    assert states() == [(1, "checked")]


def test_every_refusal_has_its_sentence() -> None:
    facts = {"procedure": "1.1", "place": "steps", "expected": "a list"}

    assert all("%(" not in Refused(code, **facts).sentence for code in SENTENCES)
