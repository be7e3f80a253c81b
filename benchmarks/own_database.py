"""A database of a benchmark's own: made anew, migrated, dropped at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django


def prepare() -> None:
    """Have Django set up and the engines running, as `manage.py` has."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onestop.settings")
    django.setup()
    from django.conf import settings

    from onestop import embedded

    if settings.EMBEDDED_DATABASE or settings.EMBEDDED_REDIS:
        embedded.ensure(settings.ONESTOP_HOME)


@contextmanager
def own_database(name: str) -> Iterator[None]:
    """The default connection leads to an empty database of this name, until the end of the block.

    Its settings are those OneStop runs with: nothing is made less durable for a better figure.
    """
    from django.db import connection

    before = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.close()
        connection.creation.destroy_test_db(before, verbosity=0)
