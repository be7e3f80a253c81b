"""`manage.py amend_calendar FILE --preview|--confirm`: amend a calendar, running clocks with it.

The amendment is a JSON file (docs/schemas/calendar-amendment.schema.json) or is said by options.
Standard output carries the result as JSON; exit status 1 where the amendment was refused, 2 where
it cannot be read. A recount that is broken off here is finished by the worker.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from dossiers.errors import Refusal
from dossiers.lifecycle import recalendar, recount
from dossiers.lifecycle.recalendar import Preview
from dossiers.models import Recount
from dossiers.statistics.periods import local
from workflows.actors import TIME
from workflows.catalogue import amendment as given
from workflows.catalogue.amendment import Amendment, AmendmentFault

REFUSED, USAGE = 1, 2
_OPTIONS = ("calendar", "agency", "source", "off", "closed", "swap", "remove", "unconfirmed")


class Command(BaseCommand):
    """Shows what would move, or amends and counts running clocks again."""

    help = "Amend a working calendar: --preview shows what would move, --confirm does it."
    uses_database = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of the command line."""
        parser.add_argument("file", nargs="?", type=Path, help="the amendment as JSON")
        parser.add_argument("--calendar", help="code of the calendar (default: the national one)")
        parser.add_argument("--agency", help="code of the agency whose own calendar is amended")
        parser.add_argument("--source", help="act or dispatch with its number")
        parser.add_argument("--off", action="append", help="a holiday: DATE or DATE..DATE")
        parser.add_argument("--closed", action="append", help="office closed: DATE or DATE..DATE")
        parser.add_argument("--swap", action="append", help="day off and day worked: OFF:WORKED")
        parser.add_argument("--remove", action="append", help="take an entry back: DATE")
        parser.add_argument("--unconfirmed", action="store_true", help="the days are not certain")
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--preview", action="store_true", help="write nothing")
        way.add_argument("--confirm", action="store_true", help="amend, and count clocks again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises: CommandError with exit status 2 for input that cannot be read."""
        now = datetime.now(UTC)
        amendment = _amendment(options)
        try:
            if options["preview"]:
                self._write(_told(recalendar.preview(amendment, by=TIME, at=now)))
                return
            begun = recalendar.amend(amendment, by=TIME, at=now)
        except Refusal as refusal:
            said = {"code": refusal.code, "reason": refusal.sentence}
            self._write({"refused": said | {"fields": sorted(refusal.fields)}})
            raise SystemExit(REFUSED) from None
        self._write(self._recounted(begun, now))

    def _recounted(self, begun: Recount, at: datetime) -> dict[str, Any]:
        """Count running clocks again, telling on standard error how far it is."""
        expected = begun.to_move

        def tell(moved: int) -> None:
            self.stderr.write(
                _("%(moved)s of %(expected)s dossiers moved")
                % {"moved": moved, "expected": expected}
            )

        if begun.state != Recount.State.DONE:
            recount.recount_batches(begun, at=at, progress=tell)
        begun = Recount.objects.select_related("amendment__calendar").get(pk=begun.pk)
        row = begun.amendment
        return {
            "amendment": row.pk,
            "calendar": row.calendar.code,
            "at": local(row.at),
            "source": row.source,
            "first_on": row.first_on and row.first_on.isoformat(),
            "last_on": row.last_on and row.last_on.isoformat(),
            "to_move": begun.to_move,
            "to_be_late": begun.to_be_late,
            "no_longer_late": begun.no_longer_late,
            "recount": {
                "state": begun.state,
                "moved": begun.moved,
                "set_aside": len(begun.set_aside),
            },
        }

    def _write(self, result: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(result, ensure_ascii=False, indent=1))


def _amendment(options: dict[str, Any]) -> Amendment:
    said = {name: options[name] for name in _OPTIONS if options[name]}
    path = options["file"]
    if path is not None and said:
        raise CommandError(_("Give a file or options, not both"), returncode=USAGE)
    try:
        return given.read(_spoken(said) if path is None else json.loads(path.read_text("utf-8")))
    except OSError as fault:
        raise _unreadable(path, fault.strerror) from None
    except UnicodeDecodeError as fault:
        raise _unreadable(path, fault.reason) from None
    except json.JSONDecodeError as fault:
        raise _unreadable(path, fault) from None
    except AmendmentFault as fault:
        reason = Refusal(fault.code, **fault.facts).sentence
        raise CommandError(reason, returncode=USAGE) from None


def _unreadable(path: Path, fault: object) -> CommandError:
    return CommandError(
        _("%(file)s cannot be read: %(fault)s") % {"file": path, "fault": fault}, returncode=USAGE
    )


def _spoken(said: dict[str, Any]) -> dict[str, Any]:
    """The options in the form of the file."""
    if not set(said) & {"off", "closed", "swap", "remove"}:
        raise CommandError(_("Say what is amended: a file, or options"), returncode=USAGE)
    certain = {"confirmed": not said.get("unconfirmed", False)}
    days = []
    for name, kind in (("off", "holiday"), ("closed", "closed")):
        for text in said.get(name, ()):
            first, _dots, last = text.partition("..")
            days.append({"on": first, "until": last or first, "kind": kind} | certain)
    swaps = []
    for text in said.get("swap", ()):
        off, _colon, worked = text.partition(":")
        swaps.append({"off": off, "worked": worked} | certain)
    spoken = {name: said[name] for name in ("calendar", "agency", "source") if name in said}
    return spoken | {"days": days, "swaps": swaps, "removed": said.get("remove", [])}


def _told(found: Preview) -> dict[str, Any]:
    """A preview as plain data; the moved clocks up to the number that a page shows."""
    plan = found.plan
    return {
        "calendar": plan.calendar.code,
        "first_on": plan.first_on and plan.first_on.isoformat(),
        "last_on": plan.last_on and plan.last_on.isoformat(),
        "to_move": found.to_move,
        "to_be_late": found.to_be_late,
        "no_longer_late": found.no_longer_late,
        "by_clock": dict(sorted(found.by_kind.items())),
        "moved": [
            {
                name: local(value) if isinstance(value, datetime) else value
                for name, value in asdict(one).items()
            }
            for one in found.moved
        ],
    }
