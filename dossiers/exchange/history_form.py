"""Reads the mapping of an event log from YAML in the form of
`docs/schemas/history-mapping.schema.json`.

What people write stays what they wrote: only `true`, `false` and nothing are anything but text (a
code such as 1.001190 keeps its zero, a table's `no` is the word), and a key that stands twice is an
error.
"""

from __future__ import annotations

import codecs
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from django.utils.translation import gettext
from jsonschema import Draft202012Validator

from dossiers.exchange.history_mapping import (
    ISO,
    Activities,
    Choice,
    LogMapping,
    MomentOf,
    NewAgency,
    NewCalendar,
    NewChannel,
    NewProcedure,
    Span,
    StepForm,
)
from workflows.timelimit import TimeLimit
from workflows.worktime import WorkingCalendar

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "history-mapping.schema.json"
HOME_ZONE = "Asia/Ho_Chi_Minh"
OTHER_FIELD = "Hồ sơ lịch sử"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MOST_FAULTS = 10


class MalformedMapping(ValueError):
    """The mapping cannot be used; `faults` say where and why, a line each."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


class _Loader(yaml.SafeLoader):
    """YAML whose plain words stay words."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        doubled = {str(key) for key in keys if isinstance(key, str) and keys.count(key) > 1}
        if doubled:
            place = node.start_mark.line + 1
            raise MalformedMapping(
                gettext("line %(line)s: %(keys)s stands twice")
                % {"line": place, "keys": ", ".join(sorted(doubled))}
            )
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


_KEPT = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        # YAML 1.1 would read no, on and off as truth values.
        if tag in _KEPT and not (tag == _KEPT[0] and first not in "tTfF")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_mapping(text: str) -> LogMapping:
    """The mapping that a YAML text describes. Raises: MalformedMapping."""
    try:
        data = yaml.load(unicodedata.normalize("NFC", text), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, RecursionError) as fault:
        raise MalformedMapping(str(fault)) from None
    faults = sorted(_validator().iter_errors(data), key=lambda fault: list(map(str, fault.path)))
    if faults:
        raise MalformedMapping(*(_sentence(fault) for fault in faults[:_MOST_FAULTS]))
    mapping = _mapping(data)
    if contradictions := list(_contradictions(mapping)):
        raise MalformedMapping(*contradictions)
    return mapping


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _sentence(fault: Any) -> str:
    place = ".".join(str(part) for part in fault.absolute_path) or gettext("the mapping")
    return f"{place}: {fault.message[:300]}"


def _mapping(data: Mapping[str, Any]) -> LogMapping:
    csv, times, columns = data.get("csv", {}), data.get("times", {}), data["columns"]
    case, breaches, new = data["case"], data.get("breaches", {}), data.get("create", {})
    delimiter = csv.get("delimiter", ",")
    return LogMapping(
        source=data["source"].strip(),
        delimiter="\t" if delimiter in ("tab", r"\t") else delimiter,
        quote=csv.get("quote", '"'),
        encoding=_encoding(csv.get("encoding", "utf-8-sig")),
        zone=_zone(times.get("zone", HOME_ZONE)),
        formats=tuple(times.get("formats", ("iso",))),
        case_column=columns["case"],
        activity_column=columns["activity"],
        time_column=columns["time"],
        performer_column=columns.get("performer", ""),
        agency=_choice(case["agency"]),
        unit=_choice(case["unit"]) if "unit" in case else None,
        receiving_agency=_choice(case["receiving_agency"]) if "receiving_agency" in case else None,
        channel=_choice(case["channel"]),
        procedure=_choice(case["procedure"]),
        start=_moment(case.get("start", {"first": "any"})),
        end=_moment(case["end"]) if "end" in case else None,
        limit=_limit(case["limit"]) if "limit" in case else None,
        activities=_activities(data.get("activities", {})),
        owes_explanation=breaches.get("owe_explanation", False),
        owes_apology=breaches.get("owe_apology", False),
        calendar=_calendar(new["calendar"]) if "calendar" in new else None,
        agencies=tuple(_agency(one) for one in new.get("agencies", ())),
        channels=tuple(_channel(one) for one in new.get("channels", ())),
        procedures=tuple(_procedure(one) for one in new.get("procedures", ())),
    )


def _choice(data: str | Mapping[str, Any]) -> Choice:
    if isinstance(data, str):
        return Choice(constant=data)
    return Choice(
        column=data["column"], values=data.get("values"), otherwise=data.get("otherwise", "")
    )


def _moment(data: Mapping[str, Any]) -> MomentOf:
    if "column" in data:
        return MomentOf(column=data["column"], at_day_end=data.get("plain_date") == "end")
    named = data["last"] if "last" in data else data["first"]
    activities = None if isinstance(named, str) else frozenset(named)
    return MomentOf(last="last" in data, activities=activities)


def _limit(data: Mapping[str, Any]) -> MomentOf | Span:
    if "amount" not in data:
        return _moment(data)
    stored = {name: data[name] for name in ("amount", "unit", "rule") if name in data}
    since = data.get("from", "start")
    try:
        limit = TimeLimit.from_json(stored)
    except ValueError as fault:
        raise MalformedMapping(f"case.limit: {fault}") from None
    if limit.is_flagged:
        raise MalformedMapping(
            gettext("case.limit: a fraction of a calendar day or month has no legal meaning")
        )
    return Span(limit, None if since == "start" else _moment(since))


def _activities(data: Mapping[str, Any]) -> Activities:
    steps = data.get("steps", "all")
    forms: Mapping[str, StepForm] | None = None
    if isinstance(steps, list):
        forms = {activity: StepForm() for activity in steps}
    elif isinstance(steps, dict):
        forms = {activity: StepForm(**(form or {})) for activity, form in steps.items()}
    return Activities(
        steps=forms,
        ignored=frozenset(data.get("ignored", ())),
        withdrawal=frozenset(data.get("withdrawal", ())),
        discontinuation=frozenset(data.get("discontinuation", ())),
        stop=data.get("stop", {}),
        resume=data.get("resume", {}),
    )


def _calendar(data: Mapping[str, Any]) -> NewCalendar:
    hours: list[tuple[int, time, time]] = []
    try:
        for weekday, intervals in data["hours"].items():
            for interval in intervals:
                opens, closes = (time.fromisoformat(end) for end in interval.split("-"))
                hours.append((_WEEKDAYS.index(weekday), opens, closes))
        weekly: dict[int, list[tuple[time, time]]] = {}
        for day, opens, closes in hours:
            weekly.setdefault(day, []).append((opens, closes))
        WorkingCalendar(weekly, {}, _zone(data.get("zone", HOME_ZONE)))
        days_off = tuple(date.fromisoformat(day) for day in data.get("days_off", ()))
    except ValueError as fault:
        raise MalformedMapping(f"create.calendar: {fault}") from None
    return NewCalendar(
        code=data["code"],
        name=data.get("name", data["code"]),
        zone=data.get("zone", HOME_ZONE),
        hours=tuple(hours),
        days_off=tuple(sorted(set(days_off))),
    )


def _agency(data: Mapping[str, Any]) -> NewAgency:
    units = tuple((unit["code"], unit["name"]) for unit in data.get("units", ()))
    return NewAgency(
        code=data["code"],
        name=data["name"],
        kind=data.get("kind", "other"),
        parent=data.get("parent", ""),
        units=units or ((f"{data['code']}.01", data["name"]),),
    )


def _channel(data: Mapping[str, Any]) -> NewChannel:
    number = data.get("national_code")
    return NewChannel(
        code=data["code"],
        name=data["name"],
        name_en=data.get("name_en", ""),
        national_code=None if number is None else int(number),
    )


def _procedure(data: Mapping[str, Any]) -> NewProcedure:
    try:
        since = date.fromisoformat(data["in_force_from"]) if "in_force_from" in data else None
    except ValueError as fault:
        raise MalformedMapping(f"create.procedures: {fault}") from None
    return NewProcedure(
        code=data["code"],
        name=data["name"],
        field=data.get("field", OTHER_FIELD),
        decision_no=data.get("decision_no", ""),
        in_force_from=since,
        after_supplement=data.get("after_supplement", "resume"),
    )


def _encoding(name: str) -> str:
    try:
        return "utf-8-sig" if codecs.lookup(name).name == "utf-8" else codecs.lookup(name).name
    except (LookupError, ValueError):
        raise MalformedMapping(
            gettext("csv.encoding: there is no encoding %(name)s") % {"name": name}
        ) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MalformedMapping(gettext("there is no time zone %(name)s") % {"name": name}) from None


def _is_readable(form: str) -> bool:
    if form == ISO:
        return True
    try:
        datetime.strptime(datetime(2000, 1, 31, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007
    except (ValueError, UnicodeError, re.error):
        return False
    return True


def _contradictions(mapping: LogMapping) -> Iterator[str]:
    """What a schema cannot say."""
    for form in mapping.formats:
        if not _is_readable(form):
            yield gettext("times.formats: nothing can be read by %(form)s") % {"form": form}
    if len(mapping.delimiter) != 1 or mapping.delimiter in ("\n", "\r", mapping.quote):
        yield gettext("csv.delimiter: one character, other than the quote")
    acts = mapping.activities
    groups: Sequence[tuple[str, set[str]]] = [
        ("ignored", set(acts.ignored)),
        ("withdrawal", set(acts.withdrawal)),
        ("discontinuation", set(acts.discontinuation)),
        ("stop", set(acts.stop)),
        ("resume", set(acts.resume)),
        ("steps", set(acts.steps or ())),
    ]
    for place, (name, members) in enumerate(groups):
        for other, others in groups[place + 1 :]:
            if both := members & others:
                yield gettext("activities: %(both)s stands under %(one)s and %(other)s") % {
                    "both": ", ".join(sorted(both)), "one": name, "other": other,
                }  # fmt: skip
    keys = [form.key for form in (acts.steps or {}).values() if form.key]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield gettext("activities.steps: two steps have the key %(key)s") % {"key": key}
    codes = [agency.code for agency in mapping.agencies]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield gettext("create.agencies: %(code)s stands twice") % {"code": code}
