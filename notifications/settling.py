"""What an attempt, a report or a silence makes of a message.

Every change of a message's state after it was posted is made here, guarded by the state it was read
in, together with its delivery row; the topic's owner is told in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction

from notifications import topics
from notifications.channels import channel as channels
from notifications.channels.channel import Outcome, Result
from notifications.models import Delivery, Message

log = structlog.get_logger(__name__)

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
# Waits of 1, 2, 4 … 60 minutes: a letter that still fails after two hours is set aside.
TRIES_ON_FAULT = 8
# A channel out of order is nobody's letter's fault: every hour for about a day.
TRIES_ON_OUTAGE = 30
OWNER_WAIT = timedelta(hours=1)
BY_HAND = "by_hand"

State = Message.State

_DELIVERY = {
    Outcome.ACCEPTED: Delivery.State.ACCEPTED,
    Outcome.DELIVERED: Delivery.State.DELIVERED,
    Outcome.REFUSED: Delivery.State.REFUSED,
    Outcome.FAULT: Delivery.State.FAILED,
    Outcome.OUTAGE: Delivery.State.FAILED,
}

_CHANGE = """
UPDATE notifications_message AS m
   SET state = c.state, reason = c.reason, channel = c.channel, tries = c.tries, due_at = c.due_at,
       settled_at = c.settled_at, owner_untold = c.owner_untold, claim = NULL, claimed_until = NULL
  FROM jsonb_to_recordset(%s::jsonb) AS c(
           id bigint, was text, held uuid, state text, reason text, channel text, tries smallint,
           due_at timestamptz, settled_at timestamptz, owner_untold boolean)
 WHERE m.id = c.id AND m.state = c.was AND m.claim IS NOT DISTINCT FROM c.held
RETURNING m.id
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message as it was read, what was done with it, and the delivery row that says so."""

    message: Message
    channel: str
    result: Result
    delivery: Delivery.State | None = None


class _OvertakenError(Exception):
    """The message is no longer as it was read: another process has dealt with it."""


def record(attempts: Iterable[Attempt], *, at: datetime) -> int:
    """Record how these attempts ended, and what follows; how many still were as they were read.

    Attempts whose topic wants to be told are recorded one by one, for its callback locks rows of
    its own and two of them in one transaction could meet another process in the opposite order.
    """
    together: list[Attempt] = []
    recorded = 0
    for attempt in attempts:
        if _callback(attempt.message) is None:
            together.append(attempt)
        else:
            recorded += _record([attempt], at)
    return recorded + _record(together, at)


def report(key: str, state: Delivery.State, *, detail: str = "", at: datetime) -> bool:
    """What a server said later of the message with this key: DELIVERED, BOUNCED or UNCONFIRMED.

    A bounce, even a late one, sends the message to its next channel. False if there is no such
    message, or it is not one that has left.
    """
    message = Message.objects.filter(key=key, state__in=[State.SENT, State.DELIVERED]).first()
    if message is None or (message.state == State.DELIVERED and state == Delivery.State.DELIVERED):
        return False
    outcome = Outcome.DELIVERED if state == Delivery.State.DELIVERED else Outcome.REFUSED
    attempt = Attempt(message, message.channel, Result(outcome, detail), state)
    return record([attempt], at=at) == 1


def take_silence(*, limit: int = 200, at: datetime) -> int:
    """Take silence for an answer where a sent message was not reported on in its channel's time."""
    silent = Message.objects.filter(state=State.SENT, due_at__lte=at).order_by("due_at")[:limit]
    return record([_silence(message) for message in silent], at=at)


def tell_owners(*, limit: int = 200, at: datetime) -> int:
    """Tell once more those owners whose callback failed when their message settled."""
    untold = Message.objects.filter(owner_untold=True, due_at__lte=at).order_by("due_at")[:limit]
    told = 0
    for message in untold:
        with transaction.atomic():
            done = _tell_owner(message, message.state, at)
            again = {} if done else {"due_at": at + OWNER_WAIT}
            Message.objects.filter(pk=message.pk).update(owner_untold=not done, **again)
        told += done
    return told


def release(keys: Iterable[str], *, at: datetime) -> int:
    """Put messages that were set aside back into the queue, once their fault is mended."""
    parked = Message.objects.filter(key__in=list(keys), state=State.PARKED)
    return parked.update(state=State.QUEUED, reason=Message.Reason.NONE, tries=0, due_at=at)


def deliver_by_hand(key: str, *, detail: str = "", at: datetime) -> bool:
    """Note that someone told the recipient of an undelivered message: by telephone, in person.

    The topic's owner is told DELIVERED. False if the message is not one that waits for this.
    """
    work = [State.UNDELIVERABLE, State.PARKED]
    message = Message.objects.filter(key=key, state__in=work).first()
    if message is None:
        return False
    message.attempts += 1
    Message.objects.filter(pk=message.pk).update(attempts=message.attempts)
    return record([Attempt(message, BY_HAND, Result(Outcome.DELIVERED, detail))], at=at) == 1


def reached_by_any(key: str) -> bool:
    """Whether any channel reaches the recipient of the message of this key, so that one was tried
    before it was given up."""
    message = Message.objects.filter(key=key).first()
    return message is not None and bool(next_channel(message))


def next_channel(message: Message, after: str = "") -> str:
    """The first channel of the message's topic that reaches its recipient, or the first one behind
    `after`; empty if there is none."""
    order = topics.get(message.topic).channels
    rest = order[order.index(after) + 1 :] if after in order else order
    return next(iter(channels.reaching(rest, message.addressee)), "")


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many failures: doubling from a minute to an hour."""
    return min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT)


def _silence(message: Message) -> Attempt:
    channel = channels.get(message.channel)
    if channel is None or channel.silence_arrives:
        return Attempt(message, message.channel, Result(Outcome.DELIVERED))
    unconfirmed = Delivery.State.UNCONFIRMED
    return Attempt(message, message.channel, Result(Outcome.REFUSED), unconfirmed)


def _record(attempts: Sequence[Attempt], at: datetime) -> int:
    if not attempts:
        return 0
    try:
        with transaction.atomic():
            return _record_together(attempts, at)
    except _OvertakenError:
        log.warning("message.overtaken", message=attempts[0].message.pk)
        return 0


def _record_together(attempts: Sequence[Attempt], at: datetime) -> int:
    # The owner first: it locks its own rows (a dossier) before this statement locks the messages,
    # in the order in which commands do.
    changes = [_change(attempt, at) for attempt in attempts]
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, [json.dumps(changes, default=str)])
        changed = {pk for (pk,) in cursor.fetchall()}
    if len(attempts) == 1 and not changed:
        raise _OvertakenError
    Delivery.objects.bulk_create(
        [_delivery(attempt, at) for attempt in attempts if attempt.message.pk in changed],
        ignore_conflicts=True,
    )
    return len(changed)


def _change(attempt: Attempt, at: datetime) -> dict[str, Any]:
    """The columns of the message after this attempt; tells the owner where it ends the message."""
    message = attempt.message
    after: dict[str, Any] = {
        "id": message.pk,
        "was": message.state,
        "held": message.claim,
        "reason": "",
        "channel": attempt.channel,
        "tries": message.tries,
        "due_at": at,
        "settled_at": None,
        "owner_untold": False,
        **_consequence(attempt, at),
    }
    if after["state"] in (State.DELIVERED, State.UNDELIVERABLE):
        after["settled_at"] = at
        if not _tell_owner(message, after["state"], at):
            after |= {"owner_untold": True, "due_at": at + OWNER_WAIT}
    return after


def _consequence(attempt: Attempt, at: datetime) -> dict[str, Any]:
    message, outcome = attempt.message, attempt.result.outcome
    if outcome is Outcome.DELIVERED:
        return {"state": State.DELIVERED}
    if outcome is Outcome.ACCEPTED:
        channel = channels.get(attempt.channel)
        return {"state": State.SENT, "due_at": at + (channel.silence_after if channel else at - at)}
    if outcome is Outcome.REFUSED:
        if onward := next_channel(message, attempt.channel):
            return {"state": State.QUEUED, "channel": onward, "tries": 0}
        reason = Message.Reason.REFUSED if attempt.channel else Message.Reason.NO_ADDRESS
        return {"state": State.UNDELIVERABLE, "reason": reason}
    patience = TRIES_ON_OUTAGE if outcome is Outcome.OUTAGE else TRIES_ON_FAULT
    if message.tries >= patience:
        return {"state": State.PARKED, "reason": Message.Reason.FAILING}
    return {"state": State.QUEUED, "due_at": at + wait_after(message.tries)}


def _delivery(attempt: Attempt, at: datetime) -> Delivery:
    return Delivery(
        message=attempt.message,
        channel=attempt.channel,
        attempt=attempt.message.attempts,
        state=attempt.delivery or _DELIVERY[attempt.result.outcome],
        at=at,
        detail=attempt.result.detail,
    )


def _callback(message: Message) -> Any:
    try:
        return topics.get(message.topic).settled
    except topics.UnknownTopic:
        return None


def _tell_owner(message: Message, state: str, at: datetime) -> bool:
    callback = _callback(message)
    if callback is None:
        return True
    # An owner that cannot take the news must not undo the record: the person was told, and would be
    # told again and again. The news is kept for `tell_owners` instead.
    try:
        with transaction.atomic():
            callback(message.key, str(state), at)
    except Exception:  # noqa: BLE001
        log.exception("message.owner_not_told", message=message.pk, topic=message.topic)
        return False
    return True
