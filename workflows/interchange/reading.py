"""The definitions in a file, whatever its form (BPMN, annex tables or our own, as JSON or YAML),
told apart by content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from workflows.interchange import annexes, bpmn_reading, bpmn_tree
from workflows.interchange.found import Found, NotTaken

LARGEST = 20_000_000  # bytes
_XML = (b"<", b"\xff\xfe<", b"\xfe\xff\x00<")


class _NoAliases(yaml.SafeLoader):
    """Plain YAML: an alias could make a small file endlessly large."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.YAMLError(f"an alias (*) in line {mark.line + 1}")
        return super().compose_node(parent, index)


def read(content: bytes, *, name: str, agencies: Mapping[str, str]) -> list[Found]:
    """All definitions in a file called `name`, in their order; what cannot be read says why.

    `agencies` gives the codes of agencies by their names in small letters. Never raises for what
    a file may hold.
    """
    if len(content) > LARGEST:
        return [_nothing("too_large", megabytes=str(LARGEST // 1_000_000))]
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(_XML):
        return _bpmn(text, name)
    try:
        data = _plain(text)
    except (ValueError, yaml.YAMLError, RecursionError) as fault:
        return [_nothing("not_readable", fault=" ".join(str(fault).split())[:200])]
    entries = data if isinstance(data, list) else [data]
    found = [_entry(one, name, number, agencies) for number, one in enumerate(entries, start=1)]
    return found or [_nothing("not_a_definition")]


def _bpmn(text: bytes, name: str) -> list[Found]:
    try:
        processes = bpmn_tree.read(text)
    except bpmn_tree.NotBpmn as fault:
        return [_nothing(fault.code, **fault.facts)]
    found = [bpmn_reading.read(one, one.ident or one.name or name) for one in processes]
    return found or [_nothing("not_a_definition")]


def _plain(text: bytes) -> Any:
    decoded = text.decode("utf-8")
    if decoded.startswith(("{", "[")):
        try:
            return json.loads(decoded)
        except json.JSONDecodeError as fault:
            # YAML knows braces and brackets too.
            try:
                return yaml.load(decoded, Loader=_NoAliases)  # noqa: S506
            except yaml.YAMLError:
                raise fault from None
    return yaml.load(decoded, Loader=_NoAliases)  # noqa: S506


def _entry(data: Any, name: str, number: int, agencies: Mapping[str, str]) -> Found:
    if not isinstance(data, Mapping):
        return Found(ident="", body=None, not_taken=(NotTaken(f"entry {number}", "not_an_object"),))
    if annexes.is_annex_row(data):
        return annexes.read(data, agencies)
    body = data.get("definition", data)
    if not isinstance(body, Mapping) or "steps" not in body:
        return _nothing("not_a_definition", element=f"entry {number}")
    code = data.get("procedure") if body is not data else None
    given = data.get("id") if body is not data else None
    return Found(
        ident=str(given or code or name),
        body=dict(body),
        codes=(code,) if isinstance(code, str) and code else (),
        source=str(data.get("source") or body.get("source") or "")[:500],
    )


def _nothing(code: str, element: str = "", **facts: str) -> Found:
    return Found(ident="", body=None, not_taken=(NotTaken(element, code, facts),))
