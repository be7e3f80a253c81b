"""Who holds the roles that definitions ask for, on one day, from the posts of the whole city."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from workflows.graph import AgencyOf, Who
from workflows.models import Offer, Post

_ANY = ""


class Holders:
    """The roles held on a day, and the agencies that answer for some procedures; two queries."""

    def __init__(self, procedures: Sequence[int], on: date) -> None:
        self._held: set[tuple[str, str, str]] = set()
        posts = Post.objects.held_on(on).values_list("role", "agency__code", "unit__code")
        for role, agency, unit in posts.distinct():
            part = (unit or "").rpartition(".")[2]
            # In no unit: for the whole agency, whatever unit a step names.
            self._held |= {(role, agency, part), (role, _ANY, _ANY), (role, agency, "*")}
        self._offering: dict[int, set[str]] = defaultdict(set)
        offers = Offer.objects.filter(procedure__in=procedures, valid_to=None)
        for procedure, agency in offers.values_list("procedure_id", "agency__code"):
            self._offering[procedure].add(agency)

    def hold(self, procedure: int, who: Who) -> bool:
        """Whether somebody holds the role, in every agency that answers for the procedure where it
        is the answering agency's; one that is told only by the dossier is not asked about."""
        if who.agency is AgencyOf.NAMED:
            return self._holds(who, who.code)
        if who.agency is AgencyOf.ANSWERING:
            return all(self._holds(who, agency) for agency in self._offering[procedure])
        return (who.role, _ANY, _ANY) in self._held

    def _holds(self, who: Who, agency: str) -> bool:
        if not who.unit:
            return (who.role, agency, "*") in self._held
        return not self._held.isdisjoint({(who.role, agency, who.unit), (who.role, agency, _ANY)})
