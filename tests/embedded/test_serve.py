"""`manage.py serve` as one program: ready, ended by a signal at any moment, nothing left behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.embedded.conftest import CHECKOUT, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def port():
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(home, port):
    """Start it in a session of its own, as a terminal does."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=CHECKOUT,
        env=home.environment(PORT=str(port)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def children_on(home):
    """Web, worker, beat and what they started: they carry the home in their environment."""
    found = []
    wanted = f"ONESTOP_HOME={home.place}".encode()
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:
            if wanted in file.read().split(b"\0"):
                found.append(int(name))
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "ctrl-c"])
def test_serve_says_when_it_is_ready_and_a_signal_ends_all_of_it(home, port, number):
    runner = serve(home, port)

    assert runner.stdout.readline() == f"OneStop: http://127.0.0.1:{port}/\n"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/") as answer:
        assert answer.status == 200
    told = time.monotonic()
    if number == signal.SIGINT:
        os.killpg(runner.pid, number)
    else:
        runner.send_signal(number)

    assert runner.wait(10) == 0
    wait_until(lambda: not children_on(home) and not home.everything(), 10)
    assert time.monotonic() - told < 10
    runner.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "ctrl-c"])
def test_a_signal_during_the_first_load_ends_all_and_the_next_start_goes_on(home, port, number):
    runner = serve(home, port)
    wait_until(lambda: (home.place / "migrate.lock").exists(), 30)

    os.killpg(runner.pid, number)

    said, _ = runner.communicate(timeout=10)
    assert (runner.returncode, said) == (0, "")
    wait_until(lambda: not children_on(home) and not home.everything(), 10)
    again = serve(home, port)
    assert again.stdout.readline() == f"OneStop: http://127.0.0.1:{port}/\n"
    again.terminate()
    again.communicate(timeout=10)


def test_a_killed_child_and_a_killed_keeper_come_back(home, port):
    runner = serve(home, port)
    runner.stdout.readline()
    worker = next(pid for pid in children_on(home) if is_worker(pid))

    home.kill([worker, *home.keeper()])

    def is_mended():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/") as answer:
                healthy = answer.status == 200
        except OSError:
            return False
        return healthy and any(is_worker(pid) for pid in children_on(home) if pid != worker)

    wait_until(is_mended, 30)
    runner.terminate()
    runner.communicate(timeout=10)


def is_worker(pid):
    """The main process of the Celery worker."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"--queues" in file.read().split(b"\0")
    except OSError:
        return False


def test_a_taken_port_is_one_line_and_exit_2_and_starts_nothing(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        done = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            cwd=CHECKOUT,
            env=home.environment(PORT=str(taken.getsockname()[1])),
            capture_output=True,
            text=True,
        )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "Choose another PORT" in done.stderr
    assert not home.place.exists()
