"""Gives the cases of a log everything they point at: places, definition, edition and staff, put in
where the mapping creates them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.utils.translation import gettext

from dossiers.exchange.history_cases import CaseLog, LogAct, LogCase
from dossiers.exchange.history_mapping import LogMapping, Span
from dossiers.exchange.history_places import Places, UnknownPlace, ensure_places, ensure_staff
from dossiers.exchange.history_workflow import ensure_definition, step_keys
from dossiers.lifecycle.history import local_date
from dossiers.lifecycle.imported import ImportedAct, ImportedCase, Setting
from dossiers.models import Ground
from workflows.models import Definition, Edition, Post, Procedure, Role, Unit

Refuse = Callable[[int, str, str], None]


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


def prepare(log: CaseLog, mapping: LogMapping, at: datetime, refuse: Refuse) -> list[ImportedCase]:
    """The cases with everything they point at, in the order of their starts. `refuse` is told line,
    case and reason of those that point at nothing.

    Raises: UnknownPlace, ImpossibleWorkflow.
    """
    if not log.cases:
        return []
    places = ensure_places(mapping, _first_day(log.cases))
    _check_codes(mapping, places)
    known: list[tuple[LogCase, Unit]] = []
    for case in log.cases:
        unit, reason = _unit(case, places)
        if unit is None:
            refuse(case.line, case.case, reason)
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
    if unit is None and not case.unit:
        return None, gettext("the agency %(agency)s has no unit") % {"agency": case.agency}
    if unit is None:
        return None, gettext("the agency %(agency)s has no unit %(unit)s") % {
            "agency": case.agency, "unit": case.unit,
        }  # fmt: skip
    return unit, ""


def _make(setting: _Setting, known: Sequence[tuple[LogCase, Unit]], at: datetime) -> None:
    """Definitions and staff for these cases."""
    mapping, places = setting.mapping, setting.places
    by_procedure: dict[str, list[LogCase]] = {}
    for case, _ in known:
        by_procedure.setdefault(case.procedure, []).append(case)
    for code, cases in sorted(by_procedure.items()):
        procedure = places.procedures[code]
        setting.editions[code] = _editions(procedure)
        setting.definitions[code] = ensure_definition(
            procedure, cases, setting.keys, mapping.activities, source=mapping.source, at=at
        )
    wanted: set[tuple[str, str, Unit]] = set()
    for case, unit in known:
        for act in case.acts:
            wanted.add((*_performer(act, mapping), unit))
        if case.ended_by:
            wanted.add((case.ended_by.performer, Role.OFFICER, unit))
    setting.staff = ensure_staff((one for one in wanted if one[0]), setting.first_day)


def _performer(act: LogAct, mapping: LogMapping) -> tuple[str, str]:
    """Who did it, and in which role; a supplement that nobody is named for the log itself asked."""
    if act.kind == "step":
        return act.event.performer, mapping.activities.form(act.event.activity).role
    asked = act.kind == "stop" and act.ground == Ground.SUPPLEMENT
    return act.event.performer or (mapping.source if asked else ""), Role.OFFICER


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

    def act(told: LogAct) -> ImportedAct:
        form = mapping.activities.form(told.event.activity)
        name, role = _performer(told, mapping)
        return ImportedAct(
            act=told.kind,
            at=told.event.at,
            post=setting.staff.get((name, role, unit.pk)),
            step=setting.keys.get(told.event.activity, ""),
            kind=form.kind,
            role=role,
            ground=told.ground,
        )

    ended_by = case.ended_by.performer if case.ended_by else ""
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
        ),
        started_at=case.started_at,
        limit=case.limit_at or (limit if case.counted_from else None),
        counted_from=case.counted_from,
        acts=tuple(act(told) for told in case.acts),
        ended_at=case.ended_at,
        ending=case.ending or "",
        ended_by=setting.staff.get((ended_by, Role.OFFICER, unit.pk)),
    )
