"""The definition under which imported cases ran, drawn from the log itself: its steps are the log's
activities, its ways are those that cases took."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext

from dossiers.exchange.history_cases import LogCase
from dossiers.exchange.history_mapping import Activities, StepForm
from dossiers.lifecycle.imported import DELIVER, GO_ON, RECEIVE
from workflows import checking, parsing
from workflows.folding import fold
from workflows.graph import END
from workflows.models import Definition, Procedure

_RESERVED = {RECEIVE, GO_ON, DELIVER, END}
_LONGEST_KEY = 60


class ImpossibleWorkflow(ValueError):
    """The log's activities make no definition; the text is a line for the reader."""


def step_keys(activities: Iterable[str], forms: Activities) -> dict[str, str]:
    """A key for every activity: the given one, else its name as people type it. The same name gives
    the same key whatever else is in the log, but where two would fall together."""
    keys: dict[str, str] = {}
    taken = set(_RESERVED)
    named = sorted(activities, key=lambda name: (not forms.form(name).key, name))
    for activity in named:
        key = forms.form(activity).key or re.sub(r"[^a-z0-9]+", "_", fold(activity))[:_LONGEST_KEY]
        key = key.strip("_")
        if not key or key in taken:
            mark = hashlib.sha256(activity.encode()).hexdigest()[:8]
            key = f"{key[: _LONGEST_KEY - 9] or 'step'}_{mark}"
        taken.add(key)
        keys[activity] = key
    return keys


def ensure_definition(
    procedure: Procedure,
    cases: Iterable[LogCase],
    keys: Mapping[str, str],
    forms: Activities,
    *,
    source: str,
    at: datetime,
) -> Definition:
    """The definition of an earlier import that knows all ways of these cases, else a new version.

    It is published where the procedure has no workflow yet; beside a workflow in force it stands
    as retired: it tells of the past only. Raises: ImpossibleWorkflow.
    """
    body = _body(cases, keys, forms, source)
    origin = f"history: {source}"
    for known in Definition.objects.filter(procedure=procedure, source=origin):
        if _covers(known.body, body):
            return known
    try:
        found = [fault.code for fault in checking.faults(parsing.parse(body)) if fault.blocks]
    except parsing.MalformedDefinition as malformed:
        raise ImpossibleWorkflow(str(malformed)) from None
    if found:
        raise ImpossibleWorkflow(", ".join(sorted(set(found))))
    return _publish(procedure, body, origin, at)


def _publish(
    procedure: Procedure, body: Mapping[str, Any], origin: str, at: datetime
) -> Definition:
    versions = Definition.objects.filter(procedure=procedure)
    in_force = versions.filter(state=Definition.State.PUBLISHED).first()
    if in_force is not None and in_force.source == origin:
        in_force.state_retired()
        in_force.retired_at = at
        in_force.save(update_fields=["state", "retired_at"])
        in_force = None
    latest = versions.order_by("-version").first()
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Definition.objects.create(
        procedure=procedure,
        version=1 if latest is None else latest.version + 1,
        state=Definition.State.PUBLISHED if in_force is None else Definition.State.RETIRED,
        body=body,
        source=origin,
        sha256=hashlib.sha256(canonical.encode()).hexdigest(),
        published_at=at,
        retired_at=None if in_force is None else at,
    )


def _body(
    cases: Iterable[LogCase], keys: Mapping[str, str], forms: Activities, source: str
) -> dict[str, Any]:
    ways: Counter[tuple[str, str]] = Counter()
    used: dict[str, str] = {}
    for case in cases:
        steps = [keys[activity] for activity in case.steps]
        used |= dict(zip(steps, case.steps, strict=True))
        ways.update(pairwise([RECEIVE, *steps]))
    following: dict[str, list[str]] = {}
    for (one, other), _ in sorted(ways.items(), key=lambda way: (-way[1], way[0])):
        following.setdefault(one, []).append(other)
    names = {key: _words(forms.form(name), name) for key, name in used.items()} | {
        RECEIVE: {"vi": "Tiếp nhận", "en": "Reception"},
        GO_ON: {"vi": "Xử lý tiếp", "en": "Further processing"},
        DELIVER: {"vi": "Trả kết quả", "en": "Return of the result"},
    }

    def step(key: str, kind: str, role: str, agency: str, to: list[str]) -> dict[str, Any]:
        outcomes = [{"key": way, "label": names[way], "to": way} for way in to]
        if key == DELIVER:
            outcomes = [{"key": "done", "label": {"vi": "Đã trả", "en": "Returned"}, "to": END}]
        who = {"role": role, "agency": agency}
        return {"key": key, "name": names[key], "kind": kind, "who": who, "outcomes": outcomes}

    drawn = [step(RECEIVE, RECEIVE, "clerk", "receiving", [*following.get(RECEIVE, ()), GO_ON])]
    for key in sorted(used):
        form = forms.form(used[key])
        to = [*following.get(key, ()), GO_ON, DELIVER]
        drawn.append(step(key, form.kind, form.role, "answering", to))
    drawn.append(step(GO_ON, "process", "officer", "answering", [DELIVER]))
    drawn.append(step(DELIVER, DELIVER, "clerk", "receiving", []))
    return {
        "version": 1,
        "start": RECEIVE,
        "source": gettext("Drawn from the log %(source)s") % {"source": source},
        "steps": drawn,
    }


def _words(form: StepForm, activity: str) -> dict[str, str]:
    words = {"vi": form.name or activity}
    return words | ({"en": form.name_en} if form.name_en else {})


def _covers(known: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether a known definition has every step and way that is wanted, done by the same roles."""
    by_key = {step["key"]: step for step in known["steps"]}
    for step in wanted["steps"]:
        same = by_key.get(step["key"])
        if same is None or any(same[part] != step[part] for part in ("name", "kind", "who")):
            return False
        ways = {outcome["key"] for outcome in same["outcomes"]}
        if not ways >= {outcome["key"] for outcome in step["outcomes"]}:
            return False
    return True
