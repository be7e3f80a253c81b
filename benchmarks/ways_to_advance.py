"""The same act done in five ways: an officer finishes the first step after reception.

Ours does all of it through the command. Two do state and event only. One does the whole act with a
`save()` for every row, by the same rules. The last does the whole act in one prepared statement
that is told everything beforehand: no read, no rule, no ORM. All use their process's connection.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction

from dossiers import permissions
from dossiers.clock import Clock
from dossiers.lifecycle import progress
from dossiers.models import ClockKind, ClockRow, Dossier, Event, LimitValue, StepRun, Timer
from dossiers.statistics import seal
from dossiers.timers import wanted
from workflows import routing
from workflows.actors import Actor, Held
from workflows.graph import Step

Way = Callable[[int, Actor, datetime], None]
SHARE = timedelta(hours=8)  # what the definition gives the next step
CLOCK_COLUMNS = [name for name in Clock.__dataclass_fields__ if name != "calendar"]


def ours(dossier_id: int, by: Actor, at: datetime) -> None:
    """The command: lock, settle, rules, state, step, event, clock, timers, figures, outbox."""
    progress.advance(dossier_id, outcome="done", by=by, at=at)


# Hand-written SQL

_STATE_AND_EVENT = """
WITH moved AS (
    UPDATE dossiers_dossier SET status = 'processing', head_n = head_n + 1, last_caused_at = %(at)s
     WHERE id = %(id)s AND status = 'received'
 RETURNING id, head_n)
INSERT INTO dossiers_event
       (dossier_id, n, kind, at, recorded_at, from_status, to_status, post_id, by_applicant,
        late_entry, facts, previous, sha256)
SELECT id, head_n, 'advanced', %(at)s, %(at)s, 'received', 'processing', %(post)s, false, false,
       %(facts)s, '', ''
  FROM moved
"""


def sql_state_and_event(dossier_id: int, by: Actor, at: datetime) -> None:
    """State and event in one guarded statement, which is its own transaction."""
    facts = json.dumps({"step": "appraise", "ordinal": 2, "outcome": "done"})
    given = {"id": dossier_id, "at": at, "post": by.posts[0].post_id, "facts": facts}
    with connection.cursor() as cursor:
        cursor.execute(_STATE_AND_EVENT, given)
        if cursor.rowcount != 1:
            raise RuntimeError("the dossier is not as it was")


# Bare django-fsm


def fsm_state_and_event(dossier_id: int, by: Actor, at: datetime) -> None:
    """Read, transition, save, and an event beside it; no lock, no step, no clock, no chain."""
    with transaction.atomic():
        dossier = Dossier.objects.get(pk=dossier_id)
        before = dossier.status
        dossier.status_processing()
        dossier.head_n += 1
        dossier.last_caused_at = at
        dossier.save(update_fields=["status", "head_n", "last_caused_at"])
        Event.objects.create(
            dossier=dossier,
            n=dossier.head_n,
            kind="advanced",
            at=at,
            recorded_at=at,
            from_status=before,
            to_status=dossier.status,
            post_id=by.posts[0].post_id,
            facts={"step": "appraise", "ordinal": 2, "outcome": "done"},
        )


# The whole act with plain saves


@transaction.atomic
def plain_saves(dossier_id: int, by: Actor, at: datetime) -> None:
    """The whole act as it is usually written: rows read where needed, each saved by itself."""
    dossier = (
        Dossier.objects.select_for_update(of=("self",))
        .select_related("definition", "receiving_agency", "answering_agency")
        .defer("definition__body")
        .get(pk=dossier_id)
    )
    run = StepRun.objects.get(dossier=dossier, state__in=["waiting", "working"])
    held = permissions.check(by, "advance", dossier, run)
    if held is None or Timer.objects.filter(dossier=dossier, fires_at__lt=at).exists():
        raise RuntimeError("time has caused something, which this way leaves out")
    returned = StepRun.objects.filter(dossier=dossier, key=run.key, outcome="done").count()
    following = routing.next_step(
        dossier.definition.graph(), run.key, "done", dossier.facts, returned=returned
    )
    before = dossier.status
    dossier.status_processing()
    finished = _close(run, held, at)
    if following.step is None:
        raise RuntimeError("this way leaves out the end")
    opened = _open(dossier, run, following.step, finished, at)
    facts = {"step": run.key, "ordinal": run.ordinal, "outcome": "done"}
    facts |= {"returns": following.returns, "next": opened.key, "taken_up": True}
    _record(dossier, before, held, facts, at)


def _close(run: StepRun, held: Held, at: datetime) -> ClockRow:
    run.officer_id, run.claimed_at = held.post_id, at
    run.state, run.ended_at, run.outcome = StepRun.State.DONE, at, "done"
    run.save()
    row = ClockRow.objects.select_related("calendar__base").get(step_run=run)
    columns = {name: getattr(row, name) for name in CLOCK_COLUMNS}
    _put(row, Clock.from_columns(columns, row.calendar.working()).finish(at))
    Timer.objects.filter(clock=row).delete()
    return row


def _open(dossier: Dossier, run: StepRun, step: Step, share: ClockRow, at: datetime) -> StepRun:
    opened = StepRun.objects.create(
        dossier=dossier,
        ordinal=run.ordinal + 1,
        key=step.key,
        kind=step.kind,
        agency=dossier.answering_agency,
        role=step.role,
        state=StepRun.State.WAITING,
        opened_at=at,
    )
    calendar = share.calendar.working()
    clock = Clock.start_for(SHARE, calendar, at)
    row = ClockRow(dossier=dossier, step_run=opened, kind=ClockKind.STEP, calendar=share.calendar)
    _put(row, clock)
    LimitValue.objects.create(
        clock=row,
        at=at,
        limit_at=row.limit_at,
        promised_at=row.promised_at,
        cause="begun",
        event_n=dossier.head_n + 1,
    )
    for kind, moment in wanted(row.kind, clock, calendar, at).items():
        Timer.objects.create(clock=row, dossier=dossier, kind=kind, fires_at=moment)
    return opened


def _put(row: ClockRow, clock: Clock) -> None:
    for name, value in clock.columns().items():
        setattr(row, name, value)
    row.save()


def _record(
    dossier: Dossier, before: str, held: Held, facts: dict[str, object], at: datetime
) -> None:
    event = Event(
        dossier=dossier,
        n=dossier.head_n + 1,
        kind="advanced",
        at=at,
        recorded_at=at,
        from_status=before,
        to_status=dossier.status,
        post_id=held.post_id,
        facts=facts,
        previous=dossier.head_sha256,
    )
    event.sha256 = seal.event_hash(seal.event_fields(str(dossier.ref), event), event.previous)
    event.save()
    dossier.head_n, dossier.head_sha256, dossier.last_caused_at = event.n, event.sha256, at
    dossier.version += 1
    dossier.save()


# The ceiling

_EVERYTHING = """
WITH moved AS (
    UPDATE dossiers_dossier
       SET status = 'processing', version = version + 1, head_n = head_n + 1,
           head_sha256 = %(hash)s, last_caused_at = %(at)s
     WHERE id = %(id)s AND status = 'received'
 RETURNING id, head_n, answering_agency_id),
closed AS (
    UPDATE dossiers_steprun
       SET state = 'done', outcome = 'done', ended_at = %(at)s, claimed_at = %(at)s,
           officer_id = %(post)s
     WHERE dossier_id = %(id)s AND state IN ('waiting', 'working')
 RETURNING id, ordinal),
opened AS (
    INSERT INTO dossiers_steprun
           (dossier_id, ordinal, key, kind, agency_id, role, state, opened_at, outcome, is_return)
    SELECT moved.id, ordinal + 1, 'sign', 'sign', answering_agency_id, 'approver', 'waiting',
           %(at)s, '', false
      FROM moved, closed
 RETURNING id, dossier_id),
finished AS (
    UPDATE dossiers_clockrow
       SET state = 'finished', finished_at = %(at)s, result = 'early', margin = %(share)s
     WHERE step_run_id = (SELECT id FROM closed)
 RETURNING id, calendar_id, counted_by),
begun AS (
    INSERT INTO dossiers_clockrow
           (dossier_id, step_run_id, kind, calendar_id, state, started_at, anchor_at,
            anchor_budget, ended_stops, earlier_stops, counted_by, limit_at, limit_set_at,
            promised_at, promise_number, grounds, result, breached)
    SELECT dossier_id, opened.id, 'step', calendar_id, 'running', %(at)s, %(at)s,
           %(share)s, '[]', '[]', counted_by, %(limit)s, %(at)s, %(limit)s, 1, '[]', '', '[]'
      FROM opened, finished
 RETURNING id, dossier_id),
valued AS (
    INSERT INTO dossiers_limitvalue
           (clock_id, at, limit_at, promised_at, promise_number, cause, event_n)
    SELECT begun.id, %(at)s, %(limit)s, %(limit)s, 1, 'begun', head_n FROM begun, moved),
cleared AS (
    DELETE FROM dossiers_timer WHERE clock_id = (SELECT id FROM finished)),
set_anew AS (
    INSERT INTO dossiers_timer (clock_id, dossier_id, kind, fires_at, fault)
    SELECT id, dossier_id, 'breach', %(limit)s, '' FROM begun)
INSERT INTO dossiers_event
       (dossier_id, n, kind, at, recorded_at, from_status, to_status, post_id, by_applicant,
        late_entry, facts, previous, sha256)
SELECT id, head_n, 'advanced', %(at)s, %(at)s, 'received', 'processing', %(post)s, false, false,
       %(facts)s, %(hash)s, %(hash)s
  FROM moved
"""


def one_statement(dossier_id: int, by: Actor, at: datetime) -> None:
    """Everything in one prepared statement, past Django: what the database alone takes."""
    facts = {"step": "appraise", "ordinal": 2, "outcome": "done", "returns": False, "next": "sign"}
    given = {
        "id": dossier_id,
        "at": at,
        "limit": at + timedelta(days=1),
        "share": SHARE,
        "post": by.posts[0].post_id,
        "hash": "0" * 64,
        "facts": json.dumps(facts),
    }
    cursor = _plain_cursor()
    cursor.execute(_EVERYTHING, given, prepare=True)
    if cursor.rowcount != 1:
        raise RuntimeError("the dossier is not as it was")


def _plain_cursor():  # type: ignore[no-untyped-def]
    from psycopg import Cursor

    connection.ensure_connection()
    return Cursor(connection.connection)


WAYS: dict[str, Way] = {
    "ours": ours,
    "SQL, state and event": sql_state_and_event,
    "django-fsm, state and event": fsm_state_and_event,
    "plain saves, the whole act": plain_saves,
    "one statement, the whole act": one_statement,
}
# What of these does the whole act must leave the same rows behind.
WHOLE = ("ours", "plain saves, the whole act", "one statement, the whole act")
