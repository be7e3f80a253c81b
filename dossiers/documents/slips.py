"""From rows to the values of the forms that end a dossier or travel with it: 03, 05 and 06.

As in `filling`, every text made here is Vietnamese whatever language the page has.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.utils import translation

from dossiers.documents import filling
from dossiers.documents import papers as forms
from dossiers.models import Dossier, Event, EventKind, Note, Party, Status, StepRun
from dossiers.reading import why
from workflows.models import Role

_RESULTS = {
    "early": forms.HandOverResult.EARLY,
    "on_time": forms.HandOverResult.ON_TIME,
    "late": forms.HandOverResult.LATE,
}
# A dossier ended by time alone bears these words instead of a colleague's.
_LAPSED = {
    EventKind.SUPPLEMENT_LAPSED: (
        "Quá thời hạn bổ sung, hoàn thiện hồ sơ mà chưa nhận đủ giấy tờ theo yêu cầu"
    ),
    EventKind.PAYMENT_LAPSED: "Quá thời hạn thực hiện nghĩa vụ tài chính theo thông báo",
}
_LAW = "Nghị định 118/2025/NĐ-CP"
_REFUSED = (EventKind.NOT_ACCEPTED, EventKind.DISCONTINUED, *_LAPSED)


def refusal_paper(dossier: Dossier) -> forms.RefusalPaper:
    """Form 03 of a dossier not accepted or discontinued. Raises: ValueError for any other."""
    event = _last(dossier, _REFUSED)
    if dossier.status not in (Status.NOT_ACCEPTED, Status.DISCONTINUED) or event is None:
        raise ValueError("a refusal is for what was not accepted or was discontinued")
    lapsed = _LAPSED.get(EventKind(event.kind))
    not_received = event.kind == EventKind.NOT_ACCEPTED
    agency = dossier.receiving_agency if not_received else dossier.answering_agency
    given = getattr(event, "note", None) or ""
    with translation.override("vi"):
        return forms.RefusalPaper(
            office=filling.office(agency),
            issued_at=event.at,
            applicant=_applicant(dossier),
            procedure=filling.procedure(dossier),
            reason=lapsed or given,
            legal_ground=_LAW if lapsed else str(event.facts.get("legal_ground", "")),
            signature=filling.signature(event.post, event.at),
            code=dossier.handle,
        )


def stop_paper(dossier: Dossier) -> forms.StopPaper:
    """Form 05 of a dossier withdrawn by the applicant. Raises: ValueError for any other.

    Law: 118/2025/NĐ-CP art. 21.
    """
    event = _last(dossier, (EventKind.WITHDRAWN,))
    received_at = dossier.received_at or dossier.submitted_at
    if dossier.status != Status.WITHDRAWN or event is None or received_at is None:
        raise ValueError("a notice of stopping is for what was withdrawn")
    with translation.override("vi"):
        return forms.StopPaper(
            office=filling.office(
                dossier.answering_agency if dossier.received_at else dossier.receiving_agency
            ),
            issued_at=event.at,
            number="",
            applicant=_applicant(dossier),
            code=dossier.handle,
            procedure=filling.procedure(dossier),
            received_at=received_at,
            asked_at=event.at,
            reason=getattr(event, "note", None) or "",
            returned_papers=tuple(filling.paper_lines(dossier.papers.all())),
            signature=filling.signature(None, None),
        )


def control_slip_paper(dossier: Dossier, at: datetime) -> forms.ControlSlipPaper:
    """Form 06 as it stands at `at`, with the lines that explain the promised day.

    Raises: ValueError for what has not been received.
    """
    if dossier.received_at is None:
        raise ValueError("a control slip is for what was received")
    runs = list(
        dossier.step_runs.filter(
            state__in=[StepRun.State.WAITING, StepRun.State.WORKING, StepRun.State.DONE]
        ).select_related("agency", "unit", "officer", "clock")
    )
    with translation.override("vi"):
        told = why.of_dossier(dossier.pk, at)
        others = {run.agency.name for run in runs} - {
            dossier.answering_agency.name,
            dossier.receiving_agency.name,
        }
        return forms.ControlSlipPaper(
            office=filling.office(dossier.receiving_agency),
            printed_at=at,
            code=dossier.handle,
            procedure=filling.procedure(dossier),
            received_at=dossier.received_at,
            promised_at=None if told is None else told.row.promised_at,
            cooperating=tuple(sorted(others)),
            hand_overs=tuple(_hand_overs(dossier, runs)),
            why=() if told is None else tuple(map(_date_line, told.why.lines)),
            total="" if told is None else told.why.total,
            tracking_url=filling.tracking_url(dossier.handle),
        )


def _hand_overs(dossier: Dossier, runs: Sequence[StepRun]) -> list[forms.HandOver]:
    """Who gave the dossier to whom and when; the last row is still to be filled in by hand."""
    rows = []
    for number, run in enumerate(runs):
        following = runs[number + 1] if number + 1 < len(runs) else None
        if following is None and run.ended_at is not None:
            break  # where it ended nobody took it from
        taker = "" if following is None else _holder(dossier, following)
        clock = getattr(run, "clock", None)
        rows.append(
            forms.HandOver(
                giver=_holder(dossier, run),
                taker=taker,
                at=run.ended_at,
                result=None if clock is None else _RESULTS.get(clock.result),
                note="Trả lại" if following is not None and following.is_return else "",
            )
        )
    return rows


def _holder(dossier: Dossier, run: StepRun) -> str:
    unit = run.unit
    if unit is None and run.role == Role.CLERK and run.agency_id == dossier.receiving_agency_id:
        unit = dossier.receiving_unit
    place = run.agency.name if unit is None else unit.name
    return place if run.officer is None else f"{run.officer.name}, {place}"


def _date_line(line: why.Line) -> forms.DateLine:
    return forms.DateLine(
        at=line.at,
        until=line.until,
        text=line.text,
        source=line.source,
        used=line.used if line.counts or line.kind == "restated" else "",
        promised_at=line.moment,
        replaced=line.replaced,
    )


def _applicant(dossier: Dossier) -> forms.Person:
    people = {party.role: party for party in dossier.parties.all()}
    return filling.person(people.get(Party.Role.SUBMITTER) or people[Party.Role.HOLDER])


def _last(dossier: Dossier, kinds: Sequence[str]) -> Event | None:
    note = Note.objects.filter(dossier=OuterRef("dossier"), event_n=OuterRef("n"))
    return (
        Event.objects.filter(dossier=dossier, kind__in=kinds)
        .select_related("post")
        .annotate(note=Subquery(note.values("text")[:1]))
        .order_by("n")
        .last()
    )
