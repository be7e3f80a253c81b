"""A dossier is moved to another version while somebody else acts on it: both acts are clear."""

from __future__ import annotations

import pytest

from dossiers.lifecycle import versions
from dossiers.models import Dossier, Event
from tests.concurrency.test_two_at_once import (
    a_person,
    advancing,
    became_of,
    given,
    held_back,
    press,
)
from tests.given.city import City, moment
from tests.given.definitions import plain_definition
from workflows.catalogue import definitions
from workflows.editing import replace_step
from workflows.models import Definition, Role

__all__ = ["a_person", "given"]  # the fixtures

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def published(given: City) -> Definition:
    body = plain_definition()
    body = replace_step(body, "appraise", {**body["steps"][1], "key": "examine"})
    return definitions.publish(given.procedure, body, at=moment("2026-03-02 08:30"))


def move(given: City, dossier: Dossier, to: Definition) -> None:
    versions.move_to_version(
        dossier.pk,
        definition=to.pk,
        mapping={"receive": "receive", "appraise": "examine"},
        reason="Quyết định",
        by=given.acting(Role.CATALOGUE_MANAGER),
        at=moment("2026-03-02 08:40"),
    )


def test_who_waited_for_the_move_goes_on_by_the_new_version(given, a_person):
    dossier, to = given.receive(), published(given)
    person = a_person([advancing(given, dossier)])

    with held_back("SELECT 1", [], waiting=1):
        move(given, dossier, to)
        press([person])

    assert became_of([person]) == [["done", dossier.code]]
    kinds = Event.objects.filter(dossier=dossier).order_by("n").values_list("kind", flat=True)
    assert list(kinds) == ["received", "moved_to_version", "advanced"]
    assert Event.objects.get(dossier=dossier, kind="advanced").facts["step"] == "examine"


def test_two_who_move_at_once_make_one_move_and_one_clear_refusal(given, a_person):
    dossier, to = given.receive(), published(given)
    pressed = {
        "name": "move_to_version",
        "subject": dossier.pk,
        "values": {
            "definition": to.pk,
            "mapping": {"receive": "receive", "appraise": "examine"},
            "reason": "Quyết định",
        },
        "user": given.posts[Role.CATALOGUE_MANAGER].user_id,
        "at": moment("2026-03-02 09:00").isoformat(),
    }
    people = [a_person([pressed]), a_person([pressed])]

    lock = "SELECT 1 FROM dossiers_dossier WHERE id = %s FOR UPDATE"
    with held_back(lock, [dossier.pk], waiting=2):
        press(people)

    assert became_of(people) == [["Invalid", "version_already"], ["done", dossier.code]]
    assert Event.objects.filter(dossier=dossier, kind="moved_to_version").count() == 1
    assert dossier.step_runs.filter(key="examine").count() == 1
