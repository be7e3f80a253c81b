"""Publishing workflow definitions: parsed, checked against organisation and catalogue, then never
changed. A new version retires the one before; dossiers stay on the version they began with."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max

from workflows import checking, graph, parsing
from workflows.catalogue.holders import Holders
from workflows.catalogue.locking import one_at_a_time
from workflows.checking import Fault, Surroundings
from workflows.models import Agency, Definition, Edition, Limit, PaperItem, Procedure, Unit
from workflows.timelimit import TimeLimit
from workflows.timelimit import Unit as TimeUnit

_HOURS = {
    TimeUnit.WORKING_HOUR: 1,
    TimeUnit.WORKING_DAY: graph.NOMINAL_HOURS[graph.ShareUnit.WORKING_DAY],
    TimeUnit.CALENDAR_DAY: graph.NOMINAL_HOURS[graph.ShareUnit.DAY],
    TimeUnit.MONTH: graph.NOMINAL_HOURS[graph.ShareUnit.MONTH],
}


class Unpublishable(ValueError):
    """The definition has faults that hinder publishing; `faults` holds all of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(", ".join(f"{fault.code} {fault.step}".strip() for fault in faults))


@transaction.atomic
def publish(procedure: Procedure, body: Any, *, source: str = "", at: datetime) -> Definition:
    """Publish `body` as the next version for `procedure`, in force from `at`.

    The version in force is retired, unless it is this one already: then it is given back.
    Raises: parsing.MalformedDefinition, Unpublishable.
    """
    one_at_a_time()
    digest = fingerprint(body)
    current = Definition.objects.filter(
        procedure=procedure, state=Definition.State.PUBLISHED
    ).first()
    if current is not None and current.sha256 == digest:
        return current
    hindering = [fault for fault in faults(procedure, body) if fault.blocks]
    if hindering:
        raise Unpublishable(hindering)
    if current is not None:
        retire(current, at)
    last = Definition.objects.filter(procedure=procedure).aggregate(last=Max("version"))["last"]
    return Definition.objects.create(
        procedure=procedure,
        version=(last or 0) + 1,
        state=Definition.State.PUBLISHED,
        body=body,
        source=source[:500],
        sha256=digest,
        published_at=at,
    )


def retire(current: Definition, at: datetime) -> None:
    """Nobody is received under this version from `at` on; who began with it stays on it."""
    current.state_retired()
    current.retired_at = at
    current.save(update_fields=["state", "retired_at"])


def faults(procedure: Procedure, body: Any) -> list[Fault]:
    """All faults of `body` as a definition for `procedure`. Raises parsing.MalformedDefinition."""
    return checking.faults(parsing.parse(body), surroundings(procedure))


def surroundings(procedure: Procedure | None) -> Surroundings:
    """What the database knows that a definition for `procedure` is compared with; without one,
    what it knows of the city."""
    return surroundings_of([] if procedure is None else [procedure.pk])[
        None if procedure is None else procedure.pk
    ]


def surroundings_anywhere() -> Surroundings:
    """What is known of the city: for a draft that belongs to no procedure, whose papers are not
    known."""
    return replace(surroundings(None), papers=None)


def surroundings_of(
    procedures: Sequence[int], *, on: date | None = None
) -> dict[int | None, Surroundings]:
    """The surroundings of each of these procedures by id, and of none under None; as many queries
    for many as for one. With a day, it is known too who holds which role then."""
    units = {code.rpartition(".")[2] for code in Unit.objects.values_list("code", flat=True)}
    city = Surroundings(
        agencies=set(Agency.objects.values_list("code", flat=True)),
        papers=set(),
        procedures=set(Procedure.objects.values_list("code", flat=True)),
        units=units,
    )
    latest: dict[int, int] = {}
    of_them = Edition.objects.filter(procedure__in=procedures).order_by("number")
    for procedure_id, pk in of_them.values_list("procedure_id", "pk"):
        latest[procedure_id] = pk
    papers: dict[int, set[str]] = defaultdict(set)
    items = PaperItem.objects.filter(edition__in=latest.values())
    for edition, name in items.values_list("edition_id", "name"):
        papers[edition].add(name)
    limits = _shortest_limits(latest.values())
    holders = None if on is None else Holders(procedures, on)
    found: dict[int | None, Surroundings] = {None: city}
    for procedure in procedures:
        found[procedure] = replace(
            city,
            limit_hours=limits.get(latest.get(procedure, 0)),
            papers=papers[latest.get(procedure, 0)],
            holds_role=None if holders is None else partial(holders.hold, procedure),
        )
    return found


def fingerprint(body: Any) -> str:
    """SHA-256 over the canonical form of a definition."""
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def nominal_hours(limit: TimeLimit) -> Fraction:
    """What a limit is worth when shares are added up: 8 hours a day; within the day is one."""
    if limit.amount == 0:
        return Fraction(_HOURS[TimeUnit.WORKING_DAY])
    return limit.amount * _HOURS[limit.unit]


def _shortest_limits(editions: Iterable[int]) -> dict[int, Fraction]:
    """Shares must fit whichever channel or case a dossier comes by."""
    shortest: dict[int, Fraction] = {}
    rows = Limit.objects.filter(edition__in=list(editions), limit__isnull=False)
    for row in rows:
        if row.limit is not None and row.edition_id is not None:
            hours = nominal_hours(TimeLimit.from_json(row.limit))
            shortest[row.edition_id] = min(hours, shortest.get(row.edition_id, hours))
    return shortest
