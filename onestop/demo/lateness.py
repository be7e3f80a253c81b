"""Lateness in the demo city: limits looked at when they have passed, delays explained and judged,
apologies drafted, signed and handed over, some of them before the limit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from random import Random

from dossiers import firing
from dossiers.lifecycle import apology, breach
from dossiers.lifecycle.delivering import hand_over_apology
from dossiers.lifecycle.signing import sign_apology
from dossiers.models import OPEN, Apology, Breach, Dossier
from onestop.demo.act import Act, Acts
from onestop.demo.pace import HOUR, MINUTE, Pace
from onestop.demo.plans import Plan
from onestop.demo.staff import Roster
from workflows.actors import Actor

LOOKED_AFTER = 10 * MINUTE
"""How long after a limit somebody looks whether it was kept."""
HANDED_SHARE = 0.6


class Lateness:
    """Acts on dossiers that are late or will be. `ended` says when dossiers ended, by their ids."""

    def __init__(self, roster: Roster, pace: Pace, ended: Mapping[int, datetime]) -> None:
        self.roster, self.pace, self.ended = roster, pace, ended
        self.random = pace.random

    def looking(self, dossier_id: int, plan: Plan) -> Act:
        """After the limit: the worker flags what is late; the unit answers, or does not."""

        def looking() -> Acts:
            at = self.pace.now
            if self.ended.get(dossier_id, at) <= at - LOOKED_AFTER:
                return
            firing.fire_for([dossier_id], at)
            late = Breach.objects.filter(dossier=dossier_id, of="dossier").first()
            if late is None:
                return
            if self.random.random() < 0.8:
                morning = self.pace.calendar.next_open(at)
                yield (
                    self.pace.after(morning, self.pace.some(6 * HOUR)),
                    self._explaining(late),
                )
            if self.random.random() < 0.7:
                morning = self.pace.calendar.next_open(at)
                yield (
                    self.pace.after(morning, self.pace.some(5 * HOUR)),
                    self._drafting(dossier_id, plan),
                )

        return looking

    def foreseeing(self, dossier_id: int, plan: Plan) -> Act:
        """A day before the limit: what will probably be late is apologised for beforehand."""

        def foreseeing() -> Acts:
            at = self.pace.now
            if apology.look_ahead(dossier_id, at).probably_late:
                yield self.pace.after(at, self.pace.some(HOUR)), self._drafting(dossier_id, plan)

        return foreseeing

    def _explaining(self, late: Breach) -> Act:
        def explaining() -> Acts:
            at = self.pace.now
            head = self._head(late.agency_id, late.unit_id)
            if head is None:
                return
            reasons = ("overload", "late_assignment", "complex", "other_agency")
            breach.explain_breach(
                late.pk,
                reason=self.random.choice(reasons),
                text="Số hồ sơ tăng cao trong tuần, phòng đã bố trí thêm người.",
                by=head,
                at=at,
            )
            if self.random.random() < 0.85:
                yield self.pace.after(at, self.pace.some(8 * HOUR)), self._judging(late)

        return explaining

    def _judging(self, late: Breach) -> Act:
        def judging() -> Acts:
            watcher = self.roster.of_city("supervisor")
            if self.random.random() < 0.15:
                breach.return_explanation(
                    late.pk, question="Đề nghị nêu rõ bước nào chậm.", by=watcher, at=self.pace.now
                )
            else:
                breach.accept_explanation(late.pk, by=watcher, at=self.pace.now)
            return iter(())

        return judging

    def _drafting(self, dossier_id: int, plan: Plan) -> Act:
        def drafting() -> Acts:
            at = self.pace.now
            dossier = Dossier.objects.get(pk=dossier_id)
            head = self._head(dossier.answering_agency_id, dossier.unit_id)
            if head is None:
                return
            ready = dossier.waits_for_counter or dossier.status not in OPEN
            letter = apology.draft_apology(
                dossier.pk,
                reason="overload",
                text="Chúng tôi chậm so với ngày hẹn và xin lỗi ông/bà.",
                new_promise_at=None if ready else apology.propose_appointment(dossier.pk, at),
                by=head,
                at=at,
            )
            if self.random.random() < 0.85:
                yield self.pace.after(at, self.pace.some(4 * HOUR)), self._signing(letter.pk, plan)

        return drafting

    def _signing(self, letter: int, plan: Plan) -> Act:
        def signing() -> Acts:
            head = self.roster.one(plan.offer.agency_id, "approver", None, self.random)
            if head is not None:
                sign_apology(letter, by=head, at=self.pace.now)
                if self.random.random() < HANDED_SHARE:
                    yield (
                        self.pace.after(self.pace.now, self.pace.some(9 * HOUR)),
                        self._handing(letter, plan),
                    )

        return signing

    def _handing(self, letter: int, plan: Plan) -> Act:
        """The counter sees to a letter that reached nobody."""

        def handing() -> Acts:
            waits = Apology.objects.get(pk=letter).waits_for_counter
            clerk = self.roster.one(plan.receiver.pk, "clerk", None, self.random)
            if waits and clerk is not None:
                how = self.random.choice(("in_person", "in_person", "by_phone", "kept"))
                note = "Đã gọi điện và giao thư tại quầy."
                hand_over_apology(letter, how=how, note=note, by=clerk, at=self.pace.now)
            return iter(())

        return handing

    def _head(self, agency: int, unit: int | None) -> Actor | None:
        """The one who heads the unit, the same for every delay."""
        return self.roster.one(agency, "unit_head", unit, Random(1))
