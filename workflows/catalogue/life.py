"""The life of a definition: draft, checked, published, retired. Each command takes who acts and
when, checks the right, and leaves an act; `definitions.publish` is for loading from files."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import get_default_timezone

from workflows import parsing, permissions
from workflows.actors import SYSTEM, Actor
from workflows.catalogue import definitions
from workflows.catalogue.locking import one_at_a_time
from workflows.catalogue.refusals import Refused
from workflows.checking import Fault
from workflows.models import Definition, DefinitionAct, Procedure

Kind = DefinitionAct.Kind
State = Definition.State
RIGHT = "edit_definitions"


@transaction.atomic
def draft(
    procedure: Procedure | None, body: Any, *, source: str = "", by: Actor, at: datetime
) -> Definition:
    """Begin a draft with `body`, of `procedure` where there is one. Faults do not hinder a draft;
    one of the procedure that holds just this is given back, so that a retry makes no second one.

    Raises: Refused.
    """
    post = _permit(by)
    one_at_a_time()
    _parse(body)
    same = Definition.objects.filter(
        procedure=procedure, sha256=definitions.fingerprint(body), state=State.DRAFT
    )
    if procedure is not None and (kept := same.first()) is not None:
        return kept
    made = Definition.objects.create(
        procedure=procedure,
        version=_next_version(procedure),
        body=body,
        source=source[:500],
        sha256=definitions.fingerprint(body),
    )
    return _acted(made, Kind.DRAFTED, post, at)


@transaction.atomic
def revise(definition_id: int, body: Any, *, seen: str, by: Actor, at: datetime) -> Definition:
    """Save a changed body of a draft; one that was checked is a draft again.

    `seen` is the fingerprint of the body that was changed: where another person has saved
    meanwhile, nothing is overwritten. Raises: Refused.
    """
    post = _permit(by)
    found = _open(definition_id)
    if found.sha256 != seen:
        raise Refused("changed_meanwhile")
    _parse(body)
    digest = definitions.fingerprint(body)
    if digest == found.sha256:
        return found
    _back_to_draft(found)
    found.body, found.sha256 = body, digest
    found.source = str(body.get("source") or found.source)[:500]
    found.save()
    return _acted(found, Kind.REVISED, post, at)


@transaction.atomic
def attach(definition_id: int, code: str, *, by: Actor, at: datetime) -> Definition:
    """Give an unattached draft to the procedure with this code. Raises: Refused."""
    post = _permit(by)
    found = _open(definition_id)
    if found.procedure_id is not None:
        raise Refused("attached_already")
    procedure = Procedure.objects.filter(code=code.strip()).first()
    if procedure is None:
        raise Refused("no_such_procedure", procedure=code.strip())
    _back_to_draft(found)
    found.procedure, found.version = procedure, _next_version(procedure)
    found.save()
    return _acted(found, Kind.ATTACHED, post, at, code=procedure.code)


@transaction.atomic
def discard(definition_id: int, *, by: Actor) -> None:
    """Throw a draft away, for good. Raises: Refused."""
    _permit(by)
    _open(definition_id).delete()


@transaction.atomic
def check(definition_id: int, *, seen: str, by: Actor, at: datetime) -> list[Fault]:
    """Judge a draft; it is checked if nothing hinders publishing. All faults are given back.

    `seen` is the fingerprint of what the person looked at. Raises: Refused.
    """
    post = _permit(by)
    found = _open(definition_id)
    if found.procedure is None:
        raise Refused("not_attached")
    if found.sha256 != seen:
        raise Refused("changed_meanwhile")
    faults = definitions.faults(found.procedure, found.body)
    if found.state == State.DRAFT and not any(fault.blocks for fault in faults):
        found.state_checked()
        found.save()
        _acted(found, Kind.CHECKED, post, at)
    return faults


@transaction.atomic
def publish_checked(
    definition_id: int, *, on: date | None = None, by: Actor, at: datetime
) -> Definition:
    """Put a checked definition in force: at once, or by itself at the beginning of the day `on`.

    The version in force is retired at that moment; dossiers stay on the version they began with.
    Raises: Refused, definitions.Unpublishable (something has changed since it was checked).
    """
    post = _permit(by)
    found = _open(definition_id)
    if found.state != State.CHECKED:
        raise Refused("not_checked")
    _require_publishable(found)
    today = at.astimezone(get_default_timezone()).date()
    if on is not None and on < today:
        raise Refused("day_has_passed")
    if on is None or on == today:
        return _put_in_force(found, post, at)
    found.publish_on = on
    found.save()
    return _acted(found, Kind.SCHEDULED, post, at, on=on.isoformat())


@transaction.atomic
def retire(definition_id: int, *, by: Actor, at: datetime) -> Definition:
    """Take the version in force out of force without another one: nobody can be received for the
    procedure until a version is published. Raises: Refused."""
    post = _permit(by)
    found = _locked(definition_id)
    if found.state != State.PUBLISHED:
        raise Refused("not_in_force")
    definitions.retire(found, at)
    return _acted(found, Kind.RETIRED, post, at)


def note_moved(
    definition_id: int, *, facts: dict[str, Any], post_id: int | None, at: datetime
) -> None:
    """Keep that dossiers were moved to this version: how many, from which one, by which mapping."""
    DefinitionAct.objects.create(
        definition_id=definition_id, kind=Kind.MOVED_TO, at=at, post_id=post_id, facts=facts
    )


def publish_due(at: datetime) -> dict[str, int]:
    """Put in force what was to come into force by the day of `at`; one that no longer fits goes
    back to being a draft, with an act that says so. Safe to run twice and at once."""
    counts = {"published": 0, "not_published": 0}
    today = at.astimezone(get_default_timezone()).date()
    due = Definition.objects.filter(state=State.CHECKED, publish_on__lte=today)
    for pk in due.order_by("publish_on", "pk").values_list("pk", flat=True):
        outcome = _come_into_force(pk, today, at)
        if outcome:
            counts[outcome] += 1
    return counts


@transaction.atomic
def _come_into_force(pk: int, today: date, at: datetime) -> str:
    one_at_a_time()
    found = Definition.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None or found.state != State.CHECKED or found.publish_on is None:
        return ""
    if found.publish_on > today:
        return ""
    begins = datetime.combine(found.publish_on, time(), get_default_timezone())
    try:
        _require_publishable(found)
    except definitions.Unpublishable as refused:
        _back_to_draft(found)
        found.save()
        codes = sorted({fault.code for fault in refused.faults})
        _acted(found, Kind.NOT_PUBLISHED, None, at, faults=",".join(codes))
        return "not_published"
    _put_in_force(found, None, begins)
    return "published"


def _put_in_force(found: Definition, post: int | None, at: datetime) -> Definition:
    of_it = Definition.objects.filter(procedure=found.procedure_id)
    current = of_it.select_for_update().filter(state=State.PUBLISHED).first()
    if current is not None:
        if current.sha256 == found.sha256:
            raise Refused("same_as_in_force")
        definitions.retire(current, max(at, current.published_at or at))
        _acted(current, Kind.RETIRED, post, at, by_version=str(found.version))
    found.state_published()
    found.published_at, found.publish_on = at, None
    found.save()
    return _acted(found, Kind.PUBLISHED, post, at)


def _require_publishable(found: Definition) -> None:
    if found.procedure is None:
        raise Refused("not_attached")
    faults = definitions.faults(found.procedure, found.body)
    hindering = [fault for fault in faults if fault.blocks]
    if hindering:
        raise definitions.Unpublishable(hindering)


def _permit(by: Actor) -> int | None:
    """The post by which `by` acts; none for the command line and for time. Raises: Refused."""
    if by.kind == SYSTEM:
        return None
    held = permissions.post_for(by, RIGHT)
    if held is None:
        raise Refused("not_allowed")
    return held.post_id


def _locked(definition_id: int) -> Definition:
    one_at_a_time()
    rows = Definition.objects.select_for_update(of=("self",)).select_related("procedure")
    found = rows.filter(pk=definition_id).first()
    if found is None:
        raise Refused("no_such_definition")
    return found


def _open(definition_id: int) -> Definition:
    found = _locked(definition_id)
    if not found.is_open:
        raise Refused("not_a_draft")
    return found


def _back_to_draft(found: Definition) -> None:
    """What changes is no longer what was checked, and no longer comes into force by itself."""
    found.publish_on = None
    if found.state == State.CHECKED:
        found.state_draft()


def _next_version(procedure: Procedure | None) -> int:
    if procedure is None:
        return 1
    last = Definition.objects.filter(procedure=procedure).aggregate(last=Max("version"))["last"]
    return (last or 0) + 1


def _parse(body: Any) -> None:
    try:
        parsing.parse(body)
    except parsing.MalformedDefinition as fault:
        first = fault.misfits[0]
        raise Refused("malformed", place=first.place, expected=first.expected) from None


def _acted(
    found: Definition, kind: Kind, post: int | None, at: datetime, **facts: str
) -> Definition:
    DefinitionAct.objects.create(definition=found, kind=kind, at=at, post_id=post, facts=facts)
    return found
