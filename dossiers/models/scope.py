"""Questions about many dossiers: who may see which, which are overdue. One definition of each."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from workflows.actors import Actor, Held
from workflows.models import Role

# Roles that see what their agency and all below it answers for or receives.
WATCHERS = (
    Role.SUPERVISOR,
    Role.INSPECTOR,
    Role.PUBLISHER,
    Role.APPROVER,
)


def late_clock(at: datetime) -> Q:
    """Of a dossier clock's row: its limit had passed at `at` (exactly at the limit is on time). A
    stop begun after the limit hides nothing; one begun before it keeps the clock in time."""
    running = Q(state="running", limit_at__lt=at)
    stopped_late = Q(state="stopped", limit_at__lt=at, stopped_at__gt=F("limit_at"))
    return running | stopped_late


class DossierQuerySet(models.QuerySet):
    def standing(self) -> DossierQuerySet:
        """Not voided: a voided receipt leaves every list."""
        return self.filter(voided_at=None)

    def visible_to(self, actor: Actor) -> DossierQuerySet:
        """What the actor may read: deny by default, one branch per post held."""
        reach = Q(pk__in=[])
        for held in actor.posts:
            reach |= _reach_of(held)
        return self.filter(reach)

    def pending(self) -> DossierQuerySet:
        """Received and not ended in any way."""
        return self.standing().filter(
            received_at__isnull=False,
            status__in=[
                "received",
                "processing",
                "supplement_requested",
                "payment_requested",
            ],
        )

    def overdue(self, at: datetime) -> DossierQuerySet:
        """Pending and past the limit at the moment `at`: the one definition of late for lists."""
        from dossiers.models.clock import ClockKind, ClockRow  # models package, same room

        late = ClockRow.objects.filter(dossier=OuterRef("pk"), kind=ClockKind.DOSSIER).filter(
            late_clock(at)
        )
        return self.pending().filter(Exists(late))


def _reach_of(held: Held) -> Q:
    from dossiers.models.step_run import StepRun  # models package, same room
    from dossiers.models.waiting import Consultation

    if held.role in WATCHERS:
        return Q(answering_agency__path__startswith=held.agency_path) | Q(
            receiving_agency__path__startswith=held.agency_path
        )
    if held.role == Role.CLERK:
        # What another territory's counter took in is awaited at the counter of who answers.
        return Q(receiving_agency_id=held.agency_id) | Q(answering_agency_id=held.agency_id)
    if held.role in (Role.OFFICER, Role.UNIT_HEAD, Role.ARCHIVE_CLERK):
        own = Q(answering_agency_id=held.agency_id)
        here = Q(dossier=OuterRef("pk"), agency_id=held.agency_id) & ~Q(state="undone")
        run, asked = StepRun.objects.filter(here), Consultation.objects.filter(here)
        if held.unit_id is not None and held.role != Role.ARCHIVE_CLERK:
            own &= Q(unit_id=held.unit_id)
            run = run.filter(Q(unit_id=held.unit_id) | Q(unit=None))
            asked = asked.filter(unit_id=held.unit_id)
        return own | Q(Exists(run)) | Q(Exists(asked))
    return Q(pk__in=[])
