"""The dossier: whose it is, what it asks, where it stands; its status moves only by the table.

The national statuses (TrangThaiHoSo) and their moves are the FSM below and nothing more; rules of
who may do what and when live in `dossiers.lifecycle`, which is the only code that calls them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import pgettext_lazy
from django_fsm import RETURN_VALUE, ConcurrentTransitionMixin, FSMField, transition

from dossiers.models.scope import DossierQuerySet

if TYPE_CHECKING:
    from collections.abc import Callable


class Status(models.TextChoices):
    """National statuses; the number of each is in `NATIONAL_CODE`."""

    SUBMITTED = "submitted", pgettext_lazy("dossier status", "Newly submitted")
    RECEIVED = "received", pgettext_lazy("dossier status", "Received")
    NOT_ACCEPTED = "not_accepted", pgettext_lazy("dossier status", "Not accepted")
    PROCESSING = "processing", pgettext_lazy("dossier status", "Being processed")
    SUPPLEMENT_REQUESTED = (
        "supplement_requested",
        pgettext_lazy("dossier status", "Supplement requested"),
    )
    PAYMENT_REQUESTED = "payment_requested", pgettext_lazy("dossier status", "Payment requested")
    WITHDRAWN = "withdrawn", pgettext_lazy("dossier status", "Withdrawn by the applicant")
    DISCONTINUED = "discontinued", pgettext_lazy("dossier status", "Discontinued")
    CONCLUDED = "concluded", pgettext_lazy("dossier status", "Processing concluded")
    RETURNED = "returned", pgettext_lazy("dossier status", "Result returned")


NATIONAL_CODE = {status: number for number, status in enumerate(Status.values, start=1)}
STOPPED = (Status.SUPPLEMENT_REQUESTED, Status.PAYMENT_REQUESTED)
UNRECEIVED = (Status.SUBMITTED, Status.NOT_ACCEPTED)
OPEN = (Status.RECEIVED, Status.PROCESSING, *STOPPED)
ENDED = (Status.WITHDRAWN, Status.DISCONTINUED, Status.CONCLUDED, Status.RETURNED)
# Where a stop may have come from, and so where it may lead back to.
RESUMABLE = (Status.SUBMITTED, Status.RECEIVED, Status.PROCESSING)


class ReturnMethod(models.TextChoices):
    COUNTER = "counter", pgettext_lazy("return of the result", "At the counter")
    POST = "post", pgettext_lazy("return of the result", "By post")
    ELECTRONIC = "electronic", pgettext_lazy("return of the result", "Electronically")


def _move(source: Any, target: Any, label: str) -> Callable[..., Any]:
    move: Callable[..., Any] = transition(
        field="status", source=source, target=target, custom={"label": label}
    )
    return move


class Dossier(ConcurrentTransitionMixin, models.Model):
    """One dossier (hồ sơ). The receiving and the answering agency are two things: the code begins
    with the receiver's, lateness counts to the answering agency and its unit."""

    ref = models.UUIDField(unique=True, editable=False)
    code = models.CharField(max_length=60, null=True, unique=True)  # noqa: DJ001 - none until received
    code_key = models.CharField(max_length=60, blank=True, db_index=True)
    lookup_code = models.CharField(max_length=6)
    status = FSMField(choices=Status.choices, protected=True)
    version = models.PositiveIntegerField(default=0)

    procedure = models.ForeignKey("workflows.Procedure", on_delete=models.PROTECT)
    edition = models.ForeignKey("workflows.Edition", on_delete=models.PROTECT)
    case = models.ForeignKey("workflows.Case", null=True, on_delete=models.PROTECT)
    definition = models.ForeignKey("workflows.Definition", on_delete=models.PROTECT)
    channel = models.ForeignKey("workflows.Channel", on_delete=models.PROTECT)
    receiving_agency = models.ForeignKey(
        "workflows.Agency", on_delete=models.PROTECT, related_name="+"
    )
    receiving_unit = models.ForeignKey(
        "workflows.Unit", null=True, on_delete=models.PROTECT, related_name="+"
    )
    answering_agency = models.ForeignKey(
        "workflows.Agency", on_delete=models.PROTECT, related_name="+"
    )
    unit = models.ForeignKey("workflows.Unit", on_delete=models.PROTECT, related_name="+")

    submitted_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    concluded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    return_method = models.CharField(max_length=20, choices=ReturnMethod.choices)
    returned_to = models.CharField(max_length=20, blank=True)
    result_negative = models.BooleanField(default=False)
    supplements_asked = models.PositiveSmallIntegerField(default=0)
    waits_for_counter = models.BooleanField(default=False)
    # Received at the counter of another territory: the clock begins when the competent agency
    # gets it (118/2025/NĐ-CP art. 17.3).
    waits_for_arrival = models.BooleanField(default=False)

    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=40, blank=True)
    replaced_by = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaces"
    )
    late_entry = models.BooleanField(default=False)
    idempotency_key = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001
    # SHA-256 of what was asked with the key: the same key with another content is refused.
    asked_sha256 = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)

    head_n = models.PositiveIntegerField(default=0)
    head_sha256 = models.CharField(max_length=64, blank=True)
    last_caused_at = models.DateTimeField(null=True)

    objects = DossierQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="dossier_status_known", condition=models.Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="dossier_received_has_code",
                condition=models.Q(status__in=["submitted", "not_accepted"])
                | models.Q(received_at=None)
                | models.Q(code__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["answering_agency", "status"], name="dossier_answering_status"),
            models.Index(fields=["receiving_agency", "status"], name="dossier_receiving_status"),
            models.Index(fields=["unit", "status"], name="dossier_unit_status"),
        ]

    def __str__(self) -> str:
        return self.handle

    @property
    def handle(self) -> str:
        """The code, or before reception a handle that is not mistaken for one."""
        return self.code or f"S-{str(self.ref)[:8].upper()}"

    @property
    def national_code(self) -> int:
        return NATIONAL_CODE[self.status]

    @property
    def is_open(self) -> bool:
        """Received and neither concluded nor ended otherwise."""
        return self.status in OPEN or (
            self.status == Status.SUPPLEMENT_REQUESTED and self.received_at is not None
        )

    @_move(Status.SUBMITTED, Status.RECEIVED, "receive")
    def status_received(self) -> None: ...

    @_move(Status.SUBMITTED, Status.NOT_ACCEPTED, "refuse at intake")
    def status_not_accepted(self) -> None: ...

    @_move(Status.RECEIVED, Status.PROCESSING, "begin processing")
    def status_processing(self) -> None: ...

    @_move(
        [Status.SUBMITTED, Status.RECEIVED, Status.PROCESSING],
        Status.SUPPLEMENT_REQUESTED,
        "ask for a supplement",
    )
    def status_supplement_requested(self) -> None: ...

    @_move([Status.RECEIVED, Status.PROCESSING], Status.PAYMENT_REQUESTED, "demand payment")
    def status_payment_requested(self) -> None: ...

    @_move(Status.SUPPLEMENT_REQUESTED, RETURN_VALUE(*RESUMABLE), "supply")
    def status_supplied(self, back_to: str) -> str:
        return back_to

    @_move(
        Status.PAYMENT_REQUESTED,
        RETURN_VALUE(Status.RECEIVED, Status.PROCESSING),
        "confirm payment",
    )
    def status_paid(self, back_to: str) -> str:
        return back_to

    @_move(
        [Status.SUBMITTED, Status.RECEIVED, Status.PROCESSING, *STOPPED],
        Status.WITHDRAWN,
        "withdraw",
    )
    def status_withdrawn(self) -> None: ...

    @_move([Status.RECEIVED, Status.PROCESSING, *STOPPED], Status.DISCONTINUED, "discontinue")
    def status_discontinued(self) -> None: ...

    @_move(Status.PROCESSING, Status.CONCLUDED, "conclude")
    def status_concluded(self) -> None: ...

    @_move(Status.CONCLUDED, Status.RETURNED, "return the result")
    def status_returned(self) -> None: ...

    @_move([Status.DISCONTINUED, Status.CONCLUDED, Status.RETURNED], Status.PROCESSING, "reopen")
    def status_reopened(self) -> None: ...

    @_move("*", RETURN_VALUE(*Status.values), "undo")
    def status_undone(self, back_to: str) -> str:
        """Undo alone leaves the table: it puts back what the undone event names as its `from`."""
        return back_to


class Party(models.Model):
    """A person or body behind a dossier. These rows can be anonymised; events never name them."""

    class Role(models.TextChoices):
        HOLDER = "holder", pgettext_lazy("party", "Holder")
        SUBMITTER = "submitter", pgettext_lazy("party", "Hands in")
        AUTHORISED = "authorised", pgettext_lazy("party", "Authorised person")

    class Kind(models.TextChoices):
        CITIZEN = "citizen", pgettext_lazy("applicant", "Citizen")
        BUSINESS = "business", pgettext_lazy("applicant", "Business")
        ORGANISATION = "organisation", pgettext_lazy("applicant", "Organisation")
        AGENCY = "agency", pgettext_lazy("applicant", "State agency")

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="parties")
    role = models.CharField(max_length=20, choices=Role.choices)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.CITIZEN)
    name = models.CharField(max_length=250)
    name_key = models.CharField(max_length=250, db_index=True)
    identity = models.CharField(max_length=20, blank=True, db_index=True)
    phone = models.CharField(max_length=30, blank=True)
    email = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=400, blank=True)
    authorised_by = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, default="vi")

    class Meta:
        constraints = [models.UniqueConstraint(name="party_role_once", fields=["dossier", "role"])]

    def __str__(self) -> str:
        return self.name


class Origin(models.Model):
    """Where an imported dossier came from: known by (source, case), to import again safely."""

    dossier = models.OneToOneField(Dossier, on_delete=models.CASCADE, related_name="origin")
    source = models.CharField(max_length=120)
    case = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(name="origin_once", fields=["source", "case"])]

    def __str__(self) -> str:
        return f"{self.source}: {self.case}"


class CodeCounter(models.Model):
    """The last serial an agency gave on a day; locked as the last write of receiving."""

    agency = models.ForeignKey("workflows.Agency", on_delete=models.PROTECT)
    on = models.DateField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="code_counter_once", fields=["agency", "on"])]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.on}: {self.last}"
