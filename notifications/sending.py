"""The drain: claims what is due, words it, hands it to a channel and has the outcome recorded.

Any number of drains may run at once. A claim is a lease and not a lock, so that no transaction is
open while a mail server thinks; a drain that dies leaves its messages to the next one when the
lease has run out, which may then send a second copy of the one that was just leaving, under the
same Message-ID.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from time import monotonic

import structlog
from django.db.models import F

from notifications import rendering, settling, truth
from notifications.channels import channel as channels
from notifications.channels.channel import Channel, Letter, Outcome, Result, Session
from notifications.models import Message
from notifications.settling import Attempt

log = structlog.get_logger(__name__)

BATCH = 100
LEASE = timedelta(minutes=5)
# What a slow mail server has not let us send in this time goes back, before the lease runs out.
PATIENCE = LEASE.total_seconds() / 2

# The head of each stream that is due. Within a stream the order is (not_before, id): a reminder put
# off till next week holds nothing up, a message that keeps failing holds up those behind it until
# it is set aside. The claim and the tries are counted in one statement: a letter that kills its
# worker each time does not stay young for ever. The head is asked for by a scalar subquery, which
# is answered from its index whatever the planner believes of the table; an anti-join is not.
_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT m.id
      FROM notifications_message m
     WHERE m.state = 'queued' AND m.due_at <= %(at)s
       AND (m.claimed_until IS NULL OR m.claimed_until <= %(at)s)
       AND m.id = (SELECT head.id
                     FROM notifications_message head
                    WHERE head.stream = m.stream AND head.state = 'queued'
                    ORDER BY head.not_before, head.id
                    LIMIT 1)
     ORDER BY m.due_at, m.id
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED)
UPDATE notifications_message m
   SET claim = %(claim)s, claimed_until = %(until)s, attempts = attempts + 1, tries = tries + 1
  FROM due
 WHERE m.id = due.id
RETURNING m.*
"""


def drain(*, limit: int = 500, at: datetime) -> dict[str, int]:
    """Send what is due at `at`, at most `limit` messages; how many had each outcome.

    Also takes the silence after sent messages for its answer, and tells owners that could not be
    told. Safe to run twice and at once.
    """
    counts: Counter[str] = Counter()
    settling.tell_owners(at=at)
    settling.take_silence(at=at)
    with ExitStack() as opened:
        run = _Run(opened, at)
        while (room := limit - counts.total()) > 0:
            messages = _claim(min(BATCH, room), at)
            if not messages:
                break
            true = truth.take_back_untrue(messages, at=at)
            counts["withdrawn"] += len(messages) - len(true)
            counts.update(run.send(true))
    return dict(+counts)


class _Run:
    """One drain under way: its open channels, and those it found out of order."""

    def __init__(self, opened: ExitStack, at: datetime) -> None:
        self.opened = opened
        self.at = at
        self.sessions: dict[str, Session] = {}
        self.out_of_order: set[str] = set()
        self.claimed_at = monotonic()

    def send(self, messages: Sequence[Message]) -> Counter[str]:
        """Send claimed messages, each recorded as soon as it has left."""
        counts: Counter[str] = Counter()
        self.claimed_at = monotonic()
        by_channel: dict[str, list[tuple[Message, Letter]]] = {}
        for message in messages:
            ready = self._prepare(message)
            if isinstance(ready, Attempt):
                counts.update(self._record([ready]))
            else:
                code, letter = ready
                by_channel.setdefault(code, []).append((message, letter))
        for code, waiting in by_channel.items():
            counts.update(self._send_by(code, waiting))
        return counts

    def _prepare(self, message: Message) -> tuple[str, Letter] | Attempt:
        """The channel and the letter, or the attempt that failed before it reached a channel."""
        code = message.channel
        try:
            code = code or settling.next_channel(message)
            if not code:
                return Attempt(message, "", Result(Outcome.REFUSED))
            if message.tries > settling.TRIES_ON_OUTAGE:
                return Attempt(message, code, Result(Outcome.FAULT, "never finished"))
            return code, rendering.letter(message, at=self.at)
        except Exception as fault:  # noqa: BLE001 one message that cannot be worded stops no other
            log.exception("message.not_worded", message=message.pk, topic=message.topic)
            return Attempt(message, code, Result(Outcome.FAULT, type(fault).__name__))

    def _send_by(self, code: str, waiting: list[tuple[Message, Letter]]) -> Counter[str]:
        counts: Counter[str] = Counter()
        channel = channels.get(code)
        size = channel.at_once if channel else 1
        for start in range(0, len(waiting), size):
            chunk = waiting[start : start + size]
            if code in self.out_of_order or monotonic() - self.claimed_at > PATIENCE:
                self._give_back([message for message, _ in chunk])
                counts["held"] += len(chunk)
                continue
            results = self._hand_over(channel, [letter for _, letter in chunk])
            counts.update(
                self._record(
                    Attempt(message, code, result)
                    for (message, _), result in zip(chunk, results, strict=True)
                )
            )
            if any(result.outcome is Outcome.OUTAGE for result in results):
                log.warning("channel.out_of_order", channel=code, detail=results[0].detail)
                self.out_of_order.add(code)
        return counts

    def _hand_over(self, channel: Channel | None, letters: list[Letter]) -> list[Result]:
        if channel is None:
            return [Result(Outcome.FAULT, "channel not installed")] * len(letters)
        try:
            return self._session(channel)(letters)
        except Exception as fault:  # noqa: BLE001 one letter that breaks its channel stops no other
            if len(letters) > 1:
                return [self._hand_over(channel, [letter])[0] for letter in letters]
            log.exception("channel.broke", channel=channel.code, message=letters[0].message_id)
            return [Result(Outcome.FAULT, type(fault).__name__)]

    def _session(self, channel: Channel) -> Session:
        if channel.code not in self.sessions:
            self.sessions[channel.code] = self.opened.enter_context(channel.session())
        return self.sessions[channel.code]

    def _record(self, attempts: Iterable[Attempt]) -> Counter[str]:
        ended = list(attempts)
        settling.record(ended, at=self.at)
        return Counter(attempt.result.outcome.value for attempt in ended)

    def _give_back(self, messages: list[Message]) -> None:
        """Put back what was claimed and not tried, because its channel is slow or out of order."""
        for message in messages:
            Message.objects.filter(pk=message.pk, claim=message.claim).update(
                claim=None,
                claimed_until=None,
                attempts=F("attempts") - 1,
                tries=F("tries") - 1,
                due_at=self.at + settling.FIRST_WAIT,
            )


def _claim(limit: int, at: datetime) -> list[Message]:
    claimed = Message.objects.raw(
        _CLAIM, {"at": at, "limit": limit, "claim": uuid.uuid4(), "until": at + LEASE}
    )
    return sorted(claimed, key=lambda message: (message.not_before, message.pk))
