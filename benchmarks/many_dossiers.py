"""Very many dossiers, laid out set-based from two that were received by command.

Its rows are multiplied in the database, each copy with keys of its own, so that a million dossiers
are there in minutes and nothing here needs to know what a dossier consists of. Kept between runs in
a home of its own in the user's cache folder; made anew when the schema has changed.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Field, Model

    Rows = dict[type[Model], list[Any]]

HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "onestop-benchmarks"
FIRST = 1_000_000  # ids of copies lie behind those of the two
STRIDE = 64  # more than the rows of one table that a dossier may have
LATE_ONE_IN = 100
# Both end at half past five on the 9th and the 16th; the sweep comes a minute after the first end.
LATE, QUIET = "2026-03-02 08:10", "2026-03-09 08:10"
BEFORE, AFTER = "2026-03-09 17:29", "2026-03-09 17:31"
EVERYTHING_LATE = "2026-03-16 17:31"


@dataclass(frozen=True)
class Original:
    """A dossier with all rows that hang on it, by model: their primary keys in order."""

    rows: Rows

    @classmethod
    def of(cls, pk: int) -> Original:
        """Collect the rows that belong to this dossier."""
        from dossiers.models import Dossier

        found: Rows = {Dossier: [pk]}
        waiting: list[type[Model]] = [Dossier]
        while waiting:
            parent = waiting.pop(0)
            for child, way in _children(parent):
                if child not in found:
                    near = child._base_manager.filter(**{f"{way.name}__in": found[parent]})
                    keys = list(near.order_by("pk").values_list("pk", flat=True))
                    if keys:
                        found[child] = keys
                        waiting.append(child)
        return cls(found)

    def multiply(self, numbers: range) -> None:
        """Lay out the copies of these numbers."""
        with _unchecked() as cursor:  # references are right as they are made
            for model in self.rows:
                statement, params = self._copying(model)
                cursor.execute(statement, [*params, numbers[0], numbers[-1]])

    def _copying(self, model: type[Model]) -> tuple[str, list[Any]]:
        table, key = model._meta.db_table, model._meta.pk.column
        columns = [f'"{column.column}"' for column in model._meta.concrete_fields]
        values, params = [], []
        for column in model._meta.concrete_fields:
            value, more = self._value(column)
            values.append(value)
            params += more
        return (
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
            f"FROM (SELECT *, row_number() OVER (ORDER BY {key}) - 1 AS place FROM {table} "
            f"WHERE {key} = ANY(%s)) AS o, generate_series(%s, %s) AS number (n)",
            [*params, self.rows[model]],
        )

    def _value(self, column: Field[Any, Any]) -> tuple[str, list[Any]]:
        """What a copy has in this column."""
        target = column.related_model
        if target in self.rows:
            place = f'array_position(%s::bigint[], o."{column.column}") - 1'
            return f"{FIRST} + number.n * {STRIDE} + {place}", [self.rows[target]]
        if column.primary_key:
            return f"{FIRST} + number.n * {STRIDE} + o.place", []
        if column.name == "ref":
            return "md5('copy ' || number.n)::uuid", []
        if column.name == "set_aside_at":
            return "NULL", []
        if column.name in ("code", "code_key"):
            return f'o."{column.column}"' + " || '.' || number.n", []
        return f'o."{column.column}"', []


@dataclass(frozen=True)
class Backlog:
    """So many open dossiers, one in a hundred of them newly late."""

    size: int
    late: Original
    quiet: Original

    @property
    def late_numbers(self) -> range:
        return range(self.size // LATE_ONE_IN)

    def reset(self) -> None:
        """The late ones as they were before a sweep, and every table tidy again."""
        from dossiers.models import Dossier, Unfolded
        from notifications.models import Message

        numbers = self.late_numbers
        with _unchecked() as cursor:
            for table in (Unfolded._meta.db_table, Message._meta.db_table):
                cursor.execute(f"DELETE FROM {table}")
            for model, way in _hanging(Dossier):
                cursor.execute(
                    f"DELETE FROM {model._meta.db_table} AS t "
                    f"USING generate_series(%s, %s) AS number (n) "
                    f"WHERE t.{way} >= {FIRST} + number.n * {STRIDE} "
                    f"AND t.{way} < {FIRST} + (number.n + 1) * {STRIDE}",
                    [numbers[0], numbers[-1]],
                )
        self.late.multiply(numbers)
        tidy()


def tidy() -> None:
    """What autovacuum would do in its time, done now, so that no round pays for another."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def forget() -> None:
    """Have the database at hand laid out again when it is next asked for."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE {connection.settings_dict['NAME']} IS NULL")


def backlog(size: int) -> Backlog:
    """The kept database of this size, made if it is missing; the connection leads to it."""
    from django.db import connection

    connection.close()
    name = f"onestop_backlog_{size}"
    connection.settings_dict["TEST"]["NAME"] = name
    is_kept = _is_kept(name)
    if not is_kept:
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
    connection.creation.create_test_db(
        verbosity=0, autoclobber=True, serialize=False, keepdb=is_kept
    )
    if is_kept:
        found = _originals(size)
        found.reset()
        return found
    sys.stderr.write(f"Laying out {size:,} dossiers (kept for the next run)\n")
    made = _made(size)
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE {name} IS '{_schema()}'")
    return made


def _made(size: int) -> Backlog:
    from django.db import connection

    from dossiers.firing import fire_due
    from dossiers.models import Timer, Unfolded
    from dossiers.writing import writing
    from notifications.models import Message
    from tests.given.city import city, moment

    town = city()
    for received in (LATE, QUIET):
        town.receive(received)
    fire_due(moment(BEFORE))
    with writing("benchmark"):
        Unfolded.objects.all().delete()
        Message.objects.all().delete()
        # What the copies are made of is not swept itself.
        Timer.objects.update(set_aside_at=moment(BEFORE))
    made = _originals(size)
    made.late.multiply(made.late_numbers)
    made.quiet.multiply(range(len(made.late_numbers), size))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(quote_ident(relname), 'id'), %s) FROM pg_class "
            "JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'id' AND attidentity <> '' "
            "WHERE relname LIKE 'dossiers\\_%%'",
            [FIRST + (size + 1) * STRIDE],
        )
    tidy()
    return made


def _originals(size: int) -> Backlog:
    from dossiers.models import Dossier

    keys = Dossier.objects.filter(pk__lt=FIRST).order_by("received_at").values_list("pk", flat=True)
    late, quiet = map(Original.of, keys)
    return Backlog(size, late, quiet)


def _children(parent: type[Model]) -> Iterator[tuple[type[Model], Field[Any, Any]]]:
    """The models of dossiers whose rows belong to a row of `parent`, and by which column."""
    for relation in parent._meta.get_fields(include_hidden=True):
        child = relation.related_model
        is_reference = relation.auto_created and not relation.concrete
        if is_reference and not relation.many_to_many and child._meta.app_label == "dossiers":
            yield child, relation.field


def _hanging(root: type[Model]) -> list[tuple[type[Model], str]]:
    """Each model below `root` once, the lowest first, with the column that leads up; at last it."""
    found: dict[type[Model], str] = {root: "id"}
    waiting = [root]
    while waiting:
        parent = waiting.pop(0)
        for child, way in _children(parent):
            if child not in found and not way.null:
                found[child] = way.column
                waiting.append(child)
    return list(reversed(found.items()))


@contextmanager
def _unchecked() -> Iterator[Any]:
    """A cursor for which references, triggers and append-only tables are not guarded."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor


def _is_kept(name: str) -> bool:
    """Whether a database of this name was laid out to the end by this schema."""
    from django.db import connection

    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        )
        found = cursor.fetchone()
    return found is not None and found[0] == _schema()


def _schema() -> str:
    """A fingerprint of the migrations and of how the dossiers are laid out."""
    from django.db.migrations.loader import MigrationLoader

    names = sorted(map(str, MigrationLoader(None).disk_migrations))
    names.append(Path(__file__).read_text())
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
