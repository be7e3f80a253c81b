"""What a case of an event log tells: start, end, limit, whose it is, and what happened in order.

Facts of the past are taken, not judged. Where a log contradicts itself the case is taken and the
contradiction is a remark: an event before the start or after the end moves nothing, an end before
the start is read as the start.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext, ngettext

from dossiers.exchange import history_cells as cells
from dossiers.exchange.history_log import LogEvent, RawCase
from dossiers.exchange.history_mapping import Activities, Choice, LogMapping, MomentOf, Span


class Ending(StrEnum):
    """How a case ended."""

    CONCLUDED = "concluded"
    WITHDRAWN = "withdrawn"
    DISCONTINUED = "discontinued"


@dataclass(frozen=True, slots=True)
class LogAct:
    """Something that moved the case: a step finished, or the clock stopped or resumed."""

    kind: str  # "step", "stop" or "resume"
    event: LogEvent
    ground: str = ""


@dataclass(frozen=True, slots=True)
class LogCase:
    """One case as it is to be recorded. `limit` is a moment; where the mapping gives a span of time
    it counts from `counted_from`, and without that, or without a limit, the case has none."""

    case: str
    line: int
    agency: str
    unit: str
    receiving_agency: str
    channel: str
    procedure: str
    started_at: datetime
    ended_at: datetime | None
    ending: Ending | None
    limit_at: datetime | None
    counted_from: datetime | None
    acts: tuple[LogAct, ...]
    ended_by: LogEvent | None
    # The mapping says where the limit stands, and there is none.
    lacks_limit: bool = False
    remarks: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def steps(self) -> list[str]:
        """The activities finished as steps, in order."""
        return [act.event.activity for act in self.acts if act.kind == "step"]


@dataclass(slots=True)
class CaseLog:
    """The readable cases of a log, and those that are not, with line, case and reason."""

    cases: list[LogCase] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def tell(raw_cases: list[RawCase], mapping: LogMapping, now: datetime) -> CaseLog:
    """Every case of a log; `now` is the moment after which nothing can have happened."""
    log = CaseLog()
    for raw in raw_cases:
        try:
            if raw.fault:
                raise cells.UnreadableCell(raw.fault)
            log.cases.append(_case(raw, mapping, now))
        except cells.UnreadableCell as unreadable:
            log.refused.append((raw.line, cells.printable(raw.case), str(unreadable)))
    return log


def _case(raw: RawCase, mapping: LogMapping, now: datetime) -> LogCase:
    events = sorted(raw.events, key=lambda event: (event.at, event.line))
    remarks = [
        gettext("%(column)s says different things; the first is taken") % {"column": column}
        for column in sorted(raw.contradicted)
    ]
    started_at = _moment(mapping.start, raw, events, mapping)
    if started_at is None:
        raise cells.UnreadableCell(gettext("the case has no start"))
    ended_at = _moment(mapping.end, raw, events, mapping) if mapping.end else None
    if ended_at is not None and ended_at < started_at:
        ended_at = started_at
        remarks.append(gettext("the end lies before the start: it is read as the start"))
    if max(started_at, ended_at or started_at, events[-1].at) > now:
        raise cells.UnreadableCell(gettext("the case goes on in the future"))
    ended_by = _end_of_its_own(events, mapping.activities, started_at, ended_at)
    ending = None if ended_at is None else Ending.CONCLUDED
    if ended_by is not None:
        withdrawn = ended_by.activity in mapping.activities.withdrawal
        ending = Ending.WITHDRAWN if withdrawn else Ending.DISCONTINUED
        ended_at = ended_by.at
    remarks += _outside(events, started_at, ended_at)
    inside = [e for e in events if started_at <= e.at and (ended_at is None or e.at <= ended_at)]
    acts = tuple(_acts(inside, mapping.activities, ended_at is not None, remarks))
    limit_at, counted_from = _limit(raw, events, mapping, started_at)
    if limit_at is not None and limit_at < started_at:
        remarks.append(gettext("the limit lies before the start"))
    case = LogCase(
        case=raw.case,
        line=raw.line,
        agency=_code(mapping.agency, raw),
        unit=_code(mapping.unit, raw) if mapping.unit else "",
        receiving_agency=_code(mapping.receiving_agency or mapping.agency, raw),
        channel=_code(mapping.channel, raw),
        procedure=_code(mapping.procedure, raw),
        started_at=started_at,
        ended_at=ended_at,
        ending=ending,
        limit_at=limit_at,
        counted_from=counted_from,
        acts=acts,
        ended_by=ended_by,
        lacks_limit=mapping.limit is not None and (limit_at or counted_from) is None,
        remarks=tuple(remarks),
    )
    return replace(case, fingerprint=_fingerprint(case, mapping))


def _moment(
    of: MomentOf, raw: RawCase, events: list[LogEvent], mapping: LogMapping
) -> datetime | None:
    if of.column:
        cell = raw.cells.get(of.column, "")
        if not cell:
            return None
        return cells.moment(cell, mapping, column=of.column, at_day_end=of.at_day_end)
    named = [e.at for e in events if of.activities is None or e.activity in of.activities]
    return None if not named else named[-1 if of.last else 0]


def _limit(
    raw: RawCase, events: list[LogEvent], mapping: LogMapping, started_at: datetime
) -> tuple[datetime | None, datetime | None]:
    limit = mapping.limit
    if isinstance(limit, Span):
        since = limit.since
        return None, started_at if since is None else _moment(since, raw, events, mapping)
    return (None if limit is None else _moment(limit, raw, events, mapping)), None


def _code(choice: Choice, raw: RawCase) -> str:
    return cells.code(choice, raw.cells.get(choice.column, ""))


def _end_of_its_own(
    events: list[LogEvent], activities: Activities, start: datetime, end: datetime | None
) -> LogEvent | None:
    """The withdrawal or discontinuation that ended the case, if one did."""
    ends = activities.withdrawal | activities.discontinuation
    for event in events:
        if event.activity in ends and start <= event.at and (end is None or event.at <= end):
            return event
    return None


def _outside(events: list[LogEvent], start: datetime, end: datetime | None) -> Iterator[str]:
    before = sum(1 for event in events if event.at < start)
    after = sum(1 for event in events if end is not None and event.at > end)
    if before:
        yield ngettext(
            "%(count)s event lies before the start and moves nothing",
            "%(count)s events lie before the start and move nothing",
            before,
        ) % {"count": before}
    if after:
        yield ngettext(
            "%(count)s event lies after the end and moves nothing",
            "%(count)s events lie after the end and move nothing",
            after,
        ) % {"count": after}


def _acts(
    events: list[LogEvent], activities: Activities, ended: bool, remarks: list[str]
) -> Iterator[LogAct]:
    """What moved the case. A stop of what is stopped, or a resumption of what runs, does not."""
    grounds: set[str] = set()
    for event in events:
        if ground := activities.stop.get(event.activity):
            if ground in grounds:
                remarks.append(
                    gettext("line %(line)s stops what is stopped already") % {"line": event.line}
                )
                continue
            grounds.add(ground)
            yield LogAct("stop", event, ground)
        elif ground := activities.resume.get(event.activity):
            if ground not in grounds:
                remarks.append(
                    gettext("line %(line)s resumes what was not stopped") % {"line": event.line}
                )
                continue
            grounds.remove(ground)
            yield LogAct("resume", event, ground)
        elif activities.is_step(event.activity):
            yield LogAct("step", event)
    if grounds and ended:
        remarks.append(gettext("the case ended while it was stopped"))


def _fingerprint(case: LogCase, mapping: LogMapping) -> str:
    """SHA-256 over all that the log says of the case; where in the file it stands is not of it."""
    span = mapping.limit if isinstance(mapping.limit, Span) else None
    told = [
        case.agency, case.unit, case.receiving_agency, case.channel, case.procedure, case.ending,
        [_iso(case.started_at), _iso(case.ended_at), _iso(case.limit_at), _iso(case.counted_from)],
        span and span.limit.to_json(),
        [[act.kind, act.ground, *_told(act.event)] for act in case.acts],
        case.ended_by and _told(case.ended_by),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _told(event: LogEvent) -> list[str]:
    return [event.at.isoformat(), event.activity, event.performer]


def _iso(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()
