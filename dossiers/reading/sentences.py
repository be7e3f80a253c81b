"""Sentences of what happened: rendered from an event's kind and facts, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from dossiers.models import (
    Apology,
    Breach,
    ClockRow,
    Dossier,
    Event,
    EventKind,
    LimitValue,
    Stop,
)
from dossiers.models.clock import Ground
from dossiers.reading.desk import step_name
from dossiers.reading.limits import limit_words
from dossiers.reading.steps import step_of
from notifications import wording
from workflows.models import Unit

_LOOKS = {
    EventKind.BREACHED: ("diamond", "late"),
    EventKind.SUPPLEMENT_REQUESTED: ("bars", "stop"),
    EventKind.SUPPLEMENT_LAPSED: ("bars", "stop"),
    EventKind.PAYMENT_REQUESTED: ("bars", "stop"),
    EventKind.SUPPLIED: ("file", ""),
    EventKind.RECEIVED: ("file", ""),
    EventKind.CONCLUDED: ("tick", "ok"),
    EventKind.RETURNED: ("tick", "ok"),
    EventKind.EXPLANATION_ACCEPTED: ("tick", "ok"),
    EventKind.APOLOGY_DRAFTED: ("note", ""),
    EventKind.APOLOGY_RETURNED: ("undo", ""),
    EventKind.APOLOGY_SIGNED: ("pen", ""),
    EventKind.APOLOGY_ARRIVED: ("mail", "ok"),
    EventKind.APOLOGY_TRIED: ("mail", ""),
    EventKind.APOLOGY_HANDED: ("mail", "ok"),
    EventKind.APOLOGY_ANNULLED: ("undo", ""),
    EventKind.EXPLAINED: ("note", ""),
    EventKind.EXPLANATION_RETURNED: ("undo", ""),
    EventKind.WITHDRAWN: ("stroke", ""),
    EventKind.DISCONTINUED: ("stroke", ""),
    EventKind.VOIDED: ("cross", ""),
    EventKind.PAID: ("tick", ""),
    EventKind.PAYMENT_LAPSED: ("bars", "stop"),
    EventKind.OPINION_GIVEN: ("note", ""),
    EventKind.UNDONE: ("undo", ""),
    EventKind.BREACH_ANNULLED: ("undo", ""),
    EventKind.RECALENDARED: ("calendar", ""),
    EventKind.ARRIVED: ("file", ""),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the timeline shows it."""

    at: datetime
    recorded_at: datetime
    icon: str
    tone: str
    title: str
    detail: str
    note: str
    who: str
    late_entry: bool
    taken_back: bool = False


class Reckoned(NamedTuple):
    """A line of "why this date?" before it is known which one holds."""

    at: datetime | None
    text: str
    source: str = ""
    moment: datetime | None = None


def of_event(dossier: Dossier, event: Event, *, taken_back: bool = False) -> Line:
    """The sentence of an event (annotated with its note) and who did it; whether it stands."""
    icon, tone = _LOOKS.get(EventKind(event.kind), ("run", ""))
    return Line(
        at=event.at,
        recorded_at=event.recorded_at,
        icon=icon,
        tone=tone,
        title=event.get_kind_display(),
        detail=_detail(dossier, event),
        note=getattr(event, "note", None) or "",
        who=_who(event),
        late_entry=event.late_entry,
        taken_back=taken_back,
    )


def _who(event: Event) -> str:
    if event.by_applicant:
        return _("The applicant")
    if event.post is None:
        return _("Automatic")
    place = event.post.unit or event.post.agency
    return f"{event.post.name}, {place.name}"


def _detail(dossier: Dossier, event: Event) -> str:
    facts = event.facts
    tell = _DETAILS.get(EventKind(event.kind))
    return tell(dossier, facts) if tell is not None else ""


def _step(dossier: Dossier, facts: dict[str, Any]) -> str:
    key = facts.get("step", "")
    return step_name(dossier, key) if key else ""


def _advanced(dossier: Dossier, facts: dict[str, Any]) -> str:
    step = _step(dossier, facts)
    passed = step_of(dossier, facts.get("step", ""))
    outcome = None if passed is None else passed.outcome(facts.get("outcome", ""))
    label = facts.get("outcome", "")
    if outcome is not None:
        label = outcome.label.in_language(get_language() or "vi")
    if not facts.get("next"):
        return _("%(step)s: %(outcome)s") % {"step": step, "outcome": label}
    return _("%(step)s: %(outcome)s; on to %(next)s") % {
        "step": step,
        "outcome": label,
        "next": step_name(dossier, facts["next"]),
    }


def _received(dossier: Dossier, facts: dict[str, Any]) -> str:
    return _("At %(agency)s, edition %(edition)s of the procedure") % {
        "agency": dossier.receiving_agency.name,
        "edition": facts.get("edition", ""),
    }


def _moved_to_version(dossier: Dossier, facts: dict[str, Any]) -> str:
    versions = {"before": facts.get("from_version", ""), "after": facts.get("to_version", "")}
    if not facts.get("next"):
        return _("From version %(before)s to version %(after)s") % versions
    steps = {"left": step_name(dossier, facts["step"]), "step": step_name(dossier, facts["next"])}
    return _("From version %(before)s to version %(after)s; “%(left)s” is now “%(step)s”") % (
        versions | steps
    )


def _supplied(_dossier: Dossier, facts: dict[str, Any]) -> str:
    if facts.get("restarted"):
        return _("The limit starts again")
    return _("The limit goes on")


def _asked(_dossier: Dossier, facts: dict[str, Any]) -> str:
    until = _moment(facts.get("until"))
    sentence = _("The clock stops.")
    if until is not None:
        sentence += " " + _("To be handed in by %(moment)s.") % {
            "moment": wording.full_moment(until)
        }
    if facts.get("asked_late"):
        sentence += " " + _("Asked after the third working day.")
    return sentence


def _breached(dossier: Dossier, facts: dict[str, Any]) -> str:
    return str(Breach.Of(facts["of"]).label) if facts.get("of") in Breach.Of.values else ""


def _concluded(_dossier: Dossier, facts: dict[str, Any]) -> str:
    results = {
        "early": pgettext("result", "Early"),
        "on_time": pgettext("result", "On time"),
        "late": pgettext("result", "Late"),
        "without_limit": pgettext("result", "Without limit"),
    }
    return results.get(facts.get("result", ""), "")


def _signed(_dossier: Dossier, facts: dict[str, Any]) -> str:
    number = _("No. %(number)s") % {"number": facts.get("number", "")}
    moment = _moment(facts.get("new_promise_at"))
    if moment is None:
        return number
    return _("%(number)s, new appointment %(moment)s") % {
        "number": number,
        "moment": wording.full_moment(moment),
    }


def _handed(_dossier: Dossier, facts: dict[str, Any]) -> str:
    how = facts.get("how", "")
    return str(Apology.Handed(how).label) if how in Apology.Handed.values else ""


def _tried(_dossier: Dossier, facts: dict[str, Any]) -> str:
    if facts.get("tried", True):
        return _("Every channel was tried; the counter sees to it.")
    return _("No channel reaches the applicant; the counter sees to it.")


def _annulled_letter(_dossier: Dossier, facts: dict[str, Any]) -> str:
    number = facts.get("number", "")
    return _("No. %(number)s") % {"number": number} if number else ""


def _discontinued(_dossier: Dossier, facts: dict[str, Any]) -> str:
    return str(facts.get("legal_ground", ""))


def _arrived(dossier: Dossier, _facts: dict[str, Any]) -> str:
    return _("The time runs from now on, at %(agency)s") % {"agency": dossier.answering_agency.name}


def _recalendared(_dossier: Dossier, facts: dict[str, Any]) -> str:
    before, after = _moment(facts.get("promised_from")), _moment(facts.get("promised_to"))
    if before is None or after is None:
        return _("The time of a step or of a term is counted anew.")
    return _("Promised for %(after)s instead of %(before)s") % {
        "before": wording.full_moment(before),
        "after": wording.full_moment(after),
    }


def _annulled(dossier: Dossier, facts: dict[str, Any]) -> str:
    reasons = {
        "recalendared": _("The working calendar changed: the limit has not passed."),
        "late_entry": _("An act entered later came before it."),
    }
    of = _breached(dossier, facts)
    reason = reasons.get(facts.get("because", ""), "")
    return f"{of}. {reason}" if of and reason else of


def _moved(_dossier: Dossier, facts: dict[str, Any]) -> str:
    names = dict(
        Unit.objects.filter(code__in=[facts["from_unit"], facts["to_unit"]]).values_list(
            "code", "name"
        )
    )
    return _("From %(old)s to %(new)s") % {
        "old": names.get(facts["from_unit"], facts["from_unit"]),
        "new": names.get(facts["to_unit"], facts["to_unit"]),
    }


def _demanded(_dossier: Dossier, facts: dict[str, Any]) -> str:
    if "amount" not in facts:
        return ""
    sentence = _("%(sum)s. The clock stops.") % {"sum": wording.money(facts["amount"])}
    until = _moment(facts.get("until"))
    if until is not None:
        sentence += " " + _("To be paid by %(moment)s.") % {"moment": wording.full_moment(until)}
    return sentence


def _paid(_dossier: Dossier, facts: dict[str, Any]) -> str:
    if "amount" not in facts:
        return ""
    return _("%(sum)s. The limit goes on") % {"sum": wording.money(facts["amount"])}


def _opinion(_dossier: Dossier, facts: dict[str, Any]) -> str:
    unit = Unit.objects.filter(code=facts.get("unit", "")).first()
    if unit is None:
        return ""
    return (
        _("%(unit)s. The clock stops.") % {"unit": unit.name} if facts.get("stops") else unit.name
    )


def _undone(_dossier: Dossier, facts: dict[str, Any]) -> str:
    kind = facts.get("kind", "")
    return str(EventKind(kind).label) if kind in EventKind.values else ""


_DETAILS = {
    EventKind.MOVED: _moved,
    EventKind.MOVED_TO_VERSION: _moved_to_version,
    EventKind.PAYMENT_REQUESTED: _demanded,
    EventKind.PAID: _paid,
    EventKind.CONSULTED: _opinion,
    EventKind.OPINION_GIVEN: _opinion,
    EventKind.OPINION_FORGONE: _opinion,
    EventKind.UNDONE: _undone,
    EventKind.ARRIVED: _arrived,
    EventKind.RECALENDARED: _recalendared,
    EventKind.BREACH_ANNULLED: _annulled,
    EventKind.RECEIVED: _received,
    EventKind.CLAIMED: _step,
    EventKind.RELEASED: _step,
    EventKind.ASSIGNED: _step,
    EventKind.ADVANCED: _advanced,
    EventKind.SUPPLEMENT_REQUESTED: _asked,
    EventKind.SUPPLIED: _supplied,
    EventKind.BREACHED: _breached,
    EventKind.CONCLUDED: _concluded,
    EventKind.APOLOGY_SIGNED: _signed,
    EventKind.APOLOGY_HANDED: _handed,
    EventKind.APOLOGY_TRIED: _tried,
    EventKind.APOLOGY_ANNULLED: _annulled_letter,
    EventKind.DISCONTINUED: _discontinued,
}


# Why this date?


def began(dossier: Dossier, main: ClockRow) -> Reckoned:
    """When the clock began."""
    return Reckoned(
        main.started_at,
        _("The complete dossier was received. The clock starts."),
        dossier.receiving_agency.name,
    )


def limit_set(dossier: Dossier, main: ClockRow, value: LimitValue) -> Reckoned:
    """What the limit is, and from which edition of the procedure."""
    words = limit_words(main.limit)
    text = _("Time limit: %(limit)s") % {"limit": words} if words else _("No time limit")
    if main.limit is None and value.limit_at is not None:
        text = _("The limit was given with the dossier.")
    source = _("Edition in force from %(day)s") % {
        "day": wording.plain_date(dossier.edition.in_force_from)
    }
    if dossier.edition.decision_no:
        source += f" · {dossier.edition.decision_no}"
    return Reckoned(None, text, source, value.promised_at)


def stopped(stop: Stop) -> Reckoned:
    """A stretch in which the clock did not run."""
    text = _("The clock stops: %(ground)s.") % {"ground": Ground(stop.ground).label}
    source = ""
    if stop.to_at is not None:
        source = _("until %(moment)s") % {"moment": wording.full_moment(stop.to_at)}
    return Reckoned(stop.from_at, text, source)


def limit_moved(dossier: Dossier, value: LimitValue) -> Reckoned:
    """A later value of limit and promise, with its cause."""
    causes = {
        "restarted": _("The supplement is in. The limit starts again."),
        "resumed": _("What was waited for is in. The limit goes on."),
        "rescheduled": _("A new appointment was set with the apology."),
        "reopened": _("The dossier was opened again."),
        "recalendared": _("The working calendar changed."),
        "arrived": _("The competent agency has the dossier. The clock starts."),
        "corrected": _("A limit entered wrongly was put right."),
        "undone": _("An act was taken back."),
    }
    source = "61/2018/NĐ-CP" if value.cause in ("restarted", "resumed", "rescheduled") else ""
    text = causes.get(value.cause, _("The limit was counted anew."))
    return Reckoned(value.at, text, source, value.promised_at)


def _moment(text: str | None) -> datetime | None:
    return None if not text else datetime.fromisoformat(text)
