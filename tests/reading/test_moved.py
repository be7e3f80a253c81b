"""Why the promised day moved, in words for who waits: one sentence a move."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import translation

from dossiers.reading.moved import Move
from dossiers.reading.tracking import tracked
from tests.given.city import City, city, moment

pytestmark = pytest.mark.django_db


def moves_of(dossier_id: int, at: str) -> tuple[Move, ...]:
    with translation.override("en"):
        page = tracked(dossier_id, at=moment(at), language="en")
    assert page is not None
    return page.moves


def days(move: Move) -> tuple[datetime, datetime]:
    return move.before, move.after


def test_a_supplement_that_starts_the_limit_again_says_from_which_day():
    here = city()
    dossier = here.receive("2026-03-02 08:10")
    here.ask_supplement(dossier, "2026-03-03 09:00")
    here.supply(dossier, "2026-03-05 10:00")

    (move,) = moves_of(dossier.pk, "2026-03-06 08:00")

    assert days(move) == (moment("2026-03-09 17:30"), moment("2026-03-12 17:30"))
    assert move.why == (
        "Your papers were complete on Thu\xa05\xa0Mar\xa02026. "
        "By law the time for your dossier begins again from that day."
    )


def test_a_supplement_after_which_it_goes_on_says_how_long_we_waited():
    here = city(after_supplement="resume")
    dossier = here.receive("2026-03-02 08:10")
    here.ask_supplement(dossier, "2026-03-03 09:00")
    here.supply(dossier, "2026-03-05 10:00")

    (move,) = moves_of(dossier.pk, "2026-03-06 08:00")

    assert move.why == (
        "From Tue\xa03\xa0Mar\xa02026 to Thu\xa05\xa0Mar\xa02026 we waited for your papers: "
        "that time does not count."
    )


@pytest.mark.parametrize("supplied", [None, "2026-03-03 15:00"])
def test_a_day_that_stands_has_not_moved(supplied):
    here: City = city()
    dossier = here.receive("2026-03-03 08:10")
    if supplied:
        here.ask_supplement(dossier, "2026-03-03 09:00")
        here.supply(dossier, supplied)

    assert moves_of(dossier.pk, "2026-03-04 08:00") == ()
