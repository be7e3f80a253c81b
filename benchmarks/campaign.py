"""The long runs, one after the other, and a summary: `make campaign`.

Every law by many more examples, every process killed many more times, a burst of a hundred thousand
limits, every page in every language, theme and width, and the benchmarks up to a million dossiers.
`python -m benchmarks.campaign PART …` runs some of it. Takes hours; wants a machine for itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from time import perf_counter

PYTEST = ["pytest", "--durations=5"]
PARTS = {
    "laws": [*PYTEST, "tests/pure", "tests/statistics"],
    "processes": [*PYTEST, "-m", "slow or worker", "--ignore=tests/statistics"],
    "pages": [*PYTEST, "tests/browser"],
    "worktime": ["benchmarks.worktime"],
    "transitions": ["benchmarks.transitions"],
    "breaches": ["benchmarks.breaches", "10000", "100000", "1000000"],
}
FAILED = {True: "FAILED", False: "aim missed"}


def main(names: list[str]) -> int:
    """Run these parts, all if none is named; 1 if a test failed (a missed aim is only told)."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"No part {', '.join(unknown)}: there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    lines, failed = [], False
    for name in names or PARTS:
        is_test = PARTS[name][0] == "pytest"
        start = perf_counter()
        status, last = _run(PARTS[name])
        failed |= is_test and status != 0
        took = timedelta(seconds=round(perf_counter() - start))
        lines.append(f"{name:12} {'ok' if status == 0 else FAILED[is_test]:10} {took}  {last}")
    print("\n".join(["", "Campaign", *lines]))
    return int(failed)


def _run(module: list[str]) -> tuple[int, str]:
    """Run it, its words passed on as they come; its exit status and its last line."""
    last = ""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", *module],
        env=os.environ | {"ONESTOP_CAMPAIGN": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        for line in running.stdout or ():
            print(line, end="", flush=True)
            last = line.strip() or last
    return running.returncode, last


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
