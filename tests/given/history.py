"""Imports of event logs for tests: the command as an operator runs it, and what it printed."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

from django.core.management import call_command


def run_import(log: Path, mapping: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Exit status and report of `import_history`; no report when it printed none."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command(
            "import_history", str(log), "--mapping", str(mapping), *options, stdout=out, stderr=err
        )
    except SystemExit as ended:
        status = int(ended.code or 0)
    text = out.getvalue()
    assert "Traceback" not in err.getvalue()
    return status, json.loads(text) if text else {"said": err.getvalue()}
