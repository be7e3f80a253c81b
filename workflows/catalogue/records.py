"""One record of the national catalogue, read and judged: what an import takes over, or why it
refuses the record. Nothing here touches the database."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows.timelimit import MOST, TimeLimit, Unit

UNITS = {
    "hour": Unit.WORKING_HOUR,
    "working_day": Unit.WORKING_DAY,
    "day": Unit.CALENDAR_DAY,
    "month": Unit.MONTH,
}
CHANNELS = {"direct": "counter", "online": "online", "post": "post"}
DEEPEST = 12
LONGEST = {"code": 60, "decision_no": 200, "published_by": 200, "field": 200}
LONGEST_TEXT = 200_000

FLAGS: dict[str, Promise] = {
    "missing": _("no time limit is given"),
    "zero": _("the time limit is zero"),
    "no_unit": _("the time limit has no unit that is known"),
    "unlawful_fraction": _("a fraction of a calendar day or month means nothing"),
    "unbelievable": _("the time limit is too large to be one"),
}

ON_ONE_LINE = {*LONGEST, "name", "case"}
NOT_OF_TYPE: dict[type, Promise] = {
    str: _("%(field)s is not text"),
    list: _("%(field)s is not a list"),
    dict: _("%(field)s is not an object"),
}


class Refused(ValueError):
    """The record cannot be taken. `reason` is a sentence, `code` the procedure's if it has one."""

    def __init__(self, reason: str, code: str = "") -> None:
        self.reason, self.code = reason, code
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class GivenLimit:
    """A limit as the record gives it: decided, or flagged with the reason; never guessed."""

    channel: str
    limit: TimeLimit | None
    flag: str
    text: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class GivenFee:
    """What one channel costs, as printed."""

    channel: str
    free: bool
    text: str
    amounts: tuple[int, ...]
    note: str


@dataclass(frozen=True, slots=True)
class GivenPaper:
    """One line of the list of papers, under its heading as printed."""

    name: str
    heading: str
    originals: int
    copies: int
    template: str


@dataclass(frozen=True, slots=True)
class Record:
    """A procedure of the catalogue as one edition of it will be kept."""

    code: str
    name: str
    field: str
    body: dict[str, Any]
    limits: tuple[GivenLimit, ...]
    fees: tuple[GivenFee, ...]
    papers: tuple[GivenPaper, ...]
    fingerprint: str

    def text(self, name: str) -> str:
        """A text field of the record; empty if it has none."""
        return str(self.body.get(name) or "")

    @property
    def flags(self) -> tuple[GivenLimit, ...]:
        """The limits that a person must decide."""
        return tuple(limit for limit in self.limits if limit.flag)


def read_record(raw: Any) -> Record:
    """The record that `raw` (from JSON) is.

    Raises: Refused, with the reason in words.
    """
    if not isinstance(raw, dict):
        raise Refused(gettext("the record is not an object"))
    code = raw.get("code")
    known = code.strip()[:60] if isinstance(code, str) and code.isprintable() else ""
    try:
        return _read(raw)
    except Refused as refused:
        raise Refused(refused.reason, refused.code or known) from None


def _read(raw: dict[str, Any]) -> Record:
    body = _clean(raw, 0)
    code, name = (_needed(body, field) for field in ("code", "name"))
    for field, most in LONGEST.items():
        if len(_text(body, field)) > most:
            raise Refused(
                gettext("%(field)s is longer than %(most)d characters")
                % {"field": field, "most": most}
            )
    for field in ("competent_agency", "requirements", "steps", "legal_text", "url", "source"):
        _text(body, field)
    for field in ("levels", "applicants", "legal_codes", "results"):
        _items(body, field)
    methods = list(_objects(body, "methods"))
    return Record(
        code=code,
        name=name,
        field=_text(body, "field"),
        body=body,
        limits=tuple(_limits(body, methods)),
        fees=tuple(_fees(methods)),
        papers=tuple(_papers(body)),
        fingerprint=hashlib.sha256(
            json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
        ).hexdigest(),
    )


def _clean(value: Any, depth: int) -> Any:
    """The value with every text in NFC. Raises Refused for what no database can keep."""
    if depth > DEEPEST:
        raise Refused(gettext("the record is nested too deeply"))
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise Refused(
                gettext("a text is longer than %(most)d characters") % {"most": LONGEST_TEXT}
            )
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Refused(gettext("a text holds characters that no text may hold"))
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_clean(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {_clean(key, depth + 1): _clean(one, depth + 1) for key, one in value.items()}
    if isinstance(value, float) and not isfinite(value):
        return None  # "NaN" and the like: JSON has no such number
    return value


def _needed(body: dict[str, Any], field: str) -> str:
    text = _text(body, field)
    if not text:
        raise Refused(gettext("the record has no %(field)s") % {"field": field})
    return text


def _typed(body: dict[str, Any], field: str, kind: type, default: Any) -> Any:
    value = body.get(field)
    if value is None:
        return default
    if not isinstance(value, kind):
        raise Refused(str(NOT_OF_TYPE[kind]) % {"field": field})
    return value


def _text(body: dict[str, Any], field: str) -> str:
    text: str = _typed(body, field, str, "")
    return " ".join(text.split()) if field in ON_ONE_LINE else text.strip()


def _items(body: dict[str, Any], field: str) -> list[Any]:
    found: list[Any] = _typed(body, field, list, [])
    return found


def _objects(body: dict[str, Any], field: str) -> Iterator[dict[str, Any]]:
    for one in _items(body, field):
        if not isinstance(one, dict):
            raise Refused(gettext("%(field)s holds what is not an object") % {"field": field})
        yield one


def _limits(body: dict[str, Any], methods: list[dict[str, Any]]) -> Iterator[GivenLimit]:
    """The common limit, then of each channel what differs from it, then of cases within one."""
    processing = _typed(body, "processing", dict, {})
    common = _limit("", processing, _joined(methods, _words_of))
    yield common
    by_channel: dict[str, list[GivenLimit]] = {}
    for method in methods:
        given = _limit(_channel(method), method, _words_of(method))
        by_channel.setdefault(given.channel, []).append(given)
    cases: dict[tuple[str, str], GivenLimit] = {}
    for channel, several in by_channel.items():
        flagged = next((one for one in several if one.flag), None)
        longest = flagged or max(several, key=_worth)
        if _said(longest) != _said(common):
            yield GivenLimit(channel, longest.limit, longest.flag, longest.text)
        if len({_said(one) for one in several}) > 1:
            for one in several:
                cases.setdefault((channel, one.case), one)
    yield from (one for (_channel_of, case), one in cases.items() if case and not one.flag)


def _limit(channel: str, given: dict[str, Any], text: str) -> GivenLimit:
    limit, flag = _judge(given.get("value"), given.get("unit"))
    note = given.get("note")
    case = " ".join(note.split()) if isinstance(note, str) else ""
    return GivenLimit(channel, limit, flag, text, case[:500])


def _judge(value: Any, unit: Any) -> tuple[TimeLimit | None, str]:
    """The limit that a number and its unit are, or why a person must decide."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None, "missing"
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None, "missing"
    if amount < 0:
        return None, "missing"
    if amount == 0:
        return None, "zero"
    if not isinstance(unit, str) or unit not in UNITS:
        return None, "no_unit"
    if amount > MOST:
        return None, "unbelievable"
    limit = TimeLimit(amount, UNITS[unit])
    return (None, "unlawful_fraction") if limit.is_flagged else (limit, "")


def _said(given: GivenLimit) -> tuple[object, ...]:
    """What tells two limits apart; all that a person must decide are alike."""
    return () if given.limit is None else (given.limit.amount, given.limit.unit)


_WEIGHT = {Unit.WORKING_HOUR: 1, Unit.WORKING_DAY: 8, Unit.CALENDAR_DAY: 6, Unit.MONTH: 170}


def _worth(given: GivenLimit) -> float:
    return 0.0 if given.limit is None else float(given.limit.amount) * _WEIGHT[given.limit.unit]


def _words_of(method: dict[str, Any]) -> str:
    return "\n".join(text for text in (_text(method, "time_text"), _text(method, "note")) if text)


def _channel(method: dict[str, Any]) -> str:
    channel = _text(method, "channel")
    return CHANNELS.get(channel, channel[:40].lower() or "other")


def _fees(methods: list[dict[str, Any]]) -> Iterator[GivenFee]:
    by_channel: dict[str, list[dict[str, Any]]] = {}
    for method in methods:
        by_channel.setdefault(_channel(method), []).append(method)
    for channel, given in by_channel.items():
        amounts = [
            amount
            for method in given
            for amount in _items(method, "fee_amounts_vnd")
            if isinstance(amount, int | float) and not isinstance(amount, bool)
        ]
        yield GivenFee(
            channel=channel,
            free=all(method.get("free") is True for method in given),
            text=_joined(given, lambda method: _text(method, "fee_text")),
            amounts=tuple(dict.fromkeys(int(one) for one in amounts if 0 <= one < 10**12)),
            note=_joined(given, lambda method: _text(method, "note")),
        )


def _papers(body: dict[str, Any]) -> Iterator[GivenPaper]:
    for paper in _objects(body, "papers"):
        name = _text(paper, "name")
        if not name:
            raise Refused(gettext("a paper has no name"))
        yield GivenPaper(
            name=name,
            heading=_text(paper, "case"),
            originals=_count(paper, "originals"),
            copies=_count(paper, "copies"),
            template=_text(paper, "template"),
        )


def _count(paper: dict[str, Any], field: str) -> int:
    value = paper.get(field)
    if value is None:
        return 0
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1000:
        raise Refused(gettext("%(field)s of a paper is not a count") % {"field": field})
    return value


def _joined(methods: list[dict[str, Any]], words: Callable[[dict[str, Any]], str]) -> str:
    return "\n".join(dict.fromkeys(text for method in methods if (text := words(method))))
