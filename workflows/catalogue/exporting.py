"""A definition written as a file: JSON and YAML of our own form, or BPMN 2.0."""

from __future__ import annotations

import json

import yaml

from workflows.interchange import bpmn_writing
from workflows.models import Definition

TYPES = {
    "json": "application/json",
    "yaml": "application/yaml",
    "bpmn": "application/xml",
}


def written(row: Definition, form: str) -> bytes:
    """The definition in this form (a key of TYPES), ready to be brought in again."""
    code = "" if row.procedure is None else row.procedure.code
    if form == "bpmn":
        name = row.origin if row.procedure is None else row.procedure.name
        return bpmn_writing.write(row.body, name=name or "definition", procedure=code) + b"\n"
    entry = {"procedure": code, "definition": row.body} if code else row.body
    if form == "json":
        return (json.dumps(entry, ensure_ascii=False, indent=1) + "\n").encode()
    return yaml.safe_dump(entry, allow_unicode=True, sort_keys=False).encode()
