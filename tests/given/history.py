"""Imports of event logs for tests: the command as an operator runs it, and what it printed."""

import io
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command

from dossiers.statistics import reading, verify

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

MAPPING = """
source: {source}
columns: {{case: case, activity: activity, time: time}}
times: {{zone: Asia/Ho_Chi_Minh}}
case:
  agency: N97
  channel: counter
  procedure: T-1
{case}
create:
  calendar:
    code: round-the-clock
    hours: {{monday: ["00:00-00:00"], tuesday: ["00:00-00:00"], wednesday: ["00:00-00:00"],
             thursday: ["00:00-00:00"], friday: ["00:00-00:00"], saturday: ["00:00-00:00"],
             sunday: ["00:00-00:00"]}}
  agencies: [{{code: N97, name: Some agency}}]
  procedures: [{{code: T-1, name: Some procedure}}]
"""


def run_import(log: Path, mapping: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Exit status and report of `import_history`; what it said instead when it printed none."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command(
            "import_history", str(log), "--mapping", str(mapping), *options, stdout=out, stderr=err
        )
    except SystemExit as ended:
        status = int(ended.code or 0)
    text = out.getvalue()
    return status, json.loads(text) if text else {"said": err.getvalue()}


class Log:
    """A log and its mapping in a folder: `case` and `more` are lines of the mapping."""

    def __init__(self, folder: Path, *, source: str = "test", case: str = "", more: str = ""):
        self.log, self.mapping = folder / "log.csv", folder / "mapping.yaml"
        indented = "".join(f"  {line}\n" for line in case.splitlines())
        self.mapping.write_text(MAPPING.format(source=source, case=indented) + more)

    def run(self, text: str | bytes, *options: str) -> tuple[int, dict[str, Any]]:
        """Write the log and import it."""
        self.log.write_bytes(text if isinstance(text, bytes) else text.encode())
        return run_import(self.log, self.mapping, *options)


def figures(at: str, *by: str) -> list[dict[str, Any]]:
    """The figures as of a moment, zeros left out, each row with its keys."""
    rows = reading.read(since=None, until=None, as_of=datetime.fromisoformat(at), by=by)
    return [
        {**row.keys, **{name: n for name, n in asdict(row.figures).items() if n}} for row in rows
    ]


def differences(at: str) -> list[str]:
    """What a recount as of a moment finds."""
    return [str(one) for one in verify.differences(datetime.fromisoformat(at))]
