"""The letter of apology in the cases that life brings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dossiers.documents import filling
from dossiers.documents.papers import Debtor
from dossiers.errors import Invalid, NotAllowed, NotNow
from dossiers.firing import fire_due
from dossiers.lifecycle import apology, breach, delivering, ending, signing
from dossiers.lifecycle._work import load, pure, works
from dossiers.lifecycle._write import write
from dossiers.lifecycle.intake import PartyGiven
from dossiers.lifecycle.settling import annul
from dossiers.models import Apology, Breach, ClockRow, Dossier, Entry, Event, Note
from dossiers.statistics.reading import read
from dossiers.statistics.verify import differences
from dossiers.writing import writing
from notifications import settling as outbox
from notifications.channels.channel import Outcome, Result
from notifications.models import Message
from notifications.settling import Attempt
from tests.given.chain import chain
from tests.given.city import City, city, moment
from workflows.models import Role

pytestmark = pytest.mark.django_db

HOLDER_ONLY = [PartyGiven(role="holder", name="Nguyễn Thị Ẩm")]


@pytest.fixture
def given() -> City:
    return city()


def late(town: City, **more: Any) -> Dossier:
    """Received on Monday the second; the limit was the Monday after, 17:30."""
    dossier = town.receive("2026-03-02 08:10", **more)
    fire_due(moment("2026-03-10 08:00"))
    return dossier


def draft(
    town: City, dossier: Dossier, at: str = "2026-03-10 09:00", to: str = "2026-03-20 17:30"
) -> Apology:
    return apology.draft_apology(
        dossier.pk,
        reason="overload",
        text="Chúng tôi nhận lỗi",
        new_promise_at=moment(to) if to else None,
        by=town.acting(Role.UNIT_HEAD),
        at=moment(at),
    )


def sign(town: City, letter: Apology, at: str = "2026-03-10 10:00") -> Apology:
    signing.sign_apology(letter.pk, by=town.acting(Role.APPROVER), at=moment(at))
    return Apology.objects.get(pk=letter.pk)


def hand_over(town: City, letter: Apology, at: str, how: str = "in_person") -> Apology:
    delivering.hand_over_apology(
        letter.pk, how=how, note="Đã gọi ba lần", by=town.acting(Role.CLERK), at=moment(at)
    )
    return Apology.objects.get(pk=letter.pk)


def made(dossier: Dossier) -> int:
    entries = Entry.objects.filter(dossier=dossier, measure="apologies_made")
    return sum(entries.values_list("amount", flat=True))


def agreed(at: str) -> None:
    assert [str(line) for line in differences(moment(at))] == []


def unchanged(dossier: Dossier, events: int) -> bool:
    return Event.objects.filter(dossier=dossier).count() == events


# The duty


def test_an_apology_needs_a_limit_that_passed_or_will_soon(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    events = Event.objects.filter(dossier=dossier).count()

    with pytest.raises(NotNow) as refused:
        draft(given, dossier, "2026-03-05 17:29")

    assert refused.value.code == "nothing_to_apologise"
    assert not Apology.objects.exists()
    assert unchanged(dossier, events)


def test_foreseen_is_signed_before_the_limit_passes(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    letter = sign(given, draft(given, dossier, "2026-03-06 09:00"), "2026-03-09 17:30")
    fire_due(moment("2026-03-10 08:00"))

    assert letter.foreseen
    assert given.breach_of(dossier).apology == letter
    assert (
        read(since=None, until=None, as_of=moment("2026-03-11 08:00"))[0].figures.apologies_foreseen
        == 1
    )


def test_the_new_day_is_proposed_from_the_steps_left(given: City) -> None:
    dossier = late(given)  # appraising (3.5 days) has used up its share; signing takes a day

    ahead = apology.look_ahead(dossier.pk, moment("2026-03-10 09:00"))

    assert ahead.appointment == moment("2026-03-11 17:30")
    assert ahead.probably_late


def test_a_dossier_with_the_time_it_needs_will_not_probably_be_late(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-04 09:00")

    ahead = apology.look_ahead(dossier.pk, moment("2026-03-06 09:00"))

    assert not ahead.probably_late
    assert ahead.appointment == moment("2026-03-10 17:30")  # the day after the limit, at least


def test_the_new_appointment_has_its_own_breach_that_counts_no_dossier_late_twice(
    given: City,
) -> None:
    dossier = late(given)
    sign(given, draft(given, dossier, to="2026-03-12 17:30"))
    fire_due(moment("2026-03-13 08:00"))

    repeated = Breach.objects.get(dossier=dossier, of="dossier", promise_number=2)
    figures = read(since=None, until=None, as_of=moment("2026-03-13 09:00"))[0].figures

    assert repeated.breached_at == repeated.limit_at == moment("2026-03-12 17:30")
    assert (repeated.owes_apology, repeated.owes_explanation) == (False, True)
    assert (figures.breaches, figures.apologies_owed, figures.pending_overdue) == (1, 1, 1)


@pytest.mark.parametrize("stage", ["drafted", "signed"])
def test_a_second_new_appointment_is_refused(given: City, stage: str) -> None:
    dossier = late(given)
    letter = draft(given, dossier)
    if stage == "signed":
        sign(given, letter)
    events = Event.objects.filter(dossier=dossier).count()

    with pytest.raises(NotNow) as refused:
        draft(given, dossier, "2026-03-10 11:00", "2026-03-25 17:30")

    assert refused.value.code == ("second_appointment" if stage == "signed" else "apology_exists")
    assert Apology.objects.count() == 1
    assert unchanged(dossier, events)


def test_a_returned_draft_is_written_anew_and_not_a_second_letter(given: City) -> None:
    dossier = late(given)
    letter = draft(given, dossier)
    signing.return_apology(
        letter.pk,
        question="Sớm hơn được không?",
        by=given.acting(Role.APPROVER),
        at=moment("2026-03-10 10:00"),
    )

    again = draft(given, dossier, "2026-03-10 11:00", "2026-03-18 17:30")

    assert again.pk == letter.pk
    assert (again.state, again.new_promise_at) == ("drafted", moment("2026-03-18 17:30"))


# The result is ready


def test_a_result_that_is_ready_gets_no_new_day(given: City) -> None:
    dossier = late(given)
    given.handed_to_counter(dossier, "2026-03-10 08:30")
    given.conclude(dossier, "2026-03-10 08:40")

    with pytest.raises(Invalid) as refused:
        draft(given, dossier)
    letter = sign(given, draft(given, dossier, to=""))

    assert refused.value.fields == {"new_promise_at": "result_ready"}
    assert (letter.closing, letter.new_promise_at) == ("ready", None)
    assert filling.apology_paper(letter).closing == "ready"
    assert Message.objects.get(topic="apology").context["closing"] == "ready"


def test_a_result_that_came_while_the_draft_lay_is_said_by_the_signed_letter(given: City) -> None:
    dossier = late(given)
    letter = draft(given, dossier)
    given.handed_to_counter(dossier, "2026-03-10 09:30")
    given.conclude(dossier, "2026-03-10 09:40")

    signed = sign(given, letter)

    assert (signed.closing, signed.new_promise_at) == ("ready", None)
    clock = ClockRow.objects.get(dossier=dossier, kind="dossier")
    assert (clock.promise_number, clock.promised_at) == (1, moment("2026-03-09 17:30"))


def test_late_by_minutes_it_still_owes_an_apology(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-09 16:00")
    given.conclude(dossier, "2026-03-09 17:33")

    flagged = given.breach_of(dossier)
    letter = sign(given, draft(given, dossier, "2026-03-10 08:30", to=""))

    assert (flagged.delay.total_seconds(), flagged.owes_apology) == (0, True)
    assert letter.closing == "ready"
    assert given.breach_of(dossier).apology == letter
    agreed("2026-03-12 08:00")


# The dossier ended otherwise


def test_withdrawn_after_the_limit_it_is_still_apologised_for(given: City) -> None:
    dossier = late(given)
    ending.withdraw(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-10 08:30"))

    with pytest.raises(Invalid) as refused:
        draft(given, dossier)
    letter = sign(given, draft(given, dossier, to=""))
    delivering.apology_settled(letter.pk, True, moment("2026-03-10 11:00"))

    assert refused.value.fields == {"new_promise_at": "appointment_ended"}
    assert (letter.closing, letter.new_promise_at) == ("ended", None)
    assert made(dossier) == 1
    agreed("2026-03-12 08:00")


def test_withdrawn_in_time_nothing_is_owed(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    ending.withdraw(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-09 09:00"))

    with pytest.raises(NotNow) as refused:
        draft(given, dossier, "2026-03-10 09:00", to="")

    assert refused.value.code == "nothing_to_apologise"


# The breach is annulled after the letter went


def annulled(dossier: Dossier, at: datetime) -> None:
    """The limit is found to be a week later: what a recount under another calendar does."""
    with writing("recount"):
        (work,) = works(load([dossier.pk]), at=at, recorded_at=at)
        row = work.clock_row("dossier")
        work.put(row, pure(row).correct(moment("2026-03-16 17:30"), at), "corrected")
        annul(work, Breach.objects.get(dossier=dossier, of="dossier", annulled_at=None), "calendar")
        write(work)


def test_annulled_after_the_letter_went_the_letter_is_revoked_and_the_applicant_told(
    given: City,
) -> None:
    dossier = late(given)
    letter = sign(given, draft(given, dossier))
    delivering.apology_settled(letter.pk, True, moment("2026-03-11 10:00"))

    annulled(dossier, moment("2026-03-12 09:00"))

    kept = Apology.objects.get(pk=letter.pk)
    told = Message.objects.get(topic="apology_annulled")
    assert (kept.state, kept.annulled_at, kept.number) == (
        "annulled",
        moment("2026-03-12 09:00"),
        letter.number,
    )
    assert filling.apology_paper(kept).annulled
    assert told.context["number"] == letter.number
    # What was promised moves with the limit, by the same working time.
    assert datetime.fromisoformat(told.context["promised_at"]) == moment("2026-03-27 17:30")
    assert made(dossier) == 0
    row = read(since=None, until=None, as_of=moment("2026-03-12 10:00"))[0].figures
    assert (row.breaches, row.apologies_owed, row.apologies_made) == (0, 0, 0)
    agreed("2026-03-12 10:00")


def test_a_limit_that_passes_again_owes_a_new_letter_that_sets_no_third_day(given: City) -> None:
    dossier = late(given)
    first = sign(given, draft(given, dossier))
    annulled(dossier, moment("2026-03-12 09:00"))
    fire_due(moment("2026-03-17 08:00"))

    with pytest.raises(NotNow) as refused:
        draft(given, dossier, "2026-03-17 09:00", "2026-03-31 17:30")
    second = sign(given, draft(given, dossier, "2026-03-17 09:00", to=""), "2026-03-17 10:00")

    assert refused.value.code == "second_appointment"
    assert (second.closing, second.new_promise_at) == ("appointment", moment("2026-03-27 17:30"))
    assert second.number != first.number
    agreed("2026-03-18 10:00")


def test_a_draft_for_an_annulled_delay_is_dropped_without_a_word(given: City) -> None:
    dossier = late(given)
    letter = draft(given, dossier)

    annulled(dossier, moment("2026-03-12 09:00"))

    assert Apology.objects.get(pk=letter.pk).state == "annulled"
    assert not Message.objects.filter(topic="apology_annulled").exists()


def test_a_foreseen_letter_promised_on_its_own_account_and_stands(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    letter = sign(given, draft(given, dossier, "2026-03-06 09:00"), "2026-03-06 10:00")
    fire_due(moment("2026-03-10 08:00"))

    annulled(dossier, moment("2026-03-12 09:00"))

    assert Apology.objects.get(pk=letter.pk).state == "signed"


# Two agencies late in one chain


def test_two_agencies_late_are_one_letter_with_two_debts() -> None:
    two = chain()
    dossier = two.city.receive("2026-03-02 08:00")
    two.examined(dossier, "2026-03-05 08:00")
    fire_due(moment("2026-03-10 08:00"))

    letter = sign(two.city, draft(two.city, dossier))

    assert Apology.objects.count() == 1
    assert filling.apology_paper(letter).debtors == (
        Debtor(
            name="UBND phường Văn Miếu - Quốc Tử Giám",
            used="3\u00a0ngày",
            over="2\u00a0ngày",
        ),
        Debtor(name="Sở Quy hoạch - Kiến trúc", used="3\u00a0ngày", over="1\u00a0ngày"),
    )


# Nobody can be reached


def test_with_nobody_to_reach_the_letter_is_the_counters_work_and_not_made(given: City) -> None:
    dossier = late(given, parties=HOLDER_ONLY)

    letter = sign(given, draft(given, dossier))

    assert (letter.state, letter.settled_at, letter.handed_at) == ("undeliverable", None, None)
    assert made(dossier) == 0
    assert not Message.objects.filter(topic="apology").exists()


@pytest.mark.parametrize(
    ("how", "state"),
    [
        ("in_person", "delivered"),
        ("by_phone", "delivered"),
        ("by_post", "delivered"),
        ("kept", "undeliverable"),
    ],
)
def test_seen_to_by_the_counter_and_noted_it_is_made(given: City, how: str, state: str) -> None:
    dossier = late(given, parties=HOLDER_ONLY)
    letter = sign(given, draft(given, dossier))

    handed = hand_over(given, letter, "2026-03-11 09:00", how)

    assert (handed.state, handed.handed_how, handed.handed_at, handed.settled_at) == (
        state,
        how,
        moment("2026-03-11 09:00"),
        moment("2026-03-11 09:00"),
    )
    assert handed.handed_by == given.posts[Role.CLERK]
    assert made(dossier) == 1
    event = Event.objects.get(dossier=dossier, kind="apology_handed")
    assert event.facts == {"number": letter.number, "how": how}
    assert Note.objects.get(dossier=dossier, event_n=event.n).text == "Đã gọi ba lần"
    agreed("2026-03-12 08:00")


def refused_by_every_channel(at: str) -> None:
    message = Message.objects.get(topic="apology")
    outbox.record([Attempt(message, "email", Result(Outcome.REFUSED))], at=moment(at))


def test_refused_on_every_channel_it_is_made_and_still_work(given: City) -> None:
    dossier = late(given)
    letter = sign(given, draft(given, dossier))

    refused_by_every_channel("2026-03-10 10:05")

    tried = Apology.objects.get(pk=letter.pk)
    assert (tried.state, tried.settled_at) == ("undeliverable", moment("2026-03-10 10:05"))
    assert (made(dossier), tried.handed_at) == (1, None)

    handed = hand_over(given, letter, "2026-03-11 09:00")

    assert (handed.state, handed.settled_at) == ("delivered", moment("2026-03-10 10:05"))
    assert made(dossier) == 1
    assert Message.objects.get(topic="apology").state == "delivered"
    agreed("2026-03-12 08:00")


def test_a_phone_alone_is_no_channel_of_a_letter(given: City) -> None:
    caller = PartyGiven(role="holder", name="Nguyễn Thị Ẩm", phone="0912345678")
    dossier = late(given, parties=[caller])
    letter = sign(given, draft(given, dossier))
    message = Message.objects.get(topic="apology")

    outbox.record([Attempt(message, "", Result(Outcome.REFUSED))], at=moment("2026-03-10 10:05"))

    waiting = Apology.objects.get(pk=letter.pk)
    assert (waiting.state, waiting.settled_at) == ("undeliverable", None)
    assert made(dossier) == 0
    assert made(dossier) == 0
    hand_over(given, letter, "2026-03-11 09:00", "by_phone")
    assert made(dossier) == 1
    agreed("2026-03-12 08:00")


def test_a_letter_that_comes_back_after_it_arrived_is_work_and_stays_made(given: City) -> None:
    dossier = late(given)
    letter = sign(given, draft(given, dossier))
    delivering.apology_settled(letter.pk, True, moment("2026-03-11 10:00"))

    delivering.apology_settled(letter.pk, False, moment("2026-03-11 15:00"))

    back = Apology.objects.get(pk=letter.pk)
    assert (back.state, back.settled_at) == ("undeliverable", moment("2026-03-11 10:00"))
    assert made(dossier) == 1
    agreed("2026-03-12 08:00")


def test_only_the_counter_that_received_it_hands_it_over(given: City) -> None:
    dossier = late(given, parties=HOLDER_ONLY)
    letter = sign(given, draft(given, dossier))
    events = Event.objects.filter(dossier=dossier).count()

    for role in (Role.UNIT_HEAD, Role.APPROVER, Role.SUPERVISOR, Role.OFFICER):
        with pytest.raises(NotAllowed):
            delivering.hand_over_apology(
                letter.pk,
                how="kept",
                note="…",
                by=given.acting(role),
                at=moment("2026-03-11 09:00"),
            )

    assert unchanged(dossier, events)


@pytest.mark.parametrize(
    ("how", "note", "fields"),
    [
        ("shouted", "…", {"how": "unknown_way"}),
        ("kept", "  ", {"note": "note_needed"}),
        ("", "", {"how": "unknown_way", "note": "note_needed"}),
    ],
)
def test_a_hand_over_says_how_and_notes_it(
    given: City, how: str, note: str, fields: dict[str, str]
) -> None:
    dossier = late(given, parties=HOLDER_ONLY)
    letter = sign(given, draft(given, dossier))

    with pytest.raises(Invalid) as refused:
        delivering.hand_over_apology(
            letter.pk,
            how=how,
            note=note,
            by=given.acting(Role.CLERK),
            at=moment("2026-03-11 09:00"),
        )

    assert refused.value.fields == fields
    assert Apology.objects.get(pk=letter.pk).handed_at is None


def test_a_letter_that_arrived_or_was_seen_to_waits_for_nobody(given: City) -> None:
    dossier = late(given, parties=HOLDER_ONLY)
    letter = sign(given, draft(given, dossier))
    hand_over(given, letter, "2026-03-11 09:00", "kept")

    with pytest.raises(NotNow) as refused:
        hand_over(given, letter, "2026-03-11 10:00")

    assert refused.value.code == "not_to_hand_over"


def test_the_reason_stands_in_the_signed_letter_before_it_is_accepted(given: City) -> None:
    dossier = late(given)
    flagged = given.breach_of(dossier)
    breach.explain_breach(
        flagged.pk,
        reason="overload",
        text="Quá tải",
        by=given.acting(Role.UNIT_HEAD),
        at=moment("2026-03-10 08:30"),
    )
    letter = sign(given, draft(given, dossier))

    assert filling.apology_paper(letter).reason.endswith("Chúng tôi nhận lỗi")
