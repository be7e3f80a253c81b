"""Importing an event log: read the whole of it, put in what its mapping names, then record its
cases batch by batch in the order of their reception. What was recorded before an interruption is
known to the next run and left alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from dossiers.exchange.history_cases import CaseLog, LogAct, LogCase, tell
from dossiers.exchange.history_log import LogEvent, read_log
from dossiers.exchange.history_mapping import LogMapping, Span
from dossiers.exchange.history_places import (
    Places,
    UnknownPlace,
    ensure_offers,
    ensure_places,
    ensure_staff,
)
from dossiers.exchange.history_workflow import ensure_definition, step_keys
from dossiers.lifecycle.history import (
    ImportedAct,
    ImportedCase,
    Setting,
    local_date,
    record_cases,
)
from workflows.catalogue.locking import one_at_a_time
from workflows.models import Definition, Edition, Post, Procedure, Role, Unit

BATCH = 250
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class HistoryReport:
    """What an import did, counted in cases."""

    taken: int = 0
    unchanged: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    flagged: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, line: int, case: str, reason: str) -> None:
        """Note a case that was not taken; `code` is its name, as in the other imports' reports."""
        self.refused.append({"line": line, "code": case, "case": case, "reason": reason})

    def as_data(self) -> dict[str, Any]:
        """The report in its published form."""
        return {
            "read": self.taken + self.unchanged + len(self.refused),
            "taken": self.taken,
            "unchanged": self.unchanged,
            "refused": sorted(self.refused, key=lambda refused: refused["line"]),
            "flagged": self.flagged,
            "remarks": self.remarks,
        }


def import_history(
    path: Path,
    mapping: LogMapping,
    *,
    at: datetime,
    recorded_at: datetime,
    progress: Progress | None = None,
) -> HistoryReport:
    """Record every case of the log that is not known yet; time is run up to `at`.

    Raises: UnreadableLog, UnknownPlace, ImpossibleWorkflow; then nothing was changed.
    """
    log = tell(read_log(path, mapping), mapping, recorded_at)
    report = HistoryReport()
    for line, case, reason in log.refused:
        report.refuse(line, case, reason)
    with transaction.atomic():
        one_at_a_time()
        cases = _prepare(log, mapping, recorded_at, report)
    by_name = {case.case: case for case in log.cases}
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        _record(batch, by_name, report, at=at, recorded_at=recorded_at)
        if progress:
            progress(start + len(batch), len(cases))
    return report


def _record(
    batch: Sequence[ImportedCase],
    by_name: dict[str, LogCase],
    report: HistoryReport,
    *,
    at: datetime,
    recorded_at: datetime,
) -> None:
    result = record_cases(batch, at=at, recorded_at=recorded_at)
    report.taken += len(result.taken)
    report.unchanged += len(result.unchanged)
    for name in result.changed:
        reason = gettext("the log tells this case differently since it was imported")
        report.refuse(by_name[name].line, name, reason)
    for name, reason in result.impossible.items():
        report.refuse(by_name[name].line, name, reason)
    for imported in batch:
        name = imported.case
        if name in result.changed or name in result.impossible:
            continue
        report.remarks += [{"case": name, "reason": text} for text in by_name[name].remarks]
        if by_name[name].lacks_limit:
            report.flagged.append(
                {"code": name, "case": name, "reason": gettext("the log gives no limit")}
            )


class _Setting:
    """Whose the cases are: what is looked up or made once for many."""

    def __init__(self, mapping: LogMapping, places: Places, cases: Sequence[LogCase]) -> None:
        self.mapping, self.places = mapping, places
        self.first_day = _first_day(cases)
        activities = {activity for case in cases for activity in case.steps}
        self.keys = step_keys(activities, mapping.activities)
        self.editions: dict[str, list[Edition]] = {}
        self.definitions: dict[str, Definition] = {}
        self.staff: dict[tuple[str, str, int], Post] = {}


def _first_day(cases: Sequence[LogCase]) -> date:
    return min(local_date(case.started_at) for case in cases)


def _prepare(
    log: CaseLog, mapping: LogMapping, at: datetime, report: HistoryReport
) -> list[ImportedCase]:
    """The cases with everything they point at, in the order of their starts."""
    if not log.cases:
        return []
    places = ensure_places(mapping, _first_day(log.cases))
    _check_codes(mapping, places)
    known: list[tuple[LogCase, Unit]] = []
    for case in log.cases:
        unit, reason = _unit(case, places)
        if unit is None:
            report.refuse(case.line, case.case, reason)
        else:
            known.append((case, unit))
    log.cases = [case for case, _ in known]
    if not known:
        return []
    setting = _Setting(mapping, places, log.cases)
    _make(setting, known, at)
    known.sort(key=lambda pair: (pair[0].started_at, pair[0].line))
    return [_imported(case, unit, setting) for case, unit in known]


def _check_codes(mapping: LogMapping, places: Places) -> None:
    """Whatever code the mapping itself gives must be there: a slip of the pen is nobody's case."""
    named = [
        ("agency", mapping.agency, places.agencies),
        ("receiving_agency", mapping.receiving_agency, places.agencies),
        ("unit", mapping.unit, places.units),
        ("channel", mapping.channel, places.channels),
        ("procedure", mapping.procedure, places.procedures),
    ]
    for name, choice, there in named:
        missing = sorted(choice.codes() - set(there)) if choice is not None else []
        if missing:
            raise UnknownPlace(
                gettext("case.%(name)s: there is no %(codes)s")
                % {"name": name, "codes": ", ".join(missing)}
            )


def _unit(case: LogCase, places: Places) -> tuple[Unit | None, str]:
    """The unit that leads a case, or why there is none."""
    wanted = [
        (case.agency, places.agencies),
        (case.receiving_agency, places.agencies),
        (case.channel, places.channels),
        (case.procedure, places.procedures),
    ]
    for code, there in wanted:
        if code not in there:
            return None, gettext("there is no %(codes)s") % {"codes": code}
    unit = places.unit_of(places.agencies[case.agency], case.unit)
    if unit is None:
        return None, gettext("the agency %(agency)s has no unit %(unit)s") % {
            "agency": case.agency, "unit": case.unit,
        }  # fmt: skip
    return unit, ""


def _make(setting: _Setting, known: Sequence[tuple[LogCase, Unit]], at: datetime) -> None:
    """Definitions, offers and staff for these cases."""
    mapping, places = setting.mapping, setting.places
    by_procedure: dict[str, list[LogCase]] = {}
    units: dict[str, dict[int, Unit]] = {}
    for case, unit in known:
        by_procedure.setdefault(case.procedure, []).append(case)
        units.setdefault(case.procedure, {})[unit.pk] = unit
    for code, cases in sorted(by_procedure.items()):
        procedure = places.procedures[code]
        setting.editions[code] = _editions(procedure)
        setting.definitions[code] = ensure_definition(
            procedure, cases, setting.keys, mapping.activities, source=mapping.source, at=at
        )
        ensure_offers([procedure], units[code].values(), setting.first_day)
    wanted: set[tuple[str, str, Unit]] = {(mapping.source, Role.OFFICER, unit) for _, unit in known}
    for case, unit in known:
        for act in case.acts:
            if act.event.performer:
                wanted.add((act.event.performer, _role(act, mapping), unit))
        if case.ended_by and case.ended_by.performer:
            wanted.add((case.ended_by.performer, Role.OFFICER, unit))
    setting.staff = ensure_staff(wanted, setting.first_day)


def _editions(procedure: Procedure) -> list[Edition]:
    editions = list(procedure.editions.order_by("in_force_from", "number"))
    if not editions:
        raise UnknownPlace(
            gettext("the procedure %(code)s has no edition") % {"code": procedure.code}
        )
    return editions


def _imported(case: LogCase, unit: Unit, setting: _Setting) -> ImportedCase:
    mapping, places = setting.mapping, setting.places
    agency = places.agencies[case.agency]
    on = local_date(case.started_at)
    editions = setting.editions[case.procedure]
    in_force = [edition for edition in editions if edition.in_force_from <= on]
    limit = mapping.limit.limit if isinstance(mapping.limit, Span) else None

    def post(event: LogEvent, role: str) -> Post | None:
        return setting.staff.get((event.performer, role, unit.pk)) if event.performer else None

    def act(told: LogAct) -> ImportedAct:
        form = mapping.activities.form(told.event.activity)
        role = _role(told, mapping)
        return ImportedAct(
            act=told.kind,
            at=told.event.at,
            post=post(told.event, role),
            step=setting.keys.get(told.event.activity, ""),
            kind=form.kind,
            role=role,
            ground=told.ground,
        )

    return ImportedCase(
        source=mapping.source,
        case=case.case,
        fingerprint=case.fingerprint,
        setting=Setting(
            procedure=places.procedures[case.procedure],
            edition=(in_force or editions[:1])[-1],
            definition=setting.definitions[case.procedure],
            channel=places.channels[case.channel],
            receiving_agency=places.agencies[case.receiving_agency],
            agency=agency,
            unit=unit,
            calendar=places.calendars[agency.pk],
            owes_explanation=mapping.owes_explanation,
            owes_apology=mapping.owes_apology,
            nobody=setting.staff[mapping.source, Role.OFFICER, unit.pk],
        ),
        started_at=case.started_at,
        limit=case.limit_at or (limit if case.counted_from else None),
        counted_from=case.counted_from,
        acts=tuple(act(told) for told in case.acts),
        ended_at=case.ended_at,
        ending=case.ending or "",
        ended_by=post(case.ended_by, Role.OFFICER) if case.ended_by else None,
    )


def _role(act: LogAct, mapping: LogMapping) -> str:
    return mapping.activities.form(act.event.activity).role if act.kind == "step" else Role.OFFICER
