"""What a batch under settlement needs to know beyond its works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from dossiers.lifecycle import _reads, attribution
from dossiers.lifecycle._line import Line
from dossiers.lifecycle._work import Work
from dossiers.models import Apology, Breach, ClockKind, ClockRow, StepRun


class Batch:
    """The works settled together; what they share is read at most once and only if asked."""

    def __init__(self, works: Sequence[Work]) -> None:
        self.works = works
        self._line: Line | None = None
        self._runs: dict[int, list[StepRun]] | None = None
        self._foreseen: dict[int, Apology] | None = None
        self._standing: dict[int, list[Breach]] | None = None

    @property
    def line(self) -> Line:
        if self._line is None:
            self._line = Line(self.works)
        return self._line

    def runs(self, work: Work) -> list[StepRun]:
        if self._runs is None:
            self._runs = attribution.runs_of([one.dossier.pk for one in self.works])
        return self._runs.get(work.dossier.pk, [])

    def foreseen(self, work: Work) -> Apology | None:
        """The apology signed before the limit passed, if there is one."""
        if self._foreseen is None:
            signed = _reads.FORESEEN.ask([one.dossier.pk for one in self.works])
            # The earliest of a dossier comes last.
            self._foreseen = {one.dossier_id: one for one in signed()}
        return self._foreseen.get(work.dossier.pk)

    def standing(self, clock: int) -> list[Breach]:
        """The breaches of a clock as the database has them, annulled ones left out, the latest
        first."""
        if self._standing is None:
            self._standing = defaultdict(list)
            dossiers = [one.dossier.pk for one in self.works]
            found = Breach.objects.filter(dossier__in=dossiers, annulled_at=None)
            for breach in found.order_by("-promise_number"):
                self._standing[breach.clock_id].append(breach)
        return self._standing.get(clock, [])

    def step_of(self, work: Work, row: ClockRow) -> StepRun | None:
        """The step that a step's clock counts, else the one under way."""
        step = work.step
        if row.kind == ClockKind.STEP and row.step_run_id != (step.pk if step else None):
            return next((run for run in self.runs(work) if run.pk == row.step_run_id), step)
        return step
