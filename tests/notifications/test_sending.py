"""Sending what is due, against a real mail server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from notifications import sending, settling, topics
from notifications.channels.email import message_id
from notifications.models import Delivery, Message, Notice
from notifications.recipients import Recipient
from notifications.topics import Topic
from tests.notifications.conftest import AT, attachment, citizen, post, state
from tests.notifications.smtp_server import MailServer

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def attempts(key: str) -> list[tuple[int, str, str]]:
    rows = Delivery.objects.filter(message__key=key).order_by("id")
    return list(rows.values_list("attempt", "channel", "state"))


def test_an_email_arrives_as_worded_and_is_recorded(a_topic: Any, mail_server: MailServer) -> None:
    a_topic(attachment=attachment)
    post("H26-1")

    assert sending.drain(at=AT) == {"accepted": 1}

    [(recipient, mail)] = mail_server.taken
    assert recipient == "lan@example.vn"
    assert mail["Subject"] == "Hồ sơ H26-1"
    assert mail["Message-ID"] == message_id("H26-1")
    assert mail["Date"].datetime == AT
    text, file = mail.get_body(), next(mail.iter_attachments())
    assert text is not None
    expected = "Kính gửi ông/bà Nguyễn Thị Lan & con, hẹn trả 17:30 05/03/2026."
    assert text.get_content().strip() == expected
    assert (file.get_filename(), file.get_content()) == ("phiếu.pdf", b"%PDF H26-1")
    assert state("H26-1") == "sent"
    assert attempts("H26-1") == [(1, "email", "accepted")]


def test_each_recipient_reads_their_own_language(topic: Topic, mail_server: MailServer) -> None:
    post("vi", citizen(language="vi"))
    post("en", citizen(language="en"))

    sending.drain(at=AT)

    assert sorted(mail_server.subjects) == ["Dossier en", "Hồ sơ vi"]


def test_what_was_sent_is_not_sent_again(topic: Topic, mail_server: MailServer) -> None:
    post("K1")

    sending.drain(at=AT)

    assert sending.drain(at=AT) == {}
    assert mail_server.subjects == ["Hồ sơ K1"]


def test_nothing_leaves_before_its_time(topic: Topic, mail_server: MailServer) -> None:
    post("K1", not_before=AT + MINUTE)

    assert sending.drain(at=AT + MINUTE - timedelta(microseconds=1)) == {}
    assert sending.drain(at=AT + MINUTE) == {"accepted": 1}


def test_a_stream_keeps_its_order_and_streams_do_not_wait_for_each_other(
    topic: Topic, mail_server: MailServer
) -> None:
    mail_server.answers["slow@example.vn"] = "451 later"
    post("A1", citizen("slow@example.vn"), stream="A")
    post("A2", stream="A")
    post("B1", stream="B")

    assert sending.drain(at=AT) == {"fault": 1, "accepted": 1}
    assert mail_server.subjects == ["Hồ sơ B1"]

    mail_server.answers.clear()
    sending.drain(at=AT + MINUTE)

    assert mail_server.subjects == ["Hồ sơ B1", "Hồ sơ A1", "Hồ sơ A2"]


def test_a_reminder_put_off_holds_nothing_up(topic: Topic, mail_server: MailServer) -> None:
    post("reminder", stream="A", not_before=AT + 7 * DAY)
    post("ready", stream="A")

    sending.drain(at=AT)

    assert mail_server.subjects == ["Hồ sơ ready"]


def test_failures_back_off_doubling_to_an_hour_and_then_park(
    topic: Topic, mail_server: MailServer
) -> None:
    mail_server.answers["lan@example.vn"] = "451 try <lan@example.vn> later"
    post("K1")
    post("behind", citizen("minh@example.vn"), stream="K1")

    waits, now = [], AT
    while state("K1") == "queued":
        sending.drain(at=now)
        due = Message.objects.get(key="K1").due_at
        waits.append(int((due - now) / MINUTE))
        now = due

    assert waits == [1, 2, 4, 8, 16, 32, 60, 0]
    assert state("K1") == "parked"
    assert [m.key for m in Message.objects.parked()] == ["K1"]
    assert attempts("K1") == [(n, "email", "failed") for n in range(1, 9)]
    assert Delivery.objects.filter(message__key="K1")[0].detail == "451 try <…> later"
    assert mail_server.subjects == ["Hồ sơ behind"]


def test_a_parked_message_goes_on_when_released(topic: Topic, mail_server: MailServer) -> None:
    post("K1")
    Message.objects.update(state="parked", reason="failing", tries=8)

    assert settling.release(["K1"], at=AT) == 1
    assert sending.drain(at=AT) == {"accepted": 1}


def test_a_server_that_is_down_costs_one_attempt_a_drain(
    topic: Topic, mail_server: MailServer
) -> None:
    mail_server.greeting = "554 closed"
    for n in range(5):
        post(f"K{n}")

    assert sending.drain(at=AT) == {"outage": 1, "held": 4}
    assert sorted(Message.objects.values_list("tries", flat=True)) == [0, 0, 0, 0, 1]

    mail_server.greeting = "220 ready"
    assert sending.drain(at=AT + MINUTE) == {"accepted": 5}


def test_a_refused_address_goes_to_the_next_channel_and_then_becomes_work(
    a_topic: Callable[..., Topic], mail_server: MailServer
) -> None:
    a_topic(channels=("email", "inapp"))
    user = get_user_model().objects.create_user("hoa")
    mail_server.answers["gone@example.vn"] = "550 no such mailbox"
    post("staff", Recipient(kind="staff", email="gone@example.vn", user_id=user.pk))
    post("citizen", citizen("gone@example.vn"))

    assert sending.drain(at=AT) == {"refused": 2, "delivered": 1}

    assert attempts("staff") == [(1, "email", "refused"), (2, "inapp", "delivered")]
    assert state("staff") == "delivered"
    assert Notice.objects.get().subject == "Hồ sơ staff"
    assert attempts("citizen") == [(1, "email", "refused")]
    assert [m.key for m in Message.objects.undelivered()] == ["citizen"]
    assert Message.objects.get(key="citizen").reason == "refused"


def test_nobody_to_send_to_is_work_at_once(topic: Topic, mail_server: MailServer) -> None:
    post("K1", citizen(""))

    sending.drain(at=AT)

    message = Message.objects.get()
    assert (message.state, message.reason, message.settled_at) == (
        "undeliverable",
        "no_address",
        AT,
    )


def test_a_day_of_silence_after_an_email_is_taken_for_its_arrival(
    topic: Topic, mail_server: MailServer
) -> None:
    post("K1")
    sending.drain(at=AT)

    sending.drain(at=AT + DAY - MINUTE)
    assert state("K1") == "sent"
    sending.drain(at=AT + DAY)

    assert state("K1") == "delivered"
    assert attempts("K1") == [(1, "email", "accepted"), (1, "email", "delivered")]


def test_a_bounce_makes_the_message_undeliverable(topic: Topic, mail_server: MailServer) -> None:
    post("K1")
    sending.drain(at=AT)

    assert settling.report("K1", Delivery.State.BOUNCED, detail="550 full", at=AT + MINUTE)

    assert state("K1") == "undeliverable"
    assert attempts("K1") == [(1, "email", "accepted"), (1, "email", "bounced")]
    assert not settling.report("unknown", Delivery.State.BOUNCED, at=AT)


def test_the_owner_is_told_in_the_same_transaction(
    a_topic: Callable[..., Topic], mail_server: MailServer
) -> None:
    told: list[tuple[str, str, datetime]] = []
    a_topic(settled=lambda *news: told.append(news))
    mail_server.answers["gone@example.vn"] = "550 no such mailbox"
    post("arrives")
    post("bounces", citizen("gone@example.vn"))

    sending.drain(at=AT)
    sending.drain(at=AT + DAY)
    settling.deliver_by_hand("bounces", at=AT + 2 * DAY)

    assert told == [
        ("bounces", topics.UNDELIVERABLE, AT),
        ("arrives", topics.DELIVERED, AT + DAY),
        ("bounces", topics.DELIVERED, AT + 2 * DAY),
    ]
    assert attempts("bounces") == [(1, "email", "refused"), (2, "by_hand", "delivered")]


def test_an_owner_that_fails_is_told_later_and_the_letter_is_not_sent_twice(
    a_topic: Callable[..., Topic], mail_server: MailServer
) -> None:
    told: list[str] = []
    broken = [True]

    def settled(key: str, outcome: str, at: datetime) -> None:
        if broken.pop() if broken else False:
            raise RuntimeError("the dossier was locked")
        told.append(outcome)

    a_topic(settled=settled)
    mail_server.answers["lan@example.vn"] = "550 no such mailbox"
    post("K1")

    sending.drain(at=AT)
    assert (state("K1"), told, Message.objects.get().owner_untold) == ("undeliverable", [], True)
    sending.drain(at=AT + timedelta(hours=1))

    assert told == [topics.UNDELIVERABLE]
    assert Message.objects.get().owner_untold is False
    assert attempts("K1") == [(1, "email", "refused")]


def test_a_message_that_cannot_be_worded_stops_no_other(
    a_topic: Callable[..., Topic], mail_server: MailServer
) -> None:
    a_topic()
    a_topic("broken", body="missing.txt")
    post("bad", topic="broken")
    post("good")

    assert sending.drain(at=AT) == {"fault": 1, "accepted": 1}
    assert mail_server.subjects == ["Hồ sơ good"]
    assert Delivery.objects.get(message__key="bad").detail == "TemplateDoesNotExist"


def test_a_drain_that_died_leaves_its_message_to_the_next_under_the_same_id(
    topic: Topic, mail_server: MailServer
) -> None:
    post("K1")
    sending._claim(1, AT)  # claimed, and perhaps sent, by a process that is no more

    assert sending.drain(at=AT + MINUTE) == {}
    assert sending.drain(at=AT + sending.LEASE) == {"accepted": 1}

    assert attempts("K1") == [(2, "email", "accepted")]
    assert mail_server.taken[0][1]["Message-ID"] == message_id("K1")


def test_a_drain_whose_lease_ran_out_does_not_overwrite_what_the_next_one_recorded(
    topic: Topic, mail_server: MailServer
) -> None:
    post("K1")
    [stale] = sending._claim(1, AT)
    sending.drain(at=AT + sending.LEASE)

    fault = settling.Result(settling.Outcome.FAULT)
    assert settling.record([settling.Attempt(stale, "email", fault)], at=AT) == 0

    assert state("K1") == "sent"
    assert attempts("K1") == [(2, "email", "accepted")]


def test_a_backlog_costs_a_bounded_number_of_queries(
    a_topic: Callable[..., Topic], django_assert_max_num_queries: Any
) -> None:
    a_topic(channels=("inapp",))
    user = get_user_model().objects.create_user("hoa")
    for n in range(sending.BATCH):
        post(f"K{n}", Recipient(kind="staff", user_id=user.pk))

    with django_assert_max_num_queries(20):
        assert sending.drain(at=AT) == {"delivered": sending.BATCH}
