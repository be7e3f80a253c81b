"""From a paper's values to the bytes of a PDF: PDF/A-2a and PDF/UA-1, the same bytes for the same
paper on every machine. Values reach the template as data; no text of a person is ever source."""

import io
import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import segno
import typst

from dossiers.documents import forms, wording
from dossiers.documents.papers import Paper, Person

TEMPLATES = Path(__file__).parent / "templates"


def typeset(kind: forms.FormKind, paper: Any, *, on: datetime) -> bytes:
    """Print `paper` on the form of `kind` that holds on the day of `on`, the moment of its issue.

    Raises: forms.NoFormInForce; typst.TypstError if the page cannot be made accessible.
    """
    form = forms.in_force(kind, wording.local_moment(on).date())
    inputs = {
        "paper": json.dumps(_plain(paper), ensure_ascii=False),
        "form": json.dumps(_plain(form), ensure_ascii=False),
        "qr": _qr(getattr(paper, "tracking_url", "")),
    }
    document = typst.compile(
        TEMPLATES / form.template,
        root=TEMPLATES,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(on.timestamp()),
    )
    if not isinstance(document, bytes):
        raise TypeError("a form is one PDF")
    return document


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _qr(url: str) -> str:
    """Draw the tracking link as SVG without a margin: the page leaves the quiet zone."""
    if not url:
        return ""
    drawing = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawing, kind="svg", border=0, xmldecl=False, nl=False
    )
    return drawing.getvalue().decode()


def _plain(value: Any) -> Any:
    """Give a paper as JSON values, its days and hours in words."""
    if isinstance(value, str):
        return wording.drawable(value.value if isinstance(value, Enum) else value)
    if isinstance(value, datetime):
        local = wording.local_moment(value)
        return {"hour": wording.hour_words(local), **_plain(local.date())}
    if isinstance(value, date):
        return {
            "day": wording.day_words(value),
            "long": wording.long_day(value),
            "short": f"{value:%d/%m/%Y}",
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)} | _said(
            value
        )
    return value


def _said(value: Any) -> dict[str, str]:
    """Add what a template could not word by itself."""
    if isinstance(value, Person):
        identity = wording.identity_words(value.identity_kind, value.identity_number)
        return {"identity": wording.drawable(identity)}
    if isinstance(value, Paper):
        return {
            "count": wording.count_words(
                originals=value.originals,
                certified_copies=value.certified_copies,
                copies=value.copies,
                electronic=value.electronic,
            )
        }
    return {}
