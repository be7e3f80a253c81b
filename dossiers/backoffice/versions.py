"""Pages of a published version that need its dossiers: who is under way on it, moving them to the
version in force, and where time went."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from dossiers import charts
from dossiers.backoffice.access import actor_of, staff
from dossiers.backoffice.version_forms import SELECTED, MoveForm, PeriodForm
from dossiers.backoffice.workplace import WORKFLOW_ROLES
from dossiers.errors import SENTENCES
from dossiers.lifecycle import versions
from dossiers.models import Status
from dossiers.reading import on_version
from dossiers.reading.step_times import StepTime, step_times
from notifications import wording
from workflows import drawing, permissions
from workflows.catalogue import life, shown
from workflows.catalogue.step_words import in_language
from workflows.models import Definition

PAGE_SIZE = 50
MOST_AT_ONCE = 300
"""Dossiers moved by one request, each in a transaction of its own; the rest by the next."""


@staff(*WORKFLOW_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def dossiers(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is under way on this version; a catalogue manager moves them to the one in force."""
    row = _published(pk)
    target = on_version.newer(row)
    form = None if target is None or not _may_move(request) else _form(request, row, target)
    if request.method != "POST":
        return _dossiers_page(request, row, target, form)
    if form is None or target is None:
        raise PermissionDenied
    chosen = request.POST.getlist("chosen")
    if form.is_valid() and form.cleaned_data["which"] == SELECTED and not chosen:
        form.add_error("which", _("No dossier is chosen in the list."))
    if not form.is_valid():
        return _dossiers_page(request, row, target, form, status=422)
    ids = _ids(row, form, chosen)
    if "confirmed" not in request.POST:
        told = versions.preview(ids, target.graph(), form.mapping(), at=timezone.now())
        return _dossiers_page(request, row, target, form, preview=told)
    return _move(request, row, target, form, ids)


@staff(*WORKFLOW_ROLES)
@require_GET
def times(request: HttpRequest, pk: int) -> HttpResponse:
    """Where time went in a period: drawn, and in a table beside."""
    row = _published(pk)
    form = PeriodForm.of(request.GET, timezone.localdate())
    context: dict[str, Any] = {"row": row, "form": form, "tab": "times", "may_edit": False}
    if form.is_valid():
        found = step_times(row, form.cleaned_data["since"], form.cleaned_data["until"])
        parsed = row.graph()
        lines = [(in_language(parsed.step(one.key)), one, _heat(one)) for one in found]
        context |= {
            "lines": lines,
            "passages": sum(one.passages for one in found),
            "svg": _heat_picture(row, found),
            "chart": _chart(lines),
            "heats": list(enumerate(drawing.HEATS)),
        }
    return render(request, "backoffice/definition_times.html", context)


def _dossiers_page(
    request: HttpRequest,
    row: Definition,
    target: Definition | None,
    form: MoveForm | None,
    *,
    preview: versions.Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    step = request.GET.get("step", "").replace("\x00", "")
    parsed = row.graph()
    names = {one.key: in_language(one) for one in parsed.steps}
    page = Paginator(on_version.under_way(row.pk, step=step), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    standing = on_version.standing(row.pk)
    counts = on_version.counts(row.procedure_id or 0)
    of_it = Definition.objects.filter(procedure=row.procedure_id).defer("body").order_by("-version")
    context = {
        "row": row,
        "target": target,
        "form": form,
        "preview": preview,
        "faults": _faults(preview, names),
        "step": step,
        "page": page,
        "lines": [
            (one, Status(one.status), names.get(key, key) or "–")
            for one, key in on_version.with_step(page)
        ],
        "standing": [(key, names.get(key, key), count) for key, count in standing.items()],
        "versions": [(one, counts.get(one.pk, 0)) for one in of_it if not one.is_open],
        "chosen": request.POST.getlist("chosen"),
        "most": MOST_AT_ONCE,
        "tab": "dossiers",
        "may_edit": False,
    }
    return render(request, "backoffice/definition_dossiers.html", context, status=status)


def _move(
    request: HttpRequest, row: Definition, target: Definition, form: MoveForm, ids: list[int]
) -> HttpResponse:
    at, by, mapping = timezone.now(), actor_of(request), form.mapping()
    result = versions.move_all(
        ids,
        definition=target.pk,
        mapping=mapping,
        reason=form.cleaned_data["reason"],
        by=by,
        at=at,
    )
    post = permissions.post_for(by, life.RIGHT)
    facts = {
        "from_version": row.version,
        "moved": len(result.moved),
        "refused": len(result.refused),
        "timers_before": result.timers_before,
        "timers_after": result.timers_after,
        "timers_changed": result.timers_changed,
        "mapping": mapping,
    }
    post_id = None if post is None else post.post_id
    life.note_moved(target.pk, facts=facts, post_id=post_id, at=at)
    said = _("Moved: %(moved)s. Timers that wait for them: %(before)s before, %(after)s after.")
    counts = {
        "moved": len(result.moved),
        "before": result.timers_before,
        "after": result.timers_after,
    }
    (messages.success if result.moved else messages.warning)(request, said % counts)
    for code, refusal in result.refused[:20]:
        messages.warning(request, f"{code}: {refusal.sentence}")
    return redirect("backoffice:definition-dossiers", pk=row.pk)


def _form(request: HttpRequest, row: Definition, target: Definition) -> MoveForm:
    before, after = row.graph(), target.graph()
    return MoveForm(
        request.POST if request.method == "POST" else None,
        before=before,
        after=after,
        suggested=versions.suggested(before, after),
        standing=on_version.standing(row.pk),
    )


def _ids(row: Definition, form: MoveForm, chosen: list[str]) -> list[int]:
    rows = on_version.under_way(row.pk)
    if form.cleaned_data["which"] == SELECTED:
        rows = rows.filter(code__in=[code for code in chosen if "\x00" not in code])
    return list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE])


def _faults(preview: versions.Preview | None, names: dict[str, str]) -> list[str]:
    """What does not fit, a sentence for each step."""
    if preview is None:
        return []
    return [
        f"{names.get(key, key)}: " + str(SENTENCES[code]) % {"step": names.get(key, key)}
        for key, code in preview.faults.items()
    ]


def _may_move(request: HttpRequest) -> bool:
    return permissions.may(actor_of(request), life.RIGHT)


def _published(pk: int) -> Definition:
    """The version, published or retired. Raises: Http404."""
    found = Definition.objects.select_related("procedure").filter(pk=pk).first()
    if found is None or found.is_open:
        raise Http404
    return found


def _heat(one: StepTime) -> str:
    return "" if one.heat is None else str(drawing.HEATS[one.heat])


def _heat_picture(row: Definition, found: list[StepTime]) -> str:
    names = shown.names_for(row)
    title = "" if row.procedure is None else row.procedure.name
    picture = drawing.picture_of(
        row.graph(),
        title=_("Where time goes: %(name)s, version %(version)s")
        % {"name": title, "version": row.version},
        language=get_language() or "vi",
        lane=names.lane,
        passages={
            one.key: drawing.Passage(drawing.State.PLAIN, _used(one), one.heat, _share(one))
            for one in found
        },
        ident="heat",
    )
    return mark_safe(drawing.draw(picture))  # noqa: S308 (the drawing escapes what it is given)


def _share(one: StepTime) -> str:
    return "" if one.share is None else wording.duration(one.share).replace(wording.NBSP, " ")


def _used(one: StepTime) -> str:
    if one.median is None or one.ninth_decile is None:
        return ""
    half = _("half within %(time)s") % {"time": wording.duration(one.median)}
    nine = _("9 of 10: %(time)s") % {"time": wording.duration(one.ninth_decile)}
    # Where a box is narrow, a time may be parted between its pieces.
    return f"{half}\n{nine}".replace(wording.NBSP, " ")


def _chart(lines: list[tuple[str, StepTime, str]]) -> str:
    """The same as bars; empty where nothing was done."""
    taken = [
        charts.Taken(
            name,
            one.median.total_seconds() / 3600,
            one.ninth_decile.total_seconds() / 3600,
            None if one.share is None else one.share.total_seconds() / 3600,
        )
        for name, one, _words in lines
        if one.median is not None and one.ninth_decile is not None
    ]
    if not taken:
        return ""
    caption = charts.Caption(
        _("Working hours that each step took"),
        _("Bar: half of the passages; whisker: nine of ten; stroke: the share."),
    )
    drawn = charts.both(
        lambda width: charts.time_taken(taken, caption=caption, written=_hours, width=width)
    )
    return mark_safe(drawn)  # noqa: S308 (the chart escapes what it is given)


def _hours(value: float) -> str:
    return wording.number(value, 1)
