"""Reminders: up the line, once, in people's hours, and none that has become untrue."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from dossiers.firing import fire_due
from dossiers.lifecycle import breach, ending, intake, progress, submission
from dossiers.models import Breach, Dossier, Event, Timer
from notifications.models import Message
from tests.given.city import City, city, moment
from tests.timers.reminded import drained, hour, read, reminders, told
from workflows.actors import CITIZEN
from workflows.models import Calendar, CalendarDay, CalendarHours, Channel, Post, Role

pytestmark = pytest.mark.django_db

# Received on Monday 2 March at 08:10, five working days: Monday 9 March, 17:30.
MORNING, PASSED = "2026-03-09 08:01", "2026-03-09 17:31"
NEXT_MORNING, TWO_DAYS_LATER = "2026-03-10 08:00", "2026-03-11 17:31"


@pytest.fixture
def given() -> City:
    return city()


def claimed(given: City) -> Dossier:
    """A dossier that the officer has taken up."""
    dossier = given.receive()
    return progress.claim(dossier.pk, by=given.acting(Role.OFFICER), at=moment("2026-03-02 09:00"))


def fire(*moments: str) -> None:
    for at in moments:
        fire_due(moment(at))


def change_ladder(given: City, changes: dict[str, Any]) -> None:
    given.procedure.ladder = changes
    given.procedure.save()


# Up the line


def test_each_rung_is_reached_at_its_moment_and_tells_further_up_the_line(given: City) -> None:
    claimed(given)

    fire(MORNING, PASSED, "2026-03-10 17:31", TWO_DAYS_LATER)

    assert reminders() == [
        ("due_today", "officer", "2026-03-09 08:01"),
        ("due_today", "unit_head", "2026-03-09 08:01"),
        ("breached", "unit_head", "2026-03-10 08:00"),
        ("breached", "approver", "2026-03-10 08:00"),
        ("apology_overdue", "approver", "2026-03-11 08:00"),
        ("apology_overdue", "supervisor", "2026-03-11 08:00"),
        ("unexplained", "approver", "2026-03-12 08:00"),
        ("unexplained", "supervisor", "2026-03-12 08:00"),
    ]


def test_where_nobody_has_taken_a_step_up_the_head_of_its_unit_is_told(given: City) -> None:
    given.receive()

    fire(MORNING)

    assert told("due_today") == ["unit_head"]


def test_where_nobody_heads_the_unit_the_agency_head_is_told(given: City) -> None:
    given.receive()
    Post.objects.filter(role=Role.UNIT_HEAD).update(valid_to=date(2026, 3, 1))

    fire(MORNING)

    assert told("due_today") == ["approver"]


def test_a_result_that_waits_for_the_counter_is_the_counter_s_to_be_reminded_of(
    given: City,
) -> None:
    given.handed_to_counter(given.receive(), "2026-03-06 16:00")

    fire(MORNING)

    assert told("due_today") == ["clerk", "unit_head"]


def test_a_late_step_of_a_dossier_in_time_is_said_to_its_unit_alone(given: City) -> None:
    claimed(given)

    fire("2026-03-06 17:31")

    assert told("breached", of="step") == ["officer", "unit_head"]
    assert reminders() == []


def test_a_step_whose_time_ends_with_the_dossier_s_is_not_said_beside_it(given: City) -> None:
    dossier = claimed(given)
    given.advance(dossier, Role.OFFICER, "2026-03-09 17:00")

    fire("2026-03-12 08:00")

    # Appraising took too long while the dossier still had time; signing ran out after it.
    assert Breach.objects.filter(dossier=dossier, of="step").count() == 2
    assert told("breached", of="step") == ["officer", "unit_head"]
    assert told("breached") == ["approver", "unit_head"]


def test_an_applicant_is_reminded_of_the_papers_three_working_days_before_the_term_ends(
    given: City,
) -> None:
    given.ask_supplement(claimed(given), "2026-03-03 10:00")
    due = Timer.objects.get(kind="due_soon", clock__kind="supplement")
    lapse = Timer.objects.get(kind="supplement_lapse")

    fire_due(due.fires_at + timedelta(minutes=1))

    calendar = given.commune.calendar or Calendar.objects.get()
    assert calendar.working().between(due.fires_at, lapse.fires_at) == timedelta(hours=24)
    assert told("awaited", of="supplement") == ["applicant"]


# As the procedure has it


def test_a_procedure_may_be_reminded_of_earlier_and_further_up(given: City) -> None:
    change_ladder(given, {"dossier": {"due_soon": {"hours": 16, "to": ["agency_head"]}}})
    claimed(given)

    fire("2026-03-06 08:01")

    assert reminders() == [("due_soon", "approver", "2026-03-06 08:01")]


def test_a_procedure_may_leave_reminders_out(given: City) -> None:
    change_ladder(given, {"dossier": {"due_soon": None, "due_today": None}})
    claimed(given)

    fire(MORNING, "2026-03-09 17:29")

    assert reminders() == []


def test_an_unreadable_ladder_stops_no_clock(given: City) -> None:
    change_ladder(given, {"dossier": "later"})
    claimed(given)

    fire(PASSED)

    assert told("breached") == ["approver", "unit_head"]


# Once


def test_two_sweeps_remind_once(given: City) -> None:
    claimed(given)

    fire(MORNING, MORNING, "2026-03-09 08:30", PASSED, PASSED)

    assert [topic for topic, _who, _from in reminders()] == ["due_today"] * 2 + ["breached"] * 2


def test_a_clock_that_runs_backwards_reminds_nobody_twice() -> None:
    given = city(after_supplement="resume")
    dossier = claimed(given)
    fire(MORNING)

    # The machine's clock is set back; stopped and resumed before the office opens, the limit stays
    # and the reminder that lies ahead again is set again.
    given.ask_supplement(dossier, "2026-03-09 07:00")
    given.supply(dossier, "2026-03-09 07:30")
    assert Timer.objects.filter(dossier=dossier, kind="due_today").exists()
    fire(MORNING)

    assert told("due_today") == ["officer", "unit_head"]


def test_a_worker_that_slept_through_several_rungs_says_only_the_last_of_them(
    given: City,
) -> None:
    change_ladder(given, {"dossier": {"due_soon": {"hours": 16, "to": ["officer"]}}})
    claimed(given)

    fire("2026-03-09 09:00")

    assert [topic for topic, _who, _from in reminders()] == ["due_today"] * 2


def test_a_new_limit_is_reminded_of_anew(given: City) -> None:
    dossier = claimed(given)
    fire(MORNING)
    given.ask_supplement(dossier, "2026-03-09 09:00")
    given.supply(dossier, "2026-03-10 09:00")

    fire("2026-03-17 08:01")

    assert reminders() == [
        ("due_today", "officer", "2026-03-09 08:01"),
        ("due_today", "unit_head", "2026-03-09 08:01"),
        ("due_today", "officer", "2026-03-17 08:01"),
        ("due_today", "unit_head", "2026-03-17 08:01"),
    ]


# In people's hours


def test_night_is_quiet_for_people_and_not_for_the_record(given: City) -> None:
    dossier = claimed(given)

    fire("2026-03-09 22:00")

    assert hour(given.breach_of(dossier).breached_at) == "2026-03-09 17:30"
    assert Event.objects.get(dossier=dossier, kind="breached", facts__of="dossier")
    assert [said for said in reminders() if said[0] == "breached"] == [
        ("breached", "unit_head", "2026-03-10 08:00"),
        ("breached", "approver", "2026-03-10 08:00"),
    ]
    drained("2026-03-10 07:59")
    assert told_states("breached") == ["queued", "queued"]
    drained("2026-03-10 08:00")
    assert told_states("breached") == ["delivered", "delivered"]


def test_days_off_of_the_recipient_s_own_agency_are_quiet(given: City) -> None:
    claimed(given)
    closed = Calendar.objects.create(code="c", name="Đóng cửa", base=Calendar.objects.get())
    CalendarDay.objects.create(calendar=closed, on=date(2026, 3, 10), kind="closed")
    Post.objects.filter(role=Role.SUPERVISOR).update(agency=given.root)
    given.root.calendar = closed
    given.root.save()
    change_ladder(given, {"dossier": {"breach": {"to": ["unit_head", "supervisor"]}}})

    fire(PASSED)

    assert [said for said in reminders() if said[0] == "breached"] == [
        ("breached", "unit_head", "2026-03-10 08:00"),
        ("breached", "supervisor", "2026-03-11 08:00"),
    ]


def test_the_lunch_break_is_not_quiet(given: City) -> None:
    claimed(given)

    fire("2026-03-09 12:30")

    assert [since for _topic, _who, since in reminders()] == ["2026-03-09 12:30"] * 2


def test_an_agency_that_works_on_saturday_is_told_on_saturday(given: City) -> None:
    given.receive()
    worked = Calendar.objects.create(code="s", name="Làm thứ Bảy", base=Calendar.objects.get())
    for weekday in range(6):
        CalendarHours.objects.create(
            calendar=worked, weekday=weekday, opens=time(8), closes=time(12)
        )
    given.commune.calendar = worked
    given.commune.save()

    fire("2026-03-06 20:00")

    assert told("breached", of="step") == ["unit_head"]
    assert [since for _topic, _who, since in reminders("step")] == ["2026-03-07 08:00"]


# Never untrue


def held_over_night(given: City) -> Dossier:
    """A limit that passed at the close: who answers for it is told in the morning."""
    dossier = claimed(given)
    fire(MORNING)
    drained("2026-03-09 08:02")
    fire(PASSED)
    return dossier


def test_what_was_held_back_over_night_arrives_while_it_is_true(given: City) -> None:
    dossier = held_over_night(given)

    assert drained(NEXT_MORNING) == {"delivered": 2}
    assert read()[-1] == f"Hồ sơ {dossier.code} đã quá hạn"


def test_a_delay_explained_before_the_office_opened_is_not_said_any_more(given: City) -> None:
    dossier = held_over_night(given)
    explained(given, dossier, "2026-03-10 07:30")

    assert drained(NEXT_MORNING) == {"withdrawn": 2}
    assert told_states("breached") == ["withdrawn", "withdrawn"]


def test_an_annulled_delay_is_not_said_any_more(given: City) -> None:
    dossier = held_over_night(given)
    ending.void(
        dossier.pk,
        reason="Nhập nhầm",
        by=given.acting(Role.CLERK),
        at=moment("2026-03-09 17:40"),
    )

    assert drained(NEXT_MORNING) == {"withdrawn": 2}


def reminded_not_yet_sent(given: City) -> Dossier:
    """Due today, and the mail has not left yet."""
    dossier = claimed(given)
    fire(MORNING)
    return dossier


def test_a_dossier_concluded_meanwhile_is_nobody_s_to_be_reminded_of(given: City) -> None:
    dossier = reminded_not_yet_sent(given)
    given.handed_to_counter(dossier, "2026-03-09 08:02")
    given.conclude(dossier, "2026-03-09 08:03")

    drained("2026-03-09 08:05")

    assert not [subject for subject in read() if "hôm nay" in subject or "today" in subject]
    assert told_states("due_today") == ["withdrawn", "withdrawn"]


def test_who_has_handed_the_step_on_is_reminded_no_more_but_the_head_is(given: City) -> None:
    dossier = reminded_not_yet_sent(given)
    given.advance(dossier, Role.OFFICER, "2026-03-09 08:02")

    drained("2026-03-09 08:05")

    assert told_states("due_today") == ["withdrawn", "delivered"]


def test_a_clock_stopped_meanwhile_is_not_due_today(given: City) -> None:
    given.ask_supplement(reminded_not_yet_sent(given), "2026-03-09 08:02")

    drained("2026-03-09 08:05")

    assert told_states("due_today") == ["withdrawn", "withdrawn"]


def test_a_reminder_that_arrives_after_the_limit_would_be_untrue(given: City) -> None:
    reminded_not_yet_sent(given)

    drained("2026-03-09 17:31")

    assert told_states("due_today") == ["withdrawn", "withdrawn"]


def test_an_applicant_who_brought_the_papers_is_not_reminded_of_them(given: City) -> None:
    dossier = given.ask_supplement(claimed(given), "2026-03-03 10:00")
    due = Timer.objects.get(kind="due_soon", clock__kind="supplement").fires_at
    fire_due(due + timedelta(minutes=1))
    given.supply(dossier, hour(due + timedelta(minutes=5)))

    drained(hour(due + timedelta(minutes=6)))

    assert told_states("awaited") == ["withdrawn"]


def test_an_answered_duty_is_not_called_overdue(given: City) -> None:
    dossier = held_over_night(given)
    explained(given, dossier, "2026-03-10 09:00")

    fire("2026-03-10 17:31", TWO_DAYS_LATER)

    assert told("unexplained") == []
    assert told("apology_overdue") == ["approver", "supervisor"]


def test_a_delay_that_a_command_met_before_any_worker_is_followed_up_as_well(
    given: City,
) -> None:
    dossier = given.handed_to_counter(claimed(given), "2026-03-09 17:00")
    given.conclude(dossier, "2026-03-10 09:00")

    fire("2026-03-10 17:31", TWO_DAYS_LATER)

    assert told("apology_overdue") == ["approver", "supervisor"]
    assert told("unexplained") == ["approver", "supervisor"]


def explained(given: City, dossier: Dossier, at: str) -> int:
    found = given.breach_of(dossier)
    breach.explain_breach(
        found.pk,
        reason="overload",
        text="Thiếu người",
        by=given.acting(Role.UNIT_HEAD),
        at=moment(at),
    )
    return found.pk


def test_an_explanation_returned_and_left_lying_is_said_further_up(given: City) -> None:
    dossier = held_over_night(given)
    answered = explained(given, dossier, "2026-03-10 09:00")
    breach.return_explanation(
        answered,
        question="Vì sao thiếu người?",
        by=given.acting(Role.SUPERVISOR),
        at=moment("2026-03-10 10:00"),
    )

    fire("2026-03-12 09:59")
    assert told("unexplained") == []
    fire("2026-03-12 10:01")

    assert told("unexplained") == ["approver", "supervisor"]


def submitted(given: City) -> Dossier:
    """Handed in from afar: eight working hours to answer, till Tuesday at nine."""
    Channel.objects.get_or_create(code="online", defaults={"name": "Trực tuyến"})
    return submission.submit(
        procedure=given.procedure.code,
        channel="online",
        receiving_agency=given.commune.pk,
        parties=[intake.PartyGiven(role="holder", name="Nguyễn Thị Ẩm")],
        papers=[intake.PaperGiven(item=given.paper.pk, form="original")],
        by=CITIZEN,
        at=moment("2026-03-02 09:00"),
    )


def test_an_answer_to_a_submission_has_a_ladder_of_its_own(given: City) -> None:
    submitted(given)

    fire("2026-03-02 16:31", "2026-03-03 09:01", "2026-03-05 09:01")

    assert reminders("intake") == [
        ("due_soon", "clerk", "2026-03-02 16:31"),
        ("breached", "approver", "2026-03-03 09:01"),
        ("unexplained", "approver", "2026-03-05 09:01"),
        ("unexplained", "supervisor", "2026-03-05 09:01"),
    ]


def test_explaining_one_delay_leaves_the_duty_of_another_wound(given: City) -> None:
    change_ladder(given, {"intake": {"unexplained": {"hours": 200, "to": ["supervisor"]}}})
    dossier = submitted(given)
    submission.accept(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-04 08:00"))
    fire("2026-03-12 08:00")
    wound = Timer.objects.filter(dossier=dossier, kind="unexplained")
    assert wound.count() == 2

    explained(given, dossier, "2026-03-12 09:00")

    assert [timer.clock.kind for timer in wound] == ["intake"]


def test_a_duty_outlives_the_dossier(given: City) -> None:
    dossier = held_over_night(given)
    given.handed_to_counter(dossier, "2026-03-10 09:00")
    given.conclude(dossier, "2026-03-10 09:10")

    fire("2026-03-10 17:31", TWO_DAYS_LATER)

    assert told("unexplained") == ["approver", "supervisor"]
    assert told("apology_overdue") == ["approver", "supervisor"]


def test_a_duty_outlives_a_dossier_that_ended_without_its_result(given: City) -> None:
    dossier = held_over_night(given)
    ending.discontinue(
        dossier.pk,
        reason="Người nộp đã mất",
        legal_ground="118/2025/NĐ-CP",
        by=given.acting(Role.APPROVER),
        at=moment("2026-03-10 09:00"),
    )

    fire("2026-03-10 17:31", TWO_DAYS_LATER)

    assert told("apology_overdue") == ["approver", "supervisor"]
    assert told("unexplained") == ["approver", "supervisor"]


def told_states(topic: str) -> list[str]:
    """What became of the reminders of this kind, those of steps left out."""
    told_of = Message.objects.filter(topic=topic).exclude(context__about__of="step")
    return list(told_of.order_by("pk").values_list("state", flat=True))
