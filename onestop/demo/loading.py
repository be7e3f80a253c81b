"""Loading the demo city: catalogue and people first, then its months in parallel processes."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from random import Random

from django.core.management import call_command
from django.db import connections

from dossiers import firing
from dossiers.models import Dossier
from dossiers.statistics.rollup import fold
from notifications.sending import drain
from onestop.accounts.models import Demo
from onestop.demo import between, submissions
from onestop.demo.accounts import accounts
from onestop.demo.letters import posting
from onestop.demo.plans import Plan, plans
from onestop.demo.simulation import Simulation
from onestop.demo.staff import employ, give_phones, open_accounts
from workflows.catalogue.demo_city import load_demo_city
from workflows.models import Agency, AgencyKind, Calendar, Post

SEED = 20251125
DAYS = 90
PROCESSES = 2
# A process that waits so long for the others has lost them.
STUCK = timedelta(minutes=10)


class NotTheDemosError(Exception):
    """The database holds something that the demo did not put there."""


def is_empty() -> bool:
    """Whether nothing of the field is in the database yet."""
    return not Agency.objects.exists() and not Dossier.objects.exists()


def clear() -> None:
    """Empty the database. Raises: NotTheDemosError unless it is empty or the demo's own."""
    if not Demo.objects.exists() and not is_empty():
        raise NotTheDemosError
    call_command("flush", interactive=False, verbosity=0)


def load(*, at: datetime, size: int) -> None:
    """Make the city anew and run its last months up to `at`."""
    clear()
    demo = Demo.objects.create(state=Demo.State.LOADING, ends_at=at, size=size)
    since = (at - timedelta(days=DAYS)).date()
    began = datetime.combine(since, time(0), at.tzinfo) - timedelta(days=30)
    _say("agencies, procedures, workflows")
    load_demo_city(in_force_from=began.date(), at=began)
    give_phones()
    employ(Agency.objects.all(), began.date(), Random(SEED))
    commune = demo_commune()
    open_accounts(accounts(commune), began.date())
    _simulate(plans(since=since, until=at, size=size, seed=SEED, commune=commune), at=at)
    submissions.put_in(commune, at=at)
    head = Post.objects.get(user__username="head")
    vn = Calendar.objects.get(code="vn").working()
    between.leave_open(head.agency_id, head, at=vn.add(at, timedelta(hours=-1)))
    _say("limits that passed, messages, figures")
    firing.fire_due(at)
    drain(at=at, limit=100_000)
    fold(at)
    demo.state = Demo.State.LOADED
    demo.save()


def demo_commune() -> str:
    """The commune in which the demo's people work: the first by its code."""
    return Agency.objects.filter(kind=AgencyKind.COMMUNE).order_by("code")[0].code


def _simulate(planned: list[Plan], *, at: datetime) -> None:
    """Share the agencies out among processes: dossiers of one counter stay in order."""
    done = multiprocessing.Value("i", 0)
    parts = [
        [plan for plan in planned if plan.receiver.pk % PROCESSES == part]
        for part in range(PROCESSES)
    ]
    connections.close_all()
    context = multiprocessing.get_context("fork")
    first = min((plan.at for plan in planned), default=at)
    barrier = context.Barrier(PROCESSES)
    workers = [
        context.Process(
            target=_run, args=(part, at, SEED + number, done, first, barrier), daemon=True
        )
        for number, part in enumerate(parts)
    ]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        for worker in workers:
            worker.join(1)
        _say(f"dossiers {done.value} of {len(planned)}", over=True)
    sys.stderr.write("\n")
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a process of the demo failed; see the messages above")


def _run(
    part: list[Plan],
    at: datetime,
    seed: int,
    done: Synchronized[int],
    first: datetime,
    barrier: Barrier,
) -> None:
    calendar = Calendar.objects.get(code="vn").working()

    def tick() -> None:
        with done.get_lock():
            done.value += 1

    def meet(act: Callable[[], None]) -> None:
        # A day's letters are sent when all have come to its end: none is sent from the future.
        if barrier.wait(STUCK.total_seconds()) == 0:
            act()
        barrier.wait(STUCK.total_seconds())

    commune = demo_commune()
    has_commune = any(plan.receiver.code == commune for plan in part)
    hours, power_cut_on = calendar, between.middle_day(first, at, calendar)
    if has_commune:
        # Nobody works there meanwhile; nor, for the simulation's sake, do those it is carried with.
        hours = between.without_afternoon(calendar, power_cut_on)
        part = [replace(plan, at=hours.next_open(plan.at)) for plan in part]
    simulation = Simulation(part, until=at, calendar=hours, seed=seed)
    simulation.later(first, posting(first, calendar, meet))
    if has_commune:
        manager = simulation.roster.of_city("catalogue_manager")
        simulation.later(*between.power_cut(commune, power_cut_on, calendar, manager))
    simulation.run(tick)


def _say(text: str, *, over: bool = False) -> None:
    end = "\r" if over and sys.stderr.isatty() else "\n"
    sys.stderr.write(f"demo: {text}{end}")
    sys.stderr.flush()
