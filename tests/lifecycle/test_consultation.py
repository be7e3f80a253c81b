"""Another unit's opinion: on a clock of its own; the dossier's stands only by law."""

from __future__ import annotations

from datetime import datetime

import pytest

from dossiers.errors import Invalid, NotAllowed, NotNow
from dossiers.firing import fire_due
from dossiers.lifecycle import consultation, ending
from dossiers.models import Breach, ClockRow, Consultation, Dossier, Event, Stop
from dossiers.statistics.verify import differences
from tests.given.city import City, city, moment
from tests.given.elsewhere import acting_at, another_division, department
from workflows.models import Edition, Role, Unit

pytestmark = pytest.mark.django_db

LAW = "Luật Xây dựng, điều 102"


@pytest.fixture
def given() -> City:
    return city(after_supplement="resume")


def ask(
    given: City, dossier: Dossier, unit: Unit, at: str, days: int | None = None
) -> Consultation:
    return consultation.ask_opinion(
        dossier.pk,
        unit=unit.pk,
        question="Có phù hợp quy hoạch không?",
        days=days,
        by=given.acting(Role.OFFICER),
        at=moment(at),
    )


def answer(asked: Consultation, at: str, role: str = Role.OFFICER) -> Consultation:
    return consultation.give_opinion(
        asked.pk, answer="Phù hợp", by=acting_at(asked.unit, role), at=moment(at)
    )


def clock(dossier: Dossier, kind: str = "dossier") -> ClockRow:
    return ClockRow.objects.filter(dossier=dossier, kind=kind).latest("pk")


def agree(at: datetime) -> bool:
    return [str(line) for line in differences(at)] == []


def test_an_opinion_runs_on_the_asked_units_time_beside_the_dossiers_own(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    there = department(given)

    asked = ask(given, dossier, there, "2026-03-03 09:00")
    assert clock(dossier, "consultation").limit_at == moment("2026-03-06 17:30")
    assert clock(dossier).state == "running"
    answer(asked, "2026-03-05 09:00")

    row = Consultation.objects.get()
    assert (row.state, row.answer, row.answered_at) == (
        "given",
        "Phù hợp",
        moment("2026-03-05 09:00"),
    )
    assert clock(dossier, "consultation").result == "early"
    assert clock(dossier).limit_at == moment("2026-03-09 17:30")
    assert not Stop.objects.exists()
    assert agree(moment("2026-03-06 00:00"))


def test_where_the_law_says_so_the_dossiers_clock_stands_meanwhile(given: City) -> None:
    Edition.objects.update(consultation_stops_by=LAW)
    dossier = given.receive("2026-03-02 08:10")

    asked = ask(given, dossier, department(given), "2026-03-03 09:00")
    assert clock(dossier).grounds == ["consultation"]
    answer(asked, "2026-03-05 09:00")

    assert asked.legal_ground == LAW
    assert clock(dossier).limit_at == moment("2026-03-11 17:30")
    assert agree(moment("2026-03-06 00:00"))


def test_two_opinions_and_a_supplement_at_once_stop_the_clock_once(given: City) -> None:
    Edition.objects.update(consultation_stops_by=LAW)
    dossier = given.receive("2026-03-02 08:10")
    first = ask(given, dossier, department(given), "2026-03-03 08:00")
    second = ask(given, dossier, another_division(given), "2026-03-03 08:30")
    given.ask_supplement(dossier, "2026-03-03 09:00")
    assert clock(dossier).grounds == ["consultation", "supplement"]

    answer(first, "2026-03-04 08:00")
    assert clock(dossier).grounds == ["consultation", "supplement"]
    answer(second, "2026-03-05 08:00")
    assert clock(dossier).grounds == ["supplement"]
    given.supply(dossier, "2026-03-06 08:00")

    # From Tuesday 8:00 to Friday 8:00: three working days, once.
    assert clock(dossier).limit_at == moment("2026-03-12 17:30")
    assert agree(moment("2026-03-07 00:00"))


def test_a_late_opinion_is_the_asked_units_delay_and_stays_internal(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    there = department(given)
    ask(given, dossier, there, "2026-03-03 09:00", days=1)

    fire_due(moment("2026-03-05 08:00"))

    late = Breach.objects.get(of="consultation")
    assert (late.agency, late.unit, late.held_by_unit) == (there.agency, there, there)
    assert late.breached_at == moment("2026-03-04 17:30")
    assert (late.owes_explanation, late.owes_apology) == (False, False)
    assert not Breach.objects.filter(of="dossier").exists()
    assert agree(moment("2026-03-05 08:00"))


def test_only_the_asked_unit_answers(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    asked = ask(given, dossier, department(given), "2026-03-03 09:00")

    with pytest.raises(NotAllowed) as refusal:
        consultation.give_opinion(
            asked.pk, answer="Phù hợp", by=given.acting(Role.OFFICER), at=moment("2026-03-04 09:00")
        )
    with pytest.raises(Invalid) as silent:
        consultation.give_opinion(
            asked.pk,
            answer=" ",
            by=acting_at(asked.unit, Role.UNIT_HEAD),
            at=moment("2026-03-04 09:00"),
        )

    assert refusal.value.code == "not_asked"
    assert silent.value.fields == {"answer": "opinion_needed"}
    assert Event.objects.filter(dossier=dossier).last().kind == "consulted"  # type: ignore[union-attr]


def test_the_asked_unit_sees_the_dossier_while_it_is_asked(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    there = department(given)
    assert not Dossier.objects.visible_to(acting_at(there, Role.OFFICER)).exists()

    ask(given, dossier, there, "2026-03-03 09:00")

    assert list(Dossier.objects.visible_to(acting_at(there, Role.OFFICER))) == [dossier]


def test_a_step_does_not_end_while_the_clock_stands_for_an_opinion(given: City) -> None:
    Edition.objects.update(consultation_stops_by=LAW)
    dossier = given.receive("2026-03-02 08:10")
    asked = ask(given, dossier, department(given), "2026-03-03 09:00")

    with pytest.raises(NotNow) as refusal:
        given.advance(dossier, Role.OFFICER, "2026-03-03 10:00")
    consultation.forgo_opinion(
        asked.pk,
        reason="Không còn cần",
        by=given.acting(Role.OFFICER),
        at=moment("2026-03-04 09:00"),
    )
    given.advance(dossier, Role.OFFICER, "2026-03-04 10:00")

    assert refusal.value.code == "opinion_waited"
    assert Consultation.objects.get().state == "forgone"
    assert clock(dossier).limit_at == moment("2026-03-10 17:30")


def test_what_nobody_answered_is_closed_with_the_dossier(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    ask(given, dossier, department(given), "2026-03-03 09:00")
    given.handed_to_counter(dossier, "2026-03-04 09:00")

    given.conclude(dossier, "2026-03-04 10:00")

    assert Consultation.objects.get().state == "closed"
    assert clock(dossier, "consultation").state == "finished"


def test_an_opinion_on_a_withdrawn_dossier_is_not_waited_for(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    asked = ask(given, dossier, department(given), "2026-03-03 09:00")
    ending.withdraw(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-04 09:00"))

    with pytest.raises(NotNow) as refusal:
        answer(asked, "2026-03-04 10:00")

    assert refusal.value.code == "no_opinion"


@pytest.mark.parametrize(
    ("case", "question", "days", "fields"),
    [
        ("itself", "?", None, {"unit": "asked_oneself"}),
        ("nowhere", "?", None, {"unit": "no_such_unit"}),
        ("there", " ", None, {"question": "opinion_question"}),
        ("there", "?", 0, {"days": "opinion_days"}),
        ("there", "?", 61, {"days": "opinion_days"}),
    ],
)
def test_what_cannot_be_asked(
    given: City, case: str, question: str, days: int | None, fields: dict[str, str]
) -> None:
    dossier = given.receive("2026-03-02 08:10")
    units = {"itself": given.division.pk, "nowhere": 0, "there": another_division(given).pk}

    with pytest.raises(Invalid) as refusal:
        consultation.ask_opinion(
            dossier.pk,
            unit=units[case],
            question=question,
            days=days,
            by=given.acting(Role.OFFICER),
            at=moment("2026-03-03 09:00"),
        )

    assert refusal.value.fields == fields
    assert Event.objects.filter(dossier=dossier).count() == 1


def test_one_question_at_a_time_to_each_unit(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    there = another_division(given)
    ask(given, dossier, there, "2026-03-03 09:00")

    with pytest.raises(NotNow) as refusal:
        ask(given, dossier, there, "2026-03-03 10:00")

    assert refusal.value.code == "opinion_asked_already"
