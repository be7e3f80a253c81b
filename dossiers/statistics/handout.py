"""Every dossier as a stranger needs it to count again: what happened, when, and the limits; never a
name, a number or a word of a person. The form is docs/schemas/export-history.schema.json."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dossiers.models import Apology, Breach, ClockKind, Event, LimitValue, Stop
from dossiers.statistics import recount
from dossiers.statistics.periods import local
from dossiers.statistics.stories import Codes, Rows, every_dossier, one_moment, story

OF_THE_PROMISE = "promise"
"""A new appointment that passed is not a limit that passed: it counts no dossier late twice."""


def history(as_of: datetime) -> Iterator[dict[str, Any]]:
    """One object for every dossier there was at `as_of`, with what had happened by then.

    What was taken back since is marked, for it counts from the moment of what it takes back; a
    limit that passed unnoticed is listed as if it had been noticed.
    """
    with one_moment():
        codes = Codes()
        for rows in every_dossier():
            if any(event.at <= as_of for event in rows.events):
                yield _told(rows, codes, as_of)


def _told(rows: Rows, codes: Codes, as_of: datetime) -> dict[str, Any]:
    dossier, whole = rows.dossier, story(rows, codes)
    gone = recount.undone(whole.events)
    clock = next((c.pk for c in rows.clocks.values() if c.kind == ClockKind.DOSSIER), None)
    agency, unit = whole.place
    return {
        "code": dossier.handle,
        "procedure": codes.procedure[dossier.procedure_id],
        "edition": dossier.edition.number,
        "channel": codes.channel[dossier.channel_id],
        "receiving_agency": codes.agency[dossier.receiving_agency_id],
        "answering_agency": agency,
        "unit": unit,
        "voided_at": _moment(dossier.voided_at),
        "events": [_event(event) for event in _events(rows, as_of)],
        "limits": [
            _limit(value)
            for value in rows.limits
            if value.clock_id == clock and value.at <= as_of and value.event_n not in gone
        ],
        "stops": [
            _stop(stop, as_of)
            for stop in rows.stops
            if stop.clock_id == clock and stop.from_at <= as_of and stop.event_n not in gone
        ],
        "breaches": [*_breaches(rows, whole, as_of)],
        "apologies": [_apology(letter, as_of) for letter in rows.apologies if _sent(letter, as_of)],
    }


def _events(rows: Rows, as_of: datetime) -> list[Event]:
    """Those by then, and whatever took one of them back since."""
    then = {event.n for event in rows.events if event.at <= as_of}
    return [event for event in rows.events if event.n in then or event.undoes in then]


def _event(event: Event) -> dict[str, Any]:
    return {
        "n": event.n,
        "kind": event.kind,
        "at": local(event.at),
        "recorded_at": local(event.recorded_at),
        "from": event.from_status or None,
        "to": event.to_status or None,
        "undoes": event.undoes,
        "sha256": event.sha256,
        "previous": event.previous or None,
    }


def _limit(value: LimitValue) -> dict[str, Any]:
    return {
        "at": local(value.at),
        "limit_at": _moment(value.limit_at),
        "promised_at": _moment(value.promised_at),
        "cause": value.cause,
    }


def _stop(stop: Stop, as_of: datetime) -> dict[str, Any]:
    return {"from": local(stop.from_at), "to": _by(stop.to_at, as_of), "ground": stop.ground}


def _breaches(rows: Rows, whole: recount.Story, as_of: datetime) -> Iterator[dict[str, Any]]:
    recorded = [breach for breach in rows.breaches if breach.breached_at < as_of]
    for breach in recorded:
        yield _breach(breach)
    noticed = {b.of for b in recorded if b.promise_number == 1 and b.annulled_at is None}
    for of, passed in recount.passings(whole, as_of).items():
        if of not in noticed and passed < as_of:
            yield {"at": local(passed), "of": of, "annulled_at": None}


def _breach(breach: Breach) -> dict[str, Any]:
    return {
        "at": local(breach.breached_at),
        "of": breach.of if breach.promise_number == 1 else OF_THE_PROMISE,
        "annulled_at": _moment(breach.annulled_at),
    }


def _sent(letter: Apology, as_of: datetime) -> bool:
    signed_at = letter.signed_at
    return signed_at is not None and signed_at <= as_of and letter.state != letter.State.ANNULLED


def _apology(letter: Apology, as_of: datetime) -> dict[str, Any]:
    return {
        "signed_at": _moment(letter.signed_at),
        "delivered_at": _by(letter.settled_at, as_of),
        "new_promise": _moment(letter.new_promise_at),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else local(at)


def _by(at: datetime | None, as_of: datetime) -> str | None:
    """A moment, if it had come by then."""
    return None if at is None or at > as_of else local(at)
