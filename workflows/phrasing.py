"""Conditions as people write them, and back: `area > 250 and not (kind == "villa")`. What is stored
stays the small JSON logic of `conditions.py`. Pure: standard library only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))'
    r"|(?P<sign>==|!=|<=|>=|<|>|\(|\)|\[|\]|,)|(?P<word>[^\W\d][\w.]*))"
)
_COMPARING = ("==", "!=", "<", "<=", ">", ">=", "in")
_VALUES: Mapping[str, Any] = {"true": True, "false": False, "null": None}
_RESERVED = {*_VALUES, "and", "or", "not", "in"}
_NAME = re.compile(r"[^\W\d][\w.]*")
DEEPEST = 12


class NotACondition(ValueError):
    """The text is no condition; the message holds the part that could not be read."""


def phrase(condition: Any) -> str:
    """A condition as text; empty for none. What has no words stays in its JSON."""
    return "" if condition is None else _phrase(condition)


def understand(text: str) -> Any:
    """The condition that a text says; None for an empty one. Raises NotACondition."""
    written = text.strip()
    if not written:
        return None
    if written.startswith("{"):
        try:
            return json.loads(written)
        except (ValueError, RecursionError):
            raise NotACondition(written[:40]) from None
    reader = _Reader(_tokens(written))
    condition = reader.either(0)
    if reader.tokens:
        raise NotACondition(reader.tokens[0][1])
    return condition


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise NotACondition(text[place:].strip()[:40])
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


class _Reader:
    """Reads token by token: either, both, one, value; each a level of binding."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens

    def either(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise NotACondition("(")
        parts = [self.both(depth)]
        while self.take("or"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else {"or": parts}

    def both(self, depth: int) -> Any:
        parts = [self.one(depth)]
        while self.take("and"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else {"and": parts}

    def one(self, depth: int) -> Any:
        if self.take("not"):
            return {"not": [self.one(depth + 1)]}
        if self.take("("):
            inner = self.either(depth + 1)
            self.need(")")
            return inner
        left = self.value()
        for sign in _COMPARING:
            if self.take(sign):
                return {sign: [left, self.value()]}
        return left

    def value(self) -> Any:
        if self.take("["):
            listed: list[Any] = []
            while not self.take("]"):
                listed.append(self.value())
                if not self.next_is("]"):
                    self.need(",")
            return listed
        kind, token = self.tokens.pop(0) if self.tokens else ("", "")
        if kind == "text":
            return json.loads(token)
        if kind == "number":
            return float(token) if "." in token else int(token)
        if kind == "word" and token in _VALUES:
            return _VALUES[token]
        if kind == "word" and token not in _RESERVED:
            return {"var": token}
        raise NotACondition(token)

    def next_is(self, token: str) -> bool:
        return bool(self.tokens) and self.tokens[0] in (("sign", token), ("word", token))

    def take(self, token: str) -> bool:
        if not self.next_is(token):
            return False
        self.tokens.pop(0)
        return True

    def need(self, token: str) -> None:
        if not self.take(token):
            raise NotACondition(self.tokens[0][1] if self.tokens else token)


def _phrase(condition: Any) -> str:
    if isinstance(condition, list):
        return f"[{', '.join(_phrase(one) for one in condition)}]"
    if not isinstance(condition, Mapping) or len(condition) != 1:
        return json.dumps(condition, ensure_ascii=False)
    operator, given = next(iter(condition.items()))
    parts = given if isinstance(given, list) else [given]
    if operator == "var" and _NAME.fullmatch(str(parts[0])) and parts[0] not in _RESERVED:
        return str(parts[0])
    if operator in ("and", "or") and len(parts) > 1:
        return f" {operator} ".join(_bound(part) for part in parts)
    if operator == "not" and len(parts) == 1:
        return f"not ({_phrase(parts[0])})"
    if operator in _COMPARING and len(parts) == 2:
        return f"{_bound(parts[0])} {operator} {_bound(parts[1])}"
    return json.dumps(condition, ensure_ascii=False)


def _bound(part: Any) -> str:
    """A part within another: in brackets, so that it binds as it stood."""
    words = _phrase(part)
    plain = not isinstance(part, Mapping) or next(iter(part), "") in ("var", "not")
    return words if plain or next(iter(part)) in _COMPARING else f"({words})"
