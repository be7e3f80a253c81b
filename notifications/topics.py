"""The kinds of messages there are, declared at start-up by whoever speaks (`dossiers/topics.py`).

This package knows the registry and nothing of what the topics are about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from notifications.recipients import Recipient

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

DELIVERED = "delivered"
UNDELIVERABLE = "undeliverable"

# What rendering itself puts beside the context; no topic may use the name for its own.
RESERVED_KEYS = frozenset({"recipient"})


class Attachment(NamedTuple):
    """A file that goes with a message, made at sending."""

    filename: str
    content: bytes
    mimetype: str


class Waiting(NamedTuple):
    """A message about to be sent: what it was posted with, and for whom."""

    context: Mapping[str, Any]
    recipient: Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One kind of message: what it needs to know, how it is worded and how it is sent.

    `channels` are tried in this order. `subject` and `body` are template names, rendered in the
    recipient's language with the context and `recipient`; values under keys that end in `_at` or
    `_on` reach the template as moments and dates. `attachment` is called with that same context at
    sending. `settled` is called with the message's key, DELIVERED or UNDELIVERABLE and the moment,
    in the transaction that records it, before any row of this package is locked: it may lock its
    own. A late bounce, or a person who delivers by hand, may call it again with the other word.
    `still_true` is asked just before sending, of several messages at once; what is no longer true
    is taken back.
    `example` is a context with which tests and previews show the message.
    """

    code: str
    label: _StrOrPromise
    context_keys: frozenset[str]
    channels: tuple[str, ...]
    subject: str
    body: str
    attachment: Callable[[Mapping[str, Any]], Attachment | None] | None = None
    settled: Callable[[str, str, datetime], None] | None = None
    still_true: Callable[[Sequence[Waiting], datetime], Sequence[bool]] | None = None
    example: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if not self.channels:
            raise ValueError(f"topic {self.code} names no channel: nobody would ever be told")
        if taken := self.context_keys & RESERVED_KEYS:
            raise ValueError(f"topic {self.code} uses a reserved context key: {sorted(taken)}")


class UnknownTopic(LookupError):  # noqa: N818 a name, not a family of errors
    """No application has declared a topic of this code."""


_topics: dict[str, Topic] = {}


def register(topic: Topic) -> Topic:
    """Enter a topic; the same one twice is no harm.

    Raises: ValueError when another topic already has its code.
    """
    if _topics.setdefault(topic.code, topic) != topic:
        raise ValueError(f"two different topics are called {topic.code}")
    return topic


def get(code: str) -> Topic:
    """The topic of this code.

    Raises: UnknownTopic.
    """
    try:
        return _topics[code]
    except KeyError:
        raise UnknownTopic(code) from None


def every() -> tuple[Topic, ...]:
    """All topics declared, by code."""
    return tuple(_topics[code] for code in sorted(_topics))
