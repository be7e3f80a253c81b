"""The national index of service quality to citizens and businesses (Decision 766/QĐ-TTg), counted
from its numerators and denominators. Pure.

Six groups are published: publicity and transparency (CKMB), progress (TDGQ), online services
(ONLINE), online payment (TTTT), digitisation (MDSH) and satisfaction (MDHL), 100 points together.
ONLINE and TTTT cannot be counted from what is published beside them; an official score of theirs
is taken as it is. Each component is rounded half up to hundredths, then they are added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

_HUNDREDTH = Decimal("0.01")
GROUPS = {"CKMB": 18, "TDGQ": 20, "ONLINE": 12, "TTTT": 10, "MDSH": 22, "MDHL": 18}
"""The groups in the order of publication, with their most points."""
ALSO_CALLED = {"ONLINE": "CLGQ"}  # in the portal's list of provinces

# 90 % satisfied and 80 % reused already have full marks.
FULL_AT = {"satisfied": Fraction(9, 10), "reused": Fraction(4, 5)}
CKMB = {"publish_on_time": 6, "update_on_time": 4, "content_full": 2, "dossier_sync": 6}
MDSH = {
    "electronic_result": 6, "digitised": 4, "reused": 2, "shared_for_reuse": 4,
    "citizen_data_dossiers": 2, "citizen_data_procedures": 2, "certified_copy": 2,
}  # fmt: skip
ALWAYS_GIVEN = {"certified_copy"}  # points that everybody has where nothing is published


class UnfitInput(ValueError):
    """A place of the input that is not in the form: `agencies[2].TDGQ.received`."""

    def __init__(self, place: str, expected: str) -> None:
        super().__init__(f"{place}: {expected}")
        self.place, self.expected = place, expected


@dataclass(frozen=True, slots=True)
class Component:
    """One component of a group: its points out of `most`, from `part` of `whole` (None: not
    published)."""

    name: str
    points: Decimal
    most: int
    part: int | None = None
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """An agency's index: the groups that can be told, each with what it was counted from."""

    code: str
    groups: Mapping[str, Decimal]
    components: Mapping[str, tuple[Component, ...]]

    @property
    def total(self) -> Decimal:
        """The sum of the groups, in points."""
        return sum(self.groups.values(), Decimal("0.00"))

    @property
    def band(self) -> str:
        """excellent, good, fair, average or weak (from 90, 80, 70, 50 points)."""
        bands = ((90, "excellent"), (80, "good"), (70, "fair"), (50, "average"))
        return next((name for least, name in bands if self.total >= least), "weak")


def scores(data: Any) -> list[Score]:
    """The scores of all agencies of an input. Raises: UnfitInput."""
    agencies = data.get("agencies") if isinstance(data, Mapping) else None
    if not isinstance(agencies, list):
        raise UnfitInput("agencies", "a list")
    return [_Agency(one, f"agencies[{place}]").score() for place, one in enumerate(agencies)]


class _Agency:
    """Reads one agency's numbers and counts its groups."""

    def __init__(self, data: Any, place: str) -> None:
        self.data, self.place = self._mapping(data, place), place

    def score(self) -> Score:
        code = self.data.get("code")
        if not isinstance(code, str) or not code.strip():
            raise UnfitInput(f"{self.place}.code", "a code")
        given = self._mapping(self.data.get("groups") or {}, f"{self.place}.groups")
        groups: dict[str, Decimal] = {}
        components: dict[str, tuple[Component, ...]] = {}
        for name in GROUPS:
            count = _COUNTED.get(name)
            if count is not None and self.data.get(name) is not None:
                components[name] = count(self)
                groups[name] = sum((one.points for one in components[name]), Decimal("0.00"))
                continue
            called = name if given.get(name) is not None else ALSO_CALLED.get(name, name)
            if given.get(called) is not None:
                groups[name] = self._points(given[called], f"{self.place}.groups.{called}")
        return Score(code.strip(), groups, components)

    def transparency(self) -> tuple[Component, ...]:
        return tuple(self._share("CKMB", name, most) for name, most in CKMB.items())

    def progress(self) -> tuple[Component, ...]:
        part, whole = self._count("TDGQ", "on_time"), self._count("TDGQ", "received")
        return (self._component("TDGQ", "on_time", 20, part, whole),)

    def digitisation(self) -> tuple[Component, ...]:
        return tuple(self._share("MDSH", name, most) for name, most in MDSH.items())

    def satisfaction(self) -> tuple[Component, ...]:
        petitions = self._count("MDHL", "petitions")
        answers = []
        for name in ("petitions_on_time", "petitions_satisfied"):
            if petitions == 0:
                answers.append(Component(name, Decimal("6.00"), 6, 0, 0))
            else:
                part = self._count("MDHL", name)
                answers.append(self._component("MDHL", name, 6, part, petitions))
        return (self._share("MDHL", "satisfied", 6), *answers)

    def _share(self, group: str, name: str, most: int) -> Component:
        place = f"{self.place}.{group}.{name}"
        pair = self._group(group).get(name)
        if pair is None:
            points = Decimal(most if name in ALWAYS_GIVEN else 0).quantize(_HUNDREDTH)
            return Component(name, points, most)
        if not isinstance(pair, list) or len(pair) != 2:
            raise UnfitInput(place, "[numerator, denominator]")
        part, whole = (self._whole(one, place) for one in pair)
        return self._component(group, name, most, part, whole)

    def _component(self, group: str, name: str, most: int, part: int, whole: int) -> Component:
        if part > whole:
            raise UnfitInput(f"{self.place}.{group}.{name}", f"at most {whole}")
        share = Fraction(part, whole) if whole else Fraction(0)
        share = min(Fraction(1), share / FULL_AT.get(name, Fraction(1)))
        return Component(name, _rounded(most * share), most, part, whole)

    def _count(self, group: str, name: str) -> int:
        return self._whole(self._group(group).get(name), f"{self.place}.{group}.{name}")

    def _group(self, name: str) -> Mapping[str, Any]:
        return self._mapping(self.data[name], f"{self.place}.{name}")

    def _whole(self, value: Any, place: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        raise UnfitInput(place, "a whole number from 0")

    def _points(self, value: Any, place: str) -> Decimal:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100:
            return Decimal(str(value)).quantize(_HUNDREDTH, ROUND_HALF_UP)
        raise UnfitInput(place, "points from 0 to 100")

    def _mapping(self, value: Any, place: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        raise UnfitInput(place, "an object")


def _rounded(points: Fraction) -> Decimal:
    hundredths = (points * 100 + Fraction(1, 2)).__floor__()
    return (Decimal(hundredths) / 100).quantize(_HUNDREDTH)


_COUNTED: Mapping[str, Callable[[_Agency], tuple[Component, ...]]] = {
    "CKMB": _Agency.transparency,
    "TDGQ": _Agency.progress,
    "MDSH": _Agency.digitisation,
    "MDHL": _Agency.satisfaction,
}
