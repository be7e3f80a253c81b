"""Another worker: counts running clocks again in the named database when a line arrives, two
dossiers a batch; or (`hold`) commits one batch and stands still in the middle of the next."""

import sys

import django
from django.conf import settings


def main(database: str, at: str, how: str) -> None:
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from datetime import datetime

    from django.db import connection, transaction

    from dossiers.lifecycle.recount import recount_due

    moment = datetime.fromisoformat(at)
    connection.ensure_connection()
    say("ready")
    sys.stdin.readline()
    if how == "hold":
        recount_due(moment, batches=1, batch=2)
        with transaction.atomic():
            say(str(recount_due(moment, batches=1, batch=2)["moved"]))
            sys.stdin.readline()
        return
    moved = 0
    while True:
        counts = recount_due(moment, batches=1, batch=2)
        moved += counts["moved"]
        if not counts["left"]:
            break
    say(str(moved))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
