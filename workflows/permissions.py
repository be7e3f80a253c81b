"""Who may do what to the catalogue and the organisation: one table, deny by default.

A right is a role together with where it is held: `WHOLE` is the root of the agency tree, whose
catalogue every agency of the city receives dossiers by; `OWN` the agency that a calendar belongs
to, or one above it.
"""

from __future__ import annotations

from workflows.actors import Actor, Held

WHOLE = "whole"
OWN = "own"

RIGHTS: dict[str, frozenset[tuple[str, str]]] = {
    "decide_limits": frozenset({("catalogue_manager", WHOLE)}),
    "set_terms": frozenset({("catalogue_manager", WHOLE)}),
    "change_ladder": frozenset({("catalogue_manager", WHOLE)}),
    "edit_definitions": frozenset({("catalogue_manager", WHOLE)}),
    # The national calendar belongs to no agency: only the whole city's manager amends it.
    "amend_calendar": frozenset({("catalogue_manager", WHOLE), ("catalogue_manager", OWN)}),
}


def post_for(by: Actor, act: str) -> Held | None:
    """The post by which `by` may do `act`; None if nobody gave the right."""
    rights = RIGHTS.get(act, frozenset())
    for held in by.posts:
        if any((held.role, place) in rights for place in _places(held)):
            return held
    return None


def calendar_post(by: Actor, owner_path: str | None) -> Held | None:
    """The post by which `by` may amend a calendar, by the place in the tree of the agency it
    belongs to (None: the national one); None if nobody gave the right."""
    rights = RIGHTS["amend_calendar"]
    for held in by.posts:
        places = _places(held)
        if owner_path is not None and held.unit_id is None:
            places += (OWN,) if owner_path.startswith(held.agency_path) else ()
        if any((held.role, place) in rights for place in places):
            return held
    return None


def may(by: Actor, act: str) -> bool:
    """Whether `by` holds a post that gives the right to `act`."""
    return post_for(by, act) is not None


def _places(held: Held) -> tuple[str, ...]:
    is_root = held.agency_path.strip("/").count("/") == 0
    return (WHOLE,) if is_root and held.unit_id is None else ()
