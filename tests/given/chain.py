"""A chain of two agencies in the small city: a department has its part before the commune's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model

from dossiers.lifecycle import progress
from dossiers.models import Dossier
from tests.given.city import SINCE, City, city, moment
from tests.given.definitions import step
from workflows.actors import STAFF, Actor, held
from workflows.folding import sort_key
from workflows.models import Agency, Post, Role, Unit


def chain_definition() -> dict[str, Any]:
    """Receive, examine at the department (16 hours), appraise (8), sign (8), deliver."""
    there = {"role": "officer", "agency": "named", "code": "H26.12", "unit": "05"}
    return {
        "version": 1,
        "start": "receive",
        "steps": [
            step("receive", "receive", "examine", role="clerk", share="4 working_hour"),
            step("examine", "appraise", "appraise", share="2 working_day", who=there),
            step("appraise", "appraise", "sign", share="1 working_day"),
            step("sign", "sign", "deliver", role="approver", share="1 working_day"),
            step("deliver", "deliver", "end", role="clerk"),
        ],
    }


@dataclass
class Chain:
    """The city with a department in the middle of its procedure."""

    city: City
    department: Agency
    division: Unit
    posts: dict[str, Post]

    def acting(self, role: str) -> Actor:
        """Who holds this role at the department."""
        post = self.posts[role]
        return Actor(kind=STAFF, user_id=post.user_id, name=post.name, posts=(held(post),))

    def examined(self, dossier: Dossier, at: str) -> Dossier:
        """The department's part is done."""
        return progress.advance(
            dossier.pk, outcome="done", by=self.acting(Role.OFFICER), at=moment(at)
        )


def chain() -> Chain:
    """The commune answers; the department examines before it."""
    built = city(body=chain_definition())
    name = "Sở Quy hoạch - Kiến trúc"
    department = Agency.objects.create(
        code="H26.12",
        name=name,
        kind="department",
        parent=built.root,
        path="/H26/H26.12/",
        valid_from=SINCE,
        sort_key=sort_key(name),
    )
    division = Unit.objects.create(
        agency=department,
        code="H26.12.05",
        name="Phòng Quản lý quy hoạch",
        kind=Unit.Kind.DIVISION,
        valid_from=SINCE,
    )
    posts = {}
    for role in (Role.OFFICER, Role.UNIT_HEAD):
        user = get_user_model().objects.create(username=f"department-{role}")
        posts[role] = Post.objects.create(
            user=user,
            name=f"{name} {role}",
            title=str(role),
            role=role,
            agency=department,
            unit=division,
            valid_from=SINCE,
        )
    return Chain(built, department, division, posts)
