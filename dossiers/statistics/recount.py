"""Counting one dossier again from what happened to it, without looking at what was posted. Pure.

From the moves of its status, the values its limits took and the stops of its clocks follow when it
was pending, when its limit passed, and how it ended. Nothing here is shared with the commands that
post: two that agree have each counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from dossiers.statistics.lateness import (
    OVERDUE,
    WITHOUT_LIMIT,
    Spell,
    Told,
    lateness,
    standing,
)
from dossiers.statistics.periods import TICK

PENDING = frozenset({"received", "processing", "supplement_requested", "payment_requested"})
ENDED = frozenset({"concluded", "returned", "discontinued", "withdrawn"})
RECEPTION = ("received", "processing")
ANSWERED = ENDED | {"received", "processing", "not_accepted"}


class Happened(NamedTuple):
    """An event, as far as counting goes."""

    n: int
    kind: str
    at: datetime
    came_from: str
    went_to: str
    undoes: int | None
    facts: Mapping[str, str]


class Judged(NamedTuple):
    """A recorded breach of the dossier's or the intake's limit."""

    of: str
    at: datetime
    owes_apology: bool
    annulled: bool


class Letter(NamedTuple):
    """The signed apology for the first promise."""

    signed_at: datetime
    settled_at: datetime | None


@dataclass(slots=True)
class Story:
    """All that is known of a dossier but its entries. `place` is (agency, unit) as they are now;
    `lapses_at` the end of the term of papers or of a payment still waited for."""

    place: tuple[str, str | None]
    events: list[Happened] = field(default_factory=list)
    dossier: Told = field(default_factory=Told)
    intake: Told = field(default_factory=Told)
    breaches: list[Judged] = field(default_factory=list)
    letter: Letter | None = None
    lapses_at: datetime | None = None
    voided: bool = False


class Count(NamedTuple):
    """One thing that counts: when, in which period, and for whom (None: for the receiver). `n` is
    the event it follows from: what happens in one instant still has an order."""

    measure: str
    amount: int
    at: datetime
    counts_at: datetime
    place: tuple[str, str | None] | None
    n: int | None = None


def recount(story: Story, now: datetime) -> list[Count]:
    """Everything that this dossier counts for up to `now`; a voided receipt counts nowhere."""
    if story.voided:
        return []
    gone = undone(story.events)
    moves = [event for event in story.events if event.n not in gone and event.undoes is None]
    places = _places(story, moves)
    counts = [*_flows(story, moves, gone, now), *_received_late(story, moves, gone, now)]
    spells = list(_spells(moves, _lapsed_at(story, moves, now)))
    passed, changes = lateness(story.dossier, gone, spells, _annulled(story, "dossier"), now)
    counts += [_count(measure, amount, at) for measure, amount, at in changes]
    if passed is not None:
        counts += _breach(story, passed, now)
    placed = [_at_its_place(count, places) for count in counts]
    return [*placed, *_moved(places, spells, placed)]


def passings(story: Story, now: datetime) -> dict[str, datetime]:
    """The moments at which the dossier's and the intake's limits passed, noticed or not."""
    if story.voided:
        return {}
    gone = undone(story.events)
    moves = [event for event in story.events if event.n not in gone and event.undoes is None]
    spells = {
        "dossier": list(_spells(moves, _lapsed_at(story, moves, now))),
        "intake": _waits(story, moves),
    }
    clocks = {"dossier": story.dossier, "intake": story.intake}
    found = {
        of: lateness(clocks[of], gone, spells[of], _annulled(story, of), now)[0] for of in clocks
    }
    return {of: passed for of, passed in found.items() if passed is not None}


def undone(events: Iterable[Happened]) -> frozenset[int]:
    """The numbers of events that were taken back (and whose taking back was not)."""
    gone: set[int] = set()
    for event in sorted(events, key=lambda event: -event.n):
        if event.undoes is not None and event.n not in gone:
            gone.add(event.undoes)
    return frozenset(gone)


def _flows(
    story: Story, moves: Sequence[Happened], gone: frozenset[int], now: datetime
) -> Iterator[Count]:
    """What each move of the status counts as."""
    received = False
    for event in moves:
        if event.went_to in RECEPTION and not received:
            received = True
            yield _count("received", 1, event.at, n=event.n)
        elif event.went_to == "concluded":
            yield _count(_resolved(story.dossier, gone, event.at), 1, event.at, n=event.n)
        elif event.went_to in ("withdrawn", "discontinued"):
            yield _ending(event.went_to, event.at, received=received, n=event.n)
        elif event.went_to == "not_accepted":
            yield _count("not_accepted", 1, event.at, for_receiver=True)
        elif event.went_to == "processing" and event.came_from in ENDED:
            yield _count("reopened", 1, event.at, n=event.n)
    lapsed_at = _lapsed_at(story, moves, now)
    if lapsed_at is not None:
        yield _ending("discontinued", lapsed_at, received=received)


def _ending(measure: str, at: datetime, *, received: bool, n: int | None = None) -> Count:
    if received:
        return _count(measure, 1, at, n=n)
    return _count("ended_unreceived", 1, at, for_receiver=True)


def _count(
    measure: str, amount: int, at: datetime, *, for_receiver: bool = False, n: int | None = None
) -> Count:
    return Count(measure, amount, at, at, None if for_receiver else ("", None), n)


def _resolved(clock: Told, gone: frozenset[int], at: datetime) -> str:
    """Late is after the limit; else early on an earlier local date than the limit's."""
    limit_at = None
    for value in standing(clock, gone):
        if value.at <= at:
            limit_at = value.limit_at
    if limit_at is None:
        return "resolved_without_limit"
    if at > limit_at:
        return "resolved_late"
    earlier = at.astimezone(clock.tz).date() < limit_at.astimezone(clock.tz).date()
    return "resolved_early" if earlier else "resolved_on_time"


def _lapsed_at(story: Story, moves: Sequence[Happened], now: datetime) -> datetime | None:
    """When papers or a payment still waited for lapsed, unnoticed so far."""
    status = next((event.went_to for event in reversed(moves) if event.went_to), "")
    waiting = status in ("supplement_requested", "payment_requested")
    lapses_at = story.lapses_at if waiting else None
    return lapses_at if lapses_at is not None and lapses_at <= now else None


def _spells(moves: Sequence[Happened], lapsed_at: datetime | None) -> Iterator[Spell]:
    """When the dossier was pending: from its reception, and from each reopening."""
    begin: datetime | None = None
    ever = False
    for event in moves:
        pending = event.went_to in PENDING and (ever or event.went_to in RECEPTION)
        if pending and begin is None:
            begin, ever = event.at, True
        elif begin is not None and event.went_to in ENDED:
            yield Spell(begin, event.at)
            begin = None
    if begin is not None:
        yield Spell(begin, lapsed_at)


def _annulled(story: Story, of: str) -> frozenset[datetime]:
    """Moments of breaches that were annulled, and do not stand again."""
    ours = [breach for breach in story.breaches if breach.of == of]
    standing = {breach.at for breach in ours if not breach.annulled}
    return frozenset(breach.at for breach in ours if breach.annulled) - standing


def _breach(story: Story, passed: datetime, now: datetime) -> Iterator[Count]:
    """What a passed limit owes and what was done about it; unnoticed it owes an apology."""
    moment = passed + TICK
    yield _count("breaches", 1, moment)
    recorded = [
        breach.owes_apology
        for breach in story.breaches
        if breach.of == "dossier" and not breach.annulled and breach.at == passed
    ]
    if recorded and not any(recorded):
        return
    yield _count("apologies_owed", 1, moment)
    letter = story.letter
    if letter is None:
        return
    if letter.signed_at <= passed:
        yield _count("apologies_foreseen", 1, moment)
    if letter.settled_at is not None and letter.settled_at <= now:
        made = _count("apologies_made", 1, max(letter.settled_at, moment))
        yield made._replace(counts_at=moment)


def _received_late(
    story: Story, moves: Sequence[Happened], gone: frozenset[int], now: datetime
) -> Iterator[Count]:
    """An intake limit that passed, whether the dossier has been received since or not."""
    clock, waits = story.intake, _waits(story, moves)
    passed, _ = lateness(clock, gone, waits, _annulled(story, "intake"), now)
    if passed is not None:
        yield _count("received_late", 1, passed + TICK, for_receiver=True)


def _waits(story: Story, moves: Sequence[Happened]) -> list[Spell]:
    """The wait to be received: from the intake clock's first value to the first answer."""
    if not story.intake.limits:
        return []
    end = next((event.at for event in moves if event.went_to in ANSWERED), None)
    return [Spell(story.intake.limits[0].at, end)]


Places = list[tuple[datetime, int, tuple[str, str | None]]]


def _places(story: Story, moves: Sequence[Happened]) -> Places:
    """From when on it counted for whom; the first holds from the beginning."""
    moved = [event for event in moves if event.kind == "moved"]
    places: Places = [(event.at, event.n, _place(event.facts, "to")) for event in moved]
    first = _place(moved[0].facts, "from") if moved else story.place
    return [(datetime.min.replace(tzinfo=UTC), 0, first), *places]


def _place(facts: Mapping[str, str], end: str) -> tuple[str, str | None]:
    return facts[f"{end}_agency"], facts.get(f"{end}_unit") or None


def _at_its_place(count: Count, places: Places) -> Count:
    if count.place is None:
        return count
    # An apology counts with its breach, wherever the dossier has gone since.
    place = next(
        place
        for since, n, place in reversed(places)
        if (since <= count.counts_at if count.n is None else n < count.n)
    )
    return count._replace(place=place)


def _moved(places: Places, spells: Sequence[Spell], counts: Sequence[Count]) -> Iterator[Count]:
    """Leaving one row of the pending and entering another, with what the dossier carries."""
    for (_, _, old), (at, _, new) in zip(places, places[1:], strict=False):
        # Only what is pending is moved; it may end in the same instant.
        if not any(
            spell.begin <= at and (spell.end is None or at <= spell.end) for spell in spells
        ):
            continue
        carried = [
            measure
            for measure in (OVERDUE, WITHOUT_LIMIT)
            if sum(c.amount for c in counts if c.measure == measure and c.at < at)
        ]
        yield Count("moved_out", 1, at, at, old)
        yield Count("moved_in", 1, at, at, new)
        for measure in carried:
            yield Count(measure, -1, at, at, old)
            yield Count(measure, 1, at, at, new)
