"""BPMN as other tools write it: a process from lines of nodes and flows."""

from xml.sax.saxutils import quoteattr

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def process(*parts: str, prefix: str = "", lanes: dict[str, list[str]] | None = None) -> bytes:
    """A file with one process; `prefix` is what the modeler puts before its names."""
    mark = f"{prefix}:" if prefix else ""
    declared = f"xmlns:{prefix}" if prefix else "xmlns"
    inside = "".join(parts)
    if lanes:
        held = "".join(
            f"<lane id={quoteattr(name)} name={quoteattr(name)}>"
            + "".join(f"<flowNodeRef>{ident}</flowNodeRef>" for ident in idents)
            + "</lane>"
            for name, idents in lanes.items()
        )
        inside = f"<laneSet>{held}</laneSet>{inside}"
    if mark:
        inside = inside.replace("</", "\0").replace("<", f"<{mark}").replace("\0", f"</{mark}")
    return (
        f'<?xml version="1.0"?><{mark}definitions {declared}="{MODEL}" targetNamespace="x">'
        f'<{mark}process id="p">{inside}</{mark}process></{mark}definitions>'
    ).encode()


def node(kind: str, ident: str, name: str = "", inside: str = "") -> str:
    """One node, perhaps with something inside it."""
    return f"<{kind} id={quoteattr(ident)} name={quoteattr(name)}>{inside}</{kind}>"


def flow(source: str, target: str, name: str = "", condition: str = "") -> str:
    """A flow from node to node."""
    said = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return (
        f"<sequenceFlow id='{source}-{target}' name={quoteattr(name)} "
        f"sourceRef='{source}' targetRef='{target}'>{said}</sequenceFlow>"
    )


def row(*idents: str) -> str:
    """Flows from each node to the next."""
    return "".join(flow(one, other) for one, other in zip(idents, idents[1:], strict=False))
