"""Workers as real processes: two at the same moment, and one killed as its letter leaves."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connection

from notifications import sending
from notifications.channels.email import message_id
from notifications.models import Delivery
from tests.notifications.conftest import AT, post
from tests.notifications.smtp_server import MailServer

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Worker = subprocess.Popen[str]
STREAMS = 250  # more than two drains claim at a time, so that neither finds all in hand
MESSAGES = 300


@pytest.fixture
def a_worker(mail_server: MailServer) -> Iterator[Callable[[], Worker]]:
    """Start a process that is ready to drain the test's database and waits for a word."""
    with ExitStack() as started:

        def start() -> Worker:
            command = [sys.executable, "-m", "tests.notifications.drain_process"]
            worker = subprocess.Popen(
                [*command, str(connection.settings_dict["NAME"]), str(mail_server.port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.enter_context(worker)
            started.callback(worker.kill)
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
            return worker

        yield start


def go(worker: Worker) -> None:
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()


def test_two_drains_at_once_send_each_message_once_and_in_order(
    topic: Any, mail_server: MailServer, a_worker: Callable[[], Worker]
) -> None:
    for n in range(MESSAGES):
        post(f"{n % STREAMS}-{n:03}", stream=f"{n % STREAMS}")
    workers = [a_worker(), a_worker()]

    for worker in workers:
        go(worker)
    counts = [json.loads(worker.communicate()[0]) for worker in workers]

    # A drain may find the head of a stream in the other's hands and end: the next knock goes on.
    rest = sending.drain(at=AT)
    assert sum(count.get("accepted", 0) for count in [*counts, rest]) == MESSAGES
    assert len(set(mail_server.subjects)) == len(mail_server.subjects) == MESSAGES
    assert Delivery.objects.count() == MESSAGES
    for stream in range(STREAMS):
        mine = [s for s in mail_server.subjects if s.startswith(f"Hồ sơ {stream}-")]
        assert mine == sorted(mine)


def test_a_worker_killed_as_its_letter_leaves_loses_none_and_doubles_that_one_alone(
    topic: Any, mail_server: MailServer, a_worker: Callable[[], Worker]
) -> None:
    for n in range(5):
        post(f"K{n}")
    worker = a_worker()

    def kill_at_the_third() -> None:
        if len(mail_server.taken) == 3:
            worker.kill()
            worker.wait()

    mail_server.before_taken = kill_at_the_third

    go(worker)
    worker.communicate()
    assert sending.drain(at=AT + sending.LEASE / 2) == {}
    assert sending.drain(at=AT + sending.LEASE) == {"accepted": 3}

    ids = Counter(str(mail["Message-ID"]) for _, mail in mail_server.taken)
    assert ids == {message_id(f"K{n}"): 2 if n == 2 else 1 for n in range(5)}
