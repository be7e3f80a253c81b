"""Which papers people bring to the demo city's counters: those of one case of the procedure."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import NamedTuple

from dossiers.lifecycle.given import PaperGiven
from workflows.models import Case, Offer, PaperItem

FORMS = ("original", "certified", "copy", "electronic")
DIGITISED_SHARE = 0.7


class PaperList(NamedTuple):
    """A case of a procedure (empty where it knows none), and the papers to hand in for it."""

    case: str
    papers: list[PaperItem]


class Papers:
    """The lists of papers by procedure, each read once."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._lists: dict[int, list[PaperList]] = {}

    def lists(self, offer: Offer, at: datetime) -> list[PaperList]:
        """The cases of a procedure, each with its papers: its own and those of all cases."""
        lists = self._lists.get(offer.procedure_id)
        if lists is None:
            edition = offer.procedure.edition_on(at.date())
            items = list(PaperItem.objects.filter(edition=edition, kind=PaperItem.Kind.HAND_IN))
            cases = list(Case.objects.filter(edition=edition))
            lists = [
                PaperList(case.key, [one for one in items if one.case_id in (None, case.pk)])
                for case in cases
            ] or [PaperList("", items)]
            lists = [one for one in lists if one.papers] or lists
            self._lists[offer.procedure_id] = lists
        return lists

    def given(self, listed: PaperList) -> list[PaperGiven]:
        """Every paper of a list, in some form."""
        return [
            PaperGiven(
                item=item.pk,
                form=self.random.choice(FORMS),
                digitised=self.random.random() < DIGITISED_SHARE,
            )
            for item in listed.papers
        ]
