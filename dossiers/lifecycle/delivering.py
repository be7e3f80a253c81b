"""Seeing a signed letter of apology to the applicant.

It is made when it arrived or every channel was tried. One that could not be delivered is work of
the counter, which calls, prints, hands over, and notes it.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dossiers.errors import Invalid, Missing, NotNow
from dossiers.lifecycle import _telling, _write
from dossiers.lifecycle._letters import key_of, post_made
from dossiers.lifecycle._work import Work, load, works
from dossiers.lifecycle.registry import command, writing
from dossiers.models import Apology, EventKind
from notifications import settling as outbox_settling
from notifications.topics import DELIVERED
from workflows.actors import TIME, Actor

ARRIVED = (Apology.Handed.IN_PERSON, Apology.Handed.BY_PHONE, Apology.Handed.BY_POST)


@command("hand_over_apology", _("Hand over the apology"))
def hand_over_apology(apology_id: int, *, how: str, note: str, by: Actor, at: datetime) -> Apology:
    """The counter saw to a letter that could not be delivered: handed it over, read it out, sent it
    by post, or kept it, as nobody could be reached. With it the apology is made.

    Raises: Missing, Invalid (way, note), NotNow (delivered, or seen to already).
    """
    dossier_id = Apology.objects.filter(pk=apology_id).values_list("dossier_id", flat=True).first()
    if dossier_id is None:
        raise Missing("no_letter")
    _check(how, note)
    work = _write.lock(dossier_id, "hand_over_apology", by=by, at=at)
    letter = Apology.objects.select_related("reason").get(pk=apology_id)
    if letter.state != Apology.State.UNDELIVERABLE or letter.handed_at is not None:
        raise NotNow("not_to_hand_over")
    letter.handed_at, letter.handed_how = work.at, how
    letter.handed_by_id = None if work.held is None else work.held.post_id
    was_made = letter.settled_at is not None
    letter.settled_at = letter.settled_at or work.at
    if how in ARRIVED:
        letter.state = Apology.State.DELIVERED
    work.changes.change(letter, "handed_at", "handed_how", "handed_by", "settled_at", "state")
    work.event(EventKind.APOLOGY_HANDED, {"number": letter.number, "how": how}, note=note.strip())
    if not was_made:
        post_made(work, letter)
    _write.write(work)
    if how in ARRIVED:
        # The outbox keeps the same record; it asks its owner again, who has settled it by now.
        outbox_settling.deliver_by_hand(key_of(work, letter), detail=str(how), at=work.at)
    return letter


def apology_settled(apology_id: int, arrived: bool, at: datetime, *, tried: bool = True) -> None:
    """The letter arrived, or every channel was tried: the apology is made. Not `tried` where no
    channel reaches the applicant: then it is made when the counter has seen to it.

    Called by the outbox in the transaction that records the delivery.
    """
    letter = Apology.objects.filter(pk=apology_id).first()
    if letter is None or letter.state == Apology.State.ANNULLED or letter.handed_at is not None:
        return
    wanted = Apology.State.DELIVERED if arrived else Apology.State.UNDELIVERABLE
    if letter.state == wanted:
        return
    with writing("apology_settled"):
        (work,) = works(load([letter.dossier_id]), at=at, recorded_at=at, by=TIME)
        _settle(work, letter, arrived=arrived, tried=tried)
        _write.write(work)


def hand_over_settled(key: str, outcome: str, at: datetime) -> None:
    """The outbox's word on a letter's message (its key names the letter)."""
    apology_id = int(key.rsplit("/", 1)[-1])
    arrived = outcome == DELIVERED
    apology_settled(apology_id, arrived, at, tried=arrived or outbox_settling.reached_by_any(key))


def send(work: Work, letter: Apology) -> None:
    """Send the letter by the applicant's channel; where nobody can be reached it is the counter's
    work from this moment, and made when the counter has seen to it."""
    before = len(work.messages)
    _telling.citizen(
        work,
        "apology",
        apology=letter.pk,
        new_promise_at=letter.new_promise_at,
        closing=str(letter.closing),
        reason=letter.reason.name,
    )
    if len(work.messages) == before:
        _settle(work, letter, arrived=False, tried=False)
    else:
        work.messages[-1].key = key_of(work, letter)


def _check(how: str, note: str) -> None:
    wrong = {}
    if how not in Apology.Handed.values:
        wrong["how"] = "unknown_way"
    if not note.strip():
        wrong["note"] = "note_needed"
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


def _settle(work: Work, letter: Apology, *, arrived: bool, tried: bool) -> None:
    letter.state = Apology.State.DELIVERED if arrived else Apology.State.UNDELIVERABLE
    was_made = letter.settled_at is not None
    if arrived or tried:
        letter.settled_at = letter.settled_at or work.at
    work.changes.change(letter, "settled_at", "state")
    kind = EventKind.APOLOGY_ARRIVED if arrived else EventKind.APOLOGY_TRIED
    work.event(kind, {"number": letter.number, "tried": arrived or tried})
    if letter.settled_at is not None and not was_made:
        post_made(work, letter)
