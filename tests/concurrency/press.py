"""Another person's computer: presses as told, in a process of its own, when a line arrives.

Reads one JSON line of presses (function, subject, values, who, when), says `ready`, waits for `go`,
and prints what became of each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings


def main(database: str) -> None:
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from django.db import connection

    presses = json.loads(sys.stdin.readline())
    connection.ensure_connection()
    _say("ready")
    sys.stdin.readline()
    _say(json.dumps([_press(**press) for press in presses]))


def _press(name: str, subject: int | None, values: dict[str, Any], user: int, at: str) -> list[str]:
    from datetime import datetime

    from dossiers.errors import Refusal
    from dossiers.firing import fire_due
    from dossiers.lifecycle import ending, intake, progress, signing, undo, versions
    from workflows.actors import actor_for

    moment = datetime.fromisoformat(at)
    if name == "fire_due":
        return ["fired", str(fire_due(moment, **values)["fired"])]
    functions: dict[str, Callable[..., Any]] = {
        "advance": progress.advance,
        "claim": progress.claim,
        "conclude": ending.conclude,
        "move_to_version": versions.move_to_version,
        "receive": intake.receive,
        "release": progress.release,
        "sign_apology": signing.sign_apology,
        "undo": undo.undo,
    }
    function = functions[name]
    if name == "receive":
        values["parties"] = [intake.PartyGiven(**party) for party in values["parties"]]
        values["papers"] = [intake.PaperGiven(**paper) for paper in values["papers"]]
    subjects = [] if subject is None else [subject]
    try:
        dossier = function(*subjects, **values, by=actor_for(user, "", moment.date()), at=moment)
    except Refusal as refusal:
        return [type(refusal).__name__, refusal.code]
    return ["done", str(dossier.number if name == "sign_apology" else dossier.code)]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
