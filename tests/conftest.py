"""What every test can count on: servers running when a database is asked for, and a place apart.

Each pytest process (an xdist worker too) takes the first free *slot* of the home and keeps it
locked: its database and its Redis number carry the slot's number, so that two runs, or two
workers, never meet.
"""

import fcntl
import os
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from onestop import embedded

FIRST_REDIS_NUMBER = 2


@pytest.fixture(scope="session")
def slot() -> Iterator[int]:
    """The number of this process among those that run tests of this home at the same time."""
    place = settings.ONESTOP_HOME
    embedded.prepare_home(place)
    for number in count():
        descriptor = os.open(place / f"tests-{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        yield number
        os.close(descriptor)
        return


@pytest.fixture(scope="session")
def engines(slot: int) -> None:
    """Both engines running, with this process's own database name and Redis number."""
    if settings.EMBEDDED_DATABASE or settings.EMBEDDED_REDIS:
        embedded.ensure(settings.ONESTOP_HOME)
    address = urlsplit(settings.REDIS_URL)
    number = FIRST_REDIS_NUMBER + slot
    if address.scheme == "unix":
        settings.REDIS_URL = f"unix://{address.path}?db={number}"
    else:
        settings.REDIS_URL = f"{address.scheme}://{address.netloc}/{number}"
    settings.CELERY_BROKER_URL = embedded.broker_url(settings.REDIS_URL)
    settings.CACHES["default"]["LOCATION"] = settings.REDIS_URL


@pytest.fixture(scope="session")
def django_db_modify_db_settings(engines: None, slot: int) -> None:
    """pytest-django asks for this before it makes the test database."""
    settings.DATABASES["default"]["TEST"]["NAME"] = f"test_onestop_{slot}"
