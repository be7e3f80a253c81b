"""A BPMN process as a definition of our form: tasks become steps, exclusive gateways the outcomes
of the task before them, single tasks side by side a consultation. What the form does not have is
listed, never guessed silently."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from workflows.folding import fold
from workflows.graph import END, Kind
from workflows.interchange.bpmn_graph import Graph, Path
from workflows.interchange.bpmn_tree import AUTOMATIC, LOGIC, Node, Process
from workflows.interchange.found import Found
from workflows.parsing import LONGEST_TEXT

LONGEST_KEY = 50
# What the name of a lane says about the role, by its folded words; the first that fits.
ROLE_WORDS = (
    ("archive_clerk", ("van thu", "archive", "registry")),
    ("clerk", ("mot cua", "tiep nhan", "counter", "clerk", "reception", "front desk")),
    ("unit_head", ("truong phong", "lanh dao phong", "head of unit", "unit head", "team lead")),
    ("approver", ("lanh dao", "giam doc", "chu tich", "director", "approver", "head of agency")),
    ("officer", ("chuyen vien", "officer", "can bo", "cong chuc")),
)
AT_COUNTER = {"role": "clerk", "agency": "receiving"}

Data = dict[str, Any]


def read(process: Process, ident: str) -> Found:
    """The definition that a process describes; None as its body where it has no task."""
    own = process.own or {}
    code = own.get("procedure")
    return Found(
        ident=ident,
        body=_Reader(process).body(),
        not_taken=process.not_taken,
        codes=(code,) if isinstance(code, str) and code else (),
        source=_text(own.get("source")),
    )


class _Reader:
    """Makes a step of each task that can be reached from the start."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.graph = Graph(process)
        self.keys = _keys(self.graph.steps)
        self.lanes_missed: set[str] = set()

    def body(self) -> Data | None:
        first = self.graph.first()
        if first is None:
            self.graph.miss(f"process {self.process.name or self.process.ident}", "no_steps")
            return None
        done: dict[str, Data] = {}
        waiting = [first.ident]
        while waiting:
            ident = waiting.pop()
            if ident not in done:
                node, paths = self.process.nodes[ident], self.graph.after(self.process.nodes[ident])
                done[ident] = self._step(node, paths, is_first=node is first)
                waiting += [path.target for path in paths if path.target != END]
        for node in self.graph.steps:
            if node.ident not in done:
                self.graph.miss(node.words, "unreached")
        steps = [done[node.ident] for node in self.graph.steps if node.ident in done]
        _name_returns(self.keys[first.ident], steps)
        source = _text((self.process.own or {}).get("source"))
        return {"version": 1, "start": self.keys[first.ident], "steps": steps, "source": source}

    def _step(self, node: Node, paths: list[Path], *, is_first: bool) -> Data:
        asked = self.graph.asked.get(node.ident, [])
        name = node.name or ", ".join(one.name for one in asked if one.name) or node.ident
        if len(name) > LONGEST_TEXT:
            self.graph.miss(node.words, "shortened", letters=str(LONGEST_TEXT))
        step: Data = {"key": self.keys[node.ident], "name": {"vi": name[:LONGEST_TEXT]}}
        if node.own:
            step |= node.own | {"key": step["key"], "name": _renamed(node.own.get("name"), name)}
        elif asked:
            step |= {
                "kind": Kind.CONSULT.value,
                "who": {"role": "officer", "agency": "answering"},
                "consult": {"asked": [{"who": self._who(one)} for one in asked], "answers": "all"},
            }
        else:
            is_last = not is_first and all(path.target == END for path in paths)
            step |= self._guess(node, is_first=is_first, is_last=is_last)
        return step | {"outcomes": self._outcomes(paths)}

    def _guess(self, node: Node, *, is_first: bool, is_last: bool) -> Data:
        """Kind and person of a task that another tool drew."""
        if is_first:
            return {"kind": Kind.RECEIVE.value, "who": AT_COUNTER}
        if is_last:
            return {"kind": Kind.DELIVER.value, "who": AT_COUNTER}
        if node.kind in AUTOMATIC:
            return {"kind": Kind.AUTOMATIC.value}
        if node.kind in ("callActivity", "receiveTask"):
            self.graph.miss(node.words, "no_task_kind")
        return {"kind": Kind.PROCESS.value, "who": self._who(node)}

    def _who(self, node: Node) -> Data:
        words = fold(node.lane)
        fitting = (role for role, signs in ROLE_WORDS if any(sign in words for sign in signs))
        role = next(fitting, "")
        if not role and node.lane not in self.lanes_missed:
            self.lanes_missed.add(node.lane)
            self.graph.miss(f"lane {node.lane}" if node.lane else node.words, "default_role")
        return AT_COUNTER if role == "clerk" else {"role": role or "officer", "agency": "answering"}

    def _outcomes(self, paths: list[Path]) -> list[Data]:
        outcomes: dict[str, Data] = {}
        for path in paths:
            to = END if path.target == END else self.keys[path.target]
            own = next((flow.own for flow in path.flows if flow.own), None)
            if own is None:
                self._add_foreign(outcomes, path, to)
                continue
            way = next((flow.way for flow in path.flows if flow.way is not None), {})
            told = own | {"return": own.get("return", False), "to": []}
            outcome = outcomes.setdefault(_text(own.get("key")) or "done", told)
            outcome["to"].append(way | {"to": to})
        return list(outcomes.values())

    def _add_foreign(self, outcomes: dict[str, Data], path: Path, to: str) -> None:
        name = " / ".join(flow.name for flow in path.flows if flow.name)[:LONGEST_TEXT]
        key = _unused(_slug(name) or "done", outcomes)
        label = {"vi": name} if name else {"vi": "Xong, chuyển tiếp", "en": "Done"}
        outcomes[key] = {"key": key, "label": label, "to": to}
        for flow in path.flows:
            when = _condition(flow.condition) if flow.language == LOGIC else None
            if when is not None:
                outcomes[key]["when"] = when
            elif flow.condition:
                element = f"flow {flow.name or flow.target}"
                self.graph.miss(element, "condition", text=flow.condition[:200])


def _keys(steps: list[Node]) -> dict[str, str]:
    """A key for each step: its own where it brings one, else from its name."""
    keys: dict[str, str] = {}
    for node in steps:
        wanted = _text((node.own or {}).get("key")) or _slug(node.name) or f"step-{len(keys) + 1}"
        keys[node.ident] = _unused(wanted, {*keys.values(), END})
    return keys


def _name_returns(start: str, steps: list[Data]) -> None:
    """Call a return what leads back to a step on the way to it."""
    ways = {
        step["key"]: [(one, to) for one in step["outcomes"] for to in _targets(one)]
        for step in steps
    }
    on_the_way = {start}
    entered = {start}
    stack = [start]
    while stack:
        key = stack[-1]
        if not ways[key]:
            on_the_way.discard(stack.pop())
            continue
        outcome, to = ways[key].pop(0)
        if to in on_the_way:
            outcome.setdefault("return", True)
        elif to != END and to not in entered:
            entered.add(to)
            on_the_way.add(to)
            stack.append(to)


def _targets(outcome: Data) -> list[str]:
    to = outcome["to"]
    return [way["to"] for way in to] if isinstance(to, list) else [to]


def _renamed(own: Any, name: str) -> Any:
    """The names that a step brings, unless somebody has renamed the task in another tool."""
    vietnamese = own.get("vi") if isinstance(own, dict) else None
    if isinstance(vietnamese, str) and " ".join(vietnamese.split()) == name:
        return own
    return {"vi": name[:LONGEST_TEXT]}


def _condition(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _unused(wanted: str, used: Collection[str]) -> str:
    key, number = wanted, 2
    while key in used:
        key, number = f"{wanted}-{number}", number + 1
    return key


def _slug(name: str) -> str:
    words = "-".join(fold(name).split())
    return "".join(letter for letter in words if letter.isascii())[:LONGEST_KEY].strip("-")


def _text(value: Any) -> str:
    return value.strip()[:LONGEST_TEXT] if isinstance(value, str) else ""
