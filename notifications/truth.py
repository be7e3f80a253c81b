"""What would have become untrue by the time it arrives does not leave: a look just before sending.

A message may have waited: for the end of the night, for a mail server, behind another. Its topic
may say how to tell whether it still holds; one that does not is taken back, as by `withdraw`. An
act that commits between this look and the handing over, a moment later, is not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from notifications import topics
from notifications.models import Message
from notifications.rendering import spoken
from notifications.topics import Waiting

log = structlog.get_logger(__name__)


def take_back_untrue(messages: Sequence[Message], *, at: datetime) -> list[Message]:
    """Take back the claimed messages that no longer hold; those that do, in their order."""
    untrue = {message.pk for message in messages} - {one.pk for one in _true(messages, at)}
    for claim in {message.claim for message in messages if message.pk in untrue}:
        Message.objects.filter(pk__in=untrue, claim=claim, state=Message.State.QUEUED).update(
            state=Message.State.WITHDRAWN, settled_at=at, claim=None, claimed_until=None
        )
    return [message for message in messages if message.pk not in untrue]


def _true(messages: Sequence[Message], at: datetime) -> list[Message]:
    by_topic: dict[str, list[Message]] = {}
    for message in messages:
        by_topic.setdefault(message.topic, []).append(message)
    found: list[Message] = []
    for code, waiting in by_topic.items():
        found += _still_true(code, waiting, at)
    return found


def _still_true(code: str, waiting: list[Message], at: datetime) -> list[Message]:
    try:
        look = topics.get(code).still_true
        if look is None:
            return waiting
        held = [Waiting(spoken(one.context), one.addressee) for one in waiting]
        return [one for one, holds in zip(waiting, look(held, at), strict=True) if holds]
    except Exception:  # noqa: BLE001 a look that fails holds nothing back: silence is worse
        log.exception("message.truth_unknown", topic=code)
        return waiting
