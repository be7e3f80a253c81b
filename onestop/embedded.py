"""The private PostgreSQL and Valkey, shared by who needs them, so that nothing is installed.

One *keeper* process for each `ONESTOP_HOME` is parent of both servers. Every process that uses them
holds a shared lock on `users.lock` in the home until it ends, however it ends, so the kernel itself
knows who is left; when nobody is, the keeper stops both and ends. Importing this module starts
nothing: settings take the two addresses from it, a pure function of the home. How each server is
run is in `servers.py`; why it is done this way in `docs/decisions/0001`.
"""

import fcntl
import hashlib
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from onestop import servers

LINGER_SECONDS = 2.0
START_SECONDS = 60.0
STEP_SECONDS = 0.1

_held: dict[Path, int] = {}


class NotReady(Exception):
    """The private servers cannot be started; the text is one line for the reader."""


def home() -> Path:
    """The folder of all that is written at run time: `ONESTOP_HOME`, else `.onestop` here."""
    given = os.environ.get("ONESTOP_HOME")  # the one variable needed before settings exist
    return Path(os.path.realpath(given or Path(__file__).parent.parent / ".onestop"))


def socket_folder(place: Path) -> Path:
    """Where the sockets of the home `place` lie.

    A socket's path may have 107 bytes, so it cannot lie in the home. The folder depends on nothing
    but user and home: a variable that differs between a login and a cron job would part them.
    """
    digest = hashlib.sha256(os.fsencode(place)).hexdigest()[:12]
    return Path("/tmp") / f"onestop-{os.getuid()}-{digest}"  # noqa: S108 (owned and checked)


def database_url(place: Path) -> str:
    """The address of the private PostgreSQL of the home `place`."""
    return f"postgres://onestop@/onestop?host={quote(str(socket_folder(place)))}"


def redis_url(place: Path) -> str:
    """The address of the private Valkey of the home `place`, in redis-py's form."""
    return f"unix://{socket_folder(place)}/valkey.sock?db=1"


def broker_url(redis_address: str) -> str:
    """The same server as `redis_address` names, in the form that Celery's broker wants."""
    address = urlsplit(redis_address)
    if address.scheme != "unix":
        return redis_address
    number = parse_qs(address.query).get("db", ["0"])[0]
    return f"redis+socket://{address.path}?virtual_host={number}"


def prepare_home(place: Path) -> None:
    """Make the home if it is missing, for its owner only; leave a folder that is there."""
    try:
        place.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if not place.is_dir():
            raise NotReady(f"ONESTOP_HOME is not a folder: {place}") from None
    except OSError as error:
        raise NotReady(f"ONESTOP_HOME cannot be made: {place}: {error.strerror}") from error


def ensure(place: Path) -> int:
    """Have the servers of the home `place` running for as long as this process lives.

    Returns the descriptor of the held lock, which a child that outlives its parent may inherit.
    Raises: NotReady.
    """
    prepare_home(place)
    if place not in _held:
        _held[place] = _lock(place / "users.lock", fcntl.LOCK_SH)
    starting = _lock(place / "start.lock", fcntl.LOCK_EX)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not is_running(place):
            if not _keeper_lives(place):
                _start_keeper(place)
            elif time.monotonic() > deadline:
                raise NotReady(f"The private servers do not come up; see the logs in {place}")
            else:
                time.sleep(STEP_SECONDS)
    finally:
        os.close(starting)
    return _held[place]


def is_running(place: Path) -> bool:
    """Whether a living keeper has both servers of the home `place` ready."""
    return _keeper_lives(place) and (place / "keeper.lock").read_text() == "ready"


def _lock(path: Path, kind: int) -> int:
    """Open `path` and lock it; waits unless `kind` says otherwise. Raises: BlockingIOError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _keeper_lives(place: Path) -> bool:
    """A keeper holds `keeper.lock` from its first moment to its last."""
    try:
        os.close(_lock(place / "keeper.lock", fcntl.LOCK_SH | fcntl.LOCK_NB))
    except BlockingIOError:
        return True
    return False


def _start_keeper(place: Path) -> None:
    """Start a keeper, which detaches itself, and wait for its word. Raises: NotReady."""
    reader, writer = os.pipe()
    with open(place / "keeper.log", "ab") as log:
        subprocess.run(
            [sys.executable, "-m", "onestop.embedded", str(place), str(writer)],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[writer],
            check=True,
        )
    os.close(writer)
    with os.fdopen(reader) as answer:
        ready = select.select([answer], [], [], START_SECONDS)[0]
        word = answer.read().strip() if ready else ""
    if word != "ready":
        raise NotReady(word or f"The private servers did not start; see the logs in {place}")


class Keeper:
    """Parent of both servers: starts them, mends them, and stops them when nobody uses them."""

    def __init__(self, place: Path) -> None:
        """Take the keeper's place. Raises: BlockingIOError if another keeper has it."""
        self.place = place
        self.lock = _lock(place / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.say("starting")
        self.servers: list[servers.Server] = []
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, *_: object) -> None:
        self.stopping = True

    def say(self, word: str) -> None:
        """Write into the lock file how far the servers are, for whoever comes meanwhile."""
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, word.encode(), 0)

    def start(self) -> None:
        """Start both servers and wait until they answer. Raises: servers.CannotStart."""
        sockets = servers.own_folder(socket_folder(self.place))
        self.servers = [
            servers.Valkey(self.place / "valkey", sockets),
            servers.PostgreSQL(self.place / "postgresql", sockets),
        ]
        for server in self.servers:
            server.clear_remains()
            server.start()
        for server in self.servers:
            server.wait_until_ready(START_SECONDS)
        self.say("ready")

    def keep(self) -> None:
        """Stay until nobody has used the servers for a while, or until told to stop."""
        unused_since = None
        while not self.stopping:
            time.sleep(STEP_SECONDS * 2)
            for server in self.servers:
                if not server.is_alive():
                    self.say("starting")
                    server.stop()
                    server.clear_remains()
                    server.start()
                    server.wait_until_ready(START_SECONDS)
                    self.say("ready")
            users = self._lock_out_users()
            if users is None:
                unused_since = None
                continue
            now = time.monotonic()
            unused_since = unused_since or now
            if now - unused_since >= LINGER_SECONDS:
                self.stop()  # whoever comes now waits for the lock until both are down
                return
            os.close(users)

    def _lock_out_users(self) -> int | None:
        try:
            return _lock(self.place / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None

    def stop(self) -> None:
        """Stop both cleanly, side by side; by force after a few seconds."""
        self.say("stopping")
        for server in self.servers:
            server.ask_to_stop()
        for server in self.servers:
            server.stop()


def main(place: Path, answer: int) -> None:
    """Be the keeper of the home `place`; say `ready`, or what is wrong, once into `answer`."""
    try:
        keeper = Keeper(place)
    except BlockingIOError:
        os.write(answer, b"ready")  # another one was faster; whoever asked looks again
        return
    try:
        try:
            keeper.start()
        except servers.CannotStart as error:
            os.write(answer, str(error).encode())
            return
        os.write(answer, b"ready")
        os.close(answer)
        keeper.keep()
    finally:
        keeper.stop()


if __name__ == "__main__":
    if os.fork():
        os._exit(0)  # whoever asked is free at once and never the keeper's parent
    os.setsid()  # Ctrl-C in the terminal is not meant for the keeper
    main(Path(sys.argv[1]), int(sys.argv[2]))
