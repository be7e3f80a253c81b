"""The duty to apologise: every public breach owes a letter within its own limit. How many were
foreseen, signed in time or late, are missing or still have time; and the dossiers behind each.

A reading of its own over breaches and letters, beside the measures of `figures`: `owed`, `foreseen`
and `made` are the same numbers there. Count and list are one query.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from dossiers.foresight import APOLOGISE_WITHIN
from dossiers.models import ClockKind, Timer, TimerKind
from dossiers.statistics.periods import TICK, day_start, period
from workflows.models import Calendar

KEYS = ("agency", "unit", "month")
STANDINGS = ("foreseen", "in_time", "late", "missing", "to_come")


@dataclass(frozen=True, slots=True)
class Duty:
    """What is owed and how it stands; `owed` is the sum of the five standings, `made` how many of
    the letters had arrived or were tried on every channel.

    `missing` is past the letter's own limit and unsigned; `to_come` unsigned and still in time.
    """

    owed: int = 0
    foreseen: int = 0
    in_time: int = 0
    late: int = 0
    missing: int = 0
    to_come: int = 0
    made: int = 0

    def __add__(self, other: Duty) -> Duty:
        return Duty(*(getattr(self, name) + getattr(other, name) for name in COLUMNS))


COLUMNS = tuple(field.name for field in fields(Duty))


class Row(NamedTuple):
    """One combination of keys (codes; month as YYYY-MM) with its numbers."""

    keys: Mapping[str, str | None]
    duty: Duty


class Owed(NamedTuple):
    """One dossier whose limit passed: how its letter stands, and until when it is in time."""

    dossier_id: int
    breached_at: datetime
    due_at: datetime | None
    signed_at: datetime | None
    standing: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which breaches: of the days `since` to `until` (None: from the beginning, to `as_of`), read
    as of a moment, of agencies at or below one of `paths` (none: all), of these codes if given."""

    since: date | None
    until: date | None
    as_of: datetime
    paths: tuple[str, ...] = ()
    agency: str = ""
    unit: str = ""


def duty(asked: Asked, by: Sequence[str] = ()) -> list[Row]:
    """The rows by these keys, sorted; without keys exactly one.

    Raises: PeriodError; ValueError for a key that is none.
    """
    unknown = [key for key in by if key not in KEYS]
    if unknown:
        raise ValueError(f"{unknown[0]} is not a key: {', '.join(KEYS)}")
    keys = list(dict.fromkeys(by))
    columns = [_COLUMNS[key] for key in keys]
    numbers = ", ".join(str(place) for place in range(1, len(columns) + 1))
    counted = ", ".join([*columns, *_COUNTS])
    grouped = f"GROUP BY {numbers} ORDER BY {numbers}" if columns else ""
    rows = []
    for values in _run(f"SELECT {counted} FROM {_FROM} {grouped}", asked):  # noqa: S608 - constants
        cut, found = values[: len(keys)], values[len(keys) :]
        rows.append(Row(dict(zip(keys, cut, strict=True)), Duty(*map(int, found))))
    return rows


def owed(asked: Asked, standing: str = "", *, first: int = 0, most: int = 50) -> list[Owed]:
    """The dossiers behind a count (behind all, without `standing`), the longest late first."""
    statement = f"""
        SELECT o.dossier_id, o.breached_at, o.due_at, o.signed_at, o.standing FROM {_FROM}
        WHERE %(standing)s IN ('', o.standing)
        ORDER BY o.breached_at, o.dossier_id LIMIT %(most)s OFFSET %(first)s
    """  # noqa: S608 - constants
    found = _run(statement, asked, standing=standing, first=first, most=most)
    return [Owed(*values) for values in found]


# A limit that nobody has noticed yet owes what its firing will say, so that a reading is the same
# before and after; until when its letter is in time is counted below, for each moment once.
_OWED = """
    SELECT b.dossier_id, b.agency_id, b.unit_id, b.breached_at, b.apology_due_at AS due_at,
           b.apology_id
    FROM dossiers_breach b JOIN dossiers_dossier d ON d.id = b.dossier_id
    WHERE b.of = 'dossier' AND b.promise_number = 1 AND b.annulled_at IS NULL AND b.owes_apology
        AND d.voided_at IS NULL AND b.breached_at < %(as_of)s
        AND b.breached_at >= coalesce(%(since)s, timestamptz '-infinity')
    UNION ALL
    SELECT t.dossier_id, d.answering_agency_id, d.unit_id, t.fires_at, u.due_at,
           (SELECT a.id FROM dossiers_apology a WHERE a.dossier_id = d.id AND a.promise_number = 1
                AND a.state <> 'annulled' AND a.signed_at IS NOT NULL)
    FROM dossiers_timer t
    JOIN dossiers_clockrow c ON c.id = t.clock_id AND c.kind = 'dossier'
    JOIN dossiers_dossier d ON d.id = t.dossier_id
    LEFT JOIN unnest(%(calendars)s::bigint[], %(moments)s::timestamptz[], %(dues)s::timestamptz[])
        AS u (calendar_id, fires_at, due_at)
        ON u.calendar_id = c.calendar_id AND u.fires_at = t.fires_at
    WHERE t.kind = 'breach' AND d.voided_at IS NULL
        AND t.fires_at >= coalesce(%(since)s, timestamptz '-infinity') AND t.fires_at < %(as_of)s
"""
_STANDING = """
    CASE WHEN a.signed_at <= o.breached_at THEN 'foreseen'
         WHEN a.signed_at <= o.due_at THEN 'in_time'
         WHEN a.signed_at IS NOT NULL THEN 'late'
         WHEN o.due_at < %(as_of)s THEN 'missing'
         ELSE 'to_come' END
"""
_FROM = f"""(
    SELECT o.dossier_id, o.breached_at, o.due_at, a.signed_at, g.code AS agency, w.code AS unit,
           to_char((o.breached_at + interval '1 microsecond') AT TIME ZONE 'Asia/Ho_Chi_Minh',
                   'YYYY-MM') AS month,
           a.settled_at <= %(as_of)s AS made, {_STANDING} AS standing
    FROM ({_OWED}) o
    JOIN workflows_agency g ON g.id = o.agency_id
    LEFT JOIN workflows_unit w ON w.id = o.unit_id
    LEFT JOIN dossiers_apology a ON a.id = o.apology_id AND a.signed_at <= %(as_of)s
    WHERE (%(paths)s::text[] = '{{}}' OR EXISTS (
            SELECT FROM unnest(%(paths)s::text[]) AS p (path) WHERE starts_with(g.path, p.path)))
        AND %(agency)s IN ('', g.code) AND %(unit)s IN ('', w.code)
) o"""  # noqa: S608 - built of the constants above
_COLUMNS = {"agency": "o.agency", "unit": "o.unit", "month": "o.month"}
_COUNTS = (
    "count(*)",
    *(f"count(*) FILTER (WHERE o.standing = '{standing}')" for standing in STANDINGS),
    "count(*) FILTER (WHERE o.made)",
)


def _run(statement: str, asked: Asked, **more: Any) -> Iterator[tuple[Any, ...]]:
    checked = period(asked.since, asked.until, asked.as_of)
    calendars, moments, dues = _unnoticed(checked.as_of)
    values = {
        # A limit counts a tick after it passed: at midnight it is the next day's.
        "since": None if checked.since is None else day_start(checked.since) - TICK,
        "as_of": checked.as_of,
        "paths": list(asked.paths),
        "agency": asked.agency,
        "unit": asked.unit,
        "calendars": calendars,
        "moments": moments,
        "dues": dues,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values | more)
        yield from cursor.fetchall()


def _unnoticed(as_of: datetime) -> tuple[list[int], list[datetime], list[datetime]]:
    """The calendars and moments of limits that passed unnoticed, and until when a letter for them
    is in time: most of them end at the same closing minute, so there are few."""
    passed = (
        Timer.objects.filter(kind=TimerKind.BREACH, clock__kind=ClockKind.DOSSIER)
        .filter(fires_at__lt=as_of)
        .values_list("clock__calendar", "fires_at")
        .distinct()
    )
    pairs = list(passed)
    hours = Calendar.objects.select_related("base").in_bulk({pk for pk, _moment in pairs})
    dues = [hours[pk].working().add(moment, APOLOGISE_WITHIN) for pk, moment in pairs]
    return [pk for pk, _moment in pairs], [moment for _pk, moment in pairs], dues
