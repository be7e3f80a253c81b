"""Importing an event log: read the whole of it, put in what its mapping names, then record its
cases batch by batch in the order of their reception. What was recorded before an interruption is
known to the next run and left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from dossiers.exchange.history_cases import CaseLog, LogCase, tell
from dossiers.exchange.history_log import read_log
from dossiers.exchange.history_mapping import LogMapping
from dossiers.exchange.history_setting import prepare
from dossiers.lifecycle.history import known_cases, record_cases
from workflows.catalogue.locking import one_at_a_time

BATCH = 250
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class HistoryReport:
    """What an import did, counted in cases."""

    taken: int = 0
    unchanged: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    flagged: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, line: int, case: str, reason: str) -> None:
        """Note a case that was not taken; `code` is its name, as in the other imports' reports."""
        self.refused.append({"line": line, "code": case, "case": case, "reason": reason})

    def remark(self, case: LogCase) -> None:
        """Note what is odd about a case that was taken, or had been."""
        self.remarks += [{"case": case.case, "reason": reason} for reason in case.remarks]
        if case.lacks_limit:
            reason = gettext("the log gives no limit")
            self.flagged.append({"code": case.case, "case": case.case, "reason": reason})

    def as_data(self) -> dict[str, Any]:
        """The report in its published form."""
        return {
            "read": self.taken + self.unchanged + len(self.refused),
            "taken": self.taken,
            "unchanged": self.unchanged,
            "refused": sorted(self.refused, key=lambda refused: refused["line"]),
            "flagged": self.flagged,
            "remarks": self.remarks,
        }


def import_history(
    path: Path,
    mapping: LogMapping,
    *,
    at: datetime,
    recorded_at: datetime,
    progress: Progress | None = None,
) -> HistoryReport:
    """Record every case of the log that is not known yet; time is run up to `at`.

    Raises: UnreadableLog, UnknownPlace, ImpossibleWorkflow; then nothing was changed.
    """
    log = tell(read_log(path, mapping), mapping, recorded_at)
    report = HistoryReport()
    for line, case, reason in log.refused:
        report.refuse(line, case, reason)
    with transaction.atomic():
        one_at_a_time()
        _leave_known(log, mapping.source, report)
        cases = prepare(log, mapping, recorded_at, report.refuse)
    by_name = {case.case: case for case in log.cases}
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        result = record_cases(batch, at=at, recorded_at=recorded_at)
        for name in result.taken:
            report.taken += 1
            report.remark(by_name[name])
        for name in result.unchanged:
            report.unchanged += 1
            report.remark(by_name[name])
        for name in result.changed:
            report.refuse(by_name[name].line, name, _changed())
        for name, reason in result.impossible.items():
            report.refuse(by_name[name].line, name, reason)
        if progress:
            progress(start + len(batch), len(cases))
    return report


def _leave_known(log: CaseLog, source: str, report: HistoryReport) -> None:
    """Take out the cases that an earlier import recorded."""
    known, new = known_cases(source), []
    for case in log.cases:
        if case.case not in known:
            new.append(case)
        elif known[case.case] == case.fingerprint:
            report.unchanged += 1
            report.remark(case)
        else:
            report.refuse(case.line, case.case, _changed())
    log.cases = new


def _changed() -> str:
    return gettext("the log tells this case differently since it was imported")
