"""The look of what a dossier's status and the time left are: shape, tone and words for each.

Words are chosen here by stored identifiers alone, so that any template may name a status without
importing the models that hold it.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Badge:
    """A pill: shape, tone, short word; `full` is its accessible name."""

    icon: str
    tone: str
    short: str | Promise
    full: str | Promise


def _status(icon: str, tone: str, short: Promise, full: Promise | None = None) -> Badge:
    return Badge(icon, tone, short, full or short)


STATUSES = {
    "submitted": _status("ring", "", pgettext_lazy("dossier status", "Submitted")),
    "received": _status("run", "brand", pgettext_lazy("dossier status", "Received")),
    "not_accepted": _status(
        "cross",
        "",
        pgettext_lazy("dossier status", "Not accepted"),
        pgettext_lazy("dossier status, national name", "Not accepted for processing"),
    ),
    "processing": _status("run", "brand", pgettext_lazy("dossier status", "Processing")),
    "supplement_requested": _status(
        "bars",
        "stop",
        pgettext_lazy("dossier status", "Supplement requested"),
        pgettext_lazy("dossier status, national name", "Supplementary papers requested"),
    ),
    "payment_requested": _status(
        "bars",
        "stop",
        pgettext_lazy("dossier status", "Fee awaited"),
        pgettext_lazy("dossier status, national name", "Financial obligation requested"),
    ),
    "withdrawn": _status(
        "stroke",
        "",
        pgettext_lazy("dossier status", "Withdrawn"),
        pgettext_lazy("dossier status, national name", "Withdrawn at the citizen's request"),
    ),
    "discontinued": _status("stroke", "", pgettext_lazy("dossier status", "Discontinued")),
    "concluded": _status("tick", "ok", pgettext_lazy("dossier status", "Concluded")),
    "returned": _status("tick", "ok", pgettext_lazy("dossier status", "Result returned")),
}

MARK_ICONS = {
    "late": "diamond",
    "soon": "half",
    "ok": "tick",
    "stop": "bars",
    "brand": "run",
    "apology": "note",
    "info": "info",
    "": "stroke",
}

TIME_ICONS = {
    "ample": "ring",
    "short": "half",
    "today": "three-quarters",
    "late": "diamond",
    "stopped": "bars",
    "ended_early": "tick",
    "ended_on_time": "tick",
    "ended_late": "diamond",
    "none": "stroke",
}
