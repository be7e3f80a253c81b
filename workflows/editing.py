"""What a catalogue manager does to a draft, as plain data in and out: steps added, moved, replaced,
taken away. Every act gives a new body; whether it makes sense is `checking.py`'s. Pure: standard
library only."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from workflows.graph import END

Body = dict[str, Any]


class NoSuchStep(ValueError):
    """The body has no step of this key (somebody took it away)."""


class KeyTaken(ValueError):
    """Another step bears this key."""


def new_body(source: str = "") -> Body:
    """The least that a definition can be: received, and handed to the counter."""
    return {
        "version": 1,
        "start": "receive",
        "source": source,
        "steps": [
            _plain_step("receive", "receive", "Tiếp nhận", "Receive", "receiving", "deliver"),
            _plain_step("deliver", "deliver", "Trả kết quả", "Return the result", "receiving", END),
        ],
    }


def step(body: Body, key: str) -> Body:
    """The step of this key. Raises NoSuchStep."""
    return body["steps"][_place(body, key)]  # type: ignore[no-any-return]


def add_step(body: Body, added: Body, after: str) -> Body:
    """`added` after the step `after`: where that one went on to, the new one goes on to, and it
    leads to the new one. Returns and endings stay. Raises NoSuchStep, KeyTaken."""
    changed = copy.deepcopy(body)
    place = _place(changed, after)
    if any(one["key"] == added["key"] for one in changed["steps"]):
        raise KeyTaken(added["key"])
    before, fresh = changed["steps"][place], copy.deepcopy(added)
    onward = [outcome for outcome in before["outcomes"] if not outcome.get("return")]
    if onward:
        fresh["outcomes"] = [{**_done(), "to": copy.deepcopy(onward[0]["to"])}]
        onward[0]["to"] = fresh["key"]
    changed["steps"].insert(place + 1, fresh)
    return changed


def replace_step(body: Body, key: str, step: Body) -> Body:
    """The step `key` as `step` says; a changed key is changed wherever it is spoken of. Raises
    NoSuchStep, KeyTaken."""
    changed = copy.deepcopy(body)
    place = _place(changed, key)
    new = step["key"]
    if new != key and any(one["key"] == new for one in changed["steps"]):
        raise KeyTaken(new)
    changed["steps"][place] = copy.deepcopy(step)
    return changed if new == key else _renamed(changed, key, new)


def move_step(body: Body, key: str, by: int) -> Body:
    """The step `by` places further down (negative: up) in the order written. Raises NoSuchStep."""
    changed = copy.deepcopy(body)
    steps = changed["steps"]
    place = _place(changed, key)
    steps.insert(max(0, min(len(steps) - 1, place + by)), steps.pop(place))
    return changed


def remove_step(body: Body, key: str) -> Body:
    """Without the step `key`: what led to it leads to where it went on to. Raises NoSuchStep."""
    changed = copy.deepcopy(body)
    gone = changed["steps"].pop(_place(changed, key))
    onward = next((one["to"] for one in gone["outcomes"] if not one.get("return")), END)
    for other in changed["steps"]:
        kept = []
        for outcome in other["outcomes"]:
            if outcome.get("return") and outcome["to"] == key:
                continue  # there is nothing left to return to
            kept.append({**outcome, "to": _redirected(outcome["to"], key, onward)})
        other["outcomes"] = kept
    return changed


def free_key(body: Body, wanted: str) -> str:
    """`wanted`, with a number where it is taken."""
    taken = {one["key"] for one in body["steps"]} | {END}
    number, key = 2, wanted
    while key in taken:
        key, number = f"{wanted[:55]}-{number}", number + 1
    return key


def _plain_step(key: str, kind: str, vi: str, en: str, agency: str, to: str) -> Body:
    return {
        "key": key,
        "kind": kind,
        "name": {"vi": vi, "en": en},
        "who": {"role": "clerk", "agency": agency},
        "outcomes": [{**_done(), "to": to}],
    }


def _done() -> Body:
    return {"key": "done", "label": {"vi": "Xong", "en": "Done"}}


def _place(body: Body, key: str) -> int:
    for place, one in enumerate(body["steps"]):
        if one["key"] == key:
            return place
    raise NoSuchStep(key)


def _redirected(to: Any, key: str, onward: Any) -> Any:
    """`to` with every way to `key` leading on; several ways of an only one stay apart."""
    if isinstance(to, str):
        return copy.deepcopy(onward) if to == key else to
    last = onward if isinstance(onward, str) else onward[-1]["to"]
    return [{**way, "to": last if way["to"] == key else way["to"]} for way in to]


def _renamed(body: Body, old: str, new: str) -> Body:
    if body["start"] == old:
        body["start"] = new
    for who in _everybody(body):
        for name in ("chosen_at", "same_as"):
            if who.get(name) == old:
                who[name] = new
    for one in body["steps"]:
        for outcome in one["outcomes"]:
            outcome["to"] = _redirected(outcome["to"], old, new)
    return body


def _everybody(body: Body) -> Iterator[Body]:
    for one in body["steps"]:
        if one.get("who"):
            yield one["who"]
        for asked in (one.get("consult") or {}).get("asked", []):
            yield asked["who"]
            yield from (unit["who"] for unit in asked.get("units", []))
        yield from (opened["who"] for opened in one.get("opens", []) if opened.get("who"))
