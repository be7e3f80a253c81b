"""The pages of workflow definitions: the list, one definition, its acts, files in and out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from workflows import editing, permissions
from workflows.backoffice.access import definition_of, manager, may_edit, reader, sitter
from workflows.backoffice.definition_forms import AttachForm, PublishForm, UploadForm
from workflows.catalogue import act_words, definition_list, drafts, exporting, life, shown
from workflows.catalogue.definition_list import ALL, DRAFTS, LOOSE
from workflows.catalogue.definitions import Unpublishable
from workflows.catalogue.drafts import Taken
from workflows.catalogue.faults import sentence
from workflows.catalogue.refusals import Refused
from workflows.interchange import reading
from workflows.models import Definition, Procedure

PAGE_SIZE = 20


@reader
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Procedures with their versions, or the drafts that belong to no procedure yet."""
    show = request.GET.get("show", ALL)
    show = show if show in (ALL, DRAFTS, LOOSE) else ALL
    text = request.GET.get("q", "").replace("\x00", "").strip()
    today = timezone.localdate()
    number = request.GET.get("page")
    context: dict[str, Any]
    if show == LOOSE:
        drafts_page = Paginator(definition_list.loose(text), PAGE_SIZE).get_page(number)
        context = {"page": drafts_page, "loose": definition_list.lines(list(drafts_page))}
    else:
        page = Paginator(definition_list.procedures(show, text), PAGE_SIZE).get_page(number)
        context = {"page": page, "entries": definition_list.entries(list(page), today)}
    context |= {
        "show": show,
        "q": text,
        "counts": {
            ALL: definition_list.procedures(ALL).count(),
            DRAFTS: definition_list.procedures(DRAFTS).count(),
            LOOSE: definition_list.loose().count(),
        },
        "may_edit": may_edit(sitter(request)),
    }
    return render(request, "catalogue/definitions.html", context)


@reader
@require_GET
def definition(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: drawing, steps, the checker's findings, shares, acts, other versions."""
    return page_of(request, definition_of(pk))


def page_of(
    request: HttpRequest, row: Definition, form: AttachForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of a definition; with `form` where attaching it went wrong."""
    versions = Definition.objects.filter(procedure=row.procedure_id or 0).defer("body")
    context = {
        "row": row,
        "shown": shown.shown(row, timezone.localdate()),
        "acts": [
            (act, act_words.detail(act))
            for act in row.acts.select_related("post").order_by("-pk")[:30]
        ],
        "versions": versions.order_by("-version"),
        "may_edit": may_edit(sitter(request)),
        "attach": form or AttachForm(),
        "forms": list(exporting.TYPES),
        "tab": "page",
    }
    return render(request, "catalogue/definition.html", context, status=status)


@reader
@require_GET
def export(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The definition as a file."""
    if form not in exporting.TYPES:
        raise Http404
    row = definition_of(pk)
    response = HttpResponse(exporting.written(row, form), exporting.TYPES[form])
    name = f"{row.procedure.code if row.procedure else row.pk}-v{row.version}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@manager
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft that begins as this version."""
    row = definition_of(pk)
    at = timezone.now()
    made = life.draft(row.procedure, row.body, source=row.source, by=sitter(request), at=at)
    messages.success(request, _("A draft has been begun. Nothing is in force before you publish."))
    return redirect("catalogue:definition-edit", pk=made.pk)


@manager
@require_POST
def begin_new(request: HttpRequest) -> HttpResponse:
    """A new draft for a procedure that has no definition yet."""
    code = request.POST.get("procedure", "").replace("\x00", "").strip()
    procedure = Procedure.objects.filter(code=code).first()
    if procedure is None:
        messages.error(request, Refused("no_such_procedure", procedure=code).sentence)
        return redirect("catalogue:definitions")
    body = editing.new_body()
    made = life.draft(procedure, body, by=sitter(request), at=timezone.now())
    return redirect("catalogue:definition-edit", pk=made.pk)


@manager
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a draft judged; what was found stands on its page."""
    try:
        found = life.check(
            pk, seen=request.POST.get("seen", ""), by=sitter(request), at=timezone.now()
        )
    except Refused as refused:
        return _refused(request, pk, refused)
    if any(fault.blocks for fault in found):
        messages.warning(request, _("Faults hinder publishing. They stand with their steps below."))
    else:
        messages.success(request, _("Checked: it can be published."))
    return redirect("catalogue:definition", pk=pk)


@manager
@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an unattached draft to a procedure."""
    form = AttachForm(request.POST)
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            life.attach(pk, code, by=sitter(request), at=timezone.now())
        except Refused as refused:
            form.add_error("code", refused.sentence)
        else:
            return redirect("catalogue:definition", pk=pk)
    return page_of(request, definition_of(pk), form, 422)


@manager
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that throwing a draft away is for good, and do it."""
    if request.method == "GET":
        return render(request, "catalogue/definition_discard.html", {"row": definition_of(pk)})
    try:
        life.discard(pk, by=sitter(request))
    except Refused as refused:
        return _refused(request, pk, refused)
    messages.success(request, _("The draft has been thrown away."))
    return redirect("catalogue:definitions")


@manager
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what publishing will do, and do it: at once or on a day."""
    row = definition_of(pk)
    form = PublishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            on = form.cleaned_data["on"]
            life.publish_checked(pk, on=on, by=sitter(request), at=timezone.now())
        except Refused as refused:
            form.add_error("on" if refused.code == "day_has_passed" else None, refused.sentence)
        except Unpublishable as refused:
            for fault in refused.faults:
                form.add_error(None, f"{fault.step}: {sentence(fault)}".removeprefix(": "))
        else:
            return redirect("catalogue:definition", pk=pk)
    in_force = Definition.objects.filter(
        procedure=row.procedure_id, state=Definition.State.PUBLISHED
    ).first()
    context = {"row": row, "form": form, "in_force": in_force, "today": timezone.localdate()}
    status = 422 if request.method == "POST" else 200
    return render(request, "catalogue/definition_publish.html", context, status=status)


@manager
@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what retiring without a successor will do, and do it."""
    row = definition_of(pk)
    if request.method == "POST":
        try:
            life.retire(pk, by=sitter(request), at=timezone.now())
        except Refused as refused:
            return _refused(request, pk, refused)
        return redirect("catalogue:definition", pk=pk)
    return render(request, "catalogue/definition_retire.html", {"row": row})


@manager
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Bring in definitions from a file: what was taken, what was not, and every fault."""
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        context["taken"] = _take(request, form, timezone.now())
        context["dry_run"] = form.cleaned_data["dry_run"]
    status = 422 if request.method == "POST" and "taken" not in context else 200
    return render(request, "catalogue/definition_upload.html", context, status=status)


def _take(request: HttpRequest, form: UploadForm, at: datetime) -> list[tuple[Taken, object]]:
    file = form.cleaned_data["file"]
    post = permissions.post_for(sitter(request), life.RIGHT)
    agencies = drafts.agency_codes()
    name = file.name.rsplit(".", 1)[0]
    found = reading.read(file.read(), name=name, agencies=agencies)
    taken = [
        drafts.take(
            one,
            dry_run=form.cleaned_data["dry_run"],
            post_id=None if post is None else post.post_id,
            at=at,
        )
        for one in found
    ]
    return [(one, one.as_data(file.name)) for one in taken]


def _refused(request: HttpRequest, pk: int, refused: Refused) -> HttpResponse:
    messages.error(request, refused.sentence)
    get_object_or_404(Definition, pk=pk)
    return redirect("catalogue:definition", pk=pk)
