"""`what_if CODE AMOUNT UNIT`: what another limit would have done to a procedure's dossiers."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from dossiers.management.arguments import a_date
from dossiers.reading import what_if
from workflows.catalogue.limits import Undecidable, read_limit
from workflows.models import Procedure

USAGE = 2
RESULTS = ("early", "on_time", "late", "without_limit")


class Command(BaseCommand):
    """Replays clocks of dossiers resolved in a period (the last quarter) under another limit."""

    help = "What another limit would have done to the dossiers that a procedure resolved."
    uses_database = True

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of the command line."""
        parser.add_argument("procedure", help="code of the procedure")
        parser.add_argument("amount", help="like 5 or 2.5")
        parser.add_argument("unit", help="working_hour, working_day, calendar_day, month")
        parser.add_argument(
            "--rule", default="", help="words of a rule, as in a sheet of decide_limits"
        )
        parser.add_argument("--from", dest="since", type=a_date, help="first day, local")
        parser.add_argument("--to", dest="until", type=a_date, help="last day, local")
        parser.add_argument("--channel", default="", help="code: only what came in this way")
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the results as they were and as they would have been."""
        if not Procedure.objects.filter(code=options["procedure"]).exists():
            raise CommandError(f"no procedure {options['procedure']!r}", returncode=USAGE)
        try:
            limit = read_limit(options["amount"], options["unit"], options["rule"])
        except Undecidable as refused:
            raise CommandError(str(refused), returncode=USAGE) from None
        first, last = _period(options["since"], options["until"], timezone.localdate())
        found = what_if.what_if(
            options["procedure"], limit, first, last, channel=options["channel"]
        )
        write = self._json if options["format"] == "json" else self._table
        write(found)

    def _json(self, found: what_if.WhatIf) -> None:
        rows = [
            {
                "code": one.code,
                "agency": one.agency,
                "unit": one.unit,
                "concluded_at": one.concluded_at.isoformat(),
                "limit_at": one.limit_at and one.limit_at.isoformat(),
                "would_limit_at": one.would_limit_at and one.would_limit_at.isoformat(),
                "result": one.result,
                "would": one.would,
            }
            for one in found.changed
        ]
        answer = {
            "from": found.first.isoformat(),
            "to": found.last.isoformat(),
            "limit": found.limit.to_json(),
            "was": {name: found.was.get(name, 0) for name in RESULTS},
            "would": {name: found.would.get(name, 0) for name in RESULTS},
            "left_out": found.left_out,
            "changed_count": found.changed_count,
            "changed": rows,
        }
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))

    def _table(self, found: what_if.WhatIf) -> None:
        self.stdout.write(f"resolved from {found.first} to {found.last}: {found.total}")
        self.stdout.write(f"{'':<16}{'was':>10}{'would':>10}{'':>4}")
        for name in RESULTS:
            was, would = found.was.get(name, 0), found.would.get(name, 0)
            self.stdout.write(f"{name:<16}{was:>10}{would:>10}{would - was:>+8}")
        self.stdout.write(f"left out: {found.left_out}")
        for one in found.changed:
            self.stdout.write(f"{one.code:<32}{one.result} -> {one.would}")
        if found.changed_count > len(found.changed):
            self.stdout.write(f"and {found.changed_count - len(found.changed)} more")


def _period(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """The days asked for; without any the last whole quarter."""
    first, last = what_if.quarter_before(today)
    if since is None and until is None:
        return first, last
    begin, end = since or first, until or today
    if end < begin:
        raise CommandError(f"the period ends ({end}) before it begins ({begin})", returncode=USAGE)
    return begin, end
