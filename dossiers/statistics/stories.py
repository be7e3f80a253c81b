"""Dossiers as stories to count again or to hand out: read in batches, so that memory stays small
and the number of queries follows the dossiers by the thousand. Never reads entries or rollups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from dossiers.models import (
    Apology,
    Breach,
    ClockKind,
    ClockRow,
    Dossier,
    Event,
    FeeDemand,
    LimitValue,
    Stop,
    Supplement,
)
from dossiers.statistics import recount
from dossiers.statistics.lateness import Halt, Limit, Told
from workflows.models import Agency, Calendar, Channel, Procedure, Unit

BATCH = 1_000


@contextmanager
def one_moment() -> Iterator[None]:
    """Read everything as it stands now, whatever is written meanwhile."""
    if connection.in_atomic_block:  # whoever opened it has chosen what is seen
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


class Codes:
    """The codes of the few things that cells are cut by, read once each."""

    @cached_property
    def agency(self) -> dict[int, str]:
        return dict(Agency.objects.values_list("pk", "code"))

    @cached_property
    def unit(self) -> dict[int | None, str | None]:
        return {None: None, **dict(Unit.objects.values_list("pk", "code"))}

    @cached_property
    def procedure(self) -> dict[int, str]:
        return dict(Procedure.objects.values_list("pk", "code"))

    @cached_property
    def channel(self) -> dict[int, str]:
        return dict(Channel.objects.values_list("pk", "code"))

    @cached_property
    def zone(self) -> dict[int, tzinfo]:
        return {pk: ZoneInfo(tz) for pk, tz in Calendar.objects.values_list("pk", "tz")}


@dataclass(slots=True)
class Rows:
    """One dossier's rows, each kind in the order in which it was recorded."""

    dossier: Dossier
    events: list[Event]
    clocks: dict[int, ClockRow]
    limits: list[LimitValue]
    stops: list[Stop]
    breaches: list[Breach]
    apologies: list[Apology]
    supplements: list[Supplement]
    demands: list[FeeDemand]


def every_dossier() -> Iterator[Rows]:
    """All dossiers by ascending id, with what happened to them; nine queries a batch."""
    last = 0
    while True:
        batch = list(
            Dossier.objects.filter(pk__gt=last).select_related("edition").order_by("pk")[:BATCH]
        )
        if not batch:
            return
        yield from _with_rows(batch)
        last = batch[-1].pk


def _with_rows(batch: list[Dossier]) -> Iterator[Rows]:
    ids = [dossier.pk for dossier in batch]
    clocks: dict[int, dict[int, ClockRow]] = defaultdict(dict)
    kinds = [ClockKind.DOSSIER, ClockKind.INTAKE, ClockKind.SUPPLEMENT, ClockKind.PAYMENT]
    for clock in ClockRow.objects.filter(dossier__in=ids, kind__in=kinds).order_by("pk"):
        clocks[clock.dossier_id][clock.pk] = clock
    owner = {pk: dossier for dossier, of_it in clocks.items() for pk in of_it}
    events = _by_dossier(Event.objects.filter(dossier__in=ids).order_by("n"))
    limits = _by_clock(LimitValue.objects.filter(clock__in=owner).order_by("pk"), owner)
    stops = _by_clock(Stop.objects.filter(clock__in=owner).order_by("pk"), owner)
    breaches = _by_dossier(Breach.objects.filter(dossier__in=ids).order_by("pk"))
    apologies = _by_dossier(Apology.objects.filter(dossier__in=ids).order_by("pk"))
    supplements = _by_dossier(Supplement.objects.filter(dossier__in=ids).order_by("pk"))
    demands = _by_dossier(FeeDemand.objects.filter(dossier__in=ids).order_by("pk"))
    for dossier in batch:
        yield Rows(
            dossier=dossier,
            events=events[dossier.pk],
            clocks=clocks[dossier.pk],
            limits=limits[dossier.pk],
            stops=stops[dossier.pk],
            breaches=breaches[dossier.pk],
            apologies=apologies[dossier.pk],
            supplements=supplements[dossier.pk],
            demands=demands[dossier.pk],
        )


def _by_dossier(rows: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.dossier_id].append(row)
    return grouped


def _by_clock(rows: Iterable[Any], owner: dict[int, int]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[owner[row.clock_id]].append(row)
    return grouped


def story(rows: Rows, codes: Codes) -> recount.Story:
    """The rows of a dossier as the story that is counted again."""
    dossier = rows.dossier
    return recount.Story(
        place=(codes.agency[dossier.answering_agency_id], codes.unit[dossier.unit_id]),
        events=[
            recount.Happened(
                event.n,
                event.kind,
                event.at,
                event.from_status,
                event.to_status,
                event.undoes,
                event.facts,
            )
            for event in rows.events
        ],
        dossier=_told(rows, ClockKind.DOSSIER, codes),
        intake=_told(rows, ClockKind.INTAKE, codes),
        breaches=[
            recount.Judged(breach.of, breach.breached_at, breach.owes_apology, _annulled(breach))
            for breach in rows.breaches
            if breach.promise_number == 1
        ],
        letter=_letter(rows),
        lapses_at=_lapses_at(rows),
        voided=dossier.voided_at is not None,
    )


def _annulled(breach: Breach) -> bool:
    """Whether the limit is to count as never passed. What a late entry overtook, or an undo, is
    not: there the order of acts itself says whether it passed, and it may pass again."""
    overtaken = breach.annulled_because in ("late_entry", "undone")
    return breach.annulled_at is not None and not overtaken


def _told(rows: Rows, kind: str, codes: Codes) -> Told:
    clock = next((clock for clock in rows.clocks.values() if clock.kind == kind), None)
    if clock is None:
        return Told()
    return Told(
        limits=[
            Limit(value.at, value.limit_at, value.event_n)
            for value in rows.limits
            if value.clock_id == clock.pk
        ],
        halts=[
            Halt(stop.from_at, stop.to_at, stop.event_n)
            for stop in rows.stops
            if stop.clock_id == clock.pk
        ],
        tz=codes.zone[clock.calendar_id],
    )


def _letter(rows: Rows) -> recount.Letter | None:
    for apology in rows.apologies:
        if apology.promise_number != 1 or apology.state == Apology.State.ANNULLED:
            continue
        if apology.signed_at is not None:
            return recount.Letter(apology.signed_at, apology.settled_at)
    return None


def _lapses_at(rows: Rows) -> datetime | None:
    """The end of the term of papers or of a payment still waited for."""
    waited_for: list[Supplement | FeeDemand] = [*rows.supplements, *rows.demands]
    for asked in waited_for:
        clock = rows.clocks.get(asked.clock_id or 0)
        if asked.state == type(asked).State.OPEN and clock is not None and clock.limit_at:
            # A term that was moved into the past lapses at the moment of the change.
            return max(clock.limit_at, clock.limit_set_at or clock.limit_at)
    return None
