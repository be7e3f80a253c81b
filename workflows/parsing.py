"""Workflow definitions from plain data and back: the form published as
`schemas/workflow-definition.schema.json`. Whatever is wrong with the form is said of all places at
once; whether the steps make sense together is `checking.py`'s. Pure: standard library only."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from workflows import conditions
from workflows.graph import (
    ASSIGNMENTS,
    END,
    AgencyOf,
    Asked,
    Consultation,
    Definition,
    Kind,
    Late,
    Outcome,
    Share,
    ShareUnit,
    Step,
    SubProcedure,
    Way,
    Who,
    Words,
)

MOST_STEPS = 200
LONGEST_TEXT = 500
LARGEST_AMOUNT = 100_000

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Misfit:
    """A place in the data that does not have the form: `steps[2].share.amount`, and what should
    stand there."""

    place: str
    expected: str


class MalformedDefinition(ValueError):
    """The data does not have the form of a definition. `misfits` names every place."""

    def __init__(self, misfits: Iterable[Misfit]) -> None:
        self.misfits = tuple(misfits)
        super().__init__("; ".join(f"{one.place}: {one.expected}" for one in self.misfits))


def parse(data: Any) -> Definition:
    """The definition that `data` (as read from JSON or YAML) describes. Raises
    MalformedDefinition."""
    reader = _Reader()
    definition = reader.definition(data)
    if reader.misfits:
        raise MalformedDefinition(reader.misfits)
    return definition


class _Reader:
    """Reads part by part, notes what does not fit and goes on with something harmless in its
    place."""

    def __init__(self) -> None:
        self.misfits: list[Misfit] = []

    def definition(self, data: Any) -> Definition:
        fields = self.mapping(data, "definition", {"version", "start", "steps", "source"})
        if fields.get("version") != 1 or isinstance(fields.get("version"), bool):
            self.miss("version", "1")
        steps = self.many(fields.get("steps"), "steps", self.step)
        if not steps:
            self.miss("steps", "at least one step")
        start = self.text(fields.get("start"), "start")
        return Definition(
            start=start,
            steps=steps,
            source=self.text(fields.get("source", ""), "source", empty=True),
        )

    def step(self, data: Any, place: str) -> Step:
        known = {
            "key", "name", "kind", "who", "share", "outcomes",
            "needs", "gives", "optional", "consult", "opens",
        }  # fmt: skip
        fields = self.mapping(data, place, known)
        kind = self.choice(fields.get("kind"), f"{place}.kind", Kind)
        who = (
            None
            if kind is Kind.AUTOMATIC and "who" not in fields
            else self.who(fields.get("who"), f"{place}.who")
        )
        return Step(
            key=self.key(fields.get("key"), f"{place}.key"),
            name=self.words(fields.get("name"), f"{place}.name"),
            kind=kind,
            who=who,
            share=self.share(fields.get("share"), f"{place}.share"),
            outcomes=self.many(fields.get("outcomes", []), f"{place}.outcomes", self.outcome),
            needs=self.many(fields.get("needs", []), f"{place}.needs", self.reference),
            gives=self.many(fields.get("gives", []), f"{place}.gives", self.reference),
            optional=self.flag(fields.get("optional", False), f"{place}.optional"),
            consultation=self.perhaps(fields.get("consult"), f"{place}.consult", self.consultation),
            opens=self.many(fields.get("opens", []), f"{place}.opens", self.sub_procedure),
        )

    def who(self, data: Any, place: str) -> Who:
        known = {"role", "agency", "code", "unit", "chosen_at", "assignment", "same_as"}
        fields = self.mapping(data, place, known)
        assignment = self.text(fields.get("assignment", "pool"), f"{place}.assignment")
        if assignment not in ASSIGNMENTS:
            self.miss(f"{place}.assignment", " | ".join(ASSIGNMENTS))
        return Who(
            role=self.text(fields.get("role"), f"{place}.role"),
            agency=self.choice(fields.get("agency", "answering"), f"{place}.agency", AgencyOf),
            code=self.text(fields.get("code", ""), f"{place}.code", empty=True),
            unit=self.text(fields.get("unit", ""), f"{place}.unit", empty=True),
            chosen_at=self.text(fields.get("chosen_at", ""), f"{place}.chosen_at", empty=True),
            assignment=assignment,
            same_as=self.text(fields.get("same_as", ""), f"{place}.same_as", empty=True),
        )

    def share(self, data: Any, place: str) -> Share | None:
        if data is None:
            return None
        fields = self.mapping(data, place, {"amount", "unit"})
        amount = self.amount(fields.get("amount"), f"{place}.amount")
        return Share(
            amount=amount, unit=self.choice(fields.get("unit"), f"{place}.unit", ShareUnit)
        )

    def outcome(self, data: Any, place: str) -> Outcome:
        fields = self.mapping(data, place, {"key", "label", "to", "when", "return", "at_most"})
        to = fields.get("to")
        ways = (
            self.many(to, f"{place}.to", self.way)
            if isinstance(to, list)
            else (Way(self.text(to, f"{place}.to")),)
        )
        if not ways:
            self.miss(f"{place}.to", "the key of a step, or end")
            ways = (Way(END),)
        return Outcome(
            key=self.key(fields.get("key"), f"{place}.key", reserved=False),
            label=self.words(fields.get("label"), f"{place}.label"),
            ways=ways,
            when=self.condition(fields.get("when"), f"{place}.when"),
            returns=self.flag(fields.get("return", False), f"{place}.return"),
            at_most=self.count(fields.get("at_most"), f"{place}.at_most"),
        )

    def way(self, data: Any, place: str) -> Way:
        fields = self.mapping(data, place, {"to", "when"})
        return Way(
            self.text(fields.get("to"), f"{place}.to"),
            self.condition(fields.get("when"), f"{place}.when"),
        )

    def consultation(self, data: Any, place: str) -> Consultation:
        fields = self.mapping(data, place, {"asked", "answers", "late"})
        asked = self.many(fields.get("asked"), f"{place}.asked", self.asked)
        answers = fields.get("answers", "all")
        named = {"all": len(asked), "any": 1}
        wanted = (
            named.get(answers)
            if isinstance(answers, str)
            else self.count(answers, f"{place}.answers")
        )
        if wanted is None:
            self.miss(f"{place}.answers", "all, any or a number")
        late = self.choice(fields.get("late", "wait"), f"{place}.late", Late)
        return Consultation(asked=asked, answers=wanted or 0, late=late)

    def asked(self, data: Any, place: str, depth: int = 0) -> Asked:
        fields = self.mapping(data, place, {"who", "share", "units"})
        if depth and fields.get("units"):
            self.miss(f"{place}.units", "units of a unit cannot be asked")
            fields = {**fields, "units": []}
        return Asked(
            who=self.who(fields.get("who"), f"{place}.who"),
            share=self.share(fields.get("share"), f"{place}.share"),
            units=self.many(
                fields.get("units", []),
                f"{place}.units",
                lambda one, at: self.asked(one, at, depth + 1),
            ),
        )

    def sub_procedure(self, data: Any, place: str) -> SubProcedure:
        fields = self.mapping(data, place, {"procedure", "who", "waits", "when"})
        return SubProcedure(
            procedure=self.text(fields.get("procedure"), f"{place}.procedure"),
            agency=self.perhaps(fields.get("who"), f"{place}.who", self.who),
            waits=self.flag(fields.get("waits", True), f"{place}.waits"),
            when=self.condition(fields.get("when"), f"{place}.when"),
        )

    def words(self, data: Any, place: str) -> Words:
        fields = self.mapping(data, place, {"vi", "en"})
        return Words(
            self.text(fields.get("vi"), f"{place}.vi"),
            self.text(fields.get("en", ""), f"{place}.en", empty=True),
        )

    def reference(self, data: Any, place: str) -> str:
        written = self.text(data, place)
        if not written.startswith(("paper:", "result:")):
            self.miss(place, "paper:… or result:…")
        return written

    def condition(self, data: Any, place: str) -> Any:
        complaint = None if data is None else conditions.complaint(data)
        if complaint:
            self.miss(place, f"a condition ({complaint})")
            return None
        return data

    def key(self, data: Any, place: str, *, reserved: bool = True) -> str:
        written = self.text(data, place)
        plain = written.replace("_", "").replace("-", "")
        if written and not (
            plain.isascii()
            and plain.isalnum()
            and written == written.lower()
            and len(written) <= 60
        ):
            self.miss(place, "small letters, digits, - and _, at most 60")
        if reserved and written == END:
            self.miss(place, f"anything but {END}")
        return written

    def text(self, data: Any, place: str, *, empty: bool = False) -> str:
        if (
            isinstance(data, str)
            and (data.strip() or empty)
            and len(data) <= LONGEST_TEXT
            and "\0" not in data
        ):
            return data.strip()
        self.miss(place, f"a text of at most {LONGEST_TEXT} characters")
        return ""

    def amount(self, data: Any, place: str) -> Decimal:
        if isinstance(data, str | int | float) and not isinstance(data, bool):
            with suppress(InvalidOperation):
                amount = Decimal(str(data))
                if amount.is_finite() and 0 <= amount <= LARGEST_AMOUNT:
                    return amount
        self.miss(place, f"a number from 0 to {LARGEST_AMOUNT}")
        return Decimal(0)

    def count(self, data: Any, place: str) -> int | None:
        if data is None or (
            isinstance(data, int) and not isinstance(data, bool) and 0 < data <= 1000
        ):
            return data
        self.miss(place, "a whole number from 1")
        return None

    def flag(self, data: Any, place: str) -> bool:
        if not isinstance(data, bool):
            self.miss(place, "true or false")
        return data is True

    def choice(self, data: Any, place: str, kinds: type[E]) -> E:
        if isinstance(data, str) and data in list(kinds):
            return kinds(data)
        self.miss(place, " | ".join(kinds))
        return next(iter(kinds))

    def many(self, data: Any, place: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
        if not isinstance(data, list):
            self.miss(place, "a list")
            return ()
        if len(data) > MOST_STEPS:
            self.miss(place, f"at most {MOST_STEPS}")
        return tuple(read(one, f"{place}[{index}]") for index, one in enumerate(data[:MOST_STEPS]))

    def perhaps(self, data: Any, place: str, read: Callable[[Any, str], T]) -> T | None:
        return None if data is None else read(data, place)

    def mapping(self, data: Any, place: str, known: set[str]) -> Mapping[str, Any]:
        if not isinstance(data, Mapping):
            self.miss(place, "a mapping")
            return {}
        for name in data:
            if name not in known:
                self.miss(f"{place}.{str(name)[:60]}", "a field of this form")
        return data

    def miss(self, place: str, expected: str) -> None:
        self.misfits.append(Misfit(place, expected))
