"""Notices inside the application, for people who have an account: a row in their letter box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import transaction

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
    wanted = {letter.recipient.user_id or 0 for letter in letters}
    known = set(get_user_model().objects.filter(pk__in=wanted).values_list("pk", flat=True))
    notices = [
        Notice(
            user_id=letter.recipient.user_id,
            message_id=letter.message_id,
            subject=letter.subject,
            body=letter.body,
            at=letter.at,
        )
        for letter in letters
        if letter.recipient.user_id in known
    ]
    with transaction.atomic():
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return [_result(letter.recipient.user_id in known) for letter in letters]


def _result(known: bool) -> Result:
    return Result(Outcome.DELIVERED) if known else Result(Outcome.REFUSED, "no such account")
