"""What a batch under settlement needs to know beyond its works."""

from __future__ import annotations

from collections.abc import Sequence

from dossiers.lifecycle import _telling, attribution
from dossiers.lifecycle._work import Work
from dossiers.models import StepRun
from workflows.models import Post


class Batch:
    """The works settled together; what they share is read at most once and only if asked."""

    def __init__(self, works: Sequence[Work]) -> None:
        self.works = works
        self._heads: dict[int, list[Post]] | None = None
        self._runs: dict[int, list[StepRun]] | None = None

    def heads(self, work: Work) -> list[Post]:
        if self._heads is None:
            self._heads = _telling.heads_of(self.works)
        return self._heads.get(work.dossier.unit_id, [])

    def runs(self, work: Work) -> list[StepRun]:
        if self._runs is None:
            self._runs = attribution.runs_of([one.dossier.pk for one in self.works])
        return self._runs.get(work.dossier.pk, [])
