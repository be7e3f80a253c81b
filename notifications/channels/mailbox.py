"""A mail backend that prints e-mail into the database instead of sending it, for trials.

The mailbox page shows it. An e-mail handed over twice is printed once, as a mail program would
show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import ClassVar

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from notifications.models import PrintedMail

BACKEND = "notifications.channels.mailbox.MailboxBackend"


class MailboxBackend(BaseEmailBackend):
    """Prints each message; nothing leaves the machine, so a batch may be handed over at once."""

    at_once: ClassVar[int] = 200

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Print these messages; how many were handed over."""
        printed = [_printed(message) for message in email_messages]
        PrintedMail.objects.bulk_create(printed, ignore_conflicts=True)
        return len(printed)


def _printed(message: EmailMessage) -> PrintedMail:
    # Building the whole e-mail is the dearest part of printing it, and only files need it.
    plain = not message.attachments and {"Message-ID", "Date"} <= message.extra_headers.keys()
    whole = message.extra_headers if plain else message.message()
    return PrintedMail(
        message_id=whole["Message-ID"],
        recipient=", ".join(message.recipients()),
        subject=str(message.subject)[:300],
        body=str(message.body),
        at=parsedate_to_datetime(whole["Date"]),
        raw=b"" if plain else message.message().as_bytes(),
    )
