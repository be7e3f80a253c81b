"""Answers to whoever could not be served: problem+json (RFC 9457), the only place that knows which
refusal is which HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from dossiers.errors import Conflict, Invalid, Missing, NotAllowed, NotNow, Refusal

PROBLEM = "application/problem+json"
TYPE = "urn:onestop:problem:"

STATUSES: dict[type[Refusal], int] = {
    NotAllowed: status.HTTP_403_FORBIDDEN,
    Missing: status.HTTP_404_NOT_FOUND,
    NotNow: status.HTTP_409_CONFLICT,
    Conflict: status.HTTP_409_CONFLICT,
    Invalid: status.HTTP_422_UNPROCESSABLE_ENTITY,
}
TITLES: dict[int, Promise] = {
    400: _("The request cannot be read"),
    401: _("Log in first"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("This is not done here"),
    406: _("Not in this form"),
    409: _("Not possible now"),
    415: _("Not in this form"),
    422: _("Something given is wrong"),
    429: _("Too many attempts"),
}


def answer_problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn a refusal, or an error of the framework, into a problem; None for a fault of ours."""
    if isinstance(error, Refusal):
        number = next(number for kind, number in STATUSES.items() if isinstance(error, kind))
        facts = {key: _plain(value) for key, value in error.facts.items()}
        return _problem(number, error.code, error.sentence, error.field_sentences(), facts)
    response = exception_handler(error, dict(context))
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        number, fields = status.HTTP_422_UNPROCESSABLE_ENTITY, _flat(error.detail)
        detail = str(_("Something given is wrong")) if fields else ""
        return _problem(number, "invalid", detail, fields, {})
    code, detail = _said_by_the_framework(error)
    problem = _problem(response.status_code, code, detail, {}, {})
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if name in response:
            problem[name] = response[name]
    return problem


def _problem(
    number: int, code: str, detail: str, fields: Mapping[str, Any], facts: Mapping[str, Any]
) -> Response:
    body = {
        "type": TYPE + code,
        "title": str(TITLES.get(number, "")),
        "status": number,
        "code": code,
        "detail": detail,
        "fields": fields,
        "facts": facts,
    }
    return Response(body, status=number, content_type=PROBLEM)


def _said_by_the_framework(error: Exception) -> tuple[str, str]:
    if isinstance(error, Http404):
        return "not_found", str(exceptions.NotFound.default_detail)
    if isinstance(error, PermissionDenied):
        return "permission_denied", str(exceptions.PermissionDenied.default_detail)
    codes = error.get_codes() if isinstance(error, exceptions.APIException) else "error"
    detail = error.detail if isinstance(error, exceptions.APIException) else ""
    return str(codes), str(detail)


def _flat(detail: Any, name: str = "") -> dict[str, str]:
    """Sentences by the dotted name of their field: `parties.0.name`."""
    if isinstance(detail, dict):
        pairs = [(f"{name}.{key}" if name else str(key), value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(one, dict | list) for one in detail):
        pairs = [(f"{name}.{place}", value) for place, value in enumerate(detail)]
    elif isinstance(detail, list):
        return {name: " ".join(str(one) for one in detail)} if detail else {}
    else:
        return {name: str(detail)}
    return {key: text for field, value in pairs for key, text in _flat(value, field).items()}


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | bool | None) else str(value)
