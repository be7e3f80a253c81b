"""The guard over every test: a dossier's rows change by commands alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from dossiers.firing import fire_due
from dossiers.models import Dossier, Note, Reason, Timer
from dossiers.statistics.rollup import fold
from tests.given.city import City, city, moment
from tests.write_guard import UnguardedWrite, tables_written


@pytest.fixture
def given(db: None) -> City:
    return city()


def _raw(sql: str) -> Callable[[Dossier], object]:
    def run(dossier: Dossier) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, [dossier.pk])

    return run


WRITES: dict[str, Callable[[Dossier], object]] = {
    "create": lambda dossier: Note.objects.create(dossier=dossier, event_n=9, text="x"),
    "save": lambda dossier: dossier.save(),
    "update": lambda dossier: Dossier.objects.filter(pk=dossier.pk).update(result_negative=True),
    "bulk create": lambda dossier: Note.objects.bulk_create(
        [Note(dossier=dossier, event_n=9, text="x")]
    ),
    "raw delete": _raw("DELETE FROM dossiers_timer WHERE dossier_id = %s"),
    "with … update": _raw(
        "WITH one AS (SELECT %s::bigint AS id) UPDATE dossiers_dossier d SET version = 7 "
        "FROM one WHERE d.id = one.id"
    ),
}


@pytest.mark.parametrize("how", WRITES)
def test_a_write_past_the_commands_fails_and_changes_nothing(given: City, how: str) -> None:
    dossier = given.receive()
    timers = Timer.objects.count()

    with pytest.raises(UnguardedWrite), transaction.atomic():
        WRITES[how](dossier)

    stored = Dossier.objects.get(pk=dossier.pk)
    assert (stored.version, stored.result_negative, Note.objects.count()) == (0, False, 0)
    assert Timer.objects.count() == timers


def test_firing_and_folding_may_write(given: City) -> None:
    given.receive("2026-03-02 08:10")

    assert fire_due(moment("2026-03-10 08:00"))["fired"] > 0
    assert fold(moment("2026-03-11 08:00")) > 0


def test_reading_locking_and_leaves_are_free(given: City) -> None:
    dossier = given.receive()

    with transaction.atomic():
        assert Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk) == dossier
    Reason.objects.create(code="of-a-test", name="Khác", name_en="Other", position=99)


@pytest.mark.builds_rows
def test_a_test_about_rows_may_lift_the_guard(given: City) -> None:
    dossier = given.receive()

    assert Note.objects.create(dossier=dossier, event_n=9, text="x").pk


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ('SELECT 1 FROM "dossiers_dossier" FOR UPDATE OF "dossiers_dossier"', set()),
        ('INSERT INTO "notifications_message" SELECT 1', set()),
        ('insert into "dossiers_note" values (1)', {"dossiers_note"}),
        ("WITH a AS (DELETE FROM dossiers_unfolded) SELECT 1", {"dossiers_unfolded"}),
        ("UPDATE ONLY petitions_petition SET x = 1", {"petitions_petition"}),
    ],
)
def test_a_verb_is_found_wherever_it_stands(sql: str, tables: set[str]) -> None:
    assert tables_written(sql) == tables
