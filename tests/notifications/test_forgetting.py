"""Forgetting what was told."""

from datetime import timedelta
from typing import Any

import pytest

from notifications import forgetting, sending
from notifications.models import Message, PrintedMail
from tests.notifications.conftest import AT, citizen, post

pytestmark = pytest.mark.django_db


def test_a_delivered_message_is_emptied_after_ninety_days_and_work_is_kept(
    topic: Any, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"
    post("arrived")
    post("undelivered", citizen(""))
    sending.drain(at=AT)

    assert forgetting.forget(at=AT + timedelta(days=90)) == 0
    assert forgetting.forget(at=AT + timedelta(days=90, seconds=1)) == 1
    assert forgetting.forget(at=AT + timedelta(days=91)) == 0

    arrived = Message.objects.get(key="arrived")
    assert arrived.context == {}
    assert arrived.recipient == {"kind": "citizen", "language": "vi", "user_id": None}
    assert arrived.addressee.email == ""
    assert Message.objects.get(key="undelivered").context["code"] == "undelivered"
    assert PrintedMail.objects.count() == 0
