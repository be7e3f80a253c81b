"""Where a post can be, seen from one dossier: received at one agency, answered for by another,
with its step under way at a third."""

from __future__ import annotations

from dossiers.models import Dossier, StepRun
from workflows.actors import STAFF, Actor, Held
from workflows.models import Agency, Role, Unit

CITY = Agency(pk=1, code="H26", path="/H26/")
CENTRE = Agency(pk=2, code="H26.90", path="/H26/H26.90/")
DEPARTMENT = Agency(pk=3, code="H26.12", path="/H26/H26.12/")
COMMUNE = Agency(pk=4, code="H26.1", path="/H26/H26.1/")  # its code begins the department's
OTHER = Agency(pk=5, code="H26.50", path="/H26/H26.50/")
ANOTHER_CITY = Agency(pk=6, code="H2", path="/H2/")

COUNTER = Unit(pk=11, agency=CENTRE)
LEADING = Unit(pk=12, agency=DEPARTMENT)
BESIDE = Unit(pk=13, agency=DEPARTMENT)
HOLDING = Unit(pk=14, agency=COMMUNE)
BESIDE_HOLDING = Unit(pk=15, agency=COMMUNE)

PLACES: dict[str, tuple[Agency, Unit | None]] = {
    "counter": (CENTRE, COUNTER),  # at the agency that received it
    "leading": (DEPARTMENT, LEADING),  # in the unit that leads it
    "head": (DEPARTMENT, None),  # over the answering agency's units
    "beside": (DEPARTMENT, BESIDE),  # in another unit of the answering agency
    "step": (COMMUNE, HOLDING),  # where the step under way is
    "near": (COMMUNE, BESIDE_HOLDING),  # in another unit of the step's agency
    "city": (CITY, None),  # over all of them
    "other": (OTHER, None),  # an agency with no part in it
    "abroad": (ANOTHER_CITY, None),  # another city, whose code begins ours
}


def held(role: str, place: str) -> Held:
    """The post of `role` at `place`."""
    agency, unit = PLACES[place]
    number = 100 * list(Role.values).index(role) + list(PLACES).index(place)
    return Held(number, role, agency.pk, agency.path, None if unit is None else unit.pk)


def acting(role: str, place: str) -> Actor:
    """Somebody who holds that post and no other."""
    return Actor(kind=STAFF, user_id=1, posts=(held(role, place),))


def dossier() -> Dossier:
    """The dossier, in memory alone."""
    return Dossier(receiving_agency=CENTRE, answering_agency=DEPARTMENT, unit=LEADING)


def step(role: str = Role.OFFICER) -> StepRun:
    """The step under way."""
    return StepRun(agency=COMMUNE, unit=HOLDING, role=role, state=StepRun.State.WAITING)
