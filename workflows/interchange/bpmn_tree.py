"""A BPMN 2.0 file as plain nodes and flows, whichever modeler wrote it: namespaces, prefixes and
diagrams left aside. Nothing outside the file is opened and no entity is expanded."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from workflows.interchange.found import NotTaken

OWN = "urn:onestop:definition:1"
"""Namespace of what BPMN has no words for; kept by other tools as an extension."""
LOGIC = "urn:onestop:json-logic"

TASKS = {
    "task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask",
    "businessRuleTask", "callActivity",
}  # fmt: skip
AUTOMATIC = {"serviceTask", "scriptTask", "sendTask", "businessRuleTask"}
CONTAINERS = {"subProcess", "transaction", "adHocSubProcess"}
GATEWAYS = {
    "exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway",
    "eventBasedGateway",
}  # fmt: skip
PASSED = {"intermediateCatchEvent", "intermediateThrowEvent"}
NODES = TASKS | CONTAINERS | GATEWAYS | PASSED | {"startEvent", "endEvent", "boundaryEvent"}
# Parts of the notation itself: neither taken nor missed.
SILENT = {
    "sequenceFlow", "laneSet", "extensionElements", "documentation", "incoming", "outgoing",
    "ioSpecification", "property", "standardLoopCharacteristics",
    "multiInstanceLoopCharacteristics", "text", "flowNodeRef", "lane",
}  # fmt: skip


class NotBpmn(ValueError):
    """The file is no BPMN that can be read; `code` and `facts` say why."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(slots=True)
class Flow:
    """A sequence flow: from node to node, perhaps with a name, a condition, our own facts."""

    source: str
    target: str
    name: str = ""
    condition: str = ""
    language: str = ""
    own: dict[str, Any] | None = None
    way: dict[str, Any] | None = None


@dataclass(slots=True)
class Node:
    """A node of the graph. `inside` is the sub-process that it lies in (empty: the process)."""

    ident: str
    kind: str
    name: str
    lane: str = ""
    inside: str = ""
    own: dict[str, Any] | None = None

    @property
    def words(self) -> str:
        """What the node is called in a report."""
        return f"{self.kind} {self.name or self.ident}"[:80]


@dataclass(slots=True)
class Process:
    """One process of a file."""

    ident: str
    name: str
    own: dict[str, Any] | None
    nodes: dict[str, Node] = field(default_factory=dict)
    out: dict[str, list[Flow]] = field(default_factory=lambda: defaultdict(list))
    into: dict[str, list[Flow]] = field(default_factory=lambda: defaultdict(list))
    not_taken: list[NotTaken] = field(default_factory=list)


def read(content: bytes) -> list[Process]:
    """The processes of a BPMN file. Raises: NotBpmn."""
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise NotBpmn("document_type") from None
    except (ParseError, ValueError, LookupError, RecursionError) as fault:
        raise NotBpmn("not_readable", fault=str(fault)) from None
    if _local(root) != "definitions":
        raise NotBpmn("not_a_definition")
    outside = [NotTaken(_words(one), "not_in_form") for one in _collaboration(root)]
    processes = [_process(one) for one in root if _local(one) == "process"]
    for process in processes[:1]:
        process.not_taken += outside
    return processes


def _collaboration(root: Element) -> Iterator[Element]:
    for found in root:
        if _local(found) == "collaboration":
            yield from (one for one in found if _local(one) == "messageFlow")


def _process(element: Element) -> Process:
    process = Process(element.get("id", ""), element.get("name", ""), _own(element, "definition"))
    waiting = [(element, "")]
    while waiting:
        holder, inside = waiting.pop(0)
        lanes = _lanes(holder)
        for one in holder:
            kind = _local(one)
            if kind in NODES:
                ident = one.get("id") or f"{kind}-{len(process.nodes) + 1}"
                name = " ".join(one.get("name", "").split())
                process.nodes[ident] = Node(
                    ident, kind, name, lanes.get(ident, _lane_of(process, inside)), inside,
                    _own(one, "step"),
                )  # fmt: skip
                if kind in CONTAINERS:
                    waiting.append((one, ident))
                if kind in PASSED or kind == "boundaryEvent":
                    code = "timer" if _has(one, "timerEventDefinition") else "not_in_form"
                    process.not_taken.append(NotTaken(process.nodes[ident].words, code))
            elif kind == "sequenceFlow":
                _flow(process, one)
            elif kind not in SILENT:
                process.not_taken.append(NotTaken(_words(one), "not_in_form"))
    return process


def _lane_of(process: Process, inside: str) -> str:
    return process.nodes[inside].lane if inside else ""


def _flow(process: Process, element: Element) -> None:
    condition = next((one for one in element if _local(one) == "conditionExpression"), None)
    flow = Flow(
        element.get("sourceRef", ""),
        element.get("targetRef", ""),
        " ".join(element.get("name", "").split()),
        "" if condition is None else (condition.text or "").strip(),
        "" if condition is None else condition.get("language", ""),
        _own(element, "outcome"),
        _own(element, "way"),
    )
    process.out[flow.source].append(flow)
    process.into[flow.target].append(flow)


def _lanes(holder: Element) -> dict[str, str]:
    """The names of the lanes that the nodes lie in; the innermost speaks."""
    found: dict[str, str] = {}
    for lane in holder.iter():
        if _local(lane) == "lane":
            name = " ".join(lane.get("name", "").split())
            for one in lane:
                if _local(one) == "flowNodeRef":
                    found[(one.text or "").strip()] = name
    return found


def _own(element: Element, name: str) -> dict[str, Any] | None:
    """Our own facts beside an element; what is not in our form counts as absent."""
    for extension in element:
        if _local(extension) != "extensionElements":
            continue
        for one in extension:
            if one.tag == f"{{{OWN}}}{name}":
                try:
                    facts = json.loads(one.text or "")
                except (ValueError, RecursionError):
                    return None
                return facts if isinstance(facts, dict) else None
    return None


def _has(element: Element, kind: str) -> bool:
    return any(_local(one) == kind for one in element)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _words(element: Element) -> str:
    return f"{_local(element)} {element.get('name') or element.get('id') or ''}".strip()[:80]
