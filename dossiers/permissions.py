"""Who may do what to which dossier: one table, deny by default.

A right is a role together with a relation between the post held and the dossier. Authority runs
down the agency tree: `above` is an agency at or over the answering or the receiving one.
"""

from __future__ import annotations

from collections.abc import Iterator

from dossiers.errors import NotAllowed
from dossiers.models import Dossier, StepRun
from workflows.actors import APPLICANT, IMPORT, SYSTEM, Actor, Held
from workflows.models import Agency, Role

RECEIVING = "receiving"  # a post at the counter that received the dossier
LEADING = "leading"  # a post in the unit that leads it, or in its agency without a unit
ANSWERING = "answering"  # any post in the answering agency
STEP = "step"  # a post that the step under way belongs to
STEP_UNIT = "step_unit"  # a post in the agency and unit of the step under way
ANYWHERE = "anywhere"  # wherever the post is
ABOVE = "above"  # an agency at or over the answering or the receiving one

Right = tuple[str, str]

# The roles that can have acted on a dossier.
ACTING = (
    Role.CLERK,
    Role.OFFICER,
    Role.UNIT_HEAD,
    Role.APPROVER,
    Role.ARCHIVE_CLERK,
    Role.SUPERVISOR,
)

RIGHTS: dict[str, frozenset[Right]] = {
    "receive": frozenset({(Role.CLERK, RECEIVING)}),
    "accept": frozenset({(Role.CLERK, RECEIVING)}),
    "refuse_at_intake": frozenset({(Role.CLERK, RECEIVING)}),
    "arrive": frozenset(
        {(Role.CLERK, ANSWERING), (Role.OFFICER, LEADING), (Role.UNIT_HEAD, LEADING)}
    ),
    "claim": frozenset({(role, STEP) for role in Role.values}),
    "release": frozenset({(role, STEP) for role in Role.values}),
    "advance": frozenset({(role, STEP) for role in Role.values}),
    "assign": frozenset({(Role.UNIT_HEAD, STEP_UNIT), (Role.SUPERVISOR, ABOVE)}),
    "request_supplement": frozenset({(Role.OFFICER, STEP), (Role.UNIT_HEAD, STEP)}),
    "supply": frozenset({(Role.CLERK, RECEIVING)}),
    "conclude": frozenset({(Role.CLERK, RECEIVING)}),
    "return_result": frozenset({(Role.CLERK, RECEIVING)}),
    "withdraw": frozenset({(Role.CLERK, RECEIVING)}),
    "discontinue": frozenset({(Role.APPROVER, ANSWERING), (Role.UNIT_HEAD, LEADING)}),
    "reopen": frozenset({(Role.APPROVER, ANSWERING)}),
    "void": frozenset({(Role.CLERK, RECEIVING), (Role.SUPERVISOR, ABOVE)}),
    # To another agency only a supervisor above both hands on (`lifecycle.moving`).
    "move": frozenset({(Role.UNIT_HEAD, LEADING), (Role.SUPERVISOR, ABOVE)}),
    # The catalogue's act: it names codes and steps, and shows nothing of the dossier itself.
    "move_to_version": frozenset({(Role.CATALOGUE_MANAGER, ABOVE)}),
    "demand_fee": frozenset(
        {(Role.OFFICER, STEP), (Role.UNIT_HEAD, STEP), (Role.CLERK, RECEIVING)}
    ),
    "confirm_fee": frozenset({(Role.CLERK, RECEIVING)}),
    "ask_opinion": frozenset({(Role.OFFICER, STEP), (Role.UNIT_HEAD, LEADING)}),
    "forgo_opinion": frozenset({(Role.OFFICER, STEP), (Role.UNIT_HEAD, LEADING)}),
    # Whose opinion was asked is told by the question itself (`lifecycle.consultation`).
    "give_opinion": frozenset(
        {(Role.OFFICER, ANYWHERE), (Role.UNIT_HEAD, ANYWHERE), (Role.APPROVER, ANYWHERE)}
    ),
    # Whose act it was is told by the event (`lifecycle.undo`).
    "undo": frozenset({(role, ANYWHERE) for role in ACTING}),
    # Which unit's head is answerable is told by the breach itself (`lifecycle.breach`).
    "explain_breach": frozenset({(Role.UNIT_HEAD, ANYWHERE)}),
    "accept_explanation": frozenset({(Role.SUPERVISOR, ABOVE)}),
    "return_explanation": frozenset({(Role.SUPERVISOR, ABOVE)}),
    "draft_apology": frozenset({(Role.UNIT_HEAD, LEADING), (Role.OFFICER, LEADING)}),
    "sign_apology": frozenset({(Role.APPROVER, ANSWERING)}),
    "return_apology": frozenset({(Role.APPROVER, ANSWERING)}),
    "hand_over_apology": frozenset({(Role.CLERK, RECEIVING)}),
    "note_repeated_lateness": frozenset({(Role.SUPERVISOR, ABOVE)}),
}
# What the applicant may do, having proved to be it (code and secret).
APPLICANT_RIGHTS = frozenset({"withdraw"})
# What time alone may do.
TIME_RIGHTS = frozenset({"discontinue"})


def check(by: Actor, command: str, dossier: Dossier, step: StepRun | None) -> Held | None:
    """The post by which `by` may do `command` to `dossier` (None for applicant, time, import).

    `step` is the step under way, if there is one. Raises: NotAllowed.
    """
    if by.kind == IMPORT or (by.kind == SYSTEM and command in TIME_RIGHTS):
        return None
    if by.kind == APPLICANT and command in APPLICANT_RIGHTS:
        return None
    rights = RIGHTS.get(command, frozenset())
    for held in by.posts:
        if any((held.role, relation) in rights for relation in relations(held, dossier, step)):
            return held
    raise NotAllowed("not_allowed")


def may(by: Actor, command: str, dossier: Dossier, step: StepRun | None) -> bool:
    """Whether `check` would pass."""
    try:
        check(by, command, dossier, step)
    except NotAllowed:
        return False
    return True


def check_counter(by: Actor, agency_id: int) -> Held | None:
    """The clerk's post at the counter of `agency_id`, for what has no dossier yet.

    Raises: NotAllowed.
    """
    if by.kind == IMPORT:
        return None
    for held in by.holding(Role.CLERK):
        if held.agency_id == agency_id:
            return held
    raise NotAllowed("not_allowed")


def check_over(by: Actor, command: str, agency: Agency) -> Held:
    """The post at or over `agency` by which `by` may do `command`, for what is an agency's and no
    dossier's. Raises: NotAllowed.
    """
    rights = RIGHTS.get(command, frozenset())
    for held in by.posts:
        if (held.role, ABOVE) in rights and agency.is_under(held.agency_path):
            return held
    raise NotAllowed("not_allowed")


def relations(held: Held, dossier: Dossier, step: StepRun | None) -> Iterator[str]:
    """How a post stands to a dossier (its agencies loaded)."""
    yield ANYWHERE
    if held.agency_id == dossier.receiving_agency_id:
        yield RECEIVING
    if held.agency_id == dossier.answering_agency_id:
        yield ANSWERING
        if held.unit_id in (None, dossier.unit_id):
            yield LEADING
    if step is not None and _at(held, step):
        yield STEP_UNIT
        if held.role == step.role:
            yield STEP
    if dossier.answering_agency.is_under(held.agency_path) or dossier.receiving_agency.is_under(
        held.agency_path
    ):
        yield ABOVE


def _at(held: Held, step: StepRun) -> bool:
    """Whether the post is where the step is done; without a unit, it is the whole agency's."""
    return held.agency_id == step.agency_id and (
        held.unit_id is None or step.unit_id in (None, held.unit_id)
    )
