"""Setting what a procedure's edition says of waits: what holds after papers were brought, the terms
for a payment and an opinion, and the law by which a consultation stops the limit. Each by a person,
with its source; what dossiers were received under stays as it was for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from django.db import models, transaction
from django.db.models import Max
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows import permissions
from workflows.actors import Actor, Held
from workflows.catalogue.locking import one_at_a_time
from workflows.models import Case, Edition, Fee, Limit, PaperItem

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Row = TypeVar("Row", bound=models.Model)
log = structlog.get_logger(__name__)

TERMS: Mapping[str, _StrOrPromise] = {
    "after_supplement": _("After papers were brought"),
    "payment_term_days": _("Working days to pay"),
    "opinion_term_days": _("Working days for an opinion"),
    "consultation_stops_by": _("Law by which a consultation stops the limit"),
}
MOST_DAYS = 366
LAW_LENGTH, SOURCE_LENGTH = 300, 500


class NotSet(ValueError):
    """The terms stay as they were; the text says why, `fields` what is wrong with which."""

    def __init__(self, text: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.fields = dict(fields or {})


@transaction.atomic
def set_terms(
    of: Edition | str,
    *,
    after_supplement: str,
    payment_term_days: int | None,
    opinion_term_days: int,
    consultation_stops_by: str,
    source: str,
    by: Actor,
    at: datetime,
) -> Edition:
    """Set the terms of the latest edition, given itself or by its procedure's code, for dossiers
    received from now on; `source` is that of every term which changes.

    No payment term (None): the applicant's time to pay has no end. No law (empty): a consultation
    does not stop the limit. An edition that no dossier was received under changes in place; else a
    next one, the same in all else, comes into force on the day of `at`. Nothing changed: nothing is
    written. Raises: NotSet (no right, no such edition, superseded, malformed, no source).
    """
    post = permissions.post_for(by, "set_terms")
    if post is None:
        raise NotSet(gettext("Only the catalogue manager of the whole city sets these terms."))
    given = {
        "after_supplement": after_supplement,
        "payment_term_days": payment_term_days,
        "opinion_term_days": opinion_term_days,
        "consultation_stops_by": " ".join(consultation_stops_by.split()),
    }
    one_at_a_time()
    edition = _locked(of)
    changed = {name: value for name, value in given.items() if getattr(edition, name) != value}
    _require_sound(given, changed, source)
    if not changed:
        return edition
    if _is_used(edition):
        edition = _next(edition, at)
    for name, value in changed.items():
        setattr(edition, name, value)
    edition.term_sources = edition.term_sources | _told(changed, source, post, at)
    edition.save()
    log.info("terms.set", procedure=edition.procedure.code, edition=edition.number,
             terms=sorted(changed), user=by.user_id, at=at.isoformat())  # fmt: skip
    return edition


def carry_terms(earlier: Mapping[int, int]) -> None:
    """Carry what a person set into editions newly imported; each with the one before it, by id."""
    past = {row.pk: row for row in Edition.objects.filter(pk__in=earlier.values())}
    fresh = Edition.objects.in_bulk([new for new, old in earlier.items() if _terms(past, old)])
    for new, edition in fresh.items():
        before = past[earlier[new]]
        edition.term_sources = before.term_sources
        for name in before.term_sources:
            setattr(edition, name, getattr(before, name))
    Edition.objects.bulk_update(fresh.values(), [*TERMS, "term_sources"])


def latest(code: str) -> Edition | None:
    """The edition of the procedure with this code whose terms can be set."""
    rows = Edition.objects.filter(procedure__code=code).select_related("procedure")
    return rows.order_by("-number").first()


def _terms(past: Mapping[int, Edition], old: int) -> dict[str, Any]:
    return past[old].term_sources if old in past else {}


def _locked(of: Edition | str) -> Edition:
    """The edition, with nobody receiving a dossier under it meanwhile. Raises: NotSet."""
    code = of if isinstance(of, str) else of.procedure.code
    found = latest(code)
    if found is None:
        raise NotSet(gettext("there is no procedure with this code"))
    if isinstance(of, Edition) and of.pk != found.pk:
        raise NotSet(gettext("A later edition of this procedure has taken this one's place."))
    return (
        Edition.objects.select_for_update(of=("self",)).select_related("procedure").get(pk=found.pk)
    )


def _require_sound(given: Mapping[str, Any], changed: Mapping[str, Any], source: str) -> None:
    """Raises: NotSet with all that is wrong."""
    wrong = {}
    if given["after_supplement"] not in Edition.AfterSupplement.values:
        wrong["after_supplement"] = gettext("The limit starts again or goes on, nothing else.")
    days = gettext("A term is a whole number of days, from 1 to %(most)s.") % {"most": MOST_DAYS}
    if given["payment_term_days"] is not None and not _is_term(given["payment_term_days"]):
        wrong["payment_term_days"] = days
    if not _is_term(given["opinion_term_days"]):
        wrong["opinion_term_days"] = days
    too_long = gettext("This is longer than %(most)s characters.")
    if len(given["consultation_stops_by"]) > LAW_LENGTH:
        wrong["consultation_stops_by"] = too_long % {"most": LAW_LENGTH}
    if changed and not source.strip():
        terms = ", ".join(f"“{TERMS[name]}”" for name in changed)
        wrong["source"] = gettext("Name the source of what you changed: %(terms)s.") % {
            "terms": terms
        }
    elif len(" ".join(source.split())) > SOURCE_LENGTH:
        wrong["source"] = too_long % {"most": SOURCE_LENGTH}
    if wrong:
        raise NotSet("\n".join(wrong.values()), wrong)


def _is_term(days: object) -> bool:
    return isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= MOST_DAYS


def _is_used(edition: Edition) -> bool:
    """Whether a dossier holds on to it (they lie in the package above: asked of the database)."""
    return Edition.objects.filter(pk=edition.pk, dossier__isnull=False).exists()


def _told(changed: Mapping[str, Any], source: str, post: Held, at: datetime) -> dict[str, Any]:
    """The source of each changed term, as it is kept."""
    told = {"source": " ".join(source.split()), "post": post.post_id, "at": at.isoformat()}
    return dict.fromkeys(changed, told)


def _next(edition: Edition, at: datetime) -> Edition:
    """The next edition, the same in all but its number and its day; it is kept at once."""
    day = at.astimezone(get_default_timezone()).date()
    numbers = Edition.objects.filter(procedure=edition.procedure_id)
    number = (numbers.aggregate(last=Max("number"))["last"] or 0) + 1
    made = _copy(edition, number=number, in_force_from=max(day, edition.in_force_from))
    made.save()
    of_it = {"edition_id": made.pk}
    cases = {case.pk: _copy(case, **of_it) for case in Case.objects.filter(edition=edition)}
    papers = [_copy(paper, **of_it) for paper in PaperItem.objects.filter(edition=edition)]
    limits = [_copy(limit, **of_it) for limit in Limit.objects.filter(edition=edition)]
    fees = [_copy(fee, **of_it) for fee in Fee.objects.filter(edition=edition)]
    Case.objects.bulk_create(cases.values())
    for paper in papers:
        paper.case = None if paper.case_id is None else cases[paper.case_id]
    PaperItem.objects.bulk_create(papers)
    Limit.objects.bulk_create(limits)
    Fee.objects.bulk_create(fees)
    return made


def _copy(row: Row, **changes: Any) -> Row:
    """A row of the same values but for `changes`, not kept yet."""
    fields = (field.attname for field in row._meta.concrete_fields if not field.primary_key)
    return type(row)(**{name: getattr(row, name) for name in fields} | changes)
