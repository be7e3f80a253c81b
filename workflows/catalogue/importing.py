"""Taking over the national catalogue: each record becomes an edition of its procedure, unless it is
the one already there. What a city decided for itself, and what a person decided of a limit that
the catalogue leaves open, stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext

from workflows.catalogue.channels import ensure_channels
from workflows.catalogue.locking import one_at_a_time
from workflows.catalogue.papers import case_key, read_heading
from workflows.catalogue.records import FLAGS, GivenLimit, Record, Refused, read_record
from workflows.catalogue.report import Progress, Report
from workflows.catalogue.terms import carry_terms
from workflows.folding import fold
from workflows.models import Case, Channel, Edition, Fee, Field, Limit, PaperItem, Procedure

BATCH = 400


@transaction.atomic
def import_procedures(
    raw_records: Sequence[Any], *, in_force_from: date, progress: Progress | None = None
) -> Report:
    """Take over `raw_records` (as read from JSON), their new editions in force from the given day.

    A record that cannot be taken is refused alone. The same record again changes nothing; a
    changed one makes a new edition.
    """
    report = Report()
    one_at_a_time()
    records = _readable(raw_records, report)
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        _take(batch, in_force_from, report)
        if progress:
            progress(start + len(batch), len(records))
    flag_undecided([record.code for record in records], report)
    return report


def _readable(raw_records: Sequence[Any], report: Report) -> list[Record]:
    records: dict[str, Record] = {}
    for line, raw in enumerate(raw_records, start=1):
        try:
            record = read_record(raw)
            if record.code in records:
                raise Refused(gettext("the code stands earlier in the file"), record.code)
        except Refused as refused:
            report.refuse(line, refused.code, refused.reason)
        else:
            records[record.code] = record
    return list(records.values())


@dataclass(frozen=True, slots=True)
class _Kept:
    """A procedure already there: its row, and its latest edition (id, number, fingerprint)."""

    procedure: Procedure
    edition: int
    number: int
    fingerprint: str


def _take(records: Sequence[Record], in_force_from: date, report: Report) -> None:
    kept = _kept(record.code for record in records)
    new = [
        record
        for record in records
        if record.code not in kept or kept[record.code].fingerprint != record.fingerprint
    ]
    report.taken += len(new)
    report.unchanged += len(records) - len(new)
    if not new:
        return
    procedures = _procedures(new, kept)
    editions = Edition.objects.bulk_create(
        _edition(record, procedures[record.code], kept.get(record.code), in_force_from)
        for record in new
    )
    _write_contents(new, editions)
    earlier = {
        edition.pk: kept[record.code].edition
        for record, edition in zip(new, editions, strict=True)
        if record.code in kept and kept[record.code].edition
    }
    _keep_decisions(earlier)
    carry_terms(earlier)


def _kept(codes: Iterable[str]) -> dict[str, _Kept]:
    latest = Edition.objects.filter(procedure=OuterRef("pk")).order_by("-number")
    rows = Procedure.objects.filter(code__in=list(codes)).annotate(
        last_id=Subquery(latest.values("pk")[:1]),
        last_number=Subquery(latest.values("number")[:1]),
        last_fingerprint=Subquery(latest.values("fingerprint")[:1]),
    )
    return {
        row.code: _Kept(row, row.last_id or 0, row.last_number or 0, row.last_fingerprint or "")
        for row in rows
    }


def _procedures(records: Sequence[Record], kept: dict[str, _Kept]) -> dict[str, Procedure]:
    names = {record.field or gettext("Other") for record in records}
    Field.objects.bulk_create((Field(name=name) for name in sorted(names)), ignore_conflicts=True)
    fields = {field.name: field for field in Field.objects.filter(name__in=names)}
    fresh: list[Procedure] = []
    changed: list[Procedure] = []
    for record in records:
        old = kept.get(record.code)
        row = old.procedure if old else Procedure(code=record.code)
        row.name, row.field = record.name, fields[record.field or gettext("Other")]
        row.search_key = fold(f"{record.code} {record.name}")
        (changed if old else fresh).append(row)
    Procedure.objects.bulk_update(changed, ["name", "field", "search_key"])
    return {row.code: row for row in [*Procedure.objects.bulk_create(fresh), *changed]}


def _edition(
    record: Record, procedure: Procedure, kept: _Kept | None, in_force_from: date
) -> Edition:
    body = record.body
    legal_bases: list[dict[str, str]] = [{"code": code} for code in _texts(body, "legal_codes")]
    if record.text("legal_text"):
        legal_bases.append({"text": record.text("legal_text")})
    return Edition(
        procedure=procedure,
        number=(kept.number if kept else 0) + 1,
        in_force_from=in_force_from,
        decision_no=" ".join(record.text("decision_no").split()),
        published_by=" ".join(record.text("published_by").split()),
        name=record.name,
        levels=_texts(body, "levels"),
        applicants=_texts(body, "applicants"),
        competent_agency=record.text("competent_agency"),
        legal_bases=legal_bases,
        results=[
            {"name": one["name"], "code": str(one.get("code") or "")}
            for one in body.get("results") or []
            if isinstance(one, dict) and isinstance(one.get("name"), str)
        ],
        requirements=record.text("requirements"),
        steps_text=record.text("steps"),
        url=record.text("url"),
        source=record.text("source")[:500],
        fingerprint=record.fingerprint,
    )


def _texts(body: dict[str, Any], name: str) -> list[str]:
    return [one for one in body.get(name) or [] if isinstance(one, str)]


def _write_contents(records: Sequence[Record], editions: Sequence[Edition]) -> None:
    codes = {limit.channel for record in records for limit in record.limits if limit.channel}
    codes |= {fee.channel for record in records for fee in record.fees}
    channels = ensure_channels(codes)
    cases: list[Case] = []
    papers: list[PaperItem] = []
    limits: list[Limit] = []
    fees: list[Fee] = []
    for record, edition in zip(records, editions, strict=True):
        found = _Cases(edition)
        papers += _papers(record, edition, found)
        limits += [_limit(one, edition, channels, found) for one in record.limits]
        fees += [
            Fee(
                edition=edition,
                channel=channels[fee.channel],
                free=fee.free,
                text=fee.text,
                amounts=list(fee.amounts),
                note=fee.note,
            )
            for fee in record.fees
        ]
        cases += found.rows
    Case.objects.bulk_create(cases)
    PaperItem.objects.bulk_create(papers, batch_size=2000)
    Limit.objects.bulk_create(limits)
    Fee.objects.bulk_create(fees)


class _Cases:
    """The cases of one edition, each once, in the order they are met."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.rows: list[Case] = []
        self._by_name: dict[str, Case] = {}
        self._keys: set[str] = set()

    def case(self, name: str) -> Case | None:
        """The case called `name`; None for the lines that hold in every case."""
        if not name:
            return None
        if name not in self._by_name:
            key = case_key(name, self._keys)
            row = Case(edition=self.edition, key=key, name=name, position=len(self.rows) + 1)
            self._by_name[name] = row
            self.rows.append(row)
        return self._by_name[name]


def _papers(record: Record, edition: Edition, cases: _Cases) -> list[PaperItem]:
    rows = []
    groups: dict[str, str] = {}
    for position, paper in enumerate(record.papers, start=1):
        heading = read_heading(paper.heading)
        if heading.one_of:
            groups.setdefault(paper.heading, f"one-of-{len(groups) + 1}")
        rows.append(
            PaperItem(
                edition=edition,
                case=cases.case(heading.case),
                kind=heading.kind,
                name=paper.name,
                originals=paper.originals,
                copies=paper.copies,
                template=paper.template,
                group=groups.get(paper.heading, ""),
                position=position,
            )
        )
    return rows


def _limit(
    given: GivenLimit, edition: Edition, channels: dict[str, Channel], cases: _Cases
) -> Limit:
    case = cases.case(given.case)
    return Limit(
        procedure=edition.procedure,
        edition=edition,
        channel=channels[given.channel] if given.channel else None,
        case_key=case.key if case else "",
        limit=given.limit.to_json() if given.limit else None,
        text=given.text,
        flag=given.flag,
        source=edition.decision_no,
    )


def _keep_decisions(earlier: dict[int, int]) -> None:
    """Carry what a person decided into the next edition where the catalogue still says the same."""
    decided: dict[int, list[Limit]] = {}
    for row in Limit.objects.filter(edition__in=earlier.values(), decided_by_person=True):
        decided.setdefault(row.edition_id or 0, []).append(row)
    open_rows = {
        (row.edition_id, row.channel_id, row.case_key, row.text): row
        for row in Limit.objects.filter(edition__in=earlier).exclude(flag="")
    }
    settled = []
    for new, old in earlier.items():
        for past in decided.get(old, []):
            still = open_rows.get((new, past.channel_id, past.case_key, past.text))
            if still is not None:
                still.limit, still.flag, still.source = past.limit, "", past.source
                still.decided_by_person = True
                still.decided_at, still.decided_by_id = past.decided_at, past.decided_by_id
                settled.append(still)
    columns = ["limit", "flag", "source", "decided_by_person", "decided_at", "decided_by"]
    Limit.objects.bulk_update(settled, columns)


def flag_undecided(codes: Sequence[str], report: Report) -> None:
    """Note every procedure of `codes` whose latest edition still waits for a decision."""
    latest = (
        Procedure.objects.filter(code__in=codes)
        .annotate(last=Max("editions__number"))
        .values_list("pk", "last")
    )
    numbers = dict(latest)
    waiting: dict[str, list[Limit]] = {}
    for row in (
        Limit.objects.filter(procedure__in=numbers, edition__isnull=False)
        .exclude(flag="")
        .select_related("procedure", "edition", "channel")
        .order_by("pk")
    ):
        if row.edition is not None and row.edition.number == numbers[row.procedure_id]:
            waiting.setdefault(row.procedure.code, []).append(row)
    for code in codes:
        if code in waiting:
            report.flag(code, "; ".join(_reason(row) for row in waiting[code]))


def _reason(row: Limit) -> str:
    reason = str(FLAGS.get(row.flag, row.flag))
    if row.channel is None:
        return reason
    return gettext("%(channel)s: %(reason)s") % {"channel": row.channel.name, "reason": reason}
