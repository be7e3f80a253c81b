"""What every test can count on: servers running when a database is asked for, and a place apart.

Each pytest process (an xdist worker too) takes the first free *slot* of the home and keeps it
locked: its database and its Redis number carry the slot's number, so that two runs, or two
workers, never meet. Where Chromium is missing the browser tests are left out, and one plain line
says so; with `CI` set nothing may be left out.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from hypothesis import settings as laws

from onestop import embedded
from tests.write_guard import refuse_unmarked

FIRST_REDIS_NUMBER = 2
IN_CI = bool(os.environ.get("CI"))
if IN_CI:
    # The same examples for the same program: new ones are looked for at the desk and in campaigns.
    laws.register_profile("ci", derandomize=True)
    laws.load_profile("ci")
CHROMIUM_IS_HERE = any(
    shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the browser tests without a browser, and those of files that are not here."""
    if "ONESTOP_REAL_DATA" not in os.environ:
        unread = [item for item in items if item.get_closest_marker("real_data")]
        items[:] = [item for item in items if item not in unread]
        config.hook.pytest_deselected(items=unread)
    if CHROMIUM_IS_HERE:
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    if left_out and IN_CI and "not browser" not in config.option.markexpr:
        raise pytest.UsageError("CI needs Chromium: nothing may be left out")
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and why."""
    if not CHROMIUM_IS_HERE:
        terminalreporter.write_line("Left out: the browser tests, as Chromium is not installed.")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("CI: tests were skipped, nothing may be left out")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


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
    with contextlib.suppress(AttributeError):
        del caches["default"]  # one made before this would count in everybody's number


@pytest.fixture(scope="session")
def django_db_modify_db_settings(engines: None, slot: int) -> None:
    """pytest-django asks for this before it makes the test database."""
    settings.DATABASES["default"]["TEST"]["NAME"] = f"test_onestop_{slot}"


@pytest.fixture(autouse=True)
def write_guard(request: pytest.FixtureRequest, _django_db_helper: None) -> Iterator[None]:
    """Nothing but a command, the firing, a fold or an import writes a dossier's rows.

    It stands between the making of the test database and its flushing, which are not of interest;
    the marker `builds_rows` lifts it for tests whose subject is the rows themselves.
    """
    if request.node.get_closest_marker("builds_rows"):
        yield
        return
    with connection.execute_wrapper(refuse_unmarked):
        yield
