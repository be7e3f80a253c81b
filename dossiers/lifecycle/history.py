"""Recording what happened before OneStop: cases of an imported log, with their steps, clocks,
results and figures at the log's own times.

Facts of the past are taken, not judged: no right is asked for, no message is sent. A batch is
written in one statement and one transaction; a case is known by its source and name, and taken
once.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from django.db import connection, transaction

from dossiers import codes
from dossiers.errors import NotNow
from dossiers.lifecycle import _retelling, _write
from dossiers.lifecycle._time import local_date
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.imported import ImportedCase
from dossiers.lifecycle.registry import writing
from dossiers.models import (
    CodeCounter,
    Dossier,
    Event,
    Origin,
    PublishedMonth,
    ReturnMethod,
    Status,
)
from workflows.actors import HISTORY

__all__ = [
    "Recorded",
    "known_cases",
    "local_date",
    "record_case",
    "record_cases",
]

_ONE_IMPORT = 7_730_118  # an advisory lock of our own


@dataclass(slots=True)
class Recorded:
    """What became of the cases of a batch, by their names."""

    taken: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    impossible: dict[str, str] = field(default_factory=dict)


def record_case(case: ImportedCase, *, at: datetime, recorded_at: datetime) -> Recorded:
    """Record one case; see `record_cases`."""
    return record_cases([case], at=at, recorded_at=recorded_at)


def record_cases(cases: Sequence[ImportedCase], *, at: datetime, recorded_at: datetime) -> Recorded:
    """Record the cases that are not known yet, all in one transaction.

    Time is run up to `at`, or to a case's last fact if that is later: limits passed by then are
    breached, what lies after it gets its timers. A known case is left alone, also if the log tells
    it differently now (`changed`); one that no clock can follow, or that lies in a published month,
    is left out (`impossible`).
    """
    with writing("import_history"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_IMPORT])
        result = Recorded()
        new = _unknown(cases, result)
        published = set(PublishedMonth.objects.values_list("month", flat=True))
        works = []
        for case, pk in zip(new, _ids(len(new)), strict=True):
            work = _begin(case, pk, recorded_at)
            try:
                _retelling.retell(case, work, until=at)
            except (ValueError, OverflowError) as fault:  # a calendar or clock cannot follow
                result.impossible[case.case] = str(fault)
                continue
            if published & _months(work):
                result.impossible[case.case] = NotNow("published_month").sentence
                continue
            works.append(work)
            result.taken.append(case.case)
        _number([work.dossier for work in works])
        if works:
            _write.write_all(works)
        return result


def known_cases(source: str) -> dict[str, str]:
    """The cases of a log that dossiers came from, each with its fingerprint."""
    return dict(Origin.objects.filter(source=source).values_list("case", "fingerprint"))


def _unknown(cases: Sequence[ImportedCase], result: Recorded) -> list[ImportedCase]:
    """The cases that no dossier came from yet."""
    known = {
        (source, name): fingerprint
        for source, name, fingerprint in Origin.objects.filter(
            source__in={case.source for case in cases}, case__in=[case.case for case in cases]
        ).values_list("source", "case", "fingerprint")
    }
    new = []
    for case in cases:
        before = known.get((case.source, case.case))
        if before is None:
            new.append(case)
        elif before == case.fingerprint:
            result.unchanged.append(case.case)
        else:
            result.changed.append(case.case)
    return new


def _ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Dossier._meta.db_table, count],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def _begin(case: ImportedCase, pk: int, recorded_at: datetime) -> Work:
    setting = case.setting
    dossier = Dossier(
        id=pk,
        ref=uuid4(),
        lookup_code=codes.lookup_code(secrets.token_bytes(codes.LOOKUP_LENGTH)),
        status=Status.RECEIVED,
        procedure=setting.procedure,
        edition=setting.edition,
        definition=setting.definition,
        channel=setting.channel,
        receiving_agency=setting.receiving_agency,
        answering_agency=setting.agency,
        unit=setting.unit,
        submitted_at=case.started_at,
        received_at=case.started_at,
        return_method=ReturnMethod.COUNTER,
    )
    work = Work(
        dossier=dossier, at=case.started_at, recorded_at=recorded_at, by=HISTORY, is_new=True
    )
    work.changes.add(
        Origin(dossier_id=pk, source=case.source, case=case.case, fingerprint=case.fingerprint)
    )
    return work


def _months(work: Work) -> set[date]:
    """The local months in which anything happened to a dossier."""
    events = (row for row in work.changes.added if isinstance(row, Event))
    return {local_date(event.at).replace(day=1) for event in events}


def _number(dossiers: Sequence[Dossier]) -> None:
    """Give the dossiers their codes in the order of reception; counters are locked in one order."""
    received = [
        (dossier, dossier.receiving_agency_id, local_date(dossier.received_at))
        for dossier in dossiers
        if dossier.received_at is not None
    ]
    wanted = Counter((agency, on) for _, agency, on in received)
    next_serial = {key: _take(key, count) for key, count in sorted(wanted.items())}
    for dossier, agency, on in received:
        serial = next_serial[agency, on]
        next_serial[agency, on] += 1
        dossier.code = codes.compose(dossier.receiving_agency.code, on, serial)
        dossier.code_key = codes.folded(dossier.code)


def _take(key: tuple[int, date], count: int) -> int:
    """The first of `count` serials of an agency and day."""
    table = CodeCounter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" (agency_id, "on", last) VALUES (%s, %s, %s) '  # noqa: S608
            f'ON CONFLICT (agency_id, "on") DO UPDATE SET last = "{table}".last + EXCLUDED.last '
            "RETURNING last",
            [*key, count],
        )
        return int(cursor.fetchone()[0]) - count + 1
