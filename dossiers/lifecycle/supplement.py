"""Asking for missing papers, once, from the procedure's list; and taking them in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers.clock import Clock
from dossiers.errors import Invalid, NotAllowed, NotNow
from dossiers.lifecycle import _telling, _write, offering
from dossiers.lifecycle._steps import WORK_CLOCKS, finish_clocks
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.given import LateEntry, PaperGiven
from dossiers.lifecycle.registry import command
from dossiers.models import (
    ClockKind,
    Dossier,
    EventKind,
    Ground,
    Paper,
    Status,
    Supplement,
)
from workflows.actors import Actor, Held
from workflows.models import Edition, PaperItem
from workflows.timelimit import TimeLimit, Unit
from workflows.worktime import WorkingCalendar

ASK_WITHIN_DAYS = 3  # 61/2018/NĐ-CP art. 19.4: later requests are marked
ASKABLE = (PaperItem.Kind.HAND_IN, PaperItem.Kind.SHOW)


@command(
    "request_supplement", _("Ask for a supplement"), statuses=(Status.RECEIVED, Status.PROCESSING)
)
def request_supplement(
    dossier_id: int, *, items: Sequence[int], reason: str = "", by: Actor, at: datetime
) -> Dossier:
    """Ask the applicant for papers of the procedure's list; the clock stops.

    Raises: NotNow (asked once before), Invalid (nothing picked, not on the list).
    Law: once, for everything at once, in writing (118/2025/NĐ-CP art. 11; 61/2018 art. 19.4).
    """
    work = _write.lock(
        dossier_id,
        "request_supplement",
        by=by,
        at=at,
        statuses=(Status.RECEIVED, Status.PROCESSING),
    )
    dossier = work.dossier
    if dossier.supplements_asked:
        raise NotNow("supplement_twice")
    if dossier.waits_for_counter:
        raise NotNow("waits_for_counter")
    wanted, held = _picked(work, items), _person(work)
    row = work.clock_row(ClockKind.DOSSIER)
    calendar = row.calendar if row is not None else offering.calendar_of(dossier.answering_agency)
    working = calendar.working()
    back_to = Status.PROCESSING
    if dossier.status == Status.RECEIVED:
        dossier.status_processing()
    dossier.status_supplement_requested()
    dossier.supplements_asked += 1
    work.stop_clocks(Ground.SUPPLEMENT, WORK_CLOCKS)
    term = Clock.start(_term(dossier.edition), working, work.at)
    supplement = Supplement(
        dossier=dossier,
        clock=work.begin_clock(ClockKind.SUPPLEMENT, term, calendar),
        state=Supplement.State.OPEN,
        back_to=back_to,
        asked_at=work.at,
        asked_by_id=held.post_id,
        asked_late=_asked_late(dossier, working, work.at),
        reason=reason.strip(),
        wanted=[{"item": item.pk, "name": item.name} for item in wanted],
    )
    work.changes.add(supplement)
    work.event(
        EventKind.SUPPLEMENT_REQUESTED,
        {
            "items": [item.pk for item in wanted],
            "until": _iso(term.limit_at),
            "asked_late": supplement.asked_late,
        },
        note=reason.strip(),
    )
    papers = "; ".join(item.name for item in wanted)
    _telling.citizen(
        work,
        "supplement_requested",
        papers=papers,
        until_at=term.limit_at,
        not_before=_telling.after_pause(work),
    )
    return _write.write(work)


@command("supply", _("Take in the supplement"), statuses=(Status.SUPPLEMENT_REQUESTED,))
def supply(
    dossier_id: int,
    *,
    papers: Sequence[PaperGiven] = (),
    by: Actor,
    at: datetime,
    late: LateEntry | None = None,
) -> Dossier:
    """Take in what was asked for; the clock starts again or goes on, as the edition says.

    A stop begun after the limit had passed hides nothing: such a clock only goes on.
    Raises: NotNow. Law: 61/2018/NĐ-CP art. 19.4.
    """
    work = _write.lock(
        dossier_id, "supply", by=by, at=at, late=late, statuses=(Status.SUPPLEMENT_REQUESTED,)
    )
    supplement = (
        Supplement.objects.filter(dossier=work.dossier, state=Supplement.State.OPEN)
        .select_related("clock")
        .first()
    )
    if supplement is None:
        raise NotNow("no_supplement")
    names = {line["item"]: line["name"] for line in supplement.wanted}
    for paper in papers:
        if paper.item not in names:
            raise Invalid("paper_not_listed", fields={"papers": "paper_not_listed"})
        work.changes.add(_paper(work, supplement, paper, names[paper.item]))
    supplement.state, supplement.supplied_at = Supplement.State.SUPPLIED, work.at
    work.changes.change(supplement, "state", "supplied_at")
    finish_clocks(work, (ClockKind.SUPPLEMENT,))
    work.dossier.status_supplied(supplement.back_to)
    restart = work.dossier.edition.after_supplement == Edition.AfterSupplement.RESTART
    work.lift(Ground.SUPPLEMENT, WORK_CLOCKS, restart=restart)
    clock = work.clock_row(ClockKind.DOSSIER)
    limit_at = None if clock is None else clock.limit_at
    work.event(
        EventKind.SUPPLIED,
        {"papers": len(papers), "restarted": restart, "limit_at": _iso(limit_at)},
    )
    _telling.citizen(work, "supplied", promised_at=None if clock is None else clock.promised_at)
    return _write.write(work)


def _person(work: Work) -> Held:
    """The post of who asks: only a person asks for papers."""
    if work.held is None:
        raise NotAllowed("not_allowed")
    return work.held


def _picked(work: Work, items: Sequence[int]) -> list[PaperItem]:
    if not items:
        raise Invalid("supplement_nothing", fields={"items": "supplement_nothing"})
    case = work.dossier.case.key if work.dossier.case is not None else ""
    listed = {
        item.pk: item
        for item in offering.papers_of(work.dossier.edition, case)
        if item.kind in ASKABLE
    }
    if any(pk not in listed for pk in items):
        raise Invalid("paper_not_listed", fields={"items": "paper_not_listed"})
    return [listed[pk] for pk in dict.fromkeys(items)]


def _paper(work: Work, supplement: Supplement, given: PaperGiven, name: str) -> Paper:
    return Paper(
        dossier_id=work.dossier.pk,
        item_id=given.item,
        name=name,
        form=given.form,
        count=given.count,
        digitised=given.digitised,
        reused=given.reused,
        supplement=supplement,
    )


def _term(edition: Edition) -> TimeLimit:
    """The applicant's own time: data of the edition, in working days."""
    return TimeLimit(edition.supplement_term_days, Unit.WORKING_DAY)


def _asked_late(dossier: Dossier, working: WorkingCalendar, at: datetime) -> bool:
    if dossier.received_at is None:
        return False
    within = TimeLimit(ASK_WITHIN_DAYS, Unit.WORKING_DAY)
    return at > within.due(working, dossier.received_at)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
