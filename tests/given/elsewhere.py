"""Places beside the city's one commune: another division of it, a department with its own."""

from __future__ import annotations

from tests.given.city import SINCE, City, _agency, _unit
from workflows.actors import STAFF, Actor, held
from workflows.models import Agency, Post, Role, Unit


def another_division(town: City) -> Unit:
    """A second division of the commune."""
    return _unit(town.commune, "03", "Phòng Văn hóa - Xã hội", Unit.Kind.DIVISION)


def department(town: City) -> Unit:
    """A division of a department of the same city."""
    agency = _agency("H26.12", "Sở Xây dựng", "department", town.root)
    return _unit(agency, "02", "Phòng Quy hoạch", Unit.Kind.DIVISION)


def acting_at(unit: Unit, role: str) -> Actor:
    """Somebody who holds this role at the unit (at its agency for who signs), and no other."""
    at_unit = role in (Role.OFFICER, Role.UNIT_HEAD, Role.CLERK)
    post, _made = Post.objects.get_or_create(
        role=role,
        agency=Agency.objects.get(pk=unit.agency_id),
        unit=unit if at_unit else None,
        defaults={"name": f"{role} {unit.code}", "valid_from": SINCE},
    )
    return Actor(kind=STAFF, name=post.name, posts=(held(post),))
