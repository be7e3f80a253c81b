"""Another worker: drains the named database when a line arrives on its input."""

import json
import sys
from pathlib import Path

import django
from django.conf import settings

SENDER = "Một cửa <mot-cua@example.vn>"


def main(database: str, port: str) -> None:
    settings.DATABASES["default"]["NAME"] = database
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = SENDER
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(port)
    templates = str(Path(__file__).parent / "templates")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [templates]}]
    django.setup()
    from notifications import sending, topics
    from tests.notifications.conftest import AT, KEYS

    topics.register(
        topics.Topic(
            code="trial",
            label="trial",
            context_keys=KEYS,
            channels=("email",),
            subject="trial/subject.txt",
            body="trial/body.txt",
        )
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(json.dumps(sending.drain(at=AT)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
