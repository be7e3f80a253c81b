"""Posting messages and taking them back, always in the caller's transaction.

So a message exists exactly when the act it tells of does. Nothing is sent here; after the commit
the drain is nudged, and a sweep finds what a lost nudge left behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import structlog
from celery import current_app
from django.db import connection, transaction
from django.db.models import Q

from notifications import topics
from notifications.models import Message
from notifications.recipients import Recipient

log = structlog.get_logger(__name__)

DRAIN_TASK = "notifications.drain"

# What a row of the outbox is made of; every other column has its default in the database.
COLUMNS = (
    "key",
    "topic",
    "stream",
    "recipient",
    "context",
    "created_at",
    "not_before",
    "due_at",
)

_POST = """
INSERT INTO notifications_message
       (key, topic, stream, recipient, context, created_at, not_before, due_at)
SELECT key, topic, stream, recipient, context, created_at, not_before, due_at
  FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (
           key text, topic text, stream text, recipient jsonb, context jsonb,
           created_at timestamptz, not_before timestamptz, due_at timestamptz)
       ) WITH ORDINALITY
       AS posted(key, topic, stream, recipient, context, created_at, not_before, due_at, place)
 ORDER BY place
    ON CONFLICT (key) DO NOTHING
"""


def post(
    topic: str,
    recipient: Recipient,
    context: Mapping[str, Any],
    *,
    key: str,
    stream: str,
    at: datetime,
    not_before: datetime | None = None,
) -> bool:
    """Put one message into the outbox; False if a message of this `key` was already there.

    `key` names what is told to whom, once and for all: the same key again does nothing, even after
    it was withdrawn. Within a `stream` messages leave in the order of (`not_before`, posting).
    `context` holds exactly the topic's keys, in plain JSON values, moments and dates.
    Raises: UnknownTopic; ValueError for wrong context keys or a naive moment; TypeError for a value
    that is not JSON.
    """
    posted = post_many(
        [
            row(
                topic,
                recipient,
                context,
                key=key,
                stream=stream,
                at=at,
                not_before=not_before,
            )
        ]
    )
    return posted == 1


def post_many(rows: Iterable[Mapping[str, Any]]) -> int:
    """Put many messages, made by `row`, into the outbox in one statement; how many were new."""
    batch = list(rows)
    if not batch:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_POST, [as_json(batch)])
        posted: int = cursor.rowcount
    if posted:
        nudge()
    return posted


def row(
    topic: str,
    recipient: Recipient,
    context: Mapping[str, Any],
    *,
    key: str,
    stream: str,
    at: datetime,
    not_before: datetime | None = None,
) -> dict[str, Any]:
    """The column values of one message (see COLUMNS), checked, for `post_many` or for a caller that
    writes the row within a larger statement of its own and then calls `nudge`.

    `recipient` and `context` are plain dictionaries, for a jsonb column. Raises: as `post`.
    """
    _check_context(topics.get(topic), context)
    earliest = at if not_before is None else max(at, not_before)
    if at.tzinfo is None or earliest.tzinfo is None:
        raise ValueError("a message needs a moment with its time zone")
    return {
        "key": key,
        "topic": topic,
        "stream": stream,
        "recipient": recipient.as_json(),
        "context": dict(context),
        "created_at": at,
        "not_before": earliest,
        "due_at": earliest,
    }


def withdraw(keys: Iterable[str], *, at: datetime) -> frozenset[str]:
    """Take back the messages of these keys that have not left; the keys of those taken back.

    A message that a drain has in its hands counts as having left: the command does not wait for a
    mail server. A key that is missing from the answer was sent, was never posted, or was already
    withdrawn; `left` tells which.
    """
    wanted = list(keys)
    if not wanted:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_message
               SET state = 'withdrawn', settled_at = %s, claim = NULL, claimed_until = NULL
             WHERE key = ANY(%s)
               AND (state = 'parked'
                    OR state = 'queued' AND (claimed_until IS NULL OR claimed_until <= %s))
            RETURNING key
            """,
            [at, wanted, at],
        )
        return frozenset(key for (key,) in cursor.fetchall())


def keys_of(stream: str, beginning: str) -> frozenset[str]:
    """The keys of the messages of a stream that begin so: those of one act of the caller's."""
    messages = Message.objects.filter(stream=stream, key__startswith=beginning)
    return frozenset(messages.values_list("key", flat=True))


def left(keys: Iterable[str], *, at: datetime) -> frozenset[str]:
    """Those of these keys whose message has left, or is leaving: it can no longer be taken back."""
    gone = Q(state__in=[Message.State.SENT, Message.State.DELIVERED, Message.State.UNDELIVERABLE])
    leaving = Q(state=Message.State.QUEUED, claimed_until__gt=at)
    return frozenset(
        Message.objects.filter(gone | leaving, key__in=list(keys)).values_list("key", flat=True)
    )


def nudge() -> None:
    """Have the drain called once after the transaction commits, however often this is asked."""
    if not any(waiting[1] is _ring for waiting in connection.run_on_commit):
        transaction.on_commit(_ring)


def as_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows of the outbox as one JSON array, moments in ISO 8601, for `jsonb_to_recordset`."""
    return json.dumps(list(rows), default=_plain, ensure_ascii=False)


def _ring() -> None:
    # The rows are committed and a sweep finds them: whatever is wrong with the broker, the caller's
    # act stands and must not fail for it.
    try:
        current_app.send_task(DRAIN_TASK, retry=False)
    except Exception as fault:  # noqa: BLE001
        log.warning("outbox.nudge_failed", fault=type(fault).__name__)


def _check_context(topic: topics.Topic, context: Mapping[str, Any]) -> None:
    if context.keys() != topic.context_keys:
        missing = sorted(topic.context_keys - context.keys())
        unknown = sorted(context.keys() - topic.context_keys)
        raise ValueError(f"topic {topic.code}: missing {missing}, unknown {unknown} in its context")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment in a message needs its time zone")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a plain JSON value")
