"""`timers status`: how the firing stands; `timers retry`: fire again what was set aside."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dossiers import firing
from dossiers.reading import timers
from dossiers.reading.timers import Status
from onestop import metrics

USAGE = 2
COLUMNS = ("kind", "due", "to_come", "set_aside")


class Command(BaseCommand):
    """Prints what is due, fired, set aside and how late; or takes back what was set aside."""

    help = "How timers stand (status), and firing again those that were set aside (retry)."
    uses_database = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of the command line."""
        parser.add_argument("action", choices=["status", "retry"])
        parser.add_argument("timers", nargs="*", type=int, help="retry: these ids (else all)")
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises: CommandError with exit status 2 where ids are given to status."""
        if options["action"] == "retry":
            again = firing.retry(options["timers"] or None)
            self.stdout.write(f"{again} timers will fire again at the next sweep")
            return
        if options["timers"]:
            raise CommandError("status takes no ids", returncode=USAGE)
        found, fired = timers.status(timezone.now()), _fired()
        if options["format"] == "json":
            self.stdout.write(json.dumps(_plain(found, fired), indent=2))
        else:
            self.stdout.write(_table(found, fired))


def _fired() -> int | None:
    """How many have fired since counting began; None where the broker does not answer."""
    try:
        return metrics.fired()
    except redis.RedisError:
        return None


def _plain(found: Status, fired: int | None) -> dict[str, Any]:
    return {
        "at": found.at.isoformat(),
        "due": found.due,
        "to_come": found.to_come,
        "fired": fired,
        "set_aside": found.set_aside,
        "oldest_due_at": None if found.oldest_due_at is None else found.oldest_due_at.isoformat(),
        "lag_seconds": round(found.lag.total_seconds(), 3),
        "kinds": [asdict(kind) for kind in found.kinds],
        "aside": [
            asdict(one)
            | {
                "fires_at": one.fires_at.isoformat(),
                "set_aside_at": one.set_aside_at.isoformat(),
            }
            for one in found.aside
        ],
    }


def _table(found: Status, fired: int | None) -> str:
    rows = [COLUMNS, *((k.kind, k.due, k.to_come, k.set_aside) for k in found.kinds)]
    rows.append(("all", found.due, found.to_come, found.set_aside))
    lines = [f"{a!s:<20}{b!s:>10}{c!s:>10}{d!s:>12}" for a, b, c, d in rows]
    counted = "not known: the broker does not answer" if fired is None else str(fired)
    lines += ["", f"fired since counting began: {counted}"]
    if found.oldest_due_at is None:
        lines.append("lag: none, nothing is due")
    else:
        oldest = timezone.localtime(found.oldest_due_at)
        lines.append(
            f"lag: {found.lag.total_seconds():.0f} s, oldest due {oldest:%Y-%m-%d %H:%M:%S}"
        )
    if found.aside:
        lines += ["", "set aside (fire again: manage.py timers retry [id …]):"]
    for one in found.aside:
        when = timezone.localtime(one.fires_at)
        lines.append(f"  {one.pk}  {one.kind}  {one.code}  due {when:%Y-%m-%d %H:%M}  {one.fault}")
    return "\n".join(lines)
