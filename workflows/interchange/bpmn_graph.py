"""Walking through a BPMN process: from one step along flows, gateways, events and sub-processes to
the steps that come next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workflows.graph import END
from workflows.interchange.bpmn_tree import CONTAINERS, GATEWAYS, TASKS, Flow, Node, Process
from workflows.interchange.found import NotTaken

MOST_LOOKED_AT = 10_000
"""Nodes looked at from one step: gateways one behind the other have more ways than anybody drew."""


@dataclass(frozen=True, slots=True)
class Path:
    """A way from a step to the next one: the flows along it, and the node it reaches (or END)."""

    flows: tuple[Flow, ...]
    target: str


class Graph:
    """A process with what of it becomes a step: tasks, and gateways that open a consultation."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.asked = {
            node.ident: tasks
            for node in process.nodes.values()
            if (tasks := _side_by_side(process, node))
        }
        asked = {task.ident for tasks in self.asked.values() for task in tasks}
        self.steps = [
            node
            for node in process.nodes.values()
            if (node.kind in TASKS and node.ident not in asked) or node.ident in self.asked
        ]
        self._idents = {node.ident for node in self.steps}

    def first(self) -> Node | None:
        """The step that a dossier begins with; None if there is none."""
        begins = self._begins()
        if begins is None:
            return None
        if begins.ident in self._idents:
            return begins
        targets = [path.target for path in self._walk(self._onward(begins)) if path.target != END]
        for target in dict.fromkeys(targets[1:]):
            self.miss(self.process.nodes[target].words, "branch_left_out")
        return self.process.nodes[targets[0]] if targets else None

    def after(self, step: Node) -> list[Path]:
        """All ways from a step to the next ones; BPMN lets a path end where nothing follows."""
        if step.ident in self.asked:
            join = self.process.out[self.asked[step.ident][0].ident][0].target
            leaving = self._leaving(self.process.nodes[join])
        else:
            leaving = self._leaving(step)
        if len(leaving) > 1 and not any(flow.condition or flow.own for flow in leaving):
            self.miss(step.words, "parallel")
            leaving = leaving[:1]
        return self._walk(leaving) or [Path((), END)]

    def miss(self, element: str, code: str, **facts: str) -> None:
        """Take note, once, of what is not taken."""
        missed = NotTaken(element[:80], code, facts)
        if missed not in self.process.not_taken:
            self.process.not_taken.append(missed)

    def _begins(self) -> Node | None:
        outer = [node for node in self.process.nodes.values() if not node.inside]
        starts = [node for node in outer if node.kind == "startEvent"]
        if not starts:
            kinds = TASKS | GATEWAYS | CONTAINERS
            starts = [n for n in outer if n.kind in kinds and not self.process.into[n.ident]]
            if starts:
                self.miss(starts[0].words, "no_start")
        for other in starts[1:]:
            self.miss(other.words, "several_starts")
        return starts[0] if starts else None

    def _walk(self, leaving: Iterable[Flow]) -> list[Path]:
        found: list[Path] = []
        waiting: list[tuple[tuple[Flow, ...], frozenset[str]]] = [
            ((flow,), frozenset()) for flow in reversed(list(leaving))
        ]
        for _turn in range(MOST_LOOKED_AT):
            if not waiting:
                break
            flows, seen = waiting.pop()
            node = self.process.nodes.get(flows[-1].target)
            if node is None:
                self.miss(f"flow {flows[-1].name or flows[-1].target}", "loose_flow")
            elif node.ident in self._idents:
                found.append(Path(flows, node.ident))
            elif node.ident not in seen:
                onward = self._onward(node)
                if not onward:
                    found.append(Path(flows, END))
                waiting += [((*flows, one), seen | {node.ident}) for one in reversed(onward)]
        return found

    def _onward(self, node: Node) -> list[Flow]:
        """The flows that go on from something that is no step."""
        if node.kind in CONTAINERS:
            return self._into(node)
        leaving = self._leaving(node)
        if node.kind in GATEWAYS and node.kind != "exclusiveGateway" and len(leaving) > 1:
            self.miss(node.words, "parallel")
            return leaving[:1]
        return leaving

    def _into(self, container: Node) -> list[Flow]:
        inner = [one for one in self.process.nodes.values() if one.inside == container.ident]
        for one in inner:
            if one.kind == "startEvent":
                return self._leaving(one)
        for one in inner:
            if not self.process.into[one.ident] and one.kind != "boundaryEvent":
                return [Flow(container.ident, one.ident)]
        return self._leaving(container)

    def _leaving(self, node: Node) -> list[Flow]:
        """The flows out of a node; where a sub-process ends, those out of the sub-process."""
        while not self.process.out[node.ident] and node.inside:
            node = self.process.nodes[node.inside]
        return self.process.out[node.ident]


def _side_by_side(process: Process, node: Node) -> list[Node]:
    """The single tasks that a parallel gateway opens and one other joins; none if it is no such."""
    leaving = process.out[node.ident]
    if node.kind != "parallelGateway" or len(leaving) < 2:
        return []
    tasks = [found for flow in leaving if (found := process.nodes.get(flow.target))]
    joins = {flow.target for task in tasks for flow in process.out[task.ident]}
    fits = len(tasks) == len(leaving) and len(joins) == 1 and all(
        task.kind in TASKS
        and len(process.out[task.ident]) == len(process.into[task.ident]) == 1
        and not task.own
        for task in tasks
    )  # fmt: skip
    join = process.nodes.get(next(iter(joins), ""))
    return tasks if fits and join is not None and join.kind == "parallelGateway" else []
