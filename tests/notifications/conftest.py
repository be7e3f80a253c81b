"""A topic to speak about, a mail server, and messages posted to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from notifications import outbox, topics
from notifications.models import Message
from notifications.recipients import Recipient
from notifications.topics import Attachment, Topic
from tests.notifications.drain_process import SENDER
from tests.notifications.smtp_server import MailServer

AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
TEMPLATES = Path(__file__).parent / "templates"
KEYS = frozenset({"code", "promised_at"})
PROMISED = datetime(2026, 3, 5, 10, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def wording(settings: Any) -> None:
    """The templates of this folder beside those of the applications."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [str(TEMPLATES)]}]


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """A real SMTP server that the settings point at."""
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.DEFAULT_FROM_EMAIL = SENDER
    yield server
    server.close()


@pytest.fixture
def a_topic(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Topic]:
    """Declare a topic for this test alone."""
    monkeypatch.setattr(topics, "_topics", {})

    def declare(code: str = "trial", **others: Any) -> Topic:
        values: dict[str, Any] = {
            "label": "trial",
            "context_keys": KEYS,
            "channels": ("email",),
            "subject": "trial/subject.txt",
            "body": "trial/body.txt",
        }
        return topics.register(Topic(code=code, **(values | others)))

    return declare


@pytest.fixture
def topic(a_topic: Callable[..., Topic]) -> Topic:
    """A topic told by e-mail."""
    return a_topic()


def citizen(email: str = "lan@example.vn", **others: Any) -> Recipient:
    return Recipient(kind="citizen", name="Nguyễn Thị Lan & con", email=email, **others)


def post(key: str, recipient: Recipient | None = None, **others: Any) -> bool:
    """Post a message of the topic `trial` whose dossier code is its key."""
    values = {"stream": key, "at": AT} | others
    context = {"code": key, "promised_at": PROMISED}
    return outbox.post(
        values.pop("topic", "trial"), recipient or citizen(), context, key=key, **values
    )


def state(key: str) -> str:
    return str(Message.objects.get(key=key).state)


def attachment(context: Any) -> Attachment:
    return Attachment("phiếu.pdf", f"%PDF {context['code']}".encode(), "application/pdf")
