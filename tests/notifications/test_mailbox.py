"""The mailbox page of a trial, and a person's notices."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from notifications import sending
from notifications.channels import mailbox
from notifications.models import Message, Notice, PrintedMail
from notifications.recipients import Recipient
from tests.notifications.conftest import AT, attachment, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(settings: Any) -> None:
    settings.EMAIL_BACKEND = mailbox.BACKEND
    settings.TRIAL_MODE = True


def test_a_trial_prints_email_once_and_shows_it_with_its_files(
    a_topic: Any, trial: None, client: Client
) -> None:
    a_topic(attachment=attachment)
    post("H26-1")

    assert sending.drain(at=AT) == {"delivered": 1}
    Message.objects.update(state="queued", settled_at=None)
    sending.drain(at=AT)

    printed = PrintedMail.objects.get()
    assert (printed.at, printed.recipient) == (AT, "lan@example.vn")
    assert "Hồ sơ H26-1" in client.get("/mailbox/").content.decode()
    assert "Hồ sơ H26-1" not in client.get("/mailbox/?q=minh@").content.decode()
    page = client.get(f"/mailbox/{printed.pk}/").content.decode()
    assert "Nguyễn Thị Lan &amp; con, hẹn trả 17:30 05/03/2026." in page
    file = client.get(f"/mailbox/{printed.pk}/files/0/")
    assert (file.content, file["Content-Type"]) == (b"%PDF H26-1", "application/pdf")
    assert client.get(f"/mailbox/{printed.pk}/files/1/").status_code == 404


@pytest.mark.parametrize(
    ("backend", "in_trial", "status"),
    [
        (mailbox.BACKEND, True, 200),
        (mailbox.BACKEND, False, 404),
        ("django.core.mail.backends.smtp.EmailBackend", True, 404),
    ],
    ids=["trial", "not a trial", "real mail"],
)
def test_the_mailbox_is_open_to_all_in_a_trial_only(
    settings: Any, client: Client, backend: str, in_trial: bool, status: int
) -> None:
    settings.EMAIL_BACKEND, settings.TRIAL_MODE = backend, in_trial

    assert client.get("/mailbox/").status_code == status


def test_notices_are_shown_to_their_own_account_and_marked_as_read(
    a_topic: Any, client: Client
) -> None:
    a_topic(channels=("inapp",))
    hoa, minh = (get_user_model().objects.create_user(name) for name in ("hoa", "minh"))
    post("hers", Recipient(kind="staff", user_id=hoa.pk))
    post("his", Recipient(kind="staff", user_id=minh.pk))
    sending.drain(at=AT)
    client.force_login(hoa)

    page = client.get("/notices/").content.decode()
    client.post("/notices/read/")

    assert "Hồ sơ hers" in page
    assert "Hồ sơ his" not in page
    assert [notice.user_id for notice in Notice.objects.filter(read_at=None)] == [minh.pk]


def test_a_notice_for_an_account_that_is_gone_is_refused_alone(a_topic: Any) -> None:
    a_topic(channels=("inapp",))
    hoa = get_user_model().objects.create_user("hoa")
    post("gone", Recipient(kind="staff", user_id=hoa.pk + 1))
    post("hers", Recipient(kind="staff", user_id=hoa.pk))

    assert sending.drain(at=AT) == {"refused": 1, "delivered": 1}
