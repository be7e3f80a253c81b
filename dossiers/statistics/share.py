"""Shares with their two numbers, and how sure a share of few can be. Pure.

Nothing resolved is no share at all, never 100 %; and what is not whole is never shown as whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import sqrt

Z_95 = 1.959963984540054
_HUNDREDTH = Decimal("0.01")
_NEARLY_ALL = Decimal("99.99")
_HARDLY_ANY = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`; there is no share of nothing."""

    part: int
    whole: int

    def __post_init__(self) -> None:
        if self.whole <= 0 or not 0 <= self.part <= self.whole:
            raise ValueError(f"{self.part} of {self.whole} is not a share")

    @property
    def ratio(self) -> Fraction:
        return Fraction(self.part, self.whole)

    @property
    def percent(self) -> Decimal:
        """In per cent, half up to two decimals; 100 and 0 only if it is all or nothing."""
        shown = _percent(self.ratio)
        if 0 < self.part < self.whole:
            return min(max(shown, _HARDLY_ANY), _NEARLY_ALL)
        return shown

    def points_above(self, other: Share) -> Decimal:
        """By how many percentage points it lies above another share, half up to two decimals."""
        return _percent(self.ratio - other.ratio)


def share(part: int, whole: int) -> Share | None:
    """The share, or None where there is nothing to share."""
    return Share(part, whole) if whole > 0 else None


def wilson(part: int, whole: int, z: float = Z_95) -> tuple[float, float]:
    """The Wilson score interval of a share: what few cases allow to be said of it.

    Its lower end ranks fairly: one of one does not stand above ninety-nine of a hundred.
    Of nothing nothing is known: (0, 1).
    """
    if whole == 0:
        return 0.0, 1.0
    ratio = part / whole
    spread = z * sqrt(ratio * (1 - ratio) / whole + z * z / (4 * whole * whole))
    middle = ratio + z * z / (2 * whole)
    scale = 1 + z * z / whole
    low, high = (middle - spread) / scale, (middle + spread) / scale
    return (0.0 if part == 0 else max(0.0, low)), (1.0 if part == whole else min(1.0, high))


def _percent(ratio: Fraction) -> Decimal:
    exact = Decimal(ratio.numerator * 100) / Decimal(ratio.denominator)
    return exact.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)
