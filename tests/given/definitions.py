"""Workflow definitions for tests, as plain data: a plain road, and changes to it."""

import copy
from typing import Any


def step(
    key: str, kind: str, to: str, *, role: str = "officer", share: str = "", **more: Any
) -> dict[str, Any]:
    """One step with the outcome `done`; `share` like `4 working_hour`."""
    data: dict[str, Any] = {
        "key": key,
        "name": {"vi": key.capitalize(), "en": key.capitalize()},
        "kind": kind,
        "who": {"role": role, "agency": "answering"},
        "outcomes": [outcome("done", to)],
    }
    if share:
        amount, unit = share.split()
        data["share"] = {"amount": amount, "unit": unit}
    return data | more


def outcome(key: str, to: Any, **more: Any) -> dict[str, Any]:
    """One outcome that leads to `to`."""
    return {"key": key, "label": {"vi": key.capitalize()}, "to": to} | more


def plain_definition() -> dict[str, Any]:
    """Receive, appraise, sign, deliver: 5 working days, one return from signing to appraising."""
    sign = step("sign", "sign", "deliver", role="approver", share="1 working_day")
    sign["outcomes"].append(outcome("send_back", "appraise", **{"return": True, "at_most": 2}))
    return {
        "version": 1,
        "start": "receive",
        "steps": [
            step("receive", "receive", "appraise", role="clerk", share="4 working_hour"),
            step("appraise", "appraise", "sign", share="3.5 working_day"),
            sign,
            step("deliver", "deliver", "end", role="clerk"),
        ],
    }


def changed(data: dict[str, Any], at: str, /, **fields: Any) -> dict[str, Any]:
    """A copy of the definition whose step `at` has other fields."""
    copied = copy.deepcopy(data)
    for one in copied["steps"]:
        if one["key"] == at:
            one.update(fields)
    return copied
