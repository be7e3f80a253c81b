"""What stands on each form, as frozen values: whoever prints a paper fills one of these from what
was read, and knows nothing of type or page. Moments are aware; an empty text is a field nobody
filled, and prints as a dotted line or not at all, as the form asks."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dossiers.codes import IdentityKind


@dataclass(frozen=True, kw_only=True)
class Office:
    """The agency and counter at the head of a form, and the place of its date."""

    superior: str
    name: str
    place: str
    address: str = ""
    phone: str = ""
    trial: bool = False


@dataclass(frozen=True, kw_only=True)
class Person:
    """A citizen, a business or an organisation as a form names it."""

    name: str
    identity_kind: IdentityKind | None = None
    identity_number: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """What is asked for, in the edition that holds for this dossier."""

    code: str
    name: str
    edition_from: date | None = None
    answering_agency: str = ""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One line of papers, handed in or wanted, with how many of each kind."""

    name: str
    originals: int = 0
    certified_copies: int = 0
    copies: int = 0
    electronic: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who signs, in what office, and in whose place (`KT. GIÁM ĐỐC`)."""

    name: str
    title: str = ""
    in_place_of: str = ""
    signed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ReceiptPaper:
    """Form 01: receipt of a dossier and appointment for its result.

    `holder` is named where the dossier is not the applicant's own. `counts_from` is told where
    the limit begins at another moment than the reception, `uncertain` why the day may move.
    Without `promised_at` the law sets no limit.
    """

    office: Office
    code: str
    lookup_code: str
    tracking_url: str
    applicant: Person
    procedure: Procedure
    papers: tuple[Paper, ...]
    time_limit: str
    received_at: datetime
    promised_at: datetime | None
    collect: str
    clerk: str
    holder: Person | None = None
    authorising_paper: str = ""
    fee: str = ""
    counts_from: datetime | None = None
    uncertain: str = ""
    replaces: str = ""


class AfterSupplement(StrEnum):
    """What the limit does when the wanted papers are in."""

    RESTART = "restart"
    RESUME = "resume"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class SupplementPaper:
    """Form 02: what is missing, asked once and in full. Without a code it is the guidance slip of
    someone sent away, and no dossier exists."""

    office: Office
    issued_at: datetime
    applicant: Person
    procedure: Procedure
    wanted: tuple[Paper, ...]
    reason: str
    contact: str
    contact_phone: str
    guide: Signature
    number: str = ""
    code: str = ""
    legal_ground: str = ""
    until: date | None = None
    afterwards: AfterSupplement = AfterSupplement.NONE
    lookup_code: str = ""
    tracking_url: str = ""


@dataclass(frozen=True, kw_only=True)
class RefusalPaper:
    """Form 03: a dossier not accepted, or not granted, with reason and legal ground."""

    office: Office
    issued_at: datetime
    applicant: Person
    procedure: Procedure
    reason: str
    legal_ground: str
    signature: Signature
    number: str = ""
    code: str = ""
    guidance: str = ""


class ApologyClosing(StrEnum):
    """What the apology ends with."""

    APPOINTMENT = "appointment"
    READY = "ready"
    RETURNED = "returned"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Debtor:
    """An agency that owes the delay: the working time it used and by how much that went over its
    part, in words (`over` empty where its part is not known)."""

    name: str
    used: str
    over: str = ""


@dataclass(frozen=True, kw_only=True)
class ApologyPaper:
    """Form 04: the agency's apology for a missed day, with the one new appointment.

    `foreseen` is a letter written before the limit passes. Where the result is there already the
    letter says come and collect; where the dossier ended it only apologises. `debtors` are named
    where the delay is not the writer's alone. An unsigned one prints as a draft.
    """

    office: Office
    issued_at: datetime
    number: str
    addressed_to: Person
    code: str
    procedure: Procedure
    received_at: datetime
    promised_at: datetime
    reason: str
    foreseen: bool
    new_promise_at: datetime | None
    collect: str
    signature: Signature
    closing: ApologyClosing = ApologyClosing.APPOINTMENT
    annulled: bool = False
    debtors: tuple[Debtor, ...] = ()
    contact: str = ""
    contact_phone: str = ""
    lookup_code: str = ""
    tracking_url: str = ""


@dataclass(frozen=True, kw_only=True)
class StopPaper:
    """Form 05: the end of a dossier at the applicant's own request, before any decision."""

    office: Office
    issued_at: datetime
    number: str
    applicant: Person
    code: str
    procedure: Procedure
    received_at: datetime
    asked_at: datetime
    reason: str
    returned_papers: tuple[Paper, ...]
    signature: Signature


class HandOverResult(StrEnum):
    """How a step ended against its share of the time."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """One row of the control slip; a dossier that nobody took yet has no moment."""

    giver: str
    taker: str
    at: datetime | None
    result: HandOverResult | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class DateLine:
    """One line of the answer to "why this date": when, what happened, the working time it used (in
    words, adding up to the sum), the promise it set. A promise replaced later is struck through."""

    at: datetime | None
    until: datetime | None
    text: str
    source: str = ""
    used: str = ""
    promised_at: datetime | None = None
    replaced: bool = False


@dataclass(frozen=True, kw_only=True)
class ControlSlipPaper:
    """Form 06: travels with the dossier from hand to hand. The lines that explain its day are our
    addition to the form."""

    office: Office
    printed_at: datetime
    code: str
    procedure: Procedure
    received_at: datetime
    promised_at: datetime | None
    cooperating: tuple[str, ...]
    hand_overs: tuple[HandOver, ...]
    why: tuple[DateLine, ...] = ()
    total: str = ""
    tracking_url: str = ""
