"""The files shipped with the project: the catalogue, organisation and days off of the demo city."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "demo"


def read_json(name: str) -> Any:
    """What the shipped JSON file `name` holds."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of the shipped CSV file `name`, by its headings."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
