"""Whatever people do in whatever order, with a worker that sweeps or sleeps: the recount agrees."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dossiers.errors import Refusal
from dossiers.firing import fire_due
from dossiers.lifecycle import (
    apology,
    consultation,
    delivering,
    ending,
    fee,
    intake,
    moving,
    progress,
    recalendar,
    signing,
    supplement,
    undo,
    versions,
)
from dossiers.lifecycle.given import LateEntry
from dossiers.lifecycle.recount import recount_due
from dossiers.models import OPEN, Apology, Consultation, Dossier, Event
from dossiers.statistics.columns import COLUMNS, KEYS
from dossiers.statistics.duty import STANDINGS, Asked, duty
from dossiers.statistics.reading import read
from dossiers.statistics.verify import differences
from tests.given.campaign import examples
from tests.given.city import City, city, moment
from tests.given.elsewhere import acting_at, another_division, department
from workflows import editing
from workflows.actors import STAFF, TIME, Actor, held
from workflows.catalogue import definitions
from workflows.catalogue.amendment import Amendment, DayOff
from workflows.models import NATIONAL, Calendar, CalendarDay, Edition, Post, Role, Unit

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

Act = Callable[[City, Dossier, datetime], object]


def there(town: City, dossier: Dossier, role: str) -> Actor:
    """Who holds the role in the unit that answers now."""
    unit = Dossier.objects.select_related("unit").get(pk=dossier.pk).unit
    return town.acting(role) if unit == town.division else acting_at(unit, role)


def advance(role: str) -> Act:
    return lambda town, dossier, at: progress.advance(
        dossier.pk, outcome="done", by=there(town, dossier, role), at=at
    )


def move(town: City, dossier: Dossier, at: datetime) -> None:
    """To the next of the three units, within the agency or to another one."""
    units = list(Unit.objects.filter(kind="division").order_by("code"))
    now = Dossier.objects.get(pk=dossier.pk).unit_id
    place = [unit.pk for unit in units].index(now)
    unit = units[(place + 1) % len(units)].pk
    by = town.acting(Role.SUPERVISOR)
    moving.move(dossier.pk, unit=unit, reason="Tổ chức lại", by=by, at=at)


def to_another_version(town: City, dossier: Dossier, at: datetime) -> None:
    """The workflow is published anew, and the dossier goes along; every second time by new keys."""
    followed = Dossier.objects.get(pk=dossier.pk).definition
    body = followed.body
    names = {"appraise": "examine", "examine": "appraise"}
    key = next(step["key"] for step in body["steps"] if step["key"] in names)
    fresh = {**editing.step(body, key), "key": names[key]}
    to = definitions.publish(town.procedure, editing.replace_step(body, key, fresh), at=at)
    keys = [step["key"] for step in body["steps"]]
    versions.move_to_version(
        dossier.pk,
        definition=to.pk,
        mapping={**dict(zip(keys, keys, strict=True)), key: names[key], names[key]: key},
        reason="Quyết định",
        by=town.acting(Role.CATALOGUE_MANAGER),
        at=at,
    )


def ask_opinion(town: City, dossier: Dossier, at: datetime) -> None:
    unit = Unit.objects.exclude(pk=Dossier.objects.get(pk=dossier.pk).unit_id)
    consultation.ask_opinion(
        dossier.pk,
        unit=unit.filter(kind="division").latest("pk").pk,
        question="?",
        by=there(town, dossier, Role.UNIT_HEAD),
        at=at,
    )


def opinion(town: City, dossier: Dossier, at: datetime) -> None:
    asked = Consultation.objects.filter(dossier=dossier, state="open").first()
    if asked is not None:
        by = acting_at(asked.unit, Role.OFFICER)
        consultation.give_opinion(asked.pk, answer="!", by=by, at=at)


def take_back(town: City, dossier: Dossier, at: datetime) -> None:
    """Whoever did the last act takes it back, if it can be."""
    act = undo.last_act(Event.objects.filter(dossier=dossier))
    post = None if act is None else Post.objects.filter(pk=act.post_id).first()
    if post is not None:
        undo.undo(dossier.pk, by=Actor(kind=STAFF, posts=(held(post),)), at=at)


def conclude_late(town: City, dossier: Dossier, at: datetime) -> None:
    """Entered two hours after it happened."""
    ending.conclude(
        dossier.pk,
        by=town.acting(Role.CLERK),
        at=at - timedelta(hours=2),
        late=LateEntry(at, "Mất điện"),
    )


def letter(town: City, dossier: Dossier, at: datetime) -> None:
    letters = Apology.objects.filter(dossier=dossier)
    draft = letters.exclude(state=Apology.State.ANNULLED).first()
    if draft is None:
        is_open = Dossier.objects.get(pk=dossier.pk).status in OPEN
        apology.draft_apology(
            dossier.pk,
            reason="overload",
            text="Quá tải",
            # The day of a letter annulled since stands: it is set once.
            new_promise_at=_next_close(at) if is_open and not letters else None,
            by=town.acting(Role.UNIT_HEAD),
            at=at,
        )
    elif draft.signed_at is None:
        signing.sign_apology(draft.pk, by=town.acting(Role.APPROVER), at=at)
    else:
        delivering.apology_settled(draft.pk, True, at)


def give_up_letter(town: City, dossier: Dossier, at: datetime) -> None:
    """No channel reached the applicant."""
    for one in Apology.objects.filter(dossier=dossier, signed_at__isnull=False):
        delivering.apology_settled(one.pk, False, at, tried=at.minute % 2 == 0)


def hand_over_letter(town: City, dossier: Dossier, at: datetime) -> None:
    """The counter sees to a letter that could not be delivered."""
    for one in Apology.objects.filter(dossier=dossier):
        delivering.hand_over_apology(
            one.pk, how="kept", note="Không liên hệ được", by=town.acting(Role.CLERK), at=at
        )


def _next_close(at: datetime) -> datetime:
    day = at + timedelta(days=14)
    return day.replace(hour=17, minute=30) - timedelta(days=day.weekday())


def close_days(town: City, dossier: Dossier, at: datetime) -> None:
    """A storm: days before and after are off, as far as they were worked."""
    working = Calendar.objects.get(code=NATIONAL).working()
    near = [at.date() + timedelta(days=n) for n in (-6, -1, 0, 1, 3)]
    days = [day for day in near if working.is_working_day(day)]
    given = Amendment(source="Bão", days=[DayOff(day, "closed") for day in days])
    recalendar.amend(given, by=TIME, at=at)


def open_days(town: City, dossier: Dossier, at: datetime) -> None:
    """They were worked after all."""
    days = CalendarDay.objects.values_list("on", flat=True)
    given = Amendment(source="Hết bão", removed=list(days))
    recalendar.amend(given, by=TIME, at=at)


ACTS: dict[str, Act] = {
    "appraise": advance(Role.OFFICER),
    "sign": advance(Role.APPROVER),
    "conclude": lambda town, dossier, at: ending.conclude(
        dossier.pk, by=town.acting(Role.CLERK), at=at
    ),
    "return": lambda town, dossier, at: ending.return_result(
        dossier.pk, method="counter", by=town.acting(Role.CLERK), at=at
    ),
    "ask": lambda town, dossier, at: supplement.request_supplement(
        dossier.pk,
        items=[town.paper.pk],
        reason="Thiếu",
        by=there(town, dossier, Role.OFFICER),
        at=at,
    ),
    "claim": lambda town, dossier, at: progress.claim(
        dossier.pk, by=there(town, dossier, Role.OFFICER), at=at
    ),
    "conclude_late": conclude_late,
    "move": move,
    "to_another_version": to_another_version,
    "demand": lambda town, dossier, at: fee.demand_fee(
        dossier.pk, amount=1, legal_ground="Luật", by=town.acting(Role.CLERK), at=at
    ),
    "pay": lambda town, dossier, at: fee.confirm_fee(dossier.pk, by=town.acting(Role.CLERK), at=at),
    "ask_opinion": ask_opinion,
    "opinion": opinion,
    "take_back": take_back,
    "supply": lambda town, dossier, at: supplement.supply(
        dossier.pk,
        papers=[intake.PaperGiven(item=town.paper.pk, form="original")],
        by=town.acting(Role.CLERK),
        at=at,
    ),
    "withdraw": lambda town, dossier, at: ending.withdraw(
        dossier.pk, by=town.acting(Role.CLERK), at=at, reason="Đơn xin rút"
    ),
    "reopen": lambda town, dossier, at: ending.reopen(
        dossier.pk, reason="Kết quả sai", by=town.acting(Role.APPROVER), at=at
    ),
    "void": lambda town, dossier, at: ending.void(
        dossier.pk, reason="Nhập sai", by=town.acting(Role.CLERK), at=at
    ),
    "letter": letter,
    "give_up_letter": give_up_letter,
    "hand_over_letter": hand_over_letter,
    "sweep": lambda town, dossier, at: fire_due(at),
    "close_days": close_days,
    "open_days": open_days,
    "recount": lambda town, dossier, at: recount_due(at),
}
# What ends a road comes seldom, or few roads would be long.
OFTEN = [name for name in ACTS if name not in ("withdraw", "void")]
ROAD = st.lists(
    st.tuples(st.sampled_from([*OFTEN, *OFTEN, *ACTS]), st.integers(1, 150)), max_size=14
)


def figures(moments: list[datetime]) -> list[object]:
    return [
        [(row.keys, row.figures) for row in read(since=None, until=None, as_of=at, by=by)]
        for at in moments
        for by in ((), KEYS)
    ]


def town_of(waits: tuple[str, int | None, str]) -> City:
    """A city with two more units, under an edition that waits so."""
    after_supplement, payment_term_days, law = waits
    town = city(after_supplement=after_supplement)
    Edition.objects.update(payment_term_days=payment_term_days, consultation_stops_by=law)
    for unit in (another_division(town), department(town)):
        for role in (Role.OFFICER, Role.UNIT_HEAD, Role.APPROVER):
            acting_at(unit, role)
    return town


WAITS = st.tuples(
    st.sampled_from(["restart", "resume"]), st.sampled_from([None, 4]), st.sampled_from(["", "L"])
)


def the_duty(moments: list[datetime]) -> list[object]:
    """The reading of the duty to apologise, which must agree with the figures' own columns."""
    found = []
    for at in moments:
        (row,) = duty(Asked(None, None, at))
        numbers, (whole,) = row.duty, read(since=None, until=None, as_of=at)
        assert numbers.owed == sum(getattr(numbers, standing) for standing in STANDINGS)
        assert (numbers.owed, numbers.foreseen, numbers.made) == (
            whole.figures.apologies_owed,
            whole.figures.apologies_foreseen,
            whole.figures.apologies_made,
        )
        found.append(numbers)
    return found


def walk(town: City, road: list[tuple[str, int]]) -> list[datetime]:
    """The moments of the acts that were not refused, on the clock's own corners too."""
    at = moment("2026-03-02 08:10")
    dossier, moments = town.receive(at), [at]
    for name, hours in road:
        at += timedelta(hours=hours)
        with suppress(Refusal), transaction.atomic():
            ACTS[name](town, dossier, at)
            moments.append(at)
    return [*moments, at + timedelta(days=60)]


@settings(
    max_examples=examples(20),
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # a road is short; making it shorter is dear
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(road=ROAD, waits=WAITS)
def test_any_road_is_counted_the_same_twice(
    db: None, road: list[tuple[str, int]], waits: tuple[str, int | None, str]
) -> None:
    with transaction.atomic():
        town = town_of(waits)
        moments = walk(town, road)

        assert [str(line) for line in differences(moments[-1])] == []
        recount_due(moments[-1])
        assert [str(line) for line in differences(moments[-1])] == []
        before, owed = figures(moments), the_duty(moments)
        fire_due(moments[-1])
        assert [str(line) for line in differences(moments[-1])] == []
        assert figures(moments) == before
        assert the_duty(moments) == owed
        for row in read(since=None, until=None, as_of=moments[-1], by=["month"]):
            assert all(getattr(row.figures, name) >= 0 for name in COLUMNS)
        transaction.set_rollback(True)
