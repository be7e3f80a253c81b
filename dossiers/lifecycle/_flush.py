"""Everything an act changed, written in one data-modifying statement.

Guarded by id, source status and version: a dossier that somebody changed meanwhile is not matched,
and the whole act is a `Conflict`. Rows that others refer to get their ids from the sequences
before; foreign keys are checked when the transaction commits.

The rows of each table travel as one JSON array, so that the statement's text depends only on which
tables and columns an act touches: it is composed once, and planned once by the database. The text
is kept short, with values named by their place (`c0`, `c1`, …), for the driver keeps no parsed text
of more than 4,096 characters.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models
from django.utils.functional import Promise

from dossiers.errors import Conflict
from dossiers.lifecycle._statements import prepared_cursor
from dossiers.models import Dossier, Entry, Timer, TimerKind, Unfolded
from dossiers.models.clock import ClockRow

Model = type[models.Model]


@dataclass
class Changes:
    """What one act wants written."""

    added: list[models.Model] = field(default_factory=list)
    changed: dict[tuple[Model, int], tuple[models.Model, set[str]]] = field(default_factory=dict)
    timers_set: dict[tuple[int, str], tuple[ClockRow, TimerKind, datetime]] = field(
        default_factory=dict
    )
    timers_gone: set[int] = field(default_factory=set)
    # Ids drawn beforehand for rows to come, by table; the lowest last.
    numbers: dict[str, list[int]] = field(default_factory=dict)

    def add(self, row: models.Model) -> None:
        self.added.append(row)

    def change(self, row: models.Model, *names: str) -> None:
        """Have these fields of a stored row written; a row just added is written anyway."""
        if not names or any(row is one for one in self.added):
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
    # The values it was read with; without them every column is written.
    as_read: Mapping[str, Any] = field(default_factory=dict)


def flush(guards: Sequence[Guard], changes: Sequence[Changes]) -> None:
    """Write all of it. Raises: Conflict if a dossier is not as it was locked."""
    parts = [*_added(guards, changes), *_changed(changes), *_timers(changes)]
    kept = [guard for guard in guards if not guard.is_new]
    if kept:
        parts.insert(0, _guarded(kept))
    elif not parts:
        return
    statement = _statement(tuple(part.shape for part in parts))
    with prepared_cursor() as cursor:
        cursor.execute(statement, [part.value for part in parts])
        (matched,) = cursor.fetchone()
    if matched != len(kept):
        raise Conflict("changed_meanwhile")


def reserve(model: Model) -> int:
    """The next id of a model's sequence, for a row that others will refer to."""
    return _next_ids({model._meta.db_table: 1})[model._meta.db_table].pop()


# The rows, each table's as one value


class _Shape(NamedTuple):
    """What a part of the statement does, whatever the rows: its text follows from it."""

    verb: str
    model: Model
    columns: _Columns
    at_most: int


class _Part(NamedTuple):
    shape: _Shape
    value: str | list[int]


class _Column(NamedTuple):
    """What writing a field needs to know of it."""

    attname: str
    name: str
    type: str
    # What its value goes by in JSON: the column's place among those written.
    key: str


@dataclass(frozen=True, eq=False)
class _Columns:
    """Columns of one model: the same object each time (`_columns`), so that shapes compare fast."""

    each: tuple[_Column, ...]


def _added(guards: Sequence[Guard], changes: Sequence[Changes]) -> Iterable[_Part]:
    rows: list[models.Model] = [guard.dossier for guard in guards if guard.is_new]
    for change in changes:
        _take_drawn(change)
        rows += change.added
    _number(rows)
    groups: dict[tuple[Model, bool], list[models.Model]] = {}
    for row in rows:
        groups.setdefault((type(row), row.pk is None), []).append(row)
    for (model, unnumbered), group in groups.items():
        columns = _columns(model, without=("id",) if unnumbered else ())
        yield _part("insert", model, columns, [_values(row, columns) for row in group])


def _changed(changes: Sequence[Changes]) -> Iterable[_Part]:
    groups: dict[tuple[Model, tuple[str, ...]], list[models.Model]] = {}
    for change in changes:
        for (model, _), (row, names) in change.changed.items():
            _refer(row)
            groups.setdefault((model, tuple(sorted(names))), []).append(row)
    for (model, fields), rows in groups.items():
        columns = _columns(model, fields)
        values = [_values(row, columns) | {"id": row.pk} for row in rows]
        yield _part("update", model, columns, values)


def _guarded(guards: Sequence[Guard]) -> _Part:
    """The dossiers' own rows, each only if it is still as it was locked."""
    names = {name for guard in guards for name in _moved(guard)}
    columns = _columns(Dossier, tuple(one for one in _GUARDED if one in names))
    values = [
        _values(guard.dossier, columns)
        | {"id": guard.dossier.pk, "seen_status": guard.status, "seen_version": guard.version}
        for guard in guards
    ]
    return _part("guard", Dossier, columns, values)


def _moved(guard: Guard) -> Iterable[str]:
    """The fields whose values are not what was read."""
    now, before = guard.dossier.__dict__, guard.as_read
    for name, attname in _GUARDED.items():
        if attname not in before or now[attname] != before[attname] or name == "facts":
            yield name


def _timers(changes: Sequence[Changes]) -> Iterable[_Part]:
    keys = [column.key for column in _TIMER.each]
    wanted = [
        dict(zip(keys, (clock.pk, clock.dossier_id, kind.value, fires_at, ""), strict=True))
        for change in changes
        for clock, kind, fires_at in change.timers_set.values()
    ]
    if wanted:
        yield _part("upsert", Timer, _TIMER, wanted)
    gone = [pk for change in changes for pk in change.timers_gone]
    if gone:
        yield _Part(_Shape("delete", Timer, _TIMER, 0), gone)


def _part(verb: str, model: Model, columns: _Columns, rows: list[dict[str, Any]]) -> _Part:
    # Left alone, the planner takes every JSON array for a hundred rows and may read whole tables.
    at_most = next((few for few in (1, 10) if len(rows) <= few), 0)
    return _Part(_Shape(verb, model, columns, at_most), _ENCODER.encode(rows))


def _values(row: models.Model, columns: _Columns) -> dict[str, Any]:
    """The values of a row by the columns' keys; what is missing is NULL."""
    values = {}
    for column in columns.each:
        value = getattr(row, column.attname)
        if value is not None:
            values[column.key] = value
    return values


def _plain(value: object) -> str:
    """What JSON does not know, as PostgreSQL reads it. Raises: ValueError, TypeError."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.days} days {value.seconds} seconds {value.microseconds} microseconds"
    if isinstance(value, (date, UUID, Promise)):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not written by acts")


_ENCODER = json.JSONEncoder(default=_plain, ensure_ascii=False, separators=(",", ":"))


# Ids


def _take_drawn(change: Changes) -> None:
    """Give new rows the ids that were drawn for them."""
    for row in change.added:
        drawn = change.numbers.get(row._meta.db_table)
        if drawn and row.pk is None:
            row.pk = drawn.pop()


def _number(rows: Sequence[models.Model]) -> None:
    """Give the new rows that others may refer to their ids, in one query, and let them refer."""
    unnumbered = [row for row in rows if row.pk is None and _is_referred_to(type(row))]
    if unnumbered:
        numbers = _next_ids(Counter(row._meta.db_table for row in unnumbered))
        for row in unnumbered:
            row.pk = numbers[row._meta.db_table].pop()
    for row in rows:
        _refer(row)


def _refer(row: models.Model) -> None:
    """Let a row refer to rows by the ids that they have got meanwhile."""
    for column in _foreign_keys(type(row)):
        if column.is_cached(row):
            related = column.get_cached_value(row)
            if related is not None:
                setattr(row, column.attname, related.pk)


def _next_ids(counts: Mapping[str, int]) -> dict[str, list[int]]:
    """So many next ids of each table, the lowest last."""
    with prepared_cursor() as cursor:
        cursor.execute(
            "SELECT t.name, nextval(pg_get_serial_sequence(t.name, 'id')) "
            "FROM unnest(%s::text[], %s::integer[]) AS t(name, n), generate_series(1, t.n)",
            [list(counts), list(counts.values())],
        )
        ids: dict[str, list[int]] = {}
        for table, number in cursor.fetchall():
            ids.setdefault(table, []).append(number)
    return {table: sorted(numbers, reverse=True) for table, numbers in ids.items()}


# What is told from the models, once


@cache
def _is_referred_to(model: Model) -> bool:
    others = [one for one in model._meta.related_objects if one.related_model is not Unfolded]
    return isinstance(model._meta.pk, models.AutoField) and bool(others)


@cache
def _foreign_keys(model: Model) -> tuple[models.ForeignKey[Any, Any], ...]:
    return tuple(one for one in model._meta.concrete_fields if isinstance(one, models.ForeignKey))


@cache
def _columns(
    model: Model, names: tuple[str, ...] = (), *, without: tuple[str, ...] = ()
) -> _Columns:
    """The columns of these fields (of all if none is named), without some."""
    fields = [
        one
        for one in model._meta.concrete_fields
        if (not names or one.name in names) and one.name not in without
    ]
    columns = (
        _Column(one.attname, str(one.column), _type(one), f"c{place}")
        for place, one in enumerate(fields)
    )
    return _Columns(tuple(columns))


def _type(column: models.Field[Any, Any]) -> str:
    # A cast to varchar(n) would cut a text that is too long; the column itself refuses it.
    told = column.target_field if isinstance(column, models.ForeignKey) else column
    name = told.db_type(connection) or "text"
    name = "text" if name.startswith("varchar") else name.split(" GENERATED")[0].split(" CHECK")[0]
    return _SHORT.get(name, name)


_SHORT = {
    "timestamp with time zone": "timestamptz",
    "bigint": "int8",
    "integer": "int",
    "smallint": "int2",
    "boolean": "bool",
}


# What an act may change of a dossier's own row, with the attribute of each.
_GUARDED = {
    one.name: one.attname
    for one in Dossier._meta.concrete_fields
    if one.name
    not in ("id", "ref", "procedure", "edition", "case", "definition", "channel", "version")
}
_TIMER = _columns(Timer, ("clock", "dossier", "kind", "fires_at", "fault"))


# The text


@lru_cache(maxsize=512)
def _statement(shapes: tuple[_Shape, ...]) -> str:
    parts = []
    for index, shape in enumerate(shapes):
        text = _TEXTS[shape.verb](shape)
        if shape.verb == "insert" and shape.model is Entry:
            # Every new entry is one to be folded.
            parts.append(f"p{index} AS ({text} RETURNING id)")
            text = f'INSERT INTO "{Unfolded._meta.db_table}" (entry_id) SELECT id FROM p{index}'
            index = len(shapes) + index
        parts.append(f"p{index} AS ({text})")
    matched = "(SELECT count(*) FROM p0)" if shapes[0].verb == "guard" else "0"
    return f"WITH {', '.join(parts)} SELECT {matched}"


def _insert(shape: _Shape) -> str:
    names = ",".join(f'"{column.name}"' for column in shape.columns.each)
    return f'INSERT INTO "{shape.model._meta.db_table}" ({names}) {_rows(shape)}'


def _update(shape: _Shape) -> str:
    table, rows = shape.model._meta.db_table, _rows(shape, "id int8")
    return f'UPDATE "{table}" t SET {_setting(shape)} FROM ({rows}) r WHERE t.id=r.id'


def _guard(shape: _Shape) -> str:
    table = shape.model._meta.db_table
    rows = _rows(shape, "id int8", "seen_status text", "seen_version int")
    return (
        f'UPDATE "{table}" t SET {_setting(shape)},version=t.version+1 FROM ({rows}) r '
        "WHERE t.id=r.id AND t.status=r.seen_status AND t.version=r.seen_version RETURNING t.id"
    )


def _setting(shape: _Shape) -> str:
    return ",".join(f'"{column.name}"=r.{column.key}' for column in shape.columns.each)


def _upsert(shape: _Shape) -> str:
    return (
        f"{_insert(shape)} ON CONFLICT (clock_id, kind) DO UPDATE "
        "SET fires_at = EXCLUDED.fires_at, set_aside_at = NULL, fault = ''"
    )


def _delete(shape: _Shape) -> str:
    return f'DELETE FROM "{shape.model._meta.db_table}" WHERE id = ANY(%s::bigint[])'


_TEXTS = {
    "insert": _insert,
    "update": _update,
    "guard": _guard,
    "upsert": _upsert,
    "delete": _delete,
}


def _rows(shape: _Shape, *more: str) -> str:
    columns = ",".join((*more, *(f"{column.key} {column.type}" for column in shape.columns.each)))
    limit = f" LIMIT {shape.at_most}" if shape.at_most else ""
    return f"SELECT * FROM jsonb_to_recordset(%s) j({columns}){limit}"
