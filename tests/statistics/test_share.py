"""Shares with their two numbers."""

from decimal import Decimal

import pytest

from dossiers.statistics.share import Share, share, wilson


def test_nothing_resolved_is_no_share() -> None:
    assert share(0, 0) is None


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(1, 3, "33.33"), (2, 3, "66.67"), (99_999, 100_000, "99.99"), (1, 100_000, "0.01"),
     (5, 5, "100.00"), (0, 5, "0.00"), (1, 8, "12.50"), (585_116, 585_336, "99.96")],
)  # fmt: skip
def test_what_is_not_whole_is_not_shown_as_whole(part: int, whole: int, percent: str) -> None:
    assert Share(part, whole).percent == Decimal(percent)


def test_a_change_is_in_percentage_points() -> None:
    assert Share(9, 10).points_above(Share(19, 20)) == Decimal("-5.00")


def test_one_of_one_does_not_lead_ninety_nine_of_a_hundred() -> None:
    assert wilson(1, 1)[0] < wilson(99, 100)[0]


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # At the ends it is z²/(n + z²) wide; with z² = 3.8415 that is 3.8415/13.8415 for ten.
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_the_interval_of_few_is_wide(part: int, whole: int, low: float, high: float) -> None:
    assert wilson(part, whole) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
