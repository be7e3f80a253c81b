"""E-mail by Django's mail, over whatever backend the settings name.

The Message-ID is made from the message's key, so that a copy sent twice after a crash is recognised
as the same letter by any mail program.
"""

from __future__ import annotations

import hashlib
import re
import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from notifications.channels.channel import DETAIL_LENGTH, Letter, Outcome, Result, Session
from notifications.recipients import Recipient

_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")


class EmailChannel:
    """Sends letters as plain-text e-mail.

    A mail server reports only what failed, within hours; a day of silence is taken for an arrival.
    """

    code = "email"
    silence_after = timedelta(days=1)
    silence_arrives = True

    @property
    def at_once(self) -> int:
        return getattr(get_connection(), "at_once", 1)

    def reaches(self, recipient: Recipient) -> bool:
        return "@" in recipient.email

    @contextmanager
    def session(self) -> Iterator[Session]:
        connection = get_connection()

        def send(letters: Sequence[Letter], /) -> list[Result]:
            return _send(connection, letters)

        try:
            yield send
        finally:
            _close(connection)


def message_id(key: str) -> str:
    """The Message-ID that every copy of the message with this key bears."""
    return f"<{_digest(key)}@{_domain()}>"


def mail(letter: Letter) -> EmailMessage:
    """The letter as an e-mail; mail programs gather those of one stream into a conversation."""
    headers = {
        "Message-ID": message_id(letter.key),
        "Date": format_datetime(letter.at),
        "References": f"<stream-{_digest(letter.stream)}@{_domain()}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": letter.recipient.language,
    }
    message = EmailMessage(
        subject=letter.subject, body=letter.body, to=[letter.recipient.email], headers=headers
    )
    if letter.attachment is not None:
        message.attach(*letter.attachment)
    return message


def _send(connection: Any, letters: Sequence[Letter]) -> list[Result]:
    if getattr(connection, "at_once", 1) > 1:
        connection.send_messages([mail(letter) for letter in letters])
        return [Result(Outcome.DELIVERED)] * len(letters)
    return [_send_one(connection, letter) for letter in letters]


def _send_one(connection: Any, letter: Letter) -> Result:
    try:
        connection.open()
        connection.send_messages([mail(letter)])
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        return _answered(code, words)
    except smtplib.SMTPDataError as refusal:
        return _answered(refusal.smtp_code, refusal.smtp_error)
    except smtplib.SMTPSenderRefused as refusal:  # our own address: no fault of the recipient's
        return Result(Outcome.OUTAGE, _words(f"{refusal.smtp_code} sender refused"))
    except smtplib.SMTPNotSupportedError as refusal:
        return Result(Outcome.REFUSED, _words(str(refusal)))
    except (smtplib.SMTPException, OSError) as fault:
        _close(connection)
        return Result(Outcome.OUTAGE, _words(f"{type(fault).__name__}: {fault}"))
    except ValueError as fault:  # an address or a header that cannot be written
        return Result(Outcome.REFUSED, _words(str(fault)))
    return Result(Outcome.ACCEPTED)


def _answered(code: int, words: bytes | str) -> Result:
    """A server's refusal of one letter: 5xx is for good, 4xx for now, 421 closes the server."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    detail = _words(f"{code} {text}")
    if code == 421:
        return Result(Outcome.OUTAGE, detail)
    return Result(Outcome.REFUSED if code >= 500 else Outcome.FAULT, detail)


def _words(text: str) -> str:
    """A server's answer fit to be stored: one line, without anybody's address."""
    return _ADDRESS.sub("<…>", " ".join(text.split()))[:DETAIL_LENGTH]


def _close(connection: Any) -> None:
    # A connection that the server has already dropped cannot be closed politely, and need not be.
    try:
        connection.close()
    except (smtplib.SMTPException, OSError):
        connection.connection = None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
