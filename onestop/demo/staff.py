"""Staff of the demo city: for every role and unit somebody, for one of each role a login."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from random import Random

from django.contrib.auth import get_user_model

from onestop.demo.accounts import Account
from onestop.demo.people import name
from workflows.actors import STAFF, Actor, held
from workflows.models import Agency, Post, Role, Unit

TITLES = {
    Role.CLERK: "Công chức một cửa",
    Role.OFFICER: "Chuyên viên",
    Role.UNIT_HEAD: "Trưởng phòng",
    Role.APPROVER: "Lãnh đạo cơ quan",
    Role.ARCHIVE_CLERK: "Văn thư",
}
# Who sits in which kind of unit.
SEATS = {
    Unit.Kind.COUNTER: (Role.CLERK, Role.CLERK),
    Unit.Kind.DIVISION: (Role.OFFICER, Role.OFFICER, Role.UNIT_HEAD),
    Unit.Kind.OFFICE: (Role.ARCHIVE_CLERK, Role.OFFICER, Role.UNIT_HEAD),
    Unit.Kind.LEADERSHIP: (Role.APPROVER,),
}


def employ(agencies: Iterable[Agency], since: date, random: Random) -> None:
    """Give every unit of these agencies its people; they have no login."""
    posts = [
        Post(
            name=name(random),
            title=TITLES[role],
            role=role,
            agency=unit.agency,
            unit=unit,
            valid_from=since,
        )
        for unit in Unit.objects.filter(agency__in=agencies).select_related("agency")
        for role in SEATS[Unit.Kind(unit.kind)]
    ]
    Post.objects.bulk_create(posts)


def give_phones() -> None:
    """Give every agency a number to call; a number of zeros is nobody's, and looks it."""
    agencies = list(Agency.objects.filter(phone="").order_by("code"))
    for number, agency in enumerate(agencies, start=1):
        agency.phone = f"024 0000 {number:04d}"
    Agency.objects.bulk_update(agencies, ["phone"])


def open_accounts(accounts: Iterable[Account], since: date) -> None:
    """Open the demo's logins, each with its post."""
    people = get_user_model()
    for account in accounts:
        user = people.objects.create_user(
            username=account.username, password=account.password, full_name=account.name
        )
        agency = Agency.objects.get(code=account.agency)
        unit = Unit.objects.filter(code=f"{account.agency}.{account.unit}").first()
        Post.objects.create(
            user=user,
            name=account.name,
            title=account.title,
            role=account.role,
            agency=agency,
            unit=unit,
            valid_from=since,
        )


class Roster:
    """Who can do a step: posts by agency, unit and role, read once."""

    def __init__(self) -> None:
        self._posts: dict[tuple[int, str], list[Post]] = defaultdict(list)
        for post in Post.objects.select_related("agency").order_by("pk"):
            self._posts[post.agency_id, post.role].append(post)
        self.root = [
            post for posts in self._posts.values() for post in posts if post.unit_id is None
        ]

    def one(self, agency: int, role: str, unit: int | None, random: Random) -> Actor | None:
        """Somebody who holds the role there; those with a login take the larger part."""
        fitting = [
            post
            for post in self._posts[agency, role]
            if unit is None or post.unit_id in (None, unit)
        ]
        if not fitting:
            return None
        with_login = [post for post in fitting if post.user_id is not None]
        post = random.choice(with_login if with_login and random.random() < 0.6 else fitting)
        return acting(post)

    def post(self, post_id: int) -> Actor | None:
        """The holder of this post."""
        for posts in self._posts.values():
            for post in posts:
                if post.pk == post_id:
                    return acting(post)
        return None

    def of_city(self, role: str) -> Actor:
        """The holder of a role that watches the whole city."""
        return acting(next(post for post in self.root if post.role == role))


def acting(post: Post) -> Actor:
    """The actor that the holder of a post is."""
    return Actor(kind=STAFF, user_id=post.user_id, name=post.name, posts=(held(post),))
