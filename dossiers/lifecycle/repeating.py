"""Repeated lateness: where a unit or an officer was late too often within a period, a record goes
to those who watch, once, with the cases attached; they note what was done about it.

A sweep asks what is due and not yet done: a record is unique per subject and period, and a case is
attached once, so that any number of sweeps, late or at once, raise the same records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dossiers import permissions
from dossiers.errors import Invalid, Missing, NotNow
from dossiers.lifecycle._line import out_of_quiet_hours
from dossiers.lifecycle._time import local_date
from dossiers.lifecycle.registry import command
from dossiers.models import Breach, RepeatedCase, RepeatedLateness
from dossiers.writing import writing
from notifications import outbox
from notifications.recipients import STAFF, Recipient
from workflows.actors import Actor
from workflows.models import NATIONAL, Agency, Calendar, Post, Role, Unit


@dataclass(frozen=True, slots=True)
class Rule:
    """So many public breaches within such a stretch of calendar time are repeated lateness."""

    breaches: int
    within: timedelta


RULE = Rule(breaches=3, within=timedelta(days=30))
# Breaches older than this are not gone through again: whatever they had to raise was raised.
LOOKS_BACK = timedelta(days=90)
_LOCK = 0x4F53_5245  # one sweep at a time, in all processes


class Subject(NamedTuple):
    """Whose lateness: a unit, or an officer with the place of the post."""

    agency_id: int
    unit_id: int | None
    officer_id: int | None


class Case(NamedTuple):
    """A breach and the moment it passed."""

    breach_id: int
    at: datetime


class Period(NamedTuple):
    """A stretch with its cases; `record_id` where it has been raised already."""

    since: datetime
    until: datetime
    cases: list[Case]
    record_id: int | None = None


def periods(cases: Sequence[Case], known: Iterable[Period], rule: Rule = RULE) -> list[Period]:
    """The periods in which `cases` (in order of time) are repeated lateness: those known already
    with what joins them, and new ones, each from its first case on. Pure."""
    found = [Period(one.since, one.until, [], one.record_id) for one in known]
    free: list[Case] = []
    for case in cases:
        home = next((one for one in found if one.since <= case.at < one.until), None)
        (free if home is None else home.cases).append(case)
    place = 0
    while place < len(free):
        since = free[place].at
        inside = [case for case in free[place:] if case.at < since + rule.within]
        if len(inside) >= rule.breaches:
            found.append(Period(since, since + rule.within, inside))
            place += len(inside)
        else:
            place += 1
    return [one for one in found if one.cases]


def raise_repeated(at: datetime) -> int:
    """Raise what is due at `at` and attach what joins earlier records; how many were raised. Zero
    while another sweep is at it."""
    with writing("raise_repeated"), transaction.atomic():
        if not _alone():
            return 0
        raised = 0
        for officers in (False, True):
            for subject, cases in _by_subject(at, officers=officers):
                raised += _raise(subject, cases, at)
        return raised


@command("note_repeated_lateness", _("Note what was done"))
def note_repeated_lateness(
    record_id: int, *, note: str, by: Actor, at: datetime
) -> RepeatedLateness:
    """Whoever watches the agency notes what was done about a record: it is dealt with.

    Raises: Missing, NotAllowed, NotNow (noted already), Invalid (note).
    """
    found = RepeatedLateness.objects.select_for_update(of=("self",)).select_related("agency")
    record = found.filter(pk=record_id).first()
    if record is None:
        raise Missing("no_record")
    held = permissions.check_over(by, "note_repeated_lateness", record.agency)
    if not note.strip():
        raise Invalid("note_needed", fields={"note": "note_needed"})
    if record.noted_at is not None:
        raise NotNow("noted_already")
    record.noted_at, record.noted_by_id, record.note = at, held.post_id, note.strip()
    record.save(update_fields=["noted_at", "noted_by", "note"])
    return record


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _by_subject(at: datetime, *, officers: bool) -> Iterator[tuple[Subject, list[Case]]]:
    """The public breaches that no record holds yet, subject by subject, in order of time."""
    subject = ("officer__agency", "officer__unit", "officer") if officers else ("agency", "unit")
    held = RepeatedCase.objects.filter(breach=OuterRef("pk"), record__officer__isnull=not officers)
    rows = (
        Breach.objects.public()
        .filter(owes_explanation=True, breached_at__gte=at - LOOKS_BACK, breached_at__lt=at)
        .exclude(Exists(held))
        .order_by(*subject, "breached_at", "pk")
    )
    if officers:
        rows = rows.filter(officer__isnull=False)
    values = rows.values_list(*subject, "pk", "breached_at").iterator(chunk_size=5_000)
    for key, group in groupby(values, key=lambda row: row[: len(subject)]):
        place = key if officers else (*key, None)
        yield Subject(*place), [Case(pk, moment) for *_subject, pk, moment in group]


def _raise(subject: Subject, cases: list[Case], at: datetime) -> int:
    """Raise and extend the records of one subject; how many are new."""
    known = RepeatedLateness.objects.filter(
        agency=subject.agency_id, unit=subject.unit_id, officer=subject.officer_id
    ).filter(until__gt=cases[0].at)
    kept = [Period(one.since, one.until, [], one.pk) for one in known]
    raised = 0
    for period in periods(cases, kept):
        record_id = period.record_id
        if record_id is None:
            record = RepeatedLateness.objects.create(
                agency_id=subject.agency_id,
                unit_id=subject.unit_id,
                officer_id=subject.officer_id,
                since=period.since,
                until=period.until,
                raised_at=at,
            )
            record_id, raised = record.pk, raised + 1
            _tell(record, len(period.cases), at)
        RepeatedCase.objects.bulk_create(
            [RepeatedCase(record_id=record_id, breach_id=case.breach_id) for case in period.cases],
            batch_size=1_000,
        )
    return raised


def _tell(record: RepeatedLateness, cases: int, at: datetime) -> None:
    """Put the news into the outbox for every supervisor at or above the agency."""
    agency = Agency.objects.get(pk=record.agency_id)
    unit = None if record.unit_id is None else Unit.objects.get(pk=record.unit_id)
    officer = None if record.officer_id is None else Post.objects.get(pk=record.officer_id)
    context = {
        "agency": agency.name,
        "unit": "" if unit is None else unit.name,
        "officer": "" if officer is None else officer.name,
        "cases": cases,
        "since_at": record.since,
        "link": reverse("backoffice:repeated-record", args=[record.pk]),
    }
    watching = Post.objects.held_on(local_date(at)).filter(role=Role.SUPERVISOR, user__isnull=False)
    rows = [
        outbox.row(
            "repeated_lateness",
            Recipient(kind=STAFF, name=post.name, user_id=post.user_id),
            context,
            key=f"repeated/{record.pk}/{post.user_id}",
            stream=f"repeated/{record.pk}",
            at=at,
            not_before=_not_before(post, at),
        )
        for post in watching.select_related("agency__calendar__base")
        if agency.is_under(post.agency.path)
    ]
    outbox.post_many(rows)


def _not_before(post: Post, at: datetime) -> datetime:
    """People are told in their agency's hours; the record knows none."""
    calendar = post.agency.calendar or Calendar.objects.get(code=NATIONAL)
    return out_of_quiet_hours(calendar.working(), at)
