"""What acts read of their dossiers: each read a statement whose text is composed once.

The rows come as JSON arrays and are built into the models as a queryset with `select_related` and
`only` would; but a queryset composes its text anew each time it is asked, and asks once a table,
which together takes longer than all the rest of an act. What hangs on a dossier comes with it as
one value. What is left out of a row is read if it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar, cast
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, models

from dossiers.lifecycle._statements import one_trip, prepared_cursor
from dossiers.models import Apology, ClockRow, Dossier, StepRun, Timer
from workflows.models import Agency, Calendar, Definition, Edition, Post, Procedure, Unit

M = TypeVar("M", bound=models.Model)
# Rows pointed at that were built before in the same answer: those that several share.
Seen = dict[tuple["Row", int], models.Model]


class Row:
    """The columns of one row in a read (all, or of some fields), and the rows it points at."""

    def __init__(
        self, model: type[models.Model], only: Sequence[str] = (), **pointed_at: Row
    ) -> None:
        self.model = model
        self._fields = [
            one
            for one in model._meta.concrete_fields
            if not only or one.primary_key or one.name in only
        ]
        self._names = [one.attname for one in self._fields]
        self._pointed_at = [
            (cast("models.ForeignKey[Any, Any]", model._meta.get_field(name)), row)
            for name, row in pointed_at.items()
        ]
        spellings = [_SPELLINGS.get(_kind(one), _AS_IT_IS) for one in self._fields]
        self._told = [one.told for one in spellings]
        self._read = [(place, one.read) for place, one in enumerate(spellings) if one.read]

    def array(self, alias: str) -> tuple[str, str]:
        """The row as a JSON array (its values, then the rows it points at), and the joins."""
        values = [
            told.format(f'{alias}."{one.column}"')
            for one, told in zip(self._fields, self._told, strict=True)
        ]
        joins = ""
        for number, (key, row) in enumerate(self._pointed_at):
            other = f"{alias}{number}"
            array, further = row.array(other)
            kind, table = "LEFT JOIN" if key.null else "JOIN", row.model._meta.db_table
            joins += f' {kind} "{table}" AS {other} ON {other}.id = {alias}."{key.column}"'
            joins += further
            values.append(array)
        return f"json_build_array({', '.join(values)})", joins

    def build(self, values: Sequence[Any], seen: Seen) -> models.Model:
        """The model of an array."""
        own = list(values[: len(self._names)])
        for place, read in self._read:
            if own[place] is not None:
                own[place] = read(own[place])
        built = self.model.from_db(DEFAULT_DB_ALIAS, self._names, own)
        for (key, row), other in zip(self._pointed_at, values[len(own) :], strict=True):
            key.set_cached_value(built, row.shared(other, seen))
        return built

    def shared(self, values: Sequence[Any], seen: Seen) -> models.Model | None:
        """The same for a row pointed at: built once an answer, None if it is not there."""
        if values[0] is None:
            return None
        found = seen.get((self, values[0]))
        if found is None:
            found = seen[self, values[0]] = self.build(values, seen)
        return found


class Read(Generic[M]):
    """The rows that hang on dossiers, or those of them that a condition leaves, in order."""

    def __init__(self, row: Row, *, order: str, where: str = "") -> None:
        self._row, self._order = row, order
        self._array, joins = row.array("t")
        self._from = f'FROM "{row.model._meta.db_table}" AS t{joins}'
        self._where = f" AND {where}" if where else ""

    def ask(self, dossiers: Iterable[int]) -> Callable[[], list[M]]:
        """Execute it by itself for the dossiers with these ids; the answer gives the rows."""
        cursor = prepared_cursor()
        cursor.execute(
            f"SELECT {self._array} {self._from} WHERE t.dossier_id = ANY(%s::bigint[])"
            f"{self._where} ORDER BY {self._order}",
            [_array(dossiers)],
        )

        def answer() -> list[M]:
            with cursor:
                return self.build([values for (values,) in cursor.fetchall()], {})

        return answer

    def within(self) -> str:
        """It as a part of a greater read whose dossier is `d`: one array of rows, or NULL."""
        return (
            f"(SELECT json_agg({self._array} ORDER BY {self._order}) {self._from} "
            f"WHERE t.dossier_id = d.id{self._where})"
        )

    def build(self, arrays: list[Any] | None, seen: Seen) -> list[M]:
        """The models of the arrays told."""
        return [cast(M, self._row.build(values, seen)) for values in arrays or ()]


class _Spelling(NamedTuple):
    """How a type that JSON does not know is told, and read again."""

    told: str
    read: Callable[[Any], Any] | None


_AS_IT_IS = _Spelling("{}", None)
_SPELLINGS: dict[type[Any], _Spelling] = {
    models.DateTimeField: _Spelling("{}", datetime.fromisoformat),
    models.DateField: _Spelling("{}", date.fromisoformat),
    models.DurationField: _Spelling(
        "(extract(epoch FROM {}) * 1000000)::bigint", lambda told: timedelta(microseconds=told)
    ),
    models.UUIDField: _Spelling("{}", UUID),
}


def _kind(field: models.Field[Any, Any]) -> type[Any]:
    return type(field.target_field if isinstance(field, models.ForeignKey) else field)


def _array(ids: Iterable[int]) -> str:
    # The driver types a list by its largest number: each type would be a statement of its own.
    return f"{{{','.join(map(str, ids))}}}"


# What is read

# One and the same row wherever it is pointed at, so that it is built once.
_AGENCY = Row(Agency, ("code", "name", "kind", "path", "phone", "calendar"))
_DOSSIER = Row(
    Dossier,
    procedure=Row(Procedure, ("name", "code", "ladder")),
    edition=Row(Edition, ("after_supplement", "supplement_term_days", "procedure")),
    definition=Row(Definition, ("state", "sha256")),
    receiving_agency=_AGENCY,
    answering_agency=_AGENCY,
)
CLOCKS: Read[ClockRow] = Read(
    Row(ClockRow, calendar=Row(Calendar, base=Row(Calendar))),
    where=("(t.state IN ('not_begun', 'running', 'stopped') OR t.kind IN ('dossier', 'intake'))"),
    order="t.id",
)
STEPS: Read[StepRun] = Read(
    Row(StepRun, agency=_AGENCY, unit=Row(Unit), officer=Row(Post)),
    where="t.state IN ('waiting', 'working')",
    order="t.ordinal",
)
TIMERS: Read[Timer] = Read(Row(Timer), order="t.fires_at, t.id")
PASSAGES: Read[StepRun] = Read(
    Row(StepRun, agency=Row(Agency), unit=Row(Unit)), order="t.dossier_id, t.ordinal"
)
SHARES: Read[ClockRow] = Read(
    Row(ClockRow, ("step_run", "anchor_budget")),
    where="t.step_run_id IS NOT NULL",
    order="t.id",
)
FORESEEN: Read[Apology] = Read(
    Row(Apology),
    where="t.promise_number = 1 AND t.signed_at IS NOT NULL AND t.state <> 'annulled'",
    order="t.id DESC",
)


class Rows(NamedTuple):
    """A dossier, and in order what its rules ask for."""

    dossier: Dossier
    clocks: list[ClockRow]
    steps: list[StepRun]
    timers: list[Timer]


_TABLE = Dossier._meta.db_table
_LOCK = f'SELECT id FROM "{_TABLE}" WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE'
_DRAWN = StepRun._meta.db_table, ClockRow._meta.db_table
_LOCK_ONE = "SELECT {} FROM {} WHERE id = %s FOR UPDATE".format(
    ", ".join(f"nextval(pg_get_serial_sequence('{table}', 'id'))" for table in _DRAWN), _TABLE
)


def _read(which: str) -> str:
    array, joins = _DOSSIER.array("d")
    return (
        f"SELECT json_build_array({array}, {CLOCKS.within()}, {STEPS.within()}, {TIMERS.within()}) "
        f'FROM "{_TABLE}" AS d{joins} WHERE d.id {which}'
    )


_READ = _read("= ANY(%s::bigint[]) ORDER BY d.id")
# For a list of a length that it does not know the planner would plan each time anew.
_READ_ONE = _read("= %s")


def lock(ids: Iterable[int], *, skip_locked: bool = False) -> list[Rows]:
    """Lock dossiers in ascending order of their ids, and read them.

    They are not read by the statement that locks: one that had to wait for a lock sees the locked
    row as it is, but all other rows as they were before it waited.
    """
    with prepared_cursor() as cursor:
        cursor.execute(f"{_LOCK} SKIP LOCKED" if skip_locked else _LOCK, [_array(ids)])
        locked = [number for (number,) in cursor.fetchall()]
    with prepared_cursor() as cursor:
        cursor.execute(_READ, [_array(locked)])
        seen: Seen = {}
        return [_built(told, seen) for (told,) in cursor.fetchall()]


def lock_one(dossier_id: int) -> tuple[Rows, dict[str, list[int]]] | None:
    """The same for one dossier in one trip to the database; None if there is none.

    With it come ids for the rows that an act is most likely to add, by table: one not used is lost.
    """
    with one_trip():
        locking, reading = prepared_cursor(), prepared_cursor()
        locking.execute(_LOCK_ONE, [dossier_id])
        reading.execute(_READ_ONE, [dossier_id])
    with locking, reading:
        numbers, told = locking.fetchone(), reading.fetchone()
    if numbers is None or told is None:
        return None
    drawn = {table: [number] for table, number in zip(_DRAWN, numbers, strict=True)}
    return _built(told[0], {}), drawn


def _built(told: Sequence[Any], seen: Seen) -> Rows:
    dossier, clocks, steps, timers = told
    return Rows(
        cast(Dossier, _DOSSIER.build(dossier, seen)),
        CLOCKS.build(clocks, seen),
        STEPS.build(steps, seen),
        TIMERS.build(timers, seen),
    )
