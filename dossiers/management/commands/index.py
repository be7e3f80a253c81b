"""`manage.py index --inputs FILE` counts the index of Decision 766/QĐ-TTg for agencies whose
numerators and denominators are given. The form is in docs/figures.md."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from dossiers.statistics.national_index import Score, UnfitInput, scores


class Command(BaseCommand):
    """Reads one JSON file and prints the groups and the total of each agency."""

    help = "Count the national index (Decision 766/QĐ-TTg) from its numerators and denominators."
    uses_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--inputs", type=Path, required=True, help="a JSON file of agencies")
        parser.add_argument("--format", choices=["json", "table"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["inputs"]
        try:
            counted = scores(json.loads(path.read_text(encoding="utf-8-sig")))
        except OSError as fault:
            raise _unreadable(path, fault.strerror) from None
        except UnfitInput as fault:
            raise _unreadable(path, fault) from None
        except (ValueError, RecursionError) as fault:
            raise _unreadable(path, fault) from None
        if options["format"] == "json":
            self.stdout.write(json.dumps({"agencies": [_entry(one) for one in counted]}, indent=1))
        else:
            for one in counted:
                groups = "  ".join(f"{name} {points}" for name, points in one.groups.items())
                self.stdout.write(f"{one.code:<16} {one.total:>6}  {one.band:<9}  {groups}")


def _entry(score: Score) -> dict[str, Any]:
    return {
        "code": score.code,
        "groups": {name: float(points) for name, points in score.groups.items()},
        "total": float(score.total),
    }


def _unreadable(path: Path, fault: object) -> CommandError:
    sentence = _("%(file)s cannot be read: %(fault)s") % {"file": path, "fault": fault}
    return CommandError(sentence, returncode=2)
