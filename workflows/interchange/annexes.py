"""Internal workflows as provinces print them in the annexes of their decisions: a row for each step
with who does it and its share of the time. The form is described in docs/import-definitions.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from workflows.graph import END, NOMINAL_HOURS, ShareUnit
from workflows.interchange.found import Found, NotTaken
from workflows.parsing import LONGEST_TEXT

# What a row's role says about the kind of step and who does it.
KINDS = {
    "reception": ("process", "clerk"),
    "assign": ("assign", "unit_head"),
    "process": ("process", "officer"),
    "review": ("check", "unit_head"),
    "sign": ("sign", "approver"),
    "issue": ("issue", "archive_clerk"),
    "upper-decision": ("sign", "approver"),
    "consult": ("consult", "officer"),
    "council": ("appraise", "officer"),
    "transfer": ("process", "clerk"),
    "return": ("deliver", "clerk"),
}
UNITS = {
    "working_hour": ShareUnit.WORKING_HOUR,
    "hour": ShareUnit.WORKING_HOUR,
    "working_day": ShareUnit.WORKING_DAY,
    "day": ShareUnit.DAY,
    "month": ShareUnit.MONTH,
}
AT_COUNTER = ("reception", "return")


def is_annex_row(data: Any) -> bool:
    """Whether an entry has this form: steps that say who does them, by a role and an agency."""
    steps = data.get("steps") if isinstance(data, Mapping) else None
    first = steps[0] if isinstance(steps, list) and steps else None
    return isinstance(first, Mapping) and "role" in first and "kind" not in first


def read(data: Mapping[str, Any], agencies: Mapping[str, str]) -> Found:
    """The definition that an entry describes; `agencies` gives codes by their folded names."""
    reader = _Reader(data, agencies)
    body = reader.body()
    codes = data.get("codes")
    listed = codes if isinstance(codes, list) else [data.get("code")]
    return Found(
        ident=_text(data.get("id")),
        body=body,
        not_taken=tuple(reader.not_taken),
        codes=tuple(code for code in listed if isinstance(code, str) and code),
        source=_text(data.get("source")),
        printed_limit=True,
        limit_hours=_limit(data) if reader.has_shares else None,
    )


class _Reader:
    """Turns rows into steps and keeps note of what has no place."""

    def __init__(self, data: Mapping[str, Any], agencies: Mapping[str, str]) -> None:
        self.data = data
        self.agencies = agencies
        self.lead = _folded(data.get("lead_agency"))
        self.not_taken: list[NotTaken] = []
        self.has_shares = False

    def body(self) -> dict[str, Any] | None:
        """The body, its steps in a row; None if no row is a step of an authority."""
        rows = list(self._rows())
        if not rows:
            self._miss("", "no_steps")
            return None
        keys = [f"step-{place}" for place, _row in rows]
        following = [*keys[1:], END]
        steps = [
            self._step(row, key, to, is_first=key == keys[0])
            for (_place, row), key, to in zip(rows, keys, following, strict=True)
        ]
        source = _text(self.data.get("source"))[:LONGEST_TEXT]
        return {"version": 1, "start": keys[0], "steps": steps, "source": source}

    def _rows(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        for place, row in enumerate(self.data["steps"], start=1):
            if not isinstance(row, Mapping):
                self._miss(f"step {place}", "not_an_object")
            elif row.get("role") == "applicant":
                self._miss(_named(place, row), "applicant_step")
            else:
                yield place, row

    def _step(self, row: Mapping[str, Any], key: str, to: str, *, is_first: bool) -> dict[str, Any]:
        role = _text(row.get("role"))
        kind, held_by = KINDS.get(role, ("process", "officer"))
        if is_first and role == "reception":
            kind = "receive"
        element = f"{key} {_text(row.get('name'))}"[:80]
        who = self._who(row, element, role, held_by, at_counter=is_first or kind == "deliver")
        step: dict[str, Any] = {
            "key": key,
            "name": {"vi": self._name(row, element)},
            "kind": kind,
            "who": who,
            "outcomes": [
                {"key": "done", "label": {"vi": "Xong, chuyển tiếp", "en": "Done"}, "to": to}
            ],
        }
        share = self._share(row, element)
        if share is not None:
            step["share"] = share
        if kind == "consult":
            step["consult"] = {"asked": [{"who": who}], "answers": "all"}
            step["who"] = {"role": "officer", "agency": "answering"}
        if _text(row.get("note")):
            self._miss(element, "note", text=_text(row["note"])[:200])
        return step

    def _name(self, row: Mapping[str, Any], element: str) -> str:
        name = _text(row.get("name")) or _text(row.get("source_label")) or element
        if len(name) > LONGEST_TEXT:
            self._miss(element, "shortened", letters=str(LONGEST_TEXT))
        return name[:LONGEST_TEXT]

    def _who(
        self, row: Mapping[str, Any], element: str, role: str, held_by: str, *, at_counter: bool
    ) -> dict[str, str]:
        if _text(row.get("who")):
            self._miss(element, "who_to_choose", who=_text(row["who"])[:200])
        if at_counter and role in AT_COUNTER:
            return {"role": held_by, "agency": "receiving"}
        name = _text(row.get("agency"))
        if not name or _folded(name) == self.lead:
            return {"role": held_by, "agency": "answering"}
        code = self.agencies.get(_folded(name), "")
        if not code:
            self._miss(element, "agency_to_choose", agency=name[:200])
        return {"role": held_by, "agency": "named", "code": code}

    def _share(self, row: Mapping[str, Any], element: str) -> dict[str, str] | None:
        amount = _amount(row.get("amount"))
        if amount is None:
            return None
        unit = UNITS.get(_text(row.get("unit")))
        if unit is None:
            self._miss(element, "unknown_unit", unit=_text(row.get("unit")))
            return None
        self.has_shares = True
        return {"amount": f"{amount:f}", "unit": unit.value}

    def _miss(self, element: str, code: str, **facts: str) -> None:
        self.not_taken.append(NotTaken(element, code, facts))


def _limit(data: Mapping[str, Any]) -> Fraction | None:
    """The printed total in nominal hours, where the shares may be added up to it."""
    total = data.get("total")
    if not data.get("sum_comparable") or not isinstance(total, Mapping):
        return None
    amount, unit = _amount(total.get("value")), UNITS.get(_text(total.get("unit")))
    if amount is None or unit is None:
        return None
    return Fraction(amount) * NOMINAL_HOURS[unit]


def _amount(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    with suppress(InvalidOperation):
        amount = Decimal(str(value))
        return amount if amount.is_finite() and amount >= 0 else None
    return None


def _named(place: int, row: Mapping[str, Any]) -> str:
    return f"step-{place} {_text(row.get('name'))}"[:80]


def _text(value: Any) -> str:
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def _folded(value: Any) -> str:
    return " ".join(_text(value).casefold().split())
