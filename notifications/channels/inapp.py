"""Notices inside the application, for people who have an account: a row in their letter box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from notifications.channels.channel import Letter, Outcome, Result, Session
from notifications.models import Notice
from notifications.recipients import Recipient


class InAppChannel:
    """Leaves a notice in the recipient's account; once per message, however often it is sent."""

    code = "inapp"
    at_once = 200
    silence_after = timedelta(0)
    silence_arrives = True

    def reaches(self, recipient: Recipient) -> bool:
        return recipient.user_id is not None

    @contextmanager
    def session(self) -> Iterator[Session]:
        yield _leave


def _leave(letters: Sequence[Letter], /) -> list[Result]:
    notices = [
        Notice(
            user_id=letter.recipient.user_id,
            message_id=letter.message_id,
            subject=letter.subject,
            body=letter.body,
            at=letter.at,
        )
        for letter in letters
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return [Result(Outcome.DELIVERED)] * len(notices)
