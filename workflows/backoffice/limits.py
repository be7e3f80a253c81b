"""The page on which a catalogue manager settles the limits that the catalogue leaves open."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from workflows import permissions
from workflows.actors import Held, actor_for
from workflows.backoffice.forms import LimitForm
from workflows.catalogue.limits import Undecidable, decide_alone
from workflows.catalogue.open_limits import DECIDED, WAITING, OpenLimit, described, limits

PAGE_SIZE = 8


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def work_list(request: HttpRequest) -> HttpResponse:
    """The limits that wait, a form each; a POST decides the one it names."""
    by = _checked(request)
    state = DECIDED if request.GET.get("show") == DECIDED else WAITING
    text = request.GET.get("q", "").strip()
    page = Paginator(limits(state, text), PAGE_SIZE).get_page(request.GET.get("page"))
    shown = described(list(page.object_list))
    wrong = None
    if request.method == "POST":
        chosen = next((one for one in shown if str(one.row.pk) == request.POST.get("limit")), None)
        if chosen is None:
            return _gone(request, _address(state, text, page.number))
        wrong = LimitForm.of(chosen, request.POST)
        if _take(wrong, chosen, by, timezone.now()):
            said = _("Decided: %(name)s.") % {"name": chosen.row.procedure.name}
            messages.success(request, said)
            return redirect(_address(state, text, page.number))
    forms = {form.prefix: form for form in [wrong] if form is not None}
    lines = [(one, forms.get(f"limit-{one.row.pk}") or LimitForm.of(one)) for one in shown]
    context = {
        "page": page,
        "lines": lines,
        "q": text,
        "show": state,
        "waiting": limits(WAITING).count(),
        "decided": limits(DECIDED).count(),
        "form": wrong,
    }
    return render(request, "catalogue/limits.html", context, status=422 if wrong else 200)


def _checked(request: HttpRequest) -> Held:
    """The post by which the person decides. Raises: PermissionDenied."""
    user = request.user
    actor = actor_for(user.pk or 0, str(user), timezone.localdate())
    post = permissions.post_for(actor, "decide_limits")
    if post is None:
        raise PermissionDenied
    return post


def _take(form: LimitForm, chosen: OpenLimit, by: Held, at: datetime) -> bool:
    """Whether the decision was taken; what is wrong with it stands at its field."""
    if not form.is_valid():
        return False
    try:
        decide_alone(form.decision(chosen), by=by, at=at)
    except Undecidable as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True


def _gone(request: HttpRequest, address: str) -> HttpResponse:
    """Somebody else decided it meanwhile, so that it is no longer on this page."""
    messages.warning(request, _("This limit was decided meanwhile. Look at the list again."))
    return redirect(address)


def _address(state: str, text: str, page: int) -> str:
    given = {"show": state if state == DECIDED else "", "q": text, "page": page if page > 1 else ""}
    query = urlencode({name: value for name, value in given.items() if value})
    return reverse("catalogue:limits") + (f"?{query}" if query else "")
