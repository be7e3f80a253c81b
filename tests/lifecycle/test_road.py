"""The whole road of a dossier through commands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dossiers.errors import Conflict, Invalid, NotAllowed, NotNow
from dossiers.firing import fire_due
from dossiers.lifecycle import (
    apology,
    breach,
    delivering,
    ending,
    intake,
    progress,
    signing,
    submission,
)
from dossiers.models import (
    Breach,
    ClockKind,
    ClockRow,
    Dossier,
    Entry,
    Event,
    LimitValue,
    Status,
    Timer,
)
from tests.given.city import City, city, moment
from workflows.actors import CITIZEN
from workflows.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def given() -> City:
    return city()


def clock(dossier: Dossier, kind: str = ClockKind.DOSSIER) -> ClockRow:
    return ClockRow.objects.get(dossier=dossier, kind=kind)


def figures(dossier: Dossier) -> dict[str, int]:
    sums: dict[str, int] = {}
    for measure, amount in Entry.objects.filter(dossier=dossier).values_list("measure", "amount"):
        sums[measure] = sums.get(measure, 0) + amount
    return {measure: amount for measure, amount in sums.items() if amount}


def kinds(dossier: Dossier) -> list[str]:
    return list(Event.objects.filter(dossier=dossier).values_list("kind", flat=True))


def test_a_dossier_received_gets_its_code_its_promised_day_and_its_first_step(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")

    assert dossier.code == "H26.C001-260302-0001"
    assert dossier.status == Status.RECEIVED
    assert clock(dossier).limit_at == moment("2026-03-09 17:30")
    assert [(run.key, run.state) for run in dossier.step_runs.all()] == [
        ("receive", "done"),
        ("appraise", "waiting"),
    ]
    assert figures(dossier) == {"received": 1}
    assert kinds(dossier) == ["received"]


def test_the_second_dossier_of_the_day_has_the_next_number(given: City) -> None:
    given.receive("2026-03-02 08:10")

    assert given.receive("2026-03-02 08:11").code == "H26.C001-260302-0002"
    assert given.receive("2026-03-03 08:11").code == "H26.C001-260303-0001"


def test_sent_twice_by_retry_one_dossier_is_made(given: City) -> None:
    first = given.receive(idempotency_key="k1")

    assert given.receive(idempotency_key="k1").pk == first.pk
    assert Dossier.objects.count() == 1


def test_without_a_holder_nothing_is_received(given: City) -> None:
    with pytest.raises(Invalid) as refusal:
        given.receive(parties=[])

    assert refusal.value.fields == {"holder_name": "holder_needed"}
    assert Dossier.objects.count() == 0
    assert Entry.objects.count() == 0


def test_a_result_taken_over_by_the_counter_early_is_resolved_early(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")

    done = given.conclude(dossier, "2026-03-05 09:00")

    assert done.status == Status.CONCLUDED
    assert clock(dossier).result == "early"
    assert figures(dossier) == {"received": 1, "resolved_early": 1}
    left = Timer.objects.filter(dossier=dossier).values_list("kind", "fires_at")
    assert list(left) == [("uncollected", moment("2026-03-12 09:00"))]


def test_exactly_at_the_limit_is_on_time(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")

    given.conclude(dossier, "2026-03-09 17:30")

    assert figures(dossier) == {"received": 1, "resolved_on_time": 1}


def test_an_instant_after_the_limit_is_late_without_any_worker(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")

    late = moment("2026-03-09 17:30") + timedelta(microseconds=1)
    ending.conclude(dossier.pk, by=given.acting(Role.CLERK), at=late)

    assert given.breach_of(dossier).breached_at == moment("2026-03-09 17:30")
    assert figures(dossier) == {
        "received": 1,
        "resolved_late": 1,
        "breaches": 1,
        "apologies_owed": 1,
    }


def test_the_clock_stops_for_a_supplement_and_starts_again(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.ask_supplement(dossier, "2026-03-03 09:00")
    assert clock(dossier).state == "stopped"
    assert Dossier.objects.get(pk=dossier.pk).status == Status.SUPPLEMENT_REQUESTED

    given.supply(dossier, "2026-03-10 09:00")

    assert clock(dossier).limit_at == moment("2026-03-17 17:30")
    assert [value.cause for value in LimitValue.objects.filter(clock=clock(dossier))] == [
        "begun",
        "restarted",
    ]


def test_the_clock_goes_on_where_the_edition_says_so() -> None:
    given = city(after_supplement="resume")
    dossier = given.receive("2026-03-02 08:10")
    given.ask_supplement(dossier, "2026-03-03 08:00")

    given.supply(dossier, "2026-03-05 08:00")

    assert clock(dossier).limit_at == moment("2026-03-11 17:30")


def test_a_supplement_is_asked_once(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.ask_supplement(dossier, "2026-03-03 09:00")
    given.supply(dossier, "2026-03-10 09:00")
    before = kinds(dossier)

    with pytest.raises(NotNow) as refusal:
        given.ask_supplement(dossier, "2026-03-11 09:00")

    assert refusal.value.code == "supplement_twice"
    assert kinds(dossier) == before


def test_a_supplement_never_handed_in_discontinues_the_dossier(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.ask_supplement(dossier, "2026-03-03 09:00")

    fire_due(moment("2026-04-30 00:00"))

    assert Dossier.objects.get(pk=dossier.pk).status == Status.DISCONTINUED
    assert figures(dossier) == {"received": 1, "discontinued": 1}
    last = Event.objects.filter(dossier=dossier).last()
    assert last is not None
    assert last.at == moment("2026-03-24 17:30")


def test_the_worker_flags_a_dossier_once_with_who_held_it(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    progress.claim(dossier.pk, by=given.acting(Role.OFFICER), at=moment("2026-03-02 09:00"))

    fire_due(moment("2026-03-11 08:00"))
    fire_due(moment("2026-03-12 08:00"))

    flagged = given.breach_of(dossier)
    assert flagged.breached_at == moment("2026-03-09 17:30")
    assert flagged.held_by_unit == given.division
    assert flagged.officer == given.posts[Role.OFFICER]
    held = flagged.attribution[-1]
    assert (held["unit"], held["step"]) == ("H26.C001.02", "appraise")
    assert held["seconds"] == (5 * 8 * 60 + 7 * 60 + 50) * 60
    assert figures(dossier) == {"received": 1, "overdue": 1, "breaches": 1, "apologies_owed": 1}
    assert kinds(dossier).count("breached") == 2  # the step's share and the dossier's limit


def test_a_stop_begun_after_the_limit_hides_nothing(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.ask_supplement(dossier, "2026-03-10 09:00")

    given.supply(dossier, "2026-03-12 09:00")

    assert clock(dossier).limit_at == moment("2026-03-09 17:30")
    assert list(Dossier.objects.overdue(moment("2026-03-12 10:00"))) == [dossier]
    assert Breach.objects.filter(dossier=dossier, of="dossier").count() == 1


def test_the_unit_explains_and_the_supervisor_returns_then_accepts(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-10 08:00"))
    flagged = given.breach_of(dossier)
    head, watcher = given.acting(Role.UNIT_HEAD), given.acting(Role.SUPERVISOR)

    with pytest.raises(NotAllowed):
        breach.explain_breach(
            flagged.pk, reason="overload", text="…", by=watcher, at=moment("2026-03-10 08:30")
        )
    for hour in ("09", "11"):
        breach.explain_breach(
            flagged.pk, reason="overload", text="Tết", by=head, at=moment(f"2026-03-10 {hour}:00")
        )
        if hour == "09":
            breach.return_explanation(
                flagged.pk, question="Vì sao?", by=watcher, at=moment("2026-03-10 10:00")
            )
    breach.accept_explanation(flagged.pk, by=watcher, at=moment("2026-03-10 11:30"))

    assert Breach.objects.get(pk=flagged.pk).state == "accepted"
    assert [turn.kind for turn in flagged.statements.all()] == [
        "explanation",
        "return",
        "explanation",
        "acceptance",
    ]


def test_an_apology_sets_one_new_appointment_and_no_second(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-10 08:00"))
    head, approver = given.acting(Role.UNIT_HEAD), given.acting(Role.APPROVER)
    new = moment("2026-03-13 17:30")

    letter = apology.draft_apology(
        dossier.pk, reason="overload", new_promise_at=new, by=head, at=moment("2026-03-10 09:00")
    )
    signing.sign_apology(letter.pk, by=approver, at=moment("2026-03-10 10:00"))

    assert clock(dossier).promised_at == new
    assert clock(dossier).limit_at == moment("2026-03-09 17:30")
    with pytest.raises(NotNow) as refusal:
        apology.draft_apology(
            dossier.pk,
            reason="overload",
            new_promise_at=moment("2026-03-20 17:30"),
            by=head,
            at=moment("2026-03-11 09:00"),
        )
    assert refusal.value.code == "second_appointment"

    delivering.apology_settled(letter.pk, True, moment("2026-03-10 10:05"))
    assert figures(dossier)["apologies_made"] == 1

    fire_due(moment("2026-03-16 08:00"))
    assert [one.promise_number for one in Breach.objects.filter(dossier=dossier, of="dossier")] == [
        1,
        2,
    ]
    assert figures(dossier)["breaches"] == 1


def test_an_officer_of_another_unit_may_not_advance(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")

    with pytest.raises(NotAllowed):
        given.advance(dossier, Role.CLERK, "2026-03-02 09:00")
    assert kinds(dossier) == ["received"]


def test_a_moment_before_the_last_act_is_refused(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-03 09:00")

    with pytest.raises(NotNow) as refusal:
        given.advance(dossier, Role.APPROVER, "2026-03-03 08:00")
    assert refusal.value.code == "before_last_act"


def test_a_voided_receipt_leaves_every_figure(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")

    ending.void(
        dossier.pk,
        reason="Nhầm thủ tục",
        by=given.acting(Role.CLERK),
        at=moment("2026-03-02 08:20"),
    )

    assert figures(dossier) == {}
    assert not Dossier.objects.standing().exists()


def test_a_dossier_reopened_after_its_limit_is_overdue_again(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 10:00")
    given.conclude(dossier, "2026-03-10 09:00")

    ending.reopen(
        dossier.pk, reason="Sai tên", by=given.acting(Role.APPROVER), at=moment("2026-03-11 09:00")
    )

    assert figures(dossier) == {
        "received": 1,
        "resolved_late": 1,
        "breaches": 1,
        "apologies_owed": 1,
        "reopened": 1,
        "overdue": 1,
    }


@pytest.mark.builds_rows
def test_events_cannot_be_changed(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")

    with pytest.raises(Exception, match="append-only"):
        Event.objects.filter(dossier=dossier).update(kind="voided")


@pytest.mark.builds_rows
@pytest.mark.parametrize(("status", "version"), [("processing", 0), ("received", 1)])
def test_a_dossier_changed_meanwhile_is_a_conflict(given: City, status: str, version: int) -> None:
    from dossiers.lifecycle import _flush

    dossier = given.receive("2026-03-02 08:10")

    with pytest.raises(Conflict):
        _flush.flush([_flush.Guard(dossier, status, version, False)], [])


def submitted(given: City, at: str) -> Dossier:
    return submission.submit(
        procedure=given.procedure.code,
        channel="counter",
        receiving_agency=given.commune.pk,
        parties=[intake.PartyGiven(role="holder", name="Nguyễn Thị Ẩm")],
        papers=[intake.PaperGiven(item=given.paper.pk, form="electronic")],
        by=CITIZEN,
        at=moment(at),
    )


def test_a_submission_accepted_late_is_the_receivers_breach(given: City) -> None:
    dossier = submitted(given, "2026-03-02 09:00")
    assert (dossier.status, dossier.code, figures(dossier)) == (Status.SUBMITTED, None, {})

    accepted = submission.accept(
        dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-04 08:00")
    )

    assert accepted.status == Status.RECEIVED
    assert accepted.code == "H26.C001-260304-0001"
    assert clock(dossier).limit_at == moment("2026-03-11 17:30")
    assert figures(dossier) == {"received": 1, "received_late": 1}
    assert Entry.objects.get(measure="received_late").unit_id is None


def test_a_submission_refused_is_not_received(given: City) -> None:
    dossier = submitted(given, "2026-03-02 09:00")

    with pytest.raises(Invalid) as refusal:
        submission.refuse_at_intake(
            dossier.pk,
            reason="Sai thẩm quyền",
            legal_ground=" ",
            by=given.acting(Role.CLERK),
            at=moment("2026-03-02 10:00"),
        )
    assert refusal.value.fields == {"legal_ground": "legal_ground_needed"}
    submission.refuse_at_intake(
        dossier.pk,
        reason="Sai thẩm quyền",
        legal_ground="118/2025/NĐ-CP điều 17",
        by=given.acting(Role.CLERK),
        at=moment("2026-03-02 10:00"),
    )

    assert Dossier.objects.get(pk=dossier.pk).status == Status.NOT_ACCEPTED
    assert figures(dossier) == {"not_accepted": 1}


def test_a_submission_taken_back_by_the_applicant_ends_unreceived(given: City) -> None:
    dossier = submitted(given, "2026-03-02 09:00")

    ending.withdraw(dossier.pk, by=CITIZEN, at=moment("2026-03-02 10:00"))

    assert figures(dossier) == {"ended_unreceived": 1}
