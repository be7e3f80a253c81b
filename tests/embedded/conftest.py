"""Homes apart and processes that use them, for tests of the private servers."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import redis

from onestop import embedded, servers

CHECKOUT = Path(__file__).parent.parent.parent
USE = """
import sys
from pathlib import Path
from onestop import embedded
embedded.ensure(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    """Poll until `true`; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


@dataclass
class Home:
    """A home under test, and the processes around it."""

    place: Path
    users: list[subprocess.Popen[str]] = field(default_factory=list)

    def begin_use(self) -> subprocess.Popen[str]:
        """A process that uses the servers until told otherwise; does not wait for it."""
        user = subprocess.Popen(
            [sys.executable, "-c", USE, str(self.place)],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.users.append(user)
        return user

    def use(self) -> subprocess.Popen[str]:
        """The same, and wait until it holds them."""
        user = self.begin_use()
        assert user.stdout is not None
        assert user.stdout.readline() == "held\n"
        return user

    def end_uses(self) -> None:
        """End all users without asking."""
        for user in self.users:
            user.kill()
            user.communicate()
        self.users.clear()

    def environment(self, **more: str) -> dict[str, str]:
        """For a `manage.py` on this home."""
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        return kept | {"ONESTOP_HOME": str(self.place)} | more

    def postgresql(self) -> list[int]:
        """Its processes."""
        return servers.processes_left_in(self.place / "postgresql", "postgres")

    def valkey(self) -> list[int]:
        """Its process."""
        return servers.processes_left_in(self.place / "valkey", "valkey-server")

    def keeper(self) -> list[int]:
        """The keeper's process."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = entry.read_bytes().split(b"\0")
                if b"onestop.embedded" in words and os.fsencode(self.place) in words:
                    found.append(int(entry.parent.name))
        return found

    def everything(self) -> list[int]:
        """Keeper and servers."""
        return self.keeper() + self.postgresql() + self.valkey()

    def kill(self, pids: list[int]) -> None:
        """As the kernel does when memory is short."""
        assert pids
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def sql(self, statement: str) -> object:
        """The one value that `statement` gives, if any, on the private database."""
        folder = embedded.socket_folder(self.place)
        with psycopg.connect(f"host={folder} user=onestop dbname=onestop") as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            row = cursor.fetchone() if cursor.description else None
        return row and row[0]

    def answer(self) -> bool:
        """Whether both servers work."""
        try:
            with redis.Redis.from_url(embedded.redis_url(self.place)) as broker:
                return self.sql("SELECT 1") == 1 and bool(broker.ping())
        except (psycopg.OperationalError, redis.RedisError):
            return False


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[Callable[[str], Home]]:
    """Homes under a temporary folder; nothing of them is left running."""
    homes: list[Home] = []

    def make(name: str = "home") -> Home:
        homes.append(Home(tmp_path / name))
        return homes[-1]

    yield make
    for home in homes:
        home.end_uses()
        wait_until(lambda home=home: not home.everything(), 20)  # type: ignore[misc]
        shutil.rmtree(embedded.socket_folder(home.place), ignore_errors=True)
        shutil.rmtree(home.place, ignore_errors=True)


@pytest.fixture
def home(make_home: Callable[[str], Home]) -> Home:
    """One home that does not exist yet."""
    return make_home("home")
