"""Folding: entries of local days that ended are added into rollups, each exactly once.

Taking an entry off the queue and adding it to its rollup is one statement: whoever else folds at
the same time skips the rows taken, a process killed in the middle has done nothing, and an entry
recorded later for a day long folded is added to it in the same way. Entries are kept.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from dossiers.statistics.periods import day_start, local_day
from dossiers.writing import writing

_DAY = "(e.{} AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
_CELL = "agency_id, unit_id, receiving_agency_id, procedure_id, edition_id, channel_id, measure"
# The rows are taken in the order of the cells, and so are the rollups locked: two that fold at
# once cannot wait for each other in a circle.
FOLD = f"""
    WITH claimed AS (
        SELECT u.entry_id FROM dossiers_unfolded u JOIN dossiers_entry e ON e.id = u.entry_id
        WHERE e.at < %(today)s ORDER BY u.entry_id LIMIT %(limit)s
        FOR UPDATE OF u SKIP LOCKED
    ), taken AS (
        DELETE FROM dossiers_unfolded u USING claimed WHERE u.entry_id = claimed.entry_id
        RETURNING u.entry_id
    ), added AS (
        INSERT INTO dossiers_rollup ("on", counts_on, {_CELL}, amount)
        SELECT {_DAY.format("at")}, {_DAY.format("counts_at")}, {_CELL}, sum(e.amount)
        FROM taken JOIN dossiers_entry e ON e.id = taken.entry_id
        GROUP BY 1, 2, {_CELL} ORDER BY 1, 2, {_CELL}
        ON CONFLICT ("on", counts_on, agency_id, unit_id, receiving_agency_id, edition_id,
            channel_id, measure)
        DO UPDATE SET amount = dossiers_rollup.amount + excluded.amount
    )
    SELECT count(*) FROM taken
"""  # noqa: S608 - built of the constants above


def fold(at: datetime, limit: int = 50_000) -> int:
    """Fold up to `limit` entries of days that had ended at `at`; how many were folded."""
    with writing("fold_figures"), connection.cursor() as cursor:
        cursor.execute(FOLD, {"today": day_start(local_day(at)), "limit": limit})
        row = cursor.fetchone()
    return int(row[0]) if row else 0
