"""How timers stand: in words on the board, by a command, at /health/ and as metrics."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from time_machine import travel

from dossiers import watching
from dossiers.errors import Refusal
from dossiers.firing import fire_due
from dossiers.lifecycle import progress
from dossiers.models import Dossier, Timer
from dossiers.reading import timers
from onestop import metrics
from tests.given.city import City, city, moment
from tests.timers.test_firing import mend, poison
from workflows.models import Role

pytestmark = pytest.mark.django_db

# Received on Monday 2 March at 08:10, five working days: Monday 9 March, 17:30.
PASSED = "2026-03-09 17:31"


@pytest.fixture
def given() -> City:
    return city()


@pytest.fixture
def counted() -> Iterator[metrics.Tally]:
    """This test's commands and timers are counted, in a broker emptied before and after."""
    own = redis.Redis.from_url(settings.REDIS_URL)
    own.delete(metrics.KEY)
    tally = metrics.Tally()
    watching.watch(tally)
    yield tally
    watching.unwatch(tally)
    tally.flush()
    own.delete(metrics.KEY)
    own.close()


def board(role: str = Role.SUPERVISOR) -> str:
    client = Client()
    client.force_login(get_user_model().objects.get(username=role))
    client.cookies["django_language"] = "en"
    page = client.get("/work/board/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def status(*more: str) -> str:
    out = StringIO()
    call_command("timers", "status", *more, stdout=out)
    return out.getvalue()


# The board


def test_the_board_says_since_when_flags_are_late_and_that_the_figures_are_right(
    given: City,
) -> None:
    given.receive()
    fire_due(moment("2026-03-09 09:00"))

    with travel(moment("2026-03-09 17:40"), tick=False):
        page = board()

    assert "Flags are late since 17:30; the figures are right." in page
    with travel(moment("2026-03-09 17:40"), tick=False):
        fire_due(timezone.now())
        assert "Flags are late" not in board()


def test_a_lag_of_seconds_is_not_worth_a_word(given: City) -> None:
    given.receive()
    fire_due(moment("2026-03-09 09:00"))

    with travel(moment("2026-03-09 17:30:45"), tick=False):
        assert "Flags are late" not in board()


def test_flags_late_since_yesterday_are_said_with_the_day(given: City) -> None:
    given.receive()
    fire_due(moment("2026-03-09 09:00"))

    with travel(moment("2026-03-10 09:00"), tick=False):
        page = board().replace("\N{NO-BREAK SPACE}", " ")

    assert "Flags are late since Mon 9 Mar 2026, 17:30; the figures are right." in page


@pytest.mark.builds_rows
def test_the_board_names_the_dossiers_whose_timers_were_set_aside(given: City) -> None:
    dossier = given.receive()
    given.receive()
    poison(dossier)
    fire_due(moment(PASSED))

    page = board()

    assert "One timer could not fire and was set aside" in page
    assert dossier.code in page.split("By agency")[0]


# The command


def test_status_says_what_is_due_what_is_to_come_and_how_late_it_is(given: City) -> None:
    given.receive()
    fire_due(moment("2026-03-09 09:00"))

    with travel(moment("2026-03-09 17:40"), tick=False):
        found = json.loads(status("--format", "json"))

    assert (found["due"], found["set_aside"]) == (1, 0)
    assert found["oldest_due_at"] == "2026-03-09T10:30:00+00:00"
    assert found["lag_seconds"] == 600.0
    by_kind = {kind["kind"]: (kind["due"], kind["to_come"]) for kind in found["kinds"]}
    assert by_kind["breach"] == (1, 0)


@pytest.mark.builds_rows
def test_status_lists_what_was_set_aside_and_retry_fires_it_again(given: City) -> None:
    dossier = given.receive()
    given.receive()
    poison(dossier)
    fire_due(moment(PASSED))
    aside = Timer.objects.exclude(set_aside_at=None).get()

    table = status()
    assert re.search(rf"{aside.pk}  breach  {dossier.code}  due 2026-03-09 17:30  \w+", table)
    mend(dossier)
    out = StringIO()
    call_command("timers", "retry", str(aside.pk), stdout=out)
    fire_due(moment("2026-03-10 09:00"))

    assert out.getvalue() == "1 timers will fire again at the next sweep\n"
    assert given.breach_of(dossier).breached_at == moment("2026-03-09 17:30")
    assert "set aside (" not in status()


def test_status_of_named_timers_is_refused(given: City) -> None:
    with pytest.raises(CommandError, match="status takes no ids"):
        status("7")


# Health


def test_health_says_how_late_timers_are_and_stays_well(given: City, client: Client) -> None:
    given.receive()
    fire_due(moment("2026-03-09 09:00"))

    with travel(moment("2026-03-09 17:40"), tick=False):
        answer = client.get("/health/")

    assert answer.status_code == 200
    assert answer.json()["timers"] == {"lag_seconds": 600, "set_aside": 0}


# Metrics


def page(client: Client, **more: Any) -> str:
    return client.get("/metrics", **more).content.decode()


def value(text: str, series: str) -> float:
    """The value of one series; the page must have it once."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"{series} ")]
    return float(line.rsplit(" ", 1)[1])


def test_commands_are_counted_by_how_they_ended_and_how_long_they_took(
    given: City, counted: metrics.Tally, client: Client
) -> None:
    dossier = given.receive()
    given.advance(dossier, Role.OFFICER, "2026-03-03 09:00")
    with pytest.raises(Refusal):
        progress.claim(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-03 10:00"))
    counted.flush()

    text = page(client)

    count = "onestop_command_seconds_count"
    assert value(text, f'{count}{{command="receive",outcome="done"}}') == 1
    assert value(text, f'{count}{{command="advance",outcome="done"}}') == 1
    assert value(text, f'{count}{{command="claim",outcome="refused"}}') == 1
    seconds = value(text, 'onestop_command_seconds_sum{command="advance",outcome="done"}')
    assert 0 < seconds < 10


def test_the_histogram_says_how_late_timers_fired(
    given: City, counted: metrics.Tally, client: Client
) -> None:
    given.receive()
    fire_due(moment("2026-03-09 09:00"))
    fire_due(moment("2026-03-09 17:30:20"))  # 20 seconds late
    counted.flush()

    text = page(client)

    late = 'onestop_timer_late_seconds_bucket{by="worker",kind="breach",le="%s"}'
    # The step's own limit passed on Friday, three days before anybody swept.
    assert value(text, late % "10") == 0
    assert value(text, late % "30") == 1
    assert value(text, late % "+Inf") == 2
    assert metrics.fired() == 3


def test_what_a_command_met_is_told_from_what_the_worker_fired(
    given: City,
    counted: metrics.Tally,
    client: Client,
    django_capture_on_commit_callbacks: Any,
) -> None:
    dossier = given.receive()
    with django_capture_on_commit_callbacks(execute=True):
        given.advance(dossier, Role.OFFICER, "2026-03-09 18:00")
    counted.flush()

    series = 'onestop_timer_late_seconds_count{by="command",kind="breach"}'
    assert value(page(client), series) == 2


@pytest.mark.builds_rows
def test_metrics_say_what_is_due_set_aside_and_how_far_timers_lag(
    given: City, counted: metrics.Tally, client: Client
) -> None:
    dossier = given.receive()
    given.receive()
    poison(dossier)
    fire_due(moment(PASSED))

    with travel(moment("2026-03-10 17:40"), tick=False):
        text = page(client)

    assert value(text, 'onestop_timers_set_aside{kind="breach"}') == 1
    assert value(text, 'onestop_timers_due{kind="apology_overdue"}') == 1
    assert value(text, "onestop_timers_lag_seconds") == 600


def test_counts_of_several_processes_add_up(counted: metrics.Tally, client: Client) -> None:
    child = os.fork()
    if child == 0:  # a worker's child counts its own, and not its parent's again
        metrics.TALLY.command("claim", "done", 0.01)
        metrics.TALLY.flush()
        os._exit(0)
    os.waitpid(child, 0)
    counted.command("claim", "done", 0.02)
    counted.flush()

    series = 'onestop_command_seconds_count{command="claim",outcome="done"}'
    assert value(page(client), series) == 2


def test_a_forked_child_does_not_count_its_parent_s_again(counted: metrics.Tally) -> None:
    metrics.TALLY.command("claim", "done", 0.01)
    child = os.fork()
    if child == 0:
        metrics.TALLY.flush()
        os._exit(0)
    os.waitpid(child, 0)
    metrics.TALLY.flush()

    assert sum(n for field, n in metrics.added().items() if field[-1] != "sum") == 1


def test_counts_wait_while_the_broker_is_away(counted: metrics.Tally, settings: Any) -> None:
    there = settings.REDIS_URL
    counted.command("claim", "done", 0.01)
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    counted.flush()
    settings.REDIS_URL = there
    counted.flush()

    assert metrics.added()[("command", "claim", "done", "0.01")] == 1


@pytest.mark.parametrize(
    ("case", "token", "more", "answer"),
    [
        ("this machine", "", {"REMOTE_ADDR": "127.0.0.1"}, 200),
        ("this machine, IPv6", "", {"REMOTE_ADDR": "::1"}, 200),
        ("another machine", "", {"REMOTE_ADDR": "10.0.0.8"}, 403),
        (
            "through a proxy on this machine",
            "",
            {"REMOTE_ADDR": "127.0.0.1", "headers": {"x-forwarded-for": "10.0.0.8"}},
            403,
        ),
        (
            "the token",
            "s3cret",
            {"REMOTE_ADDR": "10.0.0.8", "headers": {"authorization": "Bearer s3cret"}},
            200,
        ),
        (
            "another token",
            "s3cret",
            {"REMOTE_ADDR": "10.0.0.8", "headers": {"authorization": "Bearer other"}},
            403,
        ),
        (
            "no token asked for, none believed",
            "",
            {"REMOTE_ADDR": "10.0.0.8", "headers": {"authorization": "Bearer "}},
            403,
        ),
    ],
)
def test_metrics_are_for_this_machine_or_for_who_shows_the_token(
    case: str, token: str, more: Any, answer: int, settings: Any, client: Client
) -> None:
    settings.METRICS_TOKEN = token

    assert client.get("/metrics", **more).status_code == answer


def test_a_dossier_s_name_is_in_no_metric(
    given: City, counted: metrics.Tally, client: Client
) -> None:
    dossier: Dossier = given.receive()
    counted.flush()

    assert dossier.code not in page(client)
    assert timers.oldest_due(moment("2026-03-02 08:10")) is None
