"""`manage.py serve`: OneStop on this machine: web, worker and beat, ended together."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from onestop.embedded import NotReady
from onestop.preparation import prepare
from onestop.runner import CannotGoOn, Runner
from onestop.servers import dying_with_parent

READY_SECONDS = 60.0
USAGE = 2
CANNOT = (CannotGoOn, NotReady)


class Command(BaseCommand):
    """Prepares, starts and keeps everything running; ends on SIGTERM or Ctrl-C."""

    help = "Run OneStop on HOST and PORT: web, worker and beat."
    requires_system_checks: list[str] = []
    uses_database = False  # prepared below, after the port is known to be free

    def add_arguments(self, parser: CommandParser) -> None:
        """`--demo` loads the demo city into an empty database first."""
        parser.add_argument("--demo", action="store_true", help="load the demo city if empty")

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        """Serve until told to stop."""
        told = _Told()
        signal.signal(signal.SIGTERM, told)
        signal.signal(signal.SIGINT, told)
        refuse_taken_port(settings.HOST, settings.PORT)
        runner = Runner()
        try:
            prepare()
            call_command("collectstatic", interactive=False, verbosity=0)
            accounts = load_demo() if demo else ""
            runner.start()
            wait_until_ready(runner)
            self.stdout.write(f"OneStop: {local_address()}\n{accounts}")
            self.stdout.flush()
            runner.keep()
        except BaseException as ended:  # a query cut off gives up with SystemExit
            if told.to_stop:
                self.stderr.write("OneStop: stopping")
            elif isinstance(ended, CANNOT):
                raise CommandError(str(ended)) from ended
            else:
                raise
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            runner.stop()


class _Told:
    """Takes the signal to stop. What fails because of it, a query cut off in mid-load, is no fault
    of its own."""

    to_stop = False

    def __call__(self, *_: object) -> None:
        self.to_stop = True
        raise KeyboardInterrupt


def local_address() -> str:
    """Where a person on this machine finds it."""
    host = "127.0.0.1" if settings.HOST in {"", "0.0.0.0", "::"} else settings.HOST  # noqa: S104
    return f"http://[{host}]:{settings.PORT}/" if ":" in host else f"http://{host}:{settings.PORT}/"


def refuse_taken_port(host: str, port: int) -> None:
    """Raises: CommandError with exit status 2 when we cannot listen there."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen()
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"OneStop cannot listen on {host} port {port}: {reason}. Choose another PORT."
        raise CommandError(message, returncode=USAGE) from error


def load_demo() -> str:
    """Load the demo city if the database is empty; the lines about its accounts."""
    with subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo", "--if-empty"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=dying_with_parent(signal.SIGTERM),
    ) as child:
        try:
            accounts, _ = child.communicate()
        except KeyboardInterrupt:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(3)
            child.kill()
            raise
    if child.returncode != 0:
        raise CommandError("The demo was not loaded.", returncode=child.returncode)
    return accounts


def is_healthy() -> bool:
    """Whether the web server says that it, the database and the broker work."""
    try:
        with urllib.request.urlopen(f"{local_address()}health/", timeout=5) as answer:  # noqa: S310
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def wait_until_ready(runner: Runner) -> None:
    """Wait until the web server says that it, the database and the broker answer."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if is_healthy():
            return
        time.sleep(0.1)
        runner.look_after()
    raise CannotGoOn("the web server does not become ready; see the messages above")
