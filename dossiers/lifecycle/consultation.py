"""Asking another unit or agency for its opinion, on a clock of its own that is the asked unit's."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers.clock import Clock
from dossiers.errors import Invalid, Missing, NotAllowed, NotNow
from dossiers.lifecycle import _flush, _telling, _write, offering
from dossiers.lifecycle._places import standing_units
from dossiers.lifecycle._steps import WORK_CLOCKS, begin_processing
from dossiers.lifecycle._work import Work, pure
from dossiers.lifecycle.given import LateEntry
from dossiers.lifecycle.registry import command
from dossiers.models import (
    ClockKind,
    ClockRow,
    Consultation,
    Dossier,
    EventKind,
    Ground,
    Status,
)
from workflows.actors import Actor, Held
from workflows.models import Post, Role, Unit
from workflows.timelimit import TimeLimit
from workflows.timelimit import Unit as TimeUnit

AT_WORK = (Status.RECEIVED, Status.PROCESSING)
MOST_DAYS = 60
ANSWERERS = (Role.OFFICER, Role.UNIT_HEAD, Role.APPROVER)


@command("ask_opinion", _("Ask for an opinion"), statuses=AT_WORK)
def ask_opinion(
    dossier_id: int,
    *,
    unit: int,
    question: str,
    days: int | None = None,
    by: Actor,
    at: datetime,
) -> Consultation:
    """Ask another unit for its opinion, to be given within `days` working days (by default the
    edition's term). The dossier's clock stops only where the edition names the law for it.

    Raises: Invalid (no such unit, one's own, no question, days), NotNow (asked already).
    Law: domain, how time is counted, 5; overlapping grounds stop the clock once.
    """
    work = _write.lock(dossier_id, "ask_opinion", by=by, at=at, statuses=AT_WORK)
    if work.dossier.waits_for_counter:
        raise NotNow("waits_for_counter")
    asked = _asked(work, unit, question, days)
    consultation = _question(work, asked, question.strip(), days)
    if consultation.stops_clock and not _stopped(work):
        work.stop_clocks(Ground.CONSULTATION, WORK_CLOCKS)
    begin_processing(work.dossier)
    limit_at = consultation.clock.limit_at
    facts = {"agency": asked.agency.code, "unit": asked.code, "until": _iso(limit_at)}
    work.event(EventKind.CONSULTED, facts | {"stops": consultation.stops_clock})
    _telling.staff(
        work,
        Post.objects.filter(unit=asked, role=Role.UNIT_HEAD, valid_to=None),
        "opinion_asked",
        limit_at=limit_at,
        not_before=_telling.after_pause(work),
    )
    _write.write(work)
    return consultation


@command("give_opinion", _("Give the opinion"))
def give_opinion(
    consultation_id: int,
    *,
    answer: str,
    by: Actor,
    at: datetime,
    late: LateEntry | None = None,
) -> Consultation:
    """The asked unit gives its opinion; a clock that waited for it goes on.

    Raises: NotAllowed (not the asked unit's), Invalid (nothing said), NotNow (no longer open).
    """
    work, consultation = _open(consultation_id, "give_opinion", by=by, at=at, late=late)
    held = _of_the_asked(by, consultation)
    if not answer.strip():
        raise Invalid("opinion_needed", fields={"answer": "opinion_needed"})
    work.held = held
    consultation.answer, consultation.answered_by_id = answer.strip(), held.post_id
    consultation.answered_at = work.at
    work.changes.change(consultation, "answer", "answered_by", "answered_at")
    row = _settle(work, consultation, Consultation.State.GIVEN)
    facts = {"asked_at_event": consultation.event_n, "unit": consultation.unit.code}
    work.event(EventKind.OPINION_GIVEN, facts | {"late": row.result == "late"})
    _telling.staff(work, [consultation.asked_by], "opinion_given")
    _write.write(work)
    return consultation


@command("forgo_opinion", _("Go on without the opinion"))
def forgo_opinion(consultation_id: int, *, reason: str, by: Actor, at: datetime) -> Consultation:
    """Wait no longer for an opinion; a clock that waited for it goes on.

    Raises: Invalid (no reason), NotNow (no longer open).
    """
    work, consultation = _open(consultation_id, "forgo_opinion", by=by, at=at)
    if not reason.strip():
        raise Invalid("reason_needed", fields={"reason": "reason_needed"})
    _settle(work, consultation, Consultation.State.FORGONE)
    facts = {"asked_at_event": consultation.event_n, "unit": consultation.unit.code}
    work.event(EventKind.OPINION_FORGONE, facts, note=reason.strip())
    _write.write(work)
    return consultation


def may_answer(by: Actor, consultation: Consultation) -> bool:
    """Whether the page offers the form: the asked unit's people, while it is open."""
    return consultation.state == Consultation.State.OPEN and _answerer(by, consultation) is not None


def askable(dossier: Dossier, at: datetime) -> list[tuple[int, str]]:
    """The units that can be asked, each with its agency's name."""
    units = standing_units(at).exclude(pk=dossier.unit_id).order_by("agency__sort_key", "code")
    return [(unit.pk, f"{unit.name}, {unit.agency.name}") for unit in units]


def _answerer(by: Actor, consultation: Consultation) -> Held | None:
    for held in by.holding(*ANSWERERS):
        if held.agency_id == consultation.agency_id and held.unit_id in (
            None,
            consultation.unit_id,
        ):
            return held
    return None


def _of_the_asked(by: Actor, consultation: Consultation) -> Held:
    held = _answerer(by, consultation)
    if held is None:
        raise NotAllowed("not_asked")
    return held


def _asked(work: Work, unit: int, question: str, days: int | None) -> Unit:
    wrong = {}
    found = standing_units(work.at).filter(pk=unit).first()
    if found is None:
        wrong["unit"] = "no_such_unit"
    elif work.step is not None and work.step.unit_id == found.pk:
        wrong["unit"] = "asked_oneself"
    if not question.strip():
        wrong["question"] = "opinion_question"
    if days is not None and not 0 < days <= MOST_DAYS:
        wrong["days"] = "opinion_days"
    if wrong or found is None:
        raise Invalid(next(iter(wrong.values())), fields=wrong, most=MOST_DAYS)
    open_ones = Consultation.objects.filter(state=Consultation.State.OPEN)
    if open_ones.filter(dossier=work.dossier, unit=found).exists():
        raise NotNow("opinion_asked_already")
    return found


def _question(work: Work, asked: Unit, question: str, days: int | None) -> Consultation:
    """The row of the question, with the asked unit's clock."""
    dossier, held = work.dossier, work.held
    if held is None:
        raise NotAllowed("not_allowed")
    calendar = offering.calendar_of(asked.agency)
    term = TimeLimit(days or dossier.edition.opinion_term_days, TimeUnit.WORKING_DAY)
    clock = Clock.start(term, calendar.working(), work.at)
    law = dossier.edition.consultation_stops_by
    consultation = Consultation(
        pk=_flush.reserve(Consultation),
        dossier=dossier,
        clock=work.begin_clock(ClockKind.CONSULTATION, clock, calendar),
        state=Consultation.State.OPEN,
        agency=asked.agency,
        unit=asked,
        stops_clock=bool(law),
        legal_ground=law,
        question=question,
        asked_at=work.at,
        asked_by_id=held.post_id,
        event_n=dossier.head_n + 1,
    )
    work.changes.add(consultation)
    return consultation


def _open(
    consultation_id: int, name: str, *, by: Actor, at: datetime, late: LateEntry | None = None
) -> tuple[Work, Consultation]:
    rows = Consultation.objects.filter(pk=consultation_id)
    dossier_id = rows.values_list("dossier_id", flat=True).first()
    if dossier_id is None:
        raise Missing("no_opinion")
    work = _write.lock(dossier_id, name, by=by, at=at, late=late)
    consultation = rows.select_related("unit", "asked_by").get()
    if consultation.state != Consultation.State.OPEN:
        raise NotNow("no_opinion")
    return work, consultation


def _settle(work: Work, consultation: Consultation, state: str) -> ClockRow:
    """End the wait for one opinion; the last that stopped the clock lifts the ground."""
    consultation.state = state
    work.changes.change(consultation, "state")
    row = next(row for row in work.clocks if row.pk == consultation.clock_id)
    work.put(row, pure(row).finish(work.at), "finished")
    others = Consultation.objects.filter(
        dossier=work.dossier, state=Consultation.State.OPEN, stops_clock=True
    ).exclude(pk=consultation.pk)
    if consultation.stops_clock and not others.exists():
        work.lift(Ground.CONSULTATION, WORK_CLOCKS)
    return row


def _stopped(work: Work) -> bool:
    """Whether an opinion asked for before has stopped the clock already."""
    row = work.clock_row(ClockKind.DOSSIER)
    return row is not None and Ground.CONSULTATION in row.grounds


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
