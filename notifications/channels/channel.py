"""What a channel is: a way to bring a worded letter to a recipient and to say what became of it.

Channels only send; which one is used, when, and what follows is decided above them.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from notifications.recipients import Recipient
from notifications.topics import Attachment

DETAIL_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message as it is worded for its recipient, ready for any channel."""

    message_id: int
    key: str
    stream: str
    recipient: Recipient
    subject: str
    body: str
    at: datetime
    attachment: Attachment | None = None


class Outcome(Enum):
    """How an attempt ended, seen from the channel."""

    ACCEPTED = "accepted"  # the server took it; whether it arrived shows later
    DELIVERED = "delivered"  # it lies where the recipient reads
    REFUSED = "refused"  # this recipient cannot be reached here, now or later
    FAULT = "fault"  # this letter failed; it may go better later
    OUTAGE = "outage"  # the channel itself is out of order, for every letter


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one letter with the server's words, addresses left out."""

    outcome: Outcome
    detail: str = ""


class Session(Protocol):
    """An open channel: takes letters and says of each what became of it, in the same order."""

    def __call__(self, letters: Sequence[Letter], /) -> list[Result]: ...


class Channel(Protocol):
    """A way to reach people.

    `at_once` letters are handed over together and recorded together: more than one only where a
    crash in between cannot reach a person twice. After `silence_after` without a report an accepted
    letter is taken as arrived, or, where the channel reports arrivals, as not (`silence_arrives`).
    """

    code: str
    silence_after: timedelta
    silence_arrives: bool

    @property
    def at_once(self) -> int: ...

    def reaches(self, recipient: Recipient) -> bool:
        """Whether the recipient gave an address that this channel needs."""
        ...

    def session(self) -> AbstractContextManager[Session]:
        """The channel, open for a number of letters; one that does not open is an OUTAGE."""
        ...


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Enter a channel under its code; registered at start-up."""
    _channels[channel.code] = channel


def get(code: str) -> Channel | None:
    """The channel of this code, None where it is not installed."""
    return _channels.get(code)


def reaching(codes: Sequence[str], recipient: Recipient) -> list[str]:
    """Those of these channels, in this order, that are installed and reach the recipient."""
    return [code for code in codes if (it := _channels.get(code)) and it.reaches(recipient)]
