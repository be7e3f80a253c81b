"""Another worker: folds the named database when a line arrives on its input, a few at a time; or
(`hold`) folds in a transaction that it never ends."""

import sys

import django
from django.conf import settings


def main(database: str, at: str, how: str) -> None:
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from datetime import datetime

    from django.db import connection, transaction

    from dossiers.statistics.rollup import fold

    moment = datetime.fromisoformat(at)
    connection.ensure_connection()
    say("ready")
    sys.stdin.readline()
    if how == "hold":
        with transaction.atomic():
            say(str(fold(moment)))
            sys.stdin.readline()
        return
    folded = [fold(moment, limit=7)]
    while folded[-1]:
        folded.append(fold(moment, limit=7))
    say(str(sum(folded)))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
