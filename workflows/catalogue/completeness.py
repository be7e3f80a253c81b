"""What of a procedure's list of papers is still missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from workflows.models import PaperItem


def missing(items: Iterable[PaperItem], given: Collection[int | None]) -> list[PaperItem]:
    """What is to be handed in and was not, of the ids `given`; of alternatives one is enough."""
    listed = [item for item in items if item.kind == PaperItem.Kind.HAND_IN]
    groups = {item.group for item in listed if item.group and item.pk in given}
    return [item for item in listed if item.pk not in given and item.group not in groups]
