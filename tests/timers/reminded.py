"""What people were reminded of, read back from the outbox and from their letter boxes."""

from __future__ import annotations

from datetime import datetime

from notifications import sending
from notifications.models import Message, Notice
from tests.given.city import LOCAL, moment

RUNGS = ("due_soon", "due_today", "breached", "unexplained", "apology_overdue", "awaited")


def reminders(of: str = "dossier") -> list[tuple[str, str, str]]:
    """Topic, who is told (their role) and from when on, of every reminder about such a clock."""
    rows = Message.objects.filter(topic__in=RUNGS, context__about__of=of).order_by("pk")
    return [(row.topic, _who(row), hour(row.not_before)) for row in rows]


def told(topic: str, of: str = "dossier") -> list[str]:
    """The roles that a reminder of this kind was posted to, in alphabetical order."""
    return sorted(who for one, who, _from in reminders(of) if one == topic)


def drained(at: str) -> dict[str, int]:
    """What a drain at this hour did."""
    return sending.drain(at=moment(at))


def read() -> list[str]:
    """The subjects that lie in letter boxes."""
    return list(Notice.objects.order_by("pk").values_list("subject", flat=True))


def hour(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def _who(row: Message) -> str:
    user = row.addressee.user_id
    if user is None:
        return "applicant"
    from django.contrib.auth import get_user_model

    return str(get_user_model().objects.get(pk=user).get_username())
