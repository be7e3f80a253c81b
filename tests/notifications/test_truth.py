"""What has become untrue while it waited does not leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from notifications import outbox, sending
from notifications.models import Delivery, Message
from notifications.topics import Waiting
from tests.notifications.conftest import AT, post, state
from tests.notifications.smtp_server import MailServer

pytestmark = pytest.mark.django_db


class Knows:
    """Whoever speaks, and knows which of its sentences no longer hold."""

    def __init__(self, *untrue: str) -> None:
        self.untrue = untrue
        self.asked: list[list[str]] = []

    def __call__(self, waiting: Sequence[Waiting], at: datetime) -> list[bool]:
        self.asked.append([str(one.context["code"]) for one in waiting])
        return [one.context["code"] not in self.untrue for one in waiting]


def test_what_no_longer_holds_is_taken_back_and_the_rest_leaves(
    a_topic: Any, mail_server: MailServer
) -> None:
    a_topic(still_true=Knows("H26-2"))
    for key in ("H26-1", "H26-2", "H26-3"):
        post(key)

    counts = sending.drain(at=AT)

    assert counts == {"accepted": 2, "withdrawn": 1}
    assert sorted(mail_server.subjects) == ["Hồ sơ H26-1", "Hồ sơ H26-3"]
    message = Message.objects.get(key="H26-2")
    assert (message.state, message.settled_at, message.claim) == ("withdrawn", AT, None)
    assert not Delivery.objects.filter(message=message).exists()


def test_what_was_taken_back_is_not_sent_later_nor_posted_again(
    a_topic: Any, mail_server: MailServer
) -> None:
    knows = Knows("H26-1")
    a_topic(still_true=knows)
    post("H26-1")
    sending.drain(at=AT)

    knows.untrue = ()
    again = post("H26-1")
    sending.drain(at=AT + timedelta(hours=1))

    assert not again
    assert mail_server.subjects == []


def test_many_are_asked_about_at_once(a_topic: Any, mail_server: MailServer) -> None:
    knows = Knows()
    a_topic(still_true=knows)
    for n in range(5):
        post(f"H26-{n}")

    sending.drain(at=AT)

    assert [len(asked) for asked in knows.asked] == [5]


def test_a_try_after_a_failure_asks_again(a_topic: Any, settings: Any) -> None:
    knows = Knows()
    a_topic(still_true=knows)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens
    post("H26-1")
    sending.drain(at=AT)
    knows.untrue = ("H26-1",)

    assert sending.drain(at=AT + timedelta(minutes=2)) == {"withdrawn": 1}
    assert state("H26-1") == "withdrawn"


def test_what_is_withdrawn_lets_the_next_of_its_stream_through(
    a_topic: Any, mail_server: MailServer
) -> None:
    a_topic(still_true=Knows("first"))
    post("first", stream="H26")
    post("second", stream="H26")

    sending.drain(at=AT)

    assert mail_server.subjects == ["Hồ sơ second"]


def test_a_topic_that_says_nothing_of_it_is_sent(topic: Any, mail_server: MailServer) -> None:
    post("H26-1")

    assert sending.drain(at=AT) == {"accepted": 1}


def test_a_look_that_fails_holds_nothing_back_and_is_told(
    a_topic: Any, mail_server: MailServer
) -> None:
    def broken(waiting: Sequence[Waiting], at: datetime) -> list[bool]:
        raise LookupError("nobody knows")

    a_topic(still_true=broken)
    post("H26-1")

    with capture_logs() as logs:
        sending.drain(at=AT)

    assert mail_server.subjects == ["Hồ sơ H26-1"]
    assert [line["event"] for line in logs if line["log_level"] == "error"] == [
        "message.truth_unknown"
    ]
    assert outbox.left(["H26-1"], at=AT) == {"H26-1"}
