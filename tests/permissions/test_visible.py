"""Who sees a dossier: `visible_to` by its own table, and in agreement with who may act on it."""

from __future__ import annotations

import pytest

from dossiers import permissions
from dossiers.models import Dossier, StepRun
from tests.given.counted_city import Office, agency, at, office, unit
from tests.permissions.test_matrix import MATRIX
from workflows.actors import STAFF, TIME, Actor, Held
from workflows.models import Agency, Role, Unit

pytestmark = [pytest.mark.django_db, pytest.mark.builds_rows]

INSIDE = "counter leading head beside city"

# role: places from which the dossier is seen; `step` holds its step under way.
SEEN: dict[str, str] = {
    "clerk": "counter leading head beside",
    "officer": "leading head step",
    "unit_head": "leading head step",
    "approver": INSIDE,
    "archive_clerk": "leading head beside step near",
    "supervisor": INSIDE,
    "publisher": INSIDE,
    "inspector": INSIDE,
    "catalogue_manager": "",
    "administrator": "",
}


class Town:
    """A dossier received at the centre, answered for by the department, now at the commune."""

    def __init__(self, made: Office) -> None:
        beside, near = unit(made.department, "09"), unit(made.commune, "09")
        other = agency("H26.1", "department", made.city)  # its code begins the department's
        self.places: dict[str, tuple[Agency, Unit | None]] = {
            "counter": (made.centre, unit(made.centre, "00")),
            "leading": (made.department, made.division),
            "head": (made.department, None),
            "beside": (made.department, beside),
            "step": (made.commune, made.justice),
            "near": (made.commune, near),
            "city": (made.city, None),
            "other": (other, None),
        }
        self.dossier = made.dossier()
        self.step = StepRun.objects.create(
            dossier=self.dossier,
            ordinal=1,
            key="appraise",
            kind="appraise",
            agency=made.commune,
            unit=made.justice,
            role=Role.OFFICER,
            state=StepRun.State.WAITING,
            opened_at=at("2026-03-02 08:00"),
        )

    def acting(self, role: str, place: str) -> Actor:
        where, part = self.places[place]
        post = Held(1, role, where.pk, where.path, None if part is None else part.pk)
        return Actor(kind=STAFF, user_id=1, posts=(post,))


@pytest.fixture
def town() -> Town:
    return Town(office())


@pytest.mark.parametrize("role", Role.values)
def test_a_row_of_the_table(town: Town, role: str) -> None:
    seen = {
        place
        for place in town.places
        if Dossier.objects.visible_to(town.acting(role, place)).exists()
    }

    assert seen == set(SEEN[role].split())


def test_the_table_speaks_of_every_role() -> None:
    assert set(SEEN) == set(Role.values)


@pytest.mark.parametrize("role", Role.values)
def test_whoever_may_act_on_a_dossier_sees_it(town: Town, role: str) -> None:
    # A delay is explained by whom the breach names, an opinion given by whom the question names,
    # an act taken back by whom its event names: that unit held the dossier or was asked, and sees
    # it. Who keeps the catalogue moves dossiers to another version by their codes alone.
    told_by_the_row = ("explain_breach", "give_opinion", "undo", "receive", "move_to_version")
    acts = [command for command in MATRIX if command not in told_by_the_row]
    for place in town.places:
        actor = town.acting(role, place)
        if any(permissions.may(actor, command, town.dossier, town.step) for command in acts):
            assert Dossier.objects.visible_to(actor).exists(), (role, place)


def test_who_held_a_step_still_sees_what_became_of_it(town: Town) -> None:
    StepRun.objects.update(state=StepRun.State.DONE, ended_at=at("2026-03-03 08:00"))

    assert Dossier.objects.visible_to(town.acting("officer", "step")).exists()


def test_several_posts_show_what_each_of_them_shows(town: Town) -> None:
    posts = [town.acting("clerk", "other").posts[0], town.acting("clerk", "counter").posts[0]]

    assert Dossier.objects.visible_to(Actor(kind=STAFF, posts=tuple(posts))).count() == 1


def test_nobody_and_time_see_nothing(town: Town) -> None:
    assert not Dossier.objects.visible_to(Actor(kind=STAFF)).exists()
    assert not Dossier.objects.visible_to(TIME).exists()
