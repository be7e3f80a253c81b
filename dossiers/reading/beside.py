"""What stands beside a dossier on its page: people, papers, requests, limits, what was said."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from dossiers.models import Breach, ClockRow, Dossier, LimitValue, Reason, Statement, Stop
from dossiers.reading import days_off
from dossiers.reading.together import together
from workflows.models import Post


def lists(dossier: Dossier, main: ClockRow | None) -> dict[str, list[Any]]:
    """The short lists of the page, in one query."""
    said = Statement.objects.filter(breach__dossier=dossier)
    clock = None if main is None else main.pk
    return together(
        dossier.pk,
        parties=dossier.parties.all(),
        papers=dossier.papers.all(),
        supplements=dossier.supplements.all(),
        values=LimitValue.objects.filter(clock=clock),
        stops=Stop.objects.filter(clock=clock),
        days=days_off.rows(main),
        statements=said,
        posts=Post.objects.filter(pk__in=said.values("post")),
        reasons=Reason.objects.filter(pk__in=said.values("reason")),
    )


def threads(beside: dict[str, list[Any]]) -> dict[int, list[Statement]]:
    """What was said under each breach, with who said it."""
    posts = {post.pk: post for post in beside["posts"]}
    reasons = {reason.pk: reason for reason in beside["reasons"]}
    found: dict[int, list[Statement]] = defaultdict(list)
    for statement in beside["statements"]:
        statement.post = posts[statement.post_id]
        statement.reason = reasons.get(statement.reason_id)
        found[statement.breach_id].append(statement)
    return found


def breaches(dossier: Dossier) -> list[Breach]:
    """Every limit of the dossier that passed, with all that the page names of it."""
    rows = dossier.breaches.select_related(
        "agency",
        "unit",
        "held_by_agency",
        "held_by_unit",
        "officer",
        "step_run",
        "reason",
        "clock__calendar__base",
    )
    return list(rows)
