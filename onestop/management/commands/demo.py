"""`manage.py demo`: the demo city with three months of dossiers."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from onestop.accounts.models import Demo
from onestop.demo import accounts, loading

USAGE = 2
SIZE = 1200
STALE = timedelta(days=7)


class Command(BaseCommand):
    """Loads the demo city; prints one login per role."""

    help = "Load the demo city: --fresh starts it anew at today's date."
    uses_database = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Standard output carries the logins only."""
        parser.add_argument("--fresh", action="store_true", help="start anew, after asking")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--if-empty", action="store_true", help="load only what is not there")
        parser.add_argument("--at", help="the demo's last moment (ISO 8601 with offset)")
        parser.add_argument("--size", type=int, default=SIZE, help="how many dossiers")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises: CommandError with exit status 2 where the database is not the demo's."""
        at = _moment(options["at"])
        if options["size"] < 1:
            raise CommandError("--size takes a whole number from 1", returncode=USAGE)
        present = Demo.objects.first()
        if options["if_empty"] and present and present.state == Demo.State.LOADED:
            self._tell_age(present, at)
        elif options["if_empty"] or options["fresh"]:
            self._load(at, options, asked=options["yes"] or options["if_empty"])
        else:
            raise CommandError("Say --fresh to start the demo city anew.", returncode=USAGE)
        self.stdout.write(accounts.lines(loading.demo_commune()), ending="")

    def _load(self, at: datetime, options: dict[str, Any], *, asked: bool) -> None:
        if not Demo.objects.exists() and not loading.is_empty():
            raise CommandError(
                "This database is not the demo's: nothing was loaded or cleared.", returncode=USAGE
            )
        if not asked and not loading.is_empty() and not self._agreed():
            raise CommandError("Nothing was changed.", returncode=1)
        loading.load(at=at, size=options["size"])

    def _agreed(self) -> bool:
        self.stderr.write(
            f"This clears the demo city in {settings.ONESTOP_HOME} and starts it anew. y/N? ",
            ending="",
        )
        return sys.stdin.readline().strip().lower() in {"y", "yes"}

    def _tell_age(self, present: Demo, at: datetime) -> None:
        if at - present.ends_at > STALE:
            self.stderr.write(
                f"The demo's last day is {present.ends_at:%d/%m/%Y}: "
                "`make demo` starts it anew at today's date."
            )


def _moment(text: str | None) -> datetime:
    if text is None:
        return timezone.now().astimezone(timezone.get_default_timezone())
    moment = parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise CommandError("--at takes a moment as ISO 8601 with its offset", returncode=USAGE)
    return moment.astimezone(timezone.get_default_timezone())
