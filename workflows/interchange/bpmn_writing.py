"""A definition as BPMN 2.0 with its diagram: a lane for each who, tasks from left to right,
exclusive gateways where a step can end in several ways. What BPMN has no words for stands beside it
in a namespace of our own, so that the file read again gives the same definition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from workflows.graph import END
from workflows.interchange.bpmn_tree import LOGIC, OWN

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DIAGRAM = "http://www.omg.org/spec/BPMN/20100524/DI"
SHAPES = "http://www.omg.org/spec/DD/20100524/DC"
EDGES = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
for _prefix, _uri in (
    ("bpmn", MODEL), ("bpmndi", DIAGRAM), ("dc", SHAPES), ("di", EDGES), ("xsi", XSI),
    ("onestop", OWN),
):  # fmt: skip
    register_namespace(_prefix, _uri)

_TASK, _GATEWAY, _EVENT = (120, 80), (50, 50), (36, 36)
_COLUMN, _LANE = 180, 140
_LEFT, _MARGIN = 190, 30

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Where a node stands: its middle and its size."""

    x: float
    y: float
    size: tuple[int, int]


class _Writer:
    """Builds the process and its diagram side by side."""

    def __init__(self, body: Data, name: str, procedure: str) -> None:
        self.body = body
        self.root = Element(f"{{{MODEL}}}definitions", {"targetNamespace": OWN})
        pool = SubElement(self.root, f"{{{MODEL}}}collaboration", {"id": "pool"})
        attributes = {"id": "participant", "name": name, "processRef": "workflow"}
        SubElement(pool, f"{{{MODEL}}}participant", attributes)
        process = {"id": "workflow", "name": name, "isExecutable": "false"}
        self.process = SubElement(self.root, f"{{{MODEL}}}process", process)
        own = {"version": 1, "procedure": procedure, "source": body.get("source", "")}
        _extend(self.process, "definition", own)
        self.lanes: dict[str, list[str]] = {}
        for step in body["steps"]:
            self.lanes.setdefault(_lane(step), [])
        self.drawn: dict[str, _Drawn] = {}
        self.flows: list[tuple[str, str, str]] = []
        self.column = 0

    def text(self) -> bytes:
        """The whole file."""
        lanes = SubElement(self.process, f"{{{MODEL}}}laneSet", {"id": "lanes"})
        steps = self.body["steps"]
        targets = {step["key"]: f"task-{step['key']}" for step in steps} | {END: "end"}
        self._node("startEvent", "start", _lane(steps[0]), _EVENT)
        for step in steps:
            self._step(step, targets)
        self._node("endEvent", "end", _lane(steps[-1]), _EVENT)
        self._flow("start", targets.get(self.body["start"], "end"))
        for number, (name, idents) in enumerate(self.lanes.items(), start=1):
            attributes = {"id": f"lane-{number}", "name": name}
            lane = SubElement(lanes, f"{{{MODEL}}}lane", attributes)
            for ident in idents:
                SubElement(lane, f"{{{MODEL}}}flowNodeRef").text = ident
        self._diagram()
        indent(self.root)
        return tostring(self.root, encoding="utf-8", xml_declaration=True)

    def _step(self, step: Data, targets: Mapping[str, str]) -> None:
        kind = "serviceTask" if step["kind"] == "automatic" else "userTask"
        ident, lane = f"task-{step['key']}", _lane(step)
        task = self._node(kind, ident, lane, _TASK, name=step["name"]["vi"])
        _extend(task, "step", {name: value for name, value in step.items() if name != "outcomes"})
        outcomes = step.get("outcomes", [])
        source = ident
        if len(outcomes) > 1:
            source = f"after-{step['key']}"
            self._node("exclusiveGateway", source, lane, _GATEWAY)
            self._flow(ident, source)
        for outcome in outcomes:
            self._outcome(step, outcome, source, targets)

    def _outcome(self, step: Data, outcome: Data, source: str, targets: Mapping[str, str]) -> None:
        own = {name: value for name, value in outcome.items() if name != "to"}
        name, to = outcome["label"]["vi"], outcome["to"]
        when = outcome.get("when")
        ways = to if isinstance(to, list) else [{"to": to}]
        if len(ways) == 1:
            self._flow(source, targets[ways[0]["to"]], name, own=own, when=when, way=ways[0])
            return
        ident = f"way-{step['key']}-{outcome['key']}"
        self._node("exclusiveGateway", ident, _lane(step), _GATEWAY)
        self._flow(source, ident, name, own=own, when=when)
        for way in ways:
            self._flow(ident, targets[way["to"]], when=way.get("when"), way=way)

    def _node(
        self, kind: str, ident: str, lane: str, size: tuple[int, int], name: str = ""
    ) -> Element:
        attributes = {"id": ident} | ({"name": name} if name else {})
        place = list(self.lanes).index(lane)
        self.lanes[lane].append(ident)
        x = _LEFT + self.column * _COLUMN + _TASK[0] / 2
        self.drawn[ident] = _Drawn(x, _MARGIN + place * _LANE + _LANE / 2, size)
        self.column += 1
        return SubElement(self.process, f"{{{MODEL}}}{kind}", attributes)

    def _flow(
        self, source: str, target: str, name: str = "", *, own: Data | None = None,
        way: Data | None = None, when: Any = None,
    ) -> None:  # fmt: skip
        ident = f"flow-{len(self.flows) + 1}"
        self.flows.append((ident, source, target))
        attributes = {"id": ident, "sourceRef": source, "targetRef": target}
        attributes |= {"name": name} if name else {}
        flow = SubElement(self.process, f"{{{MODEL}}}sequenceFlow", attributes)
        if own is not None:
            _extend(flow, "outcome", own)
        conditioned = {} if way is None else {key: way[key] for key in way if key != "to"}
        if conditioned:
            _extend(flow, "way", conditioned)
        if when is not None:
            kind = {f"{{{XSI}}}type": "bpmn:tFormalExpression", "language": LOGIC}
            condition = SubElement(flow, f"{{{MODEL}}}conditionExpression", kind)
            condition.text = json.dumps(when, ensure_ascii=False)

    def _diagram(self) -> None:
        diagram = SubElement(self.root, f"{{{DIAGRAM}}}BPMNDiagram", {"id": "diagram"})
        attributes = {"id": "plane", "bpmnElement": "pool"}
        plane = SubElement(diagram, f"{{{DIAGRAM}}}BPMNPlane", attributes)
        width = _LEFT + self.column * _COLUMN
        height = len(self.lanes) * _LANE
        _shape(plane, "participant", _MARGIN, _MARGIN, width, height, horizontal=True)
        for number in range(len(self.lanes)):
            top = _MARGIN + number * _LANE
            _shape(plane, f"lane-{number + 1}", 60, top, width - 30, _LANE, horizontal=True)
        for ident, one in self.drawn.items():
            wide, high = one.size
            _shape(plane, ident, one.x - wide / 2, one.y - high / 2, wide, high)
        for ident, source, target in self.flows:
            self._edge(plane, ident, self.drawn[source], self.drawn[target])

    def _edge(self, plane: Element, ident: str, source: _Drawn, target: _Drawn) -> None:
        attributes = {"id": f"{ident}-edge", "bpmnElement": ident}
        edge = SubElement(plane, f"{{{DIAGRAM}}}BPMNEdge", attributes)
        if target.x > source.x:
            right, left = source.x + source.size[0] / 2, target.x - target.size[0] / 2
            turn = left - 20
            points = [(right, source.y), (turn, source.y), (turn, target.y), (left, target.y)]
        else:
            below = source.y + _LANE / 2 - 10
            points = [
                (source.x, source.y + source.size[1] / 2),
                (source.x, below),
                (target.x, below),
                (target.x, target.y + target.size[1] / 2),
            ]
        for x, y in points:
            SubElement(edge, f"{{{EDGES}}}waypoint", {"x": f"{x:g}", "y": f"{y:g}"})


def write(body: Data, *, name: str, procedure: str = "") -> bytes:
    """The file for the `body` of a definition that has the form (see `parsing.parse`)."""
    return _Writer(body, name, procedure).text()


def _lane(step: Data) -> str:
    """The name of the lane: the role, in which agency, in which of its units."""
    who = step.get("who") or {}
    parts = [who.get("role", ""), who.get("agency", "answering"), who.get("code", "")]
    return " / ".join(part for part in [*parts, who.get("unit", "")] if part) or "automatic"


def _extend(element: Element, name: str, facts: Data) -> None:
    held = SubElement(element, f"{{{MODEL}}}extensionElements")
    if any(child.tag == held.tag for child in element if child is not held):
        element.remove(held)
        held = next(child for child in element if child.tag == held.tag)
    SubElement(held, f"{{{OWN}}}{name}").text = json.dumps(facts, ensure_ascii=False)


def _shape(
    plane: Element, ident: str, x: float, y: float, width: float, height: float, *,
    horizontal: bool = False,
) -> None:  # fmt: skip
    attributes = {"id": f"{ident}-shape", "bpmnElement": ident}
    attributes |= {"isHorizontal": "true"} if horizontal else {}
    shape = SubElement(plane, f"{{{DIAGRAM}}}BPMNShape", attributes)
    bounds = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": f"{height:g}"}
    SubElement(shape, f"{{{SHAPES}}}Bounds", bounds)
