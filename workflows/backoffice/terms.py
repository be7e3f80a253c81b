"""The page on which a catalogue manager sets the terms of a procedure's waits, with the source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from workflows import permissions
from workflows.actors import Actor, actor_for
from workflows.catalogue.terms import (
    LAW_LENGTH,
    MOST_DAYS,
    SOURCE_LENGTH,
    TERMS,
    NotSet,
    latest,
    set_terms,
)
from workflows.models import Edition, Post


class TermsForm(forms.Form):
    """The terms of an edition as they are to be, and the source of what changes."""

    after_supplement = forms.ChoiceField(
        label=TERMS["after_supplement"],
        choices=Edition.AfterSupplement.choices,
        widget=forms.RadioSelect,
    )
    payment_term_days = forms.IntegerField(
        label=TERMS["payment_term_days"],
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("Empty: the dossier waits until the fee is paid."),
    )
    opinion_term_days = forms.IntegerField(
        label=TERMS["opinion_term_days"], min_value=1, max_value=MOST_DAYS
    )
    consultation_stops_by = forms.CharField(
        label=TERMS["consultation_stops_by"],
        required=False,
        max_length=LAW_LENGTH,
        help_text=gettext_lazy("Empty: the limit runs on while an opinion is awaited."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        error_messages={"required": gettext_lazy("Name the source of what you change.")},
        max_length=SOURCE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The act and its article, or the decision with its number."),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """By which source, whom and when a term was set; nothing of one that nobody has set."""

    term: str
    value: str
    source: str = ""
    post: Post | None = None
    at: datetime | None = None


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, code: str) -> HttpResponse:
    """What holds now with its source, and the form; a POST sets the terms."""
    by = _actor(request)
    edition = latest(code)
    if edition is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = TermsForm(data, initial={name: getattr(edition, name) for name in TERMS})
    if data is not None and form.is_valid() and _take(code, form, by):
        messages.success(request, _("The terms of this procedure are set."))
        return redirect("catalogue:terms", code=code)
    context = {"edition": edition, "form": form, "told": _told(edition)}
    return render(request, "catalogue/terms.html", context, status=422 if data else 200)


def _take(code: str, form: TermsForm, by: Actor) -> bool:
    """Whether the terms were set; what is wrong with them stands at its field."""
    try:
        set_terms(code, **form.cleaned_data, by=by, at=timezone.now())
    except NotSet as refused:
        for name, sentence in refused.fields.items():
            form.add_error(name, sentence)
        if not refused.fields:
            form.add_error(None, str(refused))
        return False
    return True


def _told(edition: Edition) -> list[Told]:
    kept = edition.term_sources
    posts = Post.objects.in_bulk([one["post"] for one in kept.values()])
    lines = []
    for name, label in TERMS.items():
        one: dict[str, Any] = kept.get(name, {})
        lines.append(
            Told(
                str(label),
                _value(edition, name),
                one.get("source", ""),
                posts.get(one.get("post", 0)),
                datetime.fromisoformat(one["at"]) if one else None,
            )
        )
    return lines


def _value(edition: Edition, name: str) -> str:
    """The term as words."""
    if name == "after_supplement":
        return edition.get_after_supplement_display()
    value = getattr(edition, name)
    return "" if value is None else str(value)


def _actor(request: HttpRequest) -> Actor:
    """Raises: PermissionDenied."""
    user = request.user
    actor = actor_for(user.pk or 0, str(user), timezone.localdate())
    if not permissions.may(actor, "set_terms"):
        raise PermissionDenied
    return actor
