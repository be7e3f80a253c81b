"""Posting messages and taking them back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from structlog.testing import capture_logs

from notifications import outbox
from notifications.models import Message
from tests.notifications.conftest import AT, PROMISED, citizen, post

pytestmark = pytest.mark.django_db


def test_a_posted_message_waits_with_all_that_its_sending_needs(topic: Any) -> None:
    assert post("K1", stream="H26-1") is True

    message = Message.objects.get()
    assert message.key == "K1"
    assert message.stream == "H26-1"
    assert message.state == "queued"
    assert message.addressee == citizen()
    assert message.context == {"code": "K1", "promised_at": PROMISED.isoformat()}
    assert message.created_at == message.not_before == message.due_at == AT


def test_the_same_key_is_told_once_even_after_it_was_withdrawn(topic: Any) -> None:
    post("K1")

    assert post("K1") is False
    outbox.withdraw(["K1"], at=AT)
    assert post("K1") is False

    assert [(m.key, m.state) for m in Message.objects.all()] == [("K1", "withdrawn")]


def test_many_messages_are_posted_in_one_statement_in_their_order(
    topic: Any, django_assert_num_queries: Any
) -> None:
    context = {"code": "1", "promised_at": PROMISED}
    rows = [
        outbox.row("trial", citizen(), context, key=f"K{n}", stream="H26-1", at=AT)
        for n in (3, 1, 2)
    ]
    assert set(rows[0]) == set(outbox.COLUMNS)

    with django_assert_num_queries(1):
        assert outbox.post_many([*rows, rows[0]]) == 3

    assert list(Message.objects.order_by("id").values_list("key", flat=True)) == ["K3", "K1", "K2"]


def test_a_message_dies_with_the_act_it_tells_of(topic: Any) -> None:
    @transaction.atomic
    def act() -> None:
        post("K1")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        act()

    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("context", "fault"),
    [
        ({"code": "1"}, ValueError),
        ({"code": "1", "promised_at": "", "more": 1}, ValueError),
        ({"code": "1", "promised_at": datetime(2026, 3, 2)}, ValueError),  # noqa: DTZ001
        ({"code": object(), "promised_at": ""}, TypeError),
    ],
    ids=["missing", "unknown", "naive", "not JSON"],
)
def test_a_context_that_the_topic_did_not_declare_is_refused(
    topic: Any, context: Any, fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        outbox.post("trial", citizen(), context, key="K1", stream="S", at=AT)

    assert Message.objects.count() == 0


def test_not_before_puts_a_message_off_but_never_before_its_act(topic: Any) -> None:
    post("later", not_before=AT + timedelta(hours=1))
    post("earlier", not_before=AT - timedelta(hours=1))

    due = dict(Message.objects.values_list("key", "due_at"))
    assert due == {"later": AT + timedelta(hours=1), "earlier": AT}


def test_only_what_has_not_left_is_withdrawn(topic: Any) -> None:
    for key in ("queued", "leaving", "sent", "abandoned"):
        post(key)
    soon, past = AT + timedelta(minutes=1), AT - timedelta(minutes=1)
    Message.objects.filter(key="leaving").update(claimed_until=soon)
    Message.objects.filter(key="abandoned").update(claimed_until=past)
    Message.objects.filter(key="sent").update(state="sent")
    keys = ["queued", "leaving", "sent", "abandoned", "unknown"]

    assert outbox.left(keys, at=AT) == {"leaving", "sent"}
    assert outbox.withdraw(keys, at=AT) == {"queued", "abandoned"}

    states = dict(Message.objects.values_list("key", "state"))
    assert states == {
        "queued": "withdrawn",
        "leaving": "queued",
        "sent": "sent",
        "abandoned": "withdrawn",
    }


@pytest.mark.django_db(transaction=True)
def test_the_drain_is_nudged_once_per_transaction_after_it_commits(topic: Any) -> None:
    with transaction.atomic():
        post("K1")
        post("K2")
        waiting = [entry[1] for entry in connection.run_on_commit]
        connection.run_on_commit.clear()

    assert waiting == [outbox._ring]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_is_logged_and_forgotten(
    topic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from celery import Celery

    with Celery("nobody", broker="redis://127.0.0.1:1/0", set_as_current=True) as nobody:
        nobody.conf.broker_connection_timeout = 1
        with capture_logs() as logs, transaction.atomic():
            post("K1")

    from onestop.celery import app

    app.set_current()
    assert [entry["event"] for entry in logs] == ["outbox.nudge_failed"]
    assert Message.objects.get().created_at == datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
