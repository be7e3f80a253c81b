"""Everything an act changed, written in one data-modifying statement.

Guarded by id, source status and version: a dossier that somebody changed meanwhile is not matched,
and the whole act is a `Conflict`. Rows that refer to each other get their ids from the sequences
before; foreign keys are checked when the transaction commits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models

from dossiers.errors import Conflict
from dossiers.models import Dossier, Timer, TimerKind
from dossiers.models.clock import ClockRow

Rows = Iterable[models.Model]


@dataclass
class Changes:
    """What one act wants written."""

    added: list[models.Model] = field(default_factory=list)
    changed: dict[tuple[type[models.Model], int], tuple[models.Model, set[str]]] = field(
        default_factory=dict
    )
    timers_set: dict[tuple[int, str], tuple[ClockRow, TimerKind, datetime]] = field(
        default_factory=dict
    )
    timers_gone: set[int] = field(default_factory=set)

    def add(self, row: models.Model) -> None:
        self.added.append(row)

    def change(self, row: models.Model, *names: str) -> None:
        """Have these fields of a stored row written; a row just added is written anyway."""
        if any(row is one for one in self.added):
            return
        key = (type(row), row.pk)
        self.changed.setdefault(key, (row, set()))[1].update(names)


@dataclass(frozen=True)
class Guard:
    """A dossier as it was locked, and as it shall be."""

    dossier: Dossier
    status: str
    version: int
    is_new: bool


def flush(guards: Sequence[Guard], changes: Sequence[Changes]) -> None:
    """Write all of it. Raises: Conflict if a dossier is not as it was locked."""
    added = [row for change in changes for row in change.added]
    _number(added)
    parts, params = ["guarded AS ("], []
    statement, values = _guarded([guard for guard in guards if not guard.is_new])
    parts[0] += statement + ")"
    params += values
    new = [guard.dossier for guard in guards if guard.is_new]
    for index, rows in enumerate(_by_model([*new, *added])):
        statement, values = _insert(rows)
        parts.append(f"i{index} AS ({statement})")
        params += values
    for index, (model, names, rows) in enumerate(_by_fields(changes)):
        statement, values = _update(model, names, rows)
        parts.append(f"u{index} AS ({statement})")
        params += values
    for index, (statement, values) in enumerate(_timers(changes)):
        parts.append(f"t{index} AS ({statement})")
        params += values
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} SELECT count(*) FROM guarded", params)
        (matched,) = cursor.fetchone()
    if matched != sum(1 for guard in guards if not guard.is_new):
        raise Conflict("changed_meanwhile")


def reserve(model: type[models.Model]) -> int:
    """The next id of a model's sequence, for a row that others will refer to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [model._meta.db_table])
        return int(cursor.fetchone()[0])


def _number(rows: Sequence[models.Model]) -> None:
    """Give every new row its id, in one query, and let rows refer to each other by it."""
    unnumbered = [
        row for row in rows if row.pk is None and isinstance(row._meta.pk, models.AutoField)
    ]
    if unnumbered:
        numbers = _next_ids(Counter(row._meta.db_table for row in unnumbered))
        for row in unnumbered:
            row.pk = numbers[row._meta.db_table].pop()
    for row in rows:
        for column in row._meta.concrete_fields:
            if isinstance(column, models.ForeignKey) and column.is_cached(row):
                related = column.get_cached_value(row)
                if related is not None:
                    setattr(row, column.attname, related.pk)


def _next_ids(counts: Mapping[str, int]) -> dict[str, list[int]]:
    """So many next ids of each table, the lowest last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.name, nextval(pg_get_serial_sequence(t.name, 'id')) "
            "FROM unnest(%s::text[], %s::integer[]) AS t(name, n), generate_series(1, t.n)",
            [list(counts), list(counts.values())],
        )
        ids: dict[str, list[int]] = {}
        for table, number in cursor.fetchall():
            ids.setdefault(table, []).append(number)
    return {table: sorted(numbers, reverse=True) for table, numbers in ids.items()}


def _value(row: models.Model, column: models.Field[Any, Any]) -> Any:
    return column.get_db_prep_save(getattr(row, column.attname), connection)


def _insert(rows: Sequence[models.Model]) -> tuple[str, list[Any]]:
    meta = rows[0]._meta
    columns = list(meta.concrete_fields)
    names = ", ".join(f'"{column.column}"' for column in columns)
    row = "(" + ", ".join(["%s"] * len(columns)) + ")"
    values = [_value(one, column) for one in rows for column in columns]
    return f'INSERT INTO "{meta.db_table}" ({names}) VALUES {", ".join([row] * len(rows))}', values


def _update(
    model: type[models.Model], names: Sequence[str], rows: Sequence[models.Model]
) -> tuple[str, list[Any]]:
    columns = [column for column in model._meta.concrete_fields if column.name in names]
    setting = ", ".join(f'"{column.column}" = v."{column.column}"' for column in columns)
    statement, values = _values(rows, [model._meta.pk, *columns])
    table = model._meta.db_table
    return (
        f'UPDATE "{table}" AS t SET {setting} FROM {statement} WHERE t."id" = v."id"',
        values,
    )


def _values(rows: Sequence[models.Model], columns: Sequence[Any]) -> tuple[str, list[Any]]:
    row = "(" + ", ".join(f"%s::{_type(column)}" for column in columns) + ")"
    names = ", ".join(f'"{column.column}"' for column in columns)
    values = [_value(one, column) for one in rows for column in columns]
    return f"(VALUES {', '.join([row] * len(rows))}) AS v({names})", values


def _type(column: models.Field[Any, Any]) -> str:
    # A cast to varchar(n) would cut a text that is too long; the column itself refuses it.
    name = (column.target_field if isinstance(column, models.ForeignKey) else column).db_type(
        connection
    ) or "text"
    return "text" if name.startswith("varchar") else name.split(" GENERATED")[0].split(" CHECK")[0]


_GUARDED = [
    column
    for column in Dossier._meta.concrete_fields
    if column.name
    not in ("id", "ref", "procedure", "edition", "case", "definition", "channel", "version")
]


def _guarded(guards: Sequence[Guard]) -> tuple[str, list[Any]]:
    """The dossiers' own rows, each only if it is still as it was locked."""
    table = Dossier._meta.db_table
    if not guards:
        return f'SELECT id FROM "{table}" WHERE false', []
    columns = [*_GUARDED]
    row = ", ".join(f"%s::{_type(column)}" for column in columns)
    rows, values = [], []
    for guard in guards:
        rows.append(f"(%s::bigint, %s::text, %s::integer, {row})")
        values += [guard.dossier.pk, guard.status, guard.version]
        values += [_value(guard.dossier, column) for column in columns]
    renamed = ", ".join(f'"n_{column.column}"' for column in columns)
    setting = ", ".join(f'"{column.column}" = v."n_{column.column}"' for column in columns)
    return (
        f'UPDATE "{table}" AS t SET {setting}, "version" = t."version" + 1 '
        f"FROM (VALUES {', '.join(rows)}) AS v(id, status, version, {renamed}) "
        f'WHERE t."id" = v.id AND t."status" = v.status AND t."version" = v.version '
        f'RETURNING t."id"',
        values,
    )


def _by_model(rows: Rows) -> list[list[models.Model]]:
    groups: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for row in rows:
        groups[type(row)].append(row)
    return list(groups.values())


def _by_fields(
    changes: Sequence[Changes],
) -> list[tuple[type[models.Model], list[str], list[models.Model]]]:
    groups: dict[tuple[type[models.Model], tuple[str, ...]], list[models.Model]] = defaultdict(list)
    for change in changes:
        for (model, _), (row, names) in change.changed.items():
            groups[model, tuple(sorted(names))].append(row)
    return [(model, list(names), rows) for (model, names), rows in groups.items()]


def _timers(changes: Sequence[Changes]) -> Iterable[tuple[str, list[Any]]]:
    wanted = [one for change in changes for one in change.timers_set.values()]
    gone = [pk for change in changes for pk in change.timers_gone]
    table = Timer._meta.db_table
    if wanted:
        rows = ", ".join(["(%s, %s, %s, %s, '')"] * len(wanted))
        values: list[Any] = []
        for clock, kind, fires_at in wanted:
            values += [clock.pk, clock.dossier_id, kind.value, fires_at]
        yield (
            f'INSERT INTO "{table}" (clock_id, dossier_id, kind, fires_at, fault) VALUES {rows} '
            "ON CONFLICT (clock_id, kind) DO UPDATE SET fires_at = EXCLUDED.fires_at, "
            "set_aside_at = NULL, fault = ''",
            values,
        )
    if gone:
        yield f'DELETE FROM "{table}" WHERE id = ANY(%s)', [gone]
