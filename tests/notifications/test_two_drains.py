"""Two workers drain one outbox at the same moment."""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from notifications.models import Delivery
from tests.notifications.conftest import post
from tests.notifications.smtp_server import MailServer

MESSAGES = 60


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_drains_at_once_send_each_message_once_and_in_order(
    topic: Any, mail_server: MailServer, request: pytest.FixtureRequest
) -> None:
    for n in range(MESSAGES):
        post(f"{n % 20}-{n:02}", stream=f"{n % 20}")
    name = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-m", "tests.notifications.drain_process", name]
    workers = [
        subprocess.Popen(
            [*command, str(mail_server.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for worker in workers:
        request.addfinalizer(worker.kill)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()

    counts = [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in workers]

    assert sum(count.get("accepted", 0) for count in counts) == MESSAGES
    assert len(set(mail_server.subjects)) == len(mail_server.subjects) == MESSAGES
    assert Delivery.objects.count() == MESSAGES
    for stream in range(20):
        mine = [s for s in mail_server.subjects if s.startswith(f"Hồ sơ {stream}-")]
        assert mine == sorted(mine)
