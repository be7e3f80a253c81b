"""Runs web, worker and beat as children of one process, and ends them together.

Only the main process of each is signalled: a signal to a whole group would kill a worker's
children in the middle of their tasks. A child that dies is started again.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

import structlog
from django.conf import settings

from onestop import embedded
from onestop.servers import dying_with_parent

log = structlog.get_logger(__name__)

STOP_SECONDS = 5.0
LOOK_SECONDS = 0.5
TOO_SOON_SECONDS = 10.0
TOO_OFTEN = 5

QUEUES = "timers,messages,figures,default"
PROGRAMS = {
    "web": [
        "granian", "--interface", "wsgi", "--host", settings.HOST, "--port", str(settings.PORT),
        "--blocking-threads", "8", "--log-level", "error", "--workers-kill-timeout", "3",
        "onestop.wsgi:application",
    ],
    "worker": [
        "celery", "--quiet", "--app", "onestop", "worker", "--queues", QUEUES, "--concurrency", "2",
        "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
    ],
    # Beat keeps nothing: its schedule is in the settings, what is due is in the database.
    "beat": [
        "celery", "--quiet", "--app", "onestop", "beat", "--scheduler", "celery.beat:Scheduler",
        "--pidfile=", "--loglevel", "WARNING",
    ],
}  # fmt: skip


class CannotGoOn(Exception):
    """A child dies whenever it is started; the text is one line for the reader."""


@dataclass
class Child:
    """One child process, started anew when it dies."""

    command: list[str]
    lock: int | None
    started: list[float] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C in the terminal is for the runner alone."""
        self.started.append(time.monotonic())
        self.process = subprocess.Popen(
            [sys.executable, "-m", *self.command],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGTERM),
            pass_fds=[] if self.lock is None else [self.lock],
        )

    def is_alive(self) -> bool:
        """Whether the main process runs."""
        return self.process is not None and self.process.poll() is None

    def dies_always(self) -> bool:
        """Whether it has died again and again within seconds."""
        recent = self.started[-TOO_OFTEN:]
        return len(recent) == TOO_OFTEN and recent[-1] - recent[0] < TOO_SOON_SECONDS * TOO_OFTEN

    def ask_to_stop(self) -> None:
        """TERM to the main process only."""
        if self.process is not None and self.is_alive():
            self.process.terminate()

    def stop(self, deadline: float) -> None:
        """Have it ended on return: by force, with all it started, at `deadline` (monotonic)."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Runner:
    """The children of `manage.py serve`."""

    def __init__(self) -> None:
        """Nothing is started yet."""
        self.children: dict[str, Child] = {}

    def start(self) -> None:
        """Start all children; each holds the private servers' lock as long as it lives."""
        lock = self.hold_engines()
        for name, command in PROGRAMS.items():
            self.children[name] = Child(command, lock)
            self.children[name].start()

    def hold_engines(self) -> int | None:
        """Have the private engines up, also after somebody killed their keeper."""
        if settings.EMBEDDED_DATABASE or settings.EMBEDDED_REDIS:
            return embedded.ensure(settings.ONESTOP_HOME)
        return None

    def look_after(self) -> None:
        """Start again what died. Raises: CannotGoOn, embedded.NotReady."""
        self.hold_engines()
        for name, child in self.children.items():
            if child.is_alive():
                continue
            if child.dies_always():
                raise CannotGoOn(f"{name} does not stay alive; see the messages above")
            log.warning("child.died", child=name)
            child.start()

    def keep(self) -> None:
        """Look after the children until a signal ends it."""
        while True:
            time.sleep(LOOK_SECONDS)
            self.look_after()

    def stop(self) -> None:
        """End all children side by side, within a few seconds."""
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            child.ask_to_stop()
        for child in self.children.values():
            child.stop(deadline)
