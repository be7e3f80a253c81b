"""Deciding the time limits that the catalogue leaves open: by a person, with the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from workflows.actors import Held
from workflows.catalogue.importing import flag_undecided
from workflows.catalogue.locking import one_at_a_time
from workflows.catalogue.records import CHANNELS, UNITS
from workflows.catalogue.report import Report
from workflows.folding import fold
from workflows.models import Agency, Channel, Edition, Limit
from workflows.parts import ANSWERING, RECEIVING, PartError, parts_of
from workflows.timelimit import (
    DEFAULT_RULES,
    MOST,
    Begins,
    Ends,
    LimitError,
    Rule,
    TimeLimit,
    Unit,
)

_UNITS = UNITS | {unit.value: unit for unit in Unit}
_RULE_WORDS: dict[str, dict[str, object]] = {
    "same_moment": {"begins": Begins.SAME_MOMENT},
    "next_working_day": {"begins": Begins.NEXT_WORKING_DAY},
    "same_hour": {"ends": Ends.SAME_HOUR},
    "close_of_day": {"ends": Ends.CLOSE_OF_DAY},
    "moved": {"moved": True},
    "not_moved": {"moved": False},
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of a sheet of decided limits, all as written: what holds for which procedure."""

    code: str
    channel: str
    case: str
    amount: str
    unit: str
    rule: str
    source: str


class Undecidable(ValueError):
    """A decision that cannot be taken; the text says why, `field` which part of it is wrong."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


def is_undecided(edition: Edition) -> bool:
    """Whether a limit of `edition` waits for a person: nobody can receive dossiers under it."""
    return Limit.objects.filter(edition=edition).exclude(flag="").exists()


@transaction.atomic
def decide_limits(decisions: Sequence[Decision], *, by: Held | None = None, at: datetime) -> Report:
    """Settle the limits that the catalogue leaves open, each by the decision given for it; who
    decided (nobody's post on the command line) and when is kept.

    Only what is flagged, or was decided by a person before, can be decided; a decision that cannot
    be taken is refused alone.
    """
    report = Report()
    one_at_a_time()
    for line, decision in enumerate(decisions, start=1):
        try:
            changed = decide_limit(decision, by=by, at=at)
        except Undecidable as refused:
            report.refuse(line, decision.code, str(refused))
        else:
            report.taken += changed
            report.unchanged += not changed
    codes = dict.fromkeys(decision.code.strip() for decision in decisions)
    flag_undecided([code for code in codes if code], report)
    return report


@transaction.atomic
def decide_alone(decision: Decision, *, by: Held | None = None, at: datetime) -> bool:
    """`decide_limit` in a transaction of its own, while nobody else changes the catalogue.

    Raises: Undecidable.
    """
    one_at_a_time()
    return decide_limit(decision, by=by, at=at)


def decide_limit(decision: Decision, *, by: Held | None = None, at: datetime) -> bool:
    """Take one decision for the latest edition of its procedure; False if it stands already.

    Raises: Undecidable.
    """
    edition = _edition(decision.code.strip())
    channel = _channel(decision.channel.strip())
    case = _case_key(edition, decision.case)
    rule, shares = _split(decision.rule)
    whole = read_limit(decision.amount, decision.unit, rule)
    limit, parts = whole.to_json(), _parts(whole, shares)
    source = " ".join(decision.source.split())[:500]
    if not source:
        raise Undecidable(gettext("the decision names no source"), "source")
    rows = list(Limit.objects.filter(edition=edition))
    if not any(row.flag or row.decided_by_person for row in rows):
        raise Undecidable(gettext("no limit of this procedure waits for a decision"))
    row = next((row for row in rows if (row.channel, row.case_key) == (channel, case)), None)
    if row is None:
        row = Limit(procedure=edition.procedure, edition=edition, channel=channel, case_key=case)
    elif not (row.flag or row.decided_by_person):
        raise Undecidable(gettext("this limit stands in the catalogue and needs no decision"))
    if (row.limit, row.parts, row.source, row.decided_by_person) == (limit, parts, source, True):
        return False
    row.parts = parts
    row.limit, row.source, row.flag, row.decided_by_person = limit, source, "", True
    row.decided_at, row.decided_by_id = at, None if by is None else by.post_id
    row.save()
    return True


def read_rule(text: str, unit: Unit) -> Rule:
    """The rule of counting written as words: `close_of_day`, `same_hour next_working_day`,
    `cutoff=15:00` and the like; what is not said is as the unit's default has it.

    Raises: Undecidable.
    """
    default = DEFAULT_RULES[unit]
    said: dict[str, object] = {
        "begins": default.begins,
        "ends": default.ends,
        "cutoff": default.cutoff,
        "moved": default.moved,
    }
    for word in text.replace(",", " ").replace(";", " ").split():
        name, _equals, hour = word.lower().partition("=")
        if name == "cutoff":
            try:
                said["cutoff"] = time.fromisoformat(hour)
            except ValueError:
                raise Undecidable(
                    gettext("%(word)s is no time of day") % {"word": word}, "cutoff"
                ) from None
        elif name in _RULE_WORDS and not hour:
            said |= _RULE_WORDS[name]
        else:
            raise Undecidable(gettext("%(word)s is no rule of counting") % {"word": word}, "rule")
    return Rule(**said)  # type: ignore[arg-type]


def _split(rule: str) -> tuple[str, list[tuple[str, str]]]:
    """The words of a rule without those that split the limit (`part=answering:3`), and these."""
    words = rule.replace(",", " ").replace(";", " ").split()
    splitting = [word for word in words if word.lower().startswith("part=")]
    shares = []
    for word in splitting:
        agency, _colon, amount = word[len("part=") :].rpartition(":")
        shares.append((agency, amount))
    return " ".join(word for word in words if word not in splitting), shares


def _parts(whole: TimeLimit, shares: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """The parts as they are kept. Raises: Undecidable."""
    sentences = {
        "part_no_amount": gettext("a part of the limit has no amount"),
        "part_twice": gettext("a part of the limit names no agency, or one that is named already"),
        "parts_exceed_whole": gettext("the parts are longer than the whole limit"),
    }
    try:
        found = parts_of(whole, shares)
    except PartError as fault:
        raise Undecidable(sentences[fault.code], "rule") from None
    for part in found:
        named = part.agency not in (ANSWERING, RECEIVING)
        if named and not Agency.objects.filter(code=part.agency).exists():
            raise Undecidable(
                gettext("there is no agency %(agency)s") % {"agency": part.agency}, "rule"
            )
    return [part.to_json() for part in found]


def _edition(code: str) -> Edition:
    edition = (
        Edition.objects.filter(procedure__code=code)
        .select_related("procedure")
        .order_by("-number")
        .first()
    )
    if edition is None:
        raise Undecidable(gettext("there is no procedure with this code"))
    return edition


def _channel(text: str) -> Channel | None:
    if not text:
        return None
    channel = Channel.objects.filter(code=CHANNELS.get(text, text)).first()
    if channel is None:
        raise Undecidable(gettext("there is no channel %(channel)s") % {"channel": text})
    return channel


def _case_key(edition: Edition, text: str) -> str:
    wanted = text.strip()
    if not wanted:
        return ""
    for case in edition.cases.all():
        if wanted == case.key or fold(wanted) == fold(case.name):
            return case.key
    raise Undecidable(gettext("the procedure has no such case"))


def read_limit(amount: str, unit: str, rule: str) -> TimeLimit:
    """A time limit from what was written: "2,5", "ngày làm việc" or "working_day", words of a rule.

    Raises: Undecidable.
    """
    known = _UNITS.get(unit.strip().lower())
    if known is None:
        raise Undecidable(gettext("there is no unit %(unit)s") % {"unit": unit.strip()}, "unit")
    try:
        number = Decimal(amount.strip().replace(",", "."))
        if not 0 <= number <= MOST or number != round(number, 4):
            raise InvalidOperation
        limit = TimeLimit(number, known, read_rule(rule, known))
    except (InvalidOperation, LimitError):
        raise Undecidable(
            gettext("%(amount)s is no amount of time") % {"amount": amount.strip()}, "amount"
        ) from None
    if limit.is_flagged or (number == 0 and known in (Unit.WORKING_HOUR, Unit.MONTH)):
        raise Undecidable(gettext("this amount of this unit means nothing"), "amount")
    return limit
