"""What a command finds ready: the private servers running, and the database at our migrations.

A command of ours says that it uses the database by `uses_database = True` on its class; for it the
servers are started and, on the private database only, missing migrations are applied. Django's own
commands get the servers too, but for those that never touch them.
"""

import fcntl
import os
import sys
import warnings
from typing import Any

from django.conf import settings
from django.core.management import ManagementUtility, call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from onestop import embedded

NOT_SET_UP = 3
NEED_NOTHING = {
    "check",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "collectstatic",
    "makemessages",
    "makemigrations",
    "sqlmigrate",
    "startapp",
    "startproject",
}
OUR_PACKAGES = {"onestop", "dossiers", "workflows", "notifications"}
MIGRATE_THEMSELVES = {
    "migrate",
    "showmigrations",
    "dbshell",
    "optimizemigration",
    "squashmigrations",
}


class CommandLine(ManagementUtility):
    """Django's command line, preparing between finding a command and running it."""

    def execute(self) -> None:
        """Run the command; what is not set up is one line and exit status 3."""
        if self.argv[1:2] == ["makemigrations"]:
            # It would only compare with the history of a database that need not run.
            warnings.filterwarnings("ignore", "Got an error checking a consistent migration")
        super().execute()

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """The command, with what it needs made ready unless only its help is asked for."""
        command = super().fetch_command(subcommand)
        asked_to_run = self.argv[1:2] == [subcommand] and not {"-h", "--help"} & set(self.argv)
        if asked_to_run and _uses_database(subcommand, command):
            prepare(migrated=subcommand not in MIGRATE_THEMSELVES)
        return command


def _uses_database(name: str, command: BaseCommand) -> bool:
    """Ours say it by an attribute; of the others all do that are not known not to."""
    ours = type(command).__module__.partition(".")[0] in OUR_PACKAGES
    return getattr(command, "uses_database", not ours and name not in NEED_NOTHING)


def prepare(*, migrated: bool = True) -> None:
    """Have both engines reachable and the database at our migrations, or end with status 3."""
    try:
        if settings.EMBEDDED_DATABASE or settings.EMBEDDED_REDIS:
            embedded.ensure(settings.ONESTOP_HOME)
        if migrated:
            _bring_to_current_migrations()
    except embedded.NotReady as error:
        give_up(str(error))
    except OperationalError as error:
        give_up(f"the database cannot be reached: {str(error).splitlines()[0]}")


def give_up(reason: str) -> None:
    """One line for the reader, exit status 3 (not set up)."""
    print(f"OneStop: {reason}", file=sys.stderr)  # noqa: T201
    sys.exit(NOT_SET_UP)


def _missing_migrations() -> list[Any]:
    executor = MigrationExecutor(connection)
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


def _bring_to_current_migrations() -> None:
    """Migrate the private database; of a given one only say what is missing."""
    missing = _missing_migrations()
    if not missing:
        return
    if not settings.EMBEDDED_DATABASE:
        give_up(f"{len(missing)} migrations are missing: run `manage.py migrate` first")
    lock = os.open(settings.ONESTOP_HOME / "migrate.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)  # two first commands at once: the second finds it done
    try:
        if _missing_migrations():
            print("OneStop: bringing the database up to date", file=sys.stderr)  # noqa: T201
            call_command("migrate", interactive=False, verbosity=0)
    finally:
        os.close(lock)
