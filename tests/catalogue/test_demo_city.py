"""The catalogue of the demo city: real procedures, every definition without fault, many shapes."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import jsonschema
import pytest

from workflows import graph, parsing, routing
from workflows.catalogue import shipped
from workflows.catalogue.definitions import faults
from workflows.catalogue.demo_city import load_demo_city
from workflows.catalogue.limits import is_undecided
from workflows.models import (
    Agency,
    Definition,
    Edition,
    Offer,
    PaperItem,
    Unit,
)

ENTRIES = shipped.read_json("definitions.json")
SCHEMA = Path(parsing.__file__).parent / "schemas" / "workflow-definition.schema.json"


def definitions():
    return [parsing.parse(entry["definition"]) for entry in ENTRIES]


def load():
    return load_demo_city(in_force_from=date(2026, 7, 1), at=datetime(2026, 7, 1, 1, tzinfo=UTC))


def counts():
    models = (Agency, Unit, Edition, Offer, Definition, PaperItem)
    return [model.objects.count() for model in models]


@pytest.mark.django_db
def test_the_demo_city_is_loaded_whole_and_loading_again_changes_nothing():
    assert len(load()) == 62
    before = counts()

    load()

    assert counts() == before
    assert Agency.objects.filter(kind="commune").count() == 126
    assert Agency.objects.filter(kind="department").count() == 15
    assert Agency.objects.filter(kind="branch").count() == 12
    assert not any(is_undecided(edition) for edition in Edition.objects.all())
    assert Definition.objects.filter(state="published").count() == 62


@pytest.mark.django_db
def test_only_codes_of_our_making_hold_letters_below_the_citys_and_are_marked():
    load()

    marked = {agency.code: agency.code_is_demo for agency in Agency.objects.all()}

    assert marked.pop("H26") is False
    assert all(marked.values())
    assert all(any(letter.isalpha() for letter in code.split(".")[1]) for code in marked)


@pytest.mark.django_db
def test_no_definition_of_the_demo_city_has_any_fault():
    load()

    found = {
        str(row.procedure.code): [
            (fault.code, fault.step) for fault in faults(row.procedure, row.body)
        ]
        for row in Definition.objects.select_related("procedure")
    }

    assert {code: said for code, said in found.items() if said} == {}


@pytest.mark.django_db
def test_every_agency_has_the_units_that_the_definitions_name():
    load()
    codes = set(Unit.objects.values_list("code", flat=True))

    named = {
        f"{who.code}.{who.unit}"
        for definition in definitions()
        for step in definition.steps
        if (who := step.who) is not None and who.agency is graph.AgencyOf.NAMED
    }

    assert named
    assert named - codes == set()


def test_every_definition_fits_the_published_schema():
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))

    for entry in ENTRIES:
        assert list(validator.iter_errors(entry["definition"])) == []


def shape(definition):
    """What makes two definitions alike: who does what in which order, and where outcomes lead."""
    place = {step.key: number for number, step in enumerate(definition.steps)}
    return tuple(
        (
            step.kind,
            step.role,
            step.agency_of,
            tuple((place.get(one.to, -1), one.returns) for one in step.outcomes),
            len(step.consultation.asked) if step.consultation else 0,
            len(step.opens),
        )
        for step in definition.steps
    )


def test_the_definitions_have_many_shapes_and_no_more_than_three_share_one():
    shapes = Counter(shape(definition) for definition in definitions())

    assert len(shapes) >= 20
    assert max(shapes.values()) <= 3


def test_there_are_procedures_of_many_agencies_consultations_and_sub_procedures():
    own = (graph.AgencyOf.RECEIVING, graph.AgencyOf.ANSWERING)
    several = parallel = opening = 0
    for definition in definitions():
        several += any(step.agency_of not in own for step in definition.steps if step.who)
        parallel += any(
            step.consultation and len(step.consultation.asked) > 1 for step in definition.steps
        )
        opening += any(step.opens for step in definition.steps)

    assert several >= 6
    assert parallel >= 3
    assert opening >= 2
    assert sum(entry["on_the_spot"] for entry in ENTRIES) >= 3


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["procedure"])
def test_every_outcome_of_every_step_leads_on_to_delivery(entry):
    definition = parsing.parse(entry["definition"])

    for step in definition.steps:
        for outcome in step.outcomes:
            following = routing.next_step(definition, step.key, outcome.key)
            if following.step is None:
                assert step.kind is graph.Kind.DELIVER
            else:
                last = routing.road(definition, following.step.key)[-1]
                assert last.kind is graph.Kind.DELIVER
