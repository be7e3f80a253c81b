"""Who may do what to the catalogue and the organisation: one table, deny by default.

A right is a role together with where it is held: `WHOLE` is the root of the agency tree, whose
catalogue every agency of the city receives dossiers by.
"""

from __future__ import annotations

from workflows.actors import Actor, Held

WHOLE = "whole"

RIGHTS: dict[str, frozenset[tuple[str, str]]] = {
    "decide_limits": frozenset({("catalogue_manager", WHOLE)}),
}


def post_for(by: Actor, act: str) -> Held | None:
    """The post by which `by` may do `act`; None if nobody gave the right."""
    rights = RIGHTS.get(act, frozenset())
    for held in by.posts:
        if any((held.role, place) in rights for place in _places(held)):
            return held
    return None


def may(by: Actor, act: str) -> bool:
    """Whether `by` holds a post that gives the right to `act`."""
    return post_for(by, act) is not None


def _places(held: Held) -> tuple[str, ...]:
    is_root = held.agency_path.strip("/").count("/") == 0
    return (WHOLE,) if is_root and held.unit_id is None else ()
