"""What every act reads of its dossier: each read a statement whose text is composed once.

Built from the models, with the rows that a row points at, like a queryset with `select_related` and
`only`; but a queryset composes its text anew each time it is asked, which takes longer than all the
rest of an act. What a statement leaves out of a row is read if it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import count, islice
from typing import Any, Generic, TypeVar, cast

from django.db import connection, models

from dossiers.lifecycle._statements import prepared_cursor
from dossiers.models import Apology, ClockRow, Dossier, StepRun, Timer
from workflows.models import Agency, Calendar, Definition, Edition, Post, Procedure, Unit

M = TypeVar("M", bound=models.Model)
Convert = Callable[[Any], Any]
Seen = dict[tuple["Row", Any], models.Model | None]


class Row:
    """The columns of one row in a read (all, or of some fields), and the rows it points at."""

    def __init__(
        self, model: type[models.Model], only: Sequence[str] = (), **pointed_at: Row
    ) -> None:
        self.model = model
        self.fields = [
            one
            for one in model._meta.concrete_fields
            if not only or one.primary_key or one.name in only
        ]
        self.names = [one.attname for one in self.fields]
        self.pointed_at = [
            (cast("models.ForeignKey[Any, Any]", model._meta.get_field(name)), row)
            for name, row in pointed_at.items()
        ]

    def columns(self, alias: str, aliases: Iterator[str]) -> tuple[list[str], str]:
        """The columns to select, and the joins to the rows pointed at."""
        columns = [f'{alias}."{one.column}"' for one in self.fields]
        joins = ""
        for key, row in self.pointed_at:
            other = next(aliases)
            kind = "LEFT JOIN" if key.null else "JOIN"
            table = row.model._meta.db_table
            joins += f' {kind} "{table}" AS {other} ON {other}.id = {alias}."{key.column}"'
            more, further = row.columns(other, aliases)
            columns += more
            joins += further
        return columns, joins

    def build(self, values: Iterator[Any], seen: Seen) -> models.Model | None:
        """The model of the next values; None for a row that is not there.

        A row that several point at (`seen` before in this answer) is built once.
        """
        own = list(islice(values, len(self.fields)))
        others = [(key, row.shared(values, seen)) for key, row in self.pointed_at]
        if own[0] is None:
            return None
        for place, convert in self._conversions:
            own[place] = convert(own[place])
        built = self.model.from_db(connection.alias, self.names, own)
        for key, other in others:
            key.set_cached_value(built, other)
        return built

    def shared(self, values: Iterator[Any], seen: Seen) -> models.Model | None:
        """As `build`, for a row that others may point at too."""
        if self.pointed_at:
            return self.build(values, seen)
        own = tuple(islice(values, len(self.fields)))
        found = seen.get((self, own[0]))
        if found is None:
            found = seen[self, own[0]] = self.build(iter(own), seen)
        return found

    @cached_property
    def _conversions(self) -> list[tuple[int, Convert]]:
        """Where a value is not read as the field gives it (JSON), by place."""
        return [
            (place, _converting(field, convert))
            for place, field in enumerate(self.fields)
            for convert in field.get_db_converters(connection)
        ]


class Read(Generic[M]):
    """One statement: the rows of these dossiers, in order, locked or not."""

    def __init__(self, row: Row, *, of: str, order: str, where: str = "", lock: str = "") -> None:
        self._row = row
        columns, joins = row.columns("t", (f"t{number}" for number in count(1)))
        self._text = (
            f'SELECT {", ".join(columns)} FROM "{row.model._meta.db_table}" AS t{joins} '
            f"WHERE t.{of} = ANY(%s::bigint[]){where} ORDER BY {order} {lock}"
        )

    def ask(self, dossiers: Sequence[int]) -> Callable[[], list[M]]:
        """Execute it for the dossiers with these ids; the answer gives the rows."""
        cursor = prepared_cursor()
        cursor.execute(self._text, [list(dossiers)])

        def answer() -> list[M]:
            with cursor:
                seen: Seen = {}
                return [
                    cast(M, self._row.build(iter(values), seen)) for values in cursor.fetchall()
                ]

        return answer


def _converting(field: models.Field[Any, Any], convert: Callable[..., Any]) -> Convert:
    column = field.get_col(field.model._meta.db_table)
    return lambda value: convert(value, column, connection)


_AGENCY = ("code", "name", "kind", "path", "phone", "calendar")
_DOSSIER = Row(
    Dossier,
    procedure=Row(Procedure, ("name", "code", "ladder")),
    edition=Row(Edition, ("after_supplement", "supplement_term_days", "procedure")),
    definition=Row(Definition, ("state", "sha256")),
    receiving_agency=Row(Agency, _AGENCY),
    answering_agency=Row(Agency, _AGENCY),
)
DOSSIERS: Read[Dossier] = Read(_DOSSIER, of="id", order="t.id", lock="FOR UPDATE OF t")
DOSSIERS_LEFT: Read[Dossier] = Read(
    _DOSSIER, of="id", order="t.id", lock="FOR UPDATE OF t SKIP LOCKED"
)
CLOCKS: Read[ClockRow] = Read(
    Row(ClockRow, calendar=Row(Calendar, base=Row(Calendar))),
    of="dossier_id",
    where=(
        " AND (t.state IN ('not_begun', 'running', 'stopped') OR t.kind IN ('dossier', 'intake'))"
    ),
    order="t.id",
)
STEPS: Read[StepRun] = Read(
    Row(StepRun, agency=Row(Agency), unit=Row(Unit), officer=Row(Post)),
    of="dossier_id",
    where=" AND t.state IN ('waiting', 'working')",
    order="t.ordinal",
)
PASSAGES: Read[StepRun] = Read(
    Row(StepRun, agency=Row(Agency), unit=Row(Unit)),
    of="dossier_id",
    order="t.dossier_id, t.ordinal",
)
SHARES: Read[ClockRow] = Read(
    Row(ClockRow, ("step_run", "anchor_budget")),
    of="dossier_id",
    where=" AND t.step_run_id IS NOT NULL",
    order="t.id",
)
FORESEEN: Read[Apology] = Read(
    Row(Apology),
    of="dossier_id",
    where=" AND t.promise_number = 1 AND t.signed_at IS NOT NULL AND t.state <> 'annulled'",
    order="t.id DESC",
)
TIMERS: Read[Timer] = Read(Row(Timer), of="dossier_id", order="t.fires_at, t.id")
