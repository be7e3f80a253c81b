"""What has been posted, summed in the database: rollups of whole days, the entries no rollup holds
yet, those of the day the moment lies in, and the limits that passed unnoticed.

One statement, so that a fold or a firing at work beside it is seen wholly or not at all. Its cost
follows the rollups and the open day, not the dossiers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

from dossiers.statistics.periods import Period, local_day, period

CELL = "agency_id, unit_id, receiving_agency_id, procedure_id, channel_id"
CUTS = {
    "agency": "p.agency_id",
    "unit": "p.unit_id",
    "receiving_agency": "p.receiving_agency_id",
    "channel": "p.channel_id",
    "procedure": "p.procedure_id",
    "field": "(SELECT field_id FROM workflows_procedure WHERE id = p.procedure_id)",
}

_DAY = "(({}) AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
_ENTRY = f"{CELL}, measure, amount, {_DAY.format('at')} AS on_day, {_DAY.format('counts_at')}"
_OF_DOSSIER = (
    "d.answering_agency_id, d.unit_id, d.receiving_agency_id, d.procedure_id, d.channel_id"
)
_OF_RECEIVER = (
    "d.receiving_agency_id, NULL::bigint, d.receiving_agency_id, d.procedure_id, d.channel_id"
)
_PASSED = _DAY.format("t.fires_at + interval '1 microsecond'")
_MADE = "greatest(a.settled_at, t.fires_at + interval '1 microsecond')"
_UNFIRED = """
    FROM dossiers_timer t
    JOIN dossiers_clockrow c ON c.id = t.clock_id
    JOIN dossiers_dossier d ON d.id = t.dossier_id
"""
_UNFIRED_WHERE = """
    WHERE t.kind = 'breach' AND t.fires_at < %(as_of)s AND d.voided_at IS NULL AND c.kind =
"""
_APOLOGY = """
    JOIN dossiers_apology a ON a.dossier_id = d.id AND a.promise_number = 1
        AND a.state <> 'annulled' AND a.signed_at IS NOT NULL
"""

_LAPSED = """
    FROM dossiers_timer t
    JOIN dossiers_dossier d ON d.id = t.dossier_id
    JOIN dossiers_clockrow c ON c.dossier_id = d.id AND c.kind = 'dossier'
    WHERE t.kind IN ('supplement_lapse', 'payment_lapse') AND t.fires_at <= %(as_of)s
        AND d.voided_at IS NULL AND d.received_at IS NOT NULL
"""
_LAPSED_ON = _DAY.format("t.fires_at")

# Late is after the limit: a limit that nobody has noticed yet counts a tick after it, with all
# that firing will post for it; and so does a supplement's term, at its end.
UNFIRED = f"""
    SELECT {_OF_DOSSIER}, m.measure, 1, {_PASSED}, {_PASSED} {_UNFIRED}
    CROSS JOIN (VALUES ('overdue'), ('breaches'), ('apologies_owed')) m (measure)
    {_UNFIRED_WHERE} 'dossier'
    UNION ALL
    SELECT {_OF_DOSSIER}, 'apologies_foreseen', 1, {_PASSED}, {_PASSED} {_UNFIRED} {_APOLOGY}
    {_UNFIRED_WHERE} 'dossier' AND a.signed_at <= t.fires_at
    UNION ALL
    SELECT {_OF_DOSSIER}, 'apologies_made', 1, {_DAY.format(_MADE)}, {_PASSED} {_UNFIRED} {_APOLOGY}
    {_UNFIRED_WHERE} 'dossier' AND a.settled_at IS NOT NULL AND a.settled_at <= %(as_of)s
    UNION ALL
    SELECT {_OF_RECEIVER}, 'received_late', 1, {_PASSED}, {_PASSED} {_UNFIRED}
    {_UNFIRED_WHERE} 'intake'
    UNION ALL
    SELECT {_OF_DOSSIER}, 'discontinued', 1, {_LAPSED_ON}, {_LAPSED_ON} {_LAPSED}
    UNION ALL
    SELECT {_OF_DOSSIER}, 'overdue', -1, {_LAPSED_ON}, {_LAPSED_ON} {_LAPSED}
        AND (c.breached @> '1' OR EXISTS (SELECT FROM dossiers_timer b WHERE b.clock_id = c.id
            AND b.kind = 'breach' AND b.fires_at < t.fires_at))
    UNION ALL
    SELECT {_OF_DOSSIER}, 'without_limit', -1, {_LAPSED_ON}, {_LAPSED_ON} {_LAPSED}
        AND c.limit_at IS NULL
"""  # noqa: S608 - built of the constants above

POSTED = f"""
    SELECT {CELL}, measure, amount, "on" AS on_day, counts_on
    FROM dossiers_rollup WHERE "on" < %(open_day)s
    UNION ALL
    SELECT {_ENTRY} FROM dossiers_unfolded u JOIN dossiers_entry e ON e.id = u.entry_id
    WHERE e.at < %(open_from)s
    UNION ALL
    SELECT {_ENTRY} FROM dossiers_entry WHERE at >= %(open_from)s AND at <= %(as_of)s
    UNION ALL
    {UNFIRED}
"""  # noqa: S608 - built of the constants above


class Sum(NamedTuple):
    """A sum of one measure: `on` and `counts_on` are first days of months where months are asked
    for, else the first day of the period; None is before the period."""

    cut: tuple[int | None, ...]
    measure: str
    on: date | None
    counts_on: date | None
    amount: int


def sums(asked: Period, cuts: Sequence[str], *, monthly: bool, below: str = "") -> Iterator[Sum]:
    """Sums of everything posted up to the period's moment, by the ids of `cuts` (of CUTS), cut at
    the period's start and where `monthly` at every month's; only of agencies at or below the path
    `below`."""
    bucket = "date_trunc('month', {0})::date" if monthly else "date '0001-01-01'"
    bucket = f"CASE WHEN {{0}} >= %(since)s THEN {bucket} END"
    columns = [*(CUTS[cut] for cut in cuts), "p.measure"]
    columns += [bucket.format("p.on_day"), bucket.format("p.counts_on")]
    numbers = ", ".join(str(number) for number in range(1, len(columns) + 1))
    statement = f"""
        SELECT {", ".join(columns)}, sum(p.amount)
        FROM ({POSTED}) p ({CELL}, measure, amount, on_day, counts_on)
        WHERE %(below)s = '' OR p.agency_id IN
            (SELECT id FROM workflows_agency WHERE starts_with(path, %(below)s))
        GROUP BY {numbers} HAVING sum(p.amount) <> 0
    """  # noqa: S608 - columns come from CUTS, values are parameters
    values = {**_moments(asked), "since": asked.since or date.min, "below": below}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for *cut, measure, on, counts_on, amount in cursor.fetchall():
            yield Sum(tuple(cut), measure, on, counts_on, int(amount))


_DAILY = f"{CELL}, measure, on_day, counts_on"


def by_day(cursor: CursorWrapper, at: datetime) -> Iterator[tuple[Any, ...]]:
    """Everything posted up to `at` by cell, measure and the days of both moments, with its sum."""
    asked = period(None, None, at)
    statement = f"""
        SELECT {_DAILY}, sum(amount) FROM ({POSTED}) p ({CELL}, measure, amount, on_day, counts_on)
        GROUP BY {_DAILY} HAVING sum(amount) <> 0
    """  # noqa: S608 - built of the constants above
    cursor.execute(statement, _moments(asked))
    yield from cursor


def unequal_days(cursor: CursorWrapper) -> Iterator[tuple[Any, ...]]:
    """Rollups that differ from the entries folded into them: the cell, what the rollup holds, what
    its entries come to."""
    statement = f"""
        SELECT {_DAILY}, sum(held), sum(amount) FROM (
            SELECT {CELL}, measure, "on", counts_on, amount, 0 FROM dossiers_rollup
            UNION ALL
            SELECT {CELL}, measure, {_DAY.format("at")}, {_DAY.format("counts_at")}, 0, amount
            FROM dossiers_entry e
            WHERE NOT EXISTS (SELECT FROM dossiers_unfolded u WHERE u.entry_id = e.id)
        ) p ({CELL}, measure, on_day, counts_on, held, amount)
        GROUP BY {_DAILY} HAVING sum(held) <> sum(amount) ORDER BY on_day
    """  # noqa: S608 - built of the constants above
    cursor.execute(statement)
    yield from cursor


def _moments(asked: Period) -> dict[str, Any]:
    open_from = asked.after_whole_days
    return {"as_of": asked.as_of, "open_from": open_from, "open_day": local_day(open_from)}
