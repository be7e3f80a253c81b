"""How the firing of timers stands: what is due, what was set aside, whether flags are late.

A flag that is late changes no figure: every reading counts a limit that passed from the moment it
passed (docs/figures.md). What is said here is for the people who wait for flag and message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from dossiers.models import Dossier, Timer
from workflows.actors import Actor

# Beat knocks every ten seconds; what is due for longer than this, nobody is firing.
LATE_AFTER = timedelta(minutes=1)
SHOWN = 20
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class KindStatus:
    """The timers of one kind: due and not fired, still to come, set aside."""

    kind: str
    due: int
    to_come: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class Aside:
    """One timer that could not fire."""

    pk: int
    kind: str
    code: str
    fires_at: datetime
    set_aside_at: datetime
    fault: str


@dataclass(frozen=True, slots=True)
class Status:
    """How the firing stands at a moment."""

    at: datetime
    kinds: tuple[KindStatus, ...]
    oldest_due_at: datetime | None
    aside: tuple[Aside, ...]

    @property
    def due(self) -> int:
        return sum(kind.due for kind in self.kinds)

    @property
    def to_come(self) -> int:
        return sum(kind.to_come for kind in self.kinds)

    @property
    def set_aside(self) -> int:
        return sum(kind.set_aside for kind in self.kinds)

    @property
    def lag(self) -> timedelta:
        """For how long the oldest due timer has waited."""
        return timedelta(0) if self.oldest_due_at is None else self.at - self.oldest_due_at


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a supervisor's board says of it: flags late since a moment, timers set aside."""

    late_since: datetime | None
    set_aside: int
    codes: tuple[str, ...]


def status(at: datetime) -> Status:
    """How the firing stands at `at`, by kind, with the first of those set aside."""
    due, aside = due_by_kind(at), set_aside_by_kind()
    to_come = _by_kind(Timer.objects.filter(set_aside_at=None, fires_at__gte=at))
    return Status(
        at=at,
        kinds=tuple(
            KindStatus(kind, due.get(kind, 0), to_come.get(kind, 0), aside.get(kind, 0))
            for kind in sorted(due.keys() | aside.keys() | to_come.keys())
        ),
        oldest_due_at=oldest_due(at),
        aside=_aside(),
    )


def due_by_kind(at: datetime) -> dict[str, int]:
    """How many timers are due and have not fired; cost follows their number."""
    return _by_kind(Timer.objects.filter(set_aside_at=None, fires_at__lt=at))


def set_aside_by_kind() -> dict[str, int]:
    """How many timers are set aside; cost follows their number."""
    return _by_kind(Timer.objects.exclude(set_aside_at=None))


def oldest_due(at: datetime) -> datetime | None:
    """The moment of the oldest timer that is due and has not fired; None if there is none."""
    due = Timer.objects.filter(set_aside_at=None, fires_at__lt=at)
    return due.order_by("fires_at", "pk").values_list("fires_at", flat=True).first()


def alarm(actor: Actor, at: datetime) -> Alarm | None:
    """What the board of this person must say of the firing, in one query; None while all is well.

    That flags are late is everybody's matter; what was set aside, that of whose reach it lies in.
    """
    columns = ("fires_at", "set_aside_at", "dossier__code", "dossier__ref")
    oldest = Timer.objects.filter(set_aside_at=None, fires_at__lt=at - LATE_AFTER)
    visible = Dossier.objects.visible_to(actor).values("pk")
    aside = Timer.objects.exclude(set_aside_at=None).filter(dossier__in=visible)
    found = (
        oldest.order_by("fires_at", "pk")
        .values_list(*columns)[:1]
        .union(aside.order_by("set_aside_at", "pk").values_list(*columns)[:COUNTED], all=True)
    )
    late_since, handles = None, []
    for fires_at, set_aside_at, code, ref in found:
        if set_aside_at is None:
            late_since = fires_at
        else:
            handles.append(Dossier(code=code, ref=ref).handle)
    if late_since is None and not handles:
        return None
    return Alarm(late_since, len(handles), tuple(dict.fromkeys(handles))[:SHOWN])


def _by_kind(timers: QuerySet[Timer]) -> dict[str, int]:
    return dict(timers.order_by().values_list("kind").annotate(Count("pk")))


def _aside() -> tuple[Aside, ...]:
    return tuple(
        Aside(
            timer.pk,
            timer.kind,
            timer.dossier.handle,
            timer.fires_at,
            timer.set_aside_at,
            timer.fault,
        )
        for timer in _with_dossiers(Timer.objects.exclude(set_aside_at=None))
        if timer.set_aside_at is not None
    )


def _with_dossiers(aside: QuerySet[Timer]) -> QuerySet[Timer]:
    return aside.select_related("dossier").order_by("set_aside_at", "pk")[:SHOWN]
