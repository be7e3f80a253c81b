"""Who acts: a person with the posts held on the day, the applicant, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from workflows.models import Post

STAFF = "staff"
APPLICANT = "applicant"
SYSTEM = "system"
IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Held:
    """One post held: a role in an agency, perhaps in one of its units."""

    post_id: int
    role: str
    agency_id: int
    agency_path: str
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever calls a command. `on_behalf_of` is the post of the person replaced in an absence."""

    kind: str
    user_id: int | None = None
    name: str = ""
    posts: tuple[Held, ...] = ()
    on_behalf_of: int | None = None

    def holding(self, *roles: str) -> tuple[Held, ...]:
        """The posts held in one of these roles."""
        return tuple(held for held in self.posts if held.role in roles)


TIME = Actor(kind=SYSTEM)
"""What time alone causes: timers act as this."""

HISTORY = Actor(kind=IMPORT)
"""An import of facts of the past."""

CITIZEN = Actor(kind=APPLICANT)
"""The applicant, who proved it by code and secret at the edge."""


def held(post: Post) -> Held:
    """The value of one post's row (its agency loaded)."""
    return Held(post.pk, post.role, post.agency_id, post.agency.path, post.unit_id)


def actor_for(user_id: int, name: str, on: date) -> Actor:
    """The actor that a logged-in person is on the day `on`: all posts held then."""
    posts = Post.objects.held_on(on).filter(user_id=user_id).select_related("agency")
    return Actor(
        kind=STAFF,
        user_id=user_id,
        name=name,
        posts=tuple(held(post) for post in posts.order_by("pk")),
    )
