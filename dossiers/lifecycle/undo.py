"""Taking an act back: an event that points at the one it undoes, and everything as if it had not
been. How each kind of act is put back is in `_undoing`.

Allowed while nobody acted on it, nothing was numbered and nothing was sent. What it had posted
counts as never posted from the moment of the act; a limit that passed meanwhile is breached at that
limit, by its timer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import pgettext_lazy

from dossiers.errors import Conflict, NotAllowed, NotNow
from dossiers.lifecycle import _time, _undoing, _write, settling
from dossiers.lifecycle._work import Work
from dossiers.lifecycle.registry import command
from dossiers.models import Breach, Dossier, Entry, Event, EventKind, PublishedMonth
from dossiers.statistics import posting
from notifications import outbox
from workflows.actors import Actor

UNDONE = "undone"
"""Why a breach was annulled that fell between an act and its undo: it comes again if it is true."""


@command("undo", pgettext_lazy("act", "Take back"))
def undo(
    dossier_id: int, *, event: int | None = None, reason: str = "", by: Actor, at: datetime
) -> Dossier:
    """Take the last act on the dossier back, as who did it. `event` is its number as it was seen:
    pressed twice, it is taken back once, and the act before it is not taken back unseen.

    Raises: NotNow (nothing to undo, acted upon since, told, in a published month, of a kind that
    cannot be undone), NotAllowed (another's act), Conflict (undone already).
    """
    work = _write.lock(dossier_id, "undo", by=by, at=at)
    history = _history(work)
    act = _target(history, event)
    _require_own(work, act)
    if PublishedMonth.objects.filter(month=_time.local_date(act.at).replace(day=1)).exists():
        raise NotNow("published_month")
    _withdraw_messages(work, act)
    _annul_since(work, act)
    _undoing.put_back(work, act)
    if act.from_status:
        work.dossier.status_undone(act.from_status)
    taken = work.event(
        EventKind.UNDONE, {"kind": act.kind, "event": act.n}, note=reason.strip(), undoes=act.n
    )
    for entry in Entry.objects.filter(dossier=work.dossier, event_n=act.n):
        work.post_entry(posting.negated(entry, work.recorded_at, taken.n))
    return _write.write(work)


def last_act(history: Iterable[Event]) -> Event | None:
    """The last act that stands: what time alone caused, and what was taken back, are passed by."""
    events = list(history)
    gone = {event.undoes for event in events if event.undoes is not None}
    acts = [event for event in events if event.n not in gone and not _passed_by(event)]
    return max(acts, key=lambda event: event.n, default=None)


def may_undo(history: Iterable[Event], by: Actor) -> Event | None:
    """The act that the page offers this person to take back, if there is one."""
    act = last_act(history)
    own = {held.post_id for held in by.posts}
    if act is None or act.kind not in _undoing.KINDS or act.post_id not in own:
        return None
    return act


def _passed_by(event: Event) -> bool:
    """Whether an undo looks past this event: it is no act of a person that could stand."""
    if event.kind == EventKind.BREACH_ANNULLED:
        return event.facts.get("because") in (UNDONE, "late_entry")
    return event.kind in (EventKind.BREACHED, EventKind.UNDONE, EventKind.RECALENDARED)


def _history(work: Work) -> list[Event]:
    """What happened so far, what this very command settled included."""
    settled = [row for row in work.changes.added if isinstance(row, Event)]
    return [*Event.objects.filter(dossier=work.dossier), *settled]


def _target(history: Sequence[Event], seen: int | None) -> Event:
    act = last_act(history)
    if act is None:
        raise NotNow("nothing_to_undo")
    if seen is not None and act.n != seen:
        if any(event.undoes == seen for event in history):
            raise Conflict("changed_meanwhile")
        raise NotNow("acted_upon")
    if act.kind not in _undoing.KINDS:
        raise NotNow("cannot_be_undone", act=act.get_kind_display())
    return act


def _require_own(work: Work, act: Event) -> None:
    """Nobody takes back for another."""
    held = next((held for held in work.by.posts if held.post_id == act.post_id), None)
    if held is None:
        raise NotAllowed("not_ones_own_act")
    work.held = held


def _withdraw_messages(work: Work, act: Event) -> None:
    """Take back what has not left; one that has left keeps the act standing."""
    keys = outbox.keys_of(work.dossier.handle, f"{work.dossier.ref}/{act.n}/")
    outbox.withdraw(keys, at=work.recorded_at)
    if outbox.left(keys, at=work.recorded_at):
        raise NotNow("already_told")


def _annul_since(work: Work, act: Event) -> None:
    """What time has caused since, it caused on another state of things: what is still true comes
    again at its own moment, by the timer that is set again."""
    since = Breach.objects.filter(dossier=work.dossier, annulled_at=None, event_n__gt=act.n)
    unwritten = [row for row in work.changes.added if isinstance(row, Breach)]
    for breach in [*since, *unwritten]:
        settling.annul(work, breach, UNDONE)
