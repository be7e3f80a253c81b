"""Whose a delay is, how long it was, and who answers for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dossiers.errors import Invalid, NotAllowed, NotNow
from dossiers.firing import fire_due
from dossiers.lifecycle import breach, ending, intake, progress, submission
from dossiers.models import Breach, Dossier, Entry, Event, Reason, Statement
from dossiers.reading.to_explain import to_explain
from notifications.models import Message
from tests.given.chain import Chain, chain
from tests.given.city import City, city, moment
from workflows.actors import CITIZEN, STAFF, Actor, held
from workflows.models import Post, Role

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def given() -> City:
    return city()


def late(town: City) -> tuple[Dossier, Breach]:
    """Received on Monday; the limit was the Monday after, 17:30."""
    dossier = town.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-10 08:00"))
    return dossier, town.breach_of(dossier)


def nothing_said(flagged: Breach, events: int) -> None:
    """Nothing was changed: same state, no statement, no event."""
    assert Breach.objects.get(pk=flagged.pk).state == "unexplained"
    assert not Statement.objects.exists()
    assert Event.objects.filter(dossier=flagged.dossier_id).count() == events


# What a breach records


def test_a_breach_records_the_limit_the_moment_and_until_when_an_apology_is_in_time(
    given: City,
) -> None:
    _dossier, flagged = late(given)

    assert flagged.clock.kind == "dossier"
    assert flagged.limit_at == flagged.breached_at == moment("2026-03-09 17:30")
    assert flagged.apology_due_at == moment("2026-03-10 17:30")
    assert (flagged.held_by_unit, flagged.step_run.key) == (given.division, "appraise")


def test_the_officer_holding_it_is_named(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    officer = given.acting(Role.OFFICER)
    progress.claim(dossier.pk, by=officer, at=moment("2026-03-03 09:00"))

    fire_due(moment("2026-03-10 08:00"))

    assert given.breach_of(dossier).officer == given.posts[Role.OFFICER]


def test_the_delay_so_far_grows_in_working_time_only(given: City) -> None:
    _dossier, flagged = late(given)

    assert flagged.delay_by(moment("2026-03-09 23:00")) == 0 * HOUR
    assert flagged.delay_by(moment("2026-03-10 10:00")) == 2 * HOUR
    assert flagged.delay_by(moment("2026-03-11 10:00")) == 10 * HOUR
    assert (flagged.ended_at, flagged.delay) == (None, None)


def test_the_delay_in_the_end_is_kept(given: City) -> None:
    dossier, flagged = late(given)
    given.handed_to_counter(dossier, "2026-03-11 09:00")
    given.conclude(dossier, "2026-03-11 10:00")

    ended = given.breach_of(dossier)

    assert ended.ended_at == moment("2026-03-11 10:00")
    assert ended.delay == ended.delay_by(moment("2026-03-20 10:00")) == 10 * HOUR
    assert ended.delay == -ended.clock.margin


def test_a_dossier_taken_back_after_the_limit_ends_its_delay(given: City) -> None:
    dossier, _flagged = late(given)

    ending.withdraw(dossier.pk, by=given.acting(Role.CLERK), at=moment("2026-03-10 09:00"))

    assert given.breach_of(dossier).delay == HOUR


def test_a_delay_that_its_own_end_was_first_to_notice_is_kept_too(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-09 10:00")

    given.conclude(dossier, "2026-03-10 09:30")

    assert given.breach_of(dossier).delay == 1.5 * HOUR


def test_opened_again_the_delay_goes_on(given: City) -> None:
    dossier, _flagged = late(given)
    given.handed_to_counter(dossier, "2026-03-10 09:00")
    given.conclude(dossier, "2026-03-10 10:00")
    ending.reopen(
        dossier.pk,
        reason="Kết quả sai",
        by=given.acting(Role.APPROVER),
        at=moment("2026-03-10 11:00"),
    )

    again = given.breach_of(dossier)

    assert (again.ended_at, again.delay) == (None, None)
    assert again.delay_by(moment("2026-03-10 12:00")) == 4 * HOUR


# Whose debt it is


@pytest.fixture
def two() -> Chain:
    return chain()


def test_two_agencies_late_in_one_chain_are_two_debts(two: Chain) -> None:
    dossier = two.city.receive("2026-03-02 08:00")
    # The department took 24 hours of its 16, the commune 16 of its 8.
    two.examined(dossier, "2026-03-05 08:00")
    fire_due(moment("2026-03-10 08:00"))

    flagged = two.city.breach_of(dossier)

    assert flagged.agency == two.city.commune
    assert flagged.debts == [
        {"agency": "H26.C001", "seconds": 24 * 3600, "over": 16 * 3600},
        {"agency": "H26.12", "seconds": 24 * 3600, "over": 8 * 3600},
    ]


def test_who_kept_to_its_share_owes_nothing(two: Chain) -> None:
    dossier = two.city.receive("2026-03-02 08:00")
    two.examined(dossier, "2026-03-03 17:00")

    fire_due(moment("2026-03-10 08:00"))

    assert [debt["agency"] for debt in two.city.breach_of(dossier).debts] == ["H26.C001"]


def test_the_applicants_time_is_nobodys_even_where_the_limit_began_anew(given: City) -> None:
    dossier = given.receive("2026-03-02 08:00")
    given.ask_supplement(dossier, "2026-03-03 08:00")
    given.supply(dossier, "2026-03-05 08:00")

    fire_due(moment("2026-03-20 08:00"))

    flagged = given.breach_of(dossier)
    assert flagged.breached_at == moment("2026-03-12 17:30")
    assert flagged.attribution[-1] == {
        "agency": "H26.C001",
        "unit": "H26.C001.02",
        "step": "appraise",
        "seconds": (8 + 6 * 8) * 3600,
    }


def test_another_agency_holding_it_is_the_reason_offered(two: Chain) -> None:
    dossier = two.city.receive("2026-03-02 08:00")
    fire_due(moment("2026-03-10 08:00"))
    theirs = two.city.breach_of(dossier)

    assert theirs.held_by_agency == two.department
    assert breach.likely_reason(theirs) == "other_agency"


def test_held_by_the_unit_itself_no_reason_is_offered(given: City) -> None:
    _dossier, flagged = late(given)

    assert breach.likely_reason(flagged) == ""


def test_a_result_that_waited_at_the_unit_was_handed_over_late(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-09 16:00")
    fire_due(moment("2026-03-10 08:00"))

    assert breach.likely_reason(given.breach_of(dossier)) == "late_hand_over"


# Who answers for it


def head_of(town: City, unit: object, agency: object) -> Actor:
    post = Post.objects.create(
        name="Một trưởng phòng",
        role=Role.UNIT_HEAD,
        agency=agency,
        unit=unit,
        valid_from=town.posts[Role.UNIT_HEAD].valid_from,
    )
    return Actor(kind=STAFF, user_id=1, name=post.name, posts=(held(post),))


def test_nobody_explains_for_another(two: Chain) -> None:
    town = two.city
    dossier = town.receive("2026-03-02 08:00")
    fire_due(moment("2026-03-10 08:00"))
    flagged, events = town.breach_of(dossier), Event.objects.filter(dossier=dossier).count()
    others = {
        "the head of another unit": head_of(town, town.counter, town.commune),
        "the head at the agency that held it": two.acting(Role.UNIT_HEAD),
        "the officer": town.acting(Role.OFFICER),
        "the agency head": town.acting(Role.APPROVER),
        "the supervisor": town.acting(Role.SUPERVISOR),
        "the clerk": town.acting(Role.CLERK),
    }

    codes = {}
    for name, actor in others.items():
        with pytest.raises(NotAllowed) as refused:
            breach.explain_breach(
                flagged.pk, reason="overload", text="…", by=actor, at=moment("2026-03-10 09:00")
            )
        codes[name] = refused.value.code

    assert codes == {
        "the head of another unit": "not_answerable",
        "the head at the agency that held it": "not_answerable",
        "the officer": "not_allowed",
        "the agency head": "not_allowed",
        "the supervisor": "not_allowed",
        "the clerk": "not_allowed",
    }
    nothing_said(flagged, events)


def test_a_late_reception_is_answered_for_by_who_runs_the_counter(given: City) -> None:
    dossier = submission.submit(
        procedure=given.procedure.code,
        channel="counter",
        receiving_agency=given.commune.pk,
        parties=[intake.PartyGiven(role="holder", name="Nguyễn Thị Ẩm")],
        papers=[intake.PaperGiven(item=given.paper.pk, form="electronic")],
        by=CITIZEN,
        at=moment("2026-03-02 09:00"),
    )
    fire_due(moment("2026-03-04 08:00"))
    flagged, at = Breach.objects.get(dossier=dossier, of="intake"), moment("2026-03-04 09:00")

    assert (flagged.agency, flagged.unit) == (given.commune, None)
    with pytest.raises(NotAllowed) as refused:
        breach.explain_breach(
            flagged.pk, reason="overload", text="…", by=given.acting(Role.UNIT_HEAD), at=at
        )
    counter = head_of(given, given.counter, given.commune)
    assert to_explain(given.acting(Role.UNIT_HEAD), at) == []
    assert [row.breach_id for row in to_explain(counter, at)] == [flagged.pk]
    breach.explain_breach(flagged.pk, reason="overload", text="Quá tải", by=counter, at=at)

    assert refused.value.code == "not_answerable"
    assert Breach.objects.get(pk=flagged.pk).state == "explained"


def test_with_the_agency_head_holding_it_only_the_leading_unit_answers(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-06 10:00")
    fire_due(moment("2026-03-10 08:00"))
    flagged, at = given.breach_of(dossier), moment("2026-03-10 09:00")

    assert flagged.held_by_unit is None
    with pytest.raises(NotAllowed):
        breach.explain_breach(
            flagged.pk,
            reason="overload",
            text="…",
            by=head_of(given, given.counter, given.commune),
            at=at,
        )
    breach.explain_breach(
        flagged.pk, reason="overload", text="Chờ ký", by=given.acting(Role.UNIT_HEAD), at=at
    )
    assert Breach.objects.get(pk=flagged.pk).state == "explained"


@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.OFFICER, Role.APPROVER, Role.CLERK])
def test_nobody_judges_for_the_supervisor(given: City, role: str) -> None:
    _dossier, flagged = late(given)
    at, actor = moment("2026-03-10 09:00"), given.acting(role)
    breach.explain_breach(
        flagged.pk, reason="overload", text="Quá tải", by=given.acting(Role.UNIT_HEAD), at=at
    )

    with pytest.raises(NotAllowed):
        breach.accept_explanation(flagged.pk, by=actor, at=at)
    with pytest.raises(NotAllowed):
        breach.return_explanation(flagged.pk, question="?", by=actor, at=at)

    assert Breach.objects.get(pk=flagged.pk).state == "explained"


def test_the_thread_stays(given: City) -> None:
    _dossier, flagged = late(given)
    head, watcher = given.acting(Role.UNIT_HEAD), given.acting(Role.SUPERVISOR)
    day = "2026-03-10"

    breach.explain_breach(
        flagged.pk, reason="overload", text="Quá tải", by=head, at=moment(f"{day} 09:00")
    )
    breach.return_explanation(flagged.pk, question="Ai giữ?", by=watcher, at=moment(f"{day} 10:00"))
    breach.explain_breach(
        flagged.pk, reason="late_assignment", text="Phòng giữ", by=head, at=moment(f"{day} 11:00")
    )
    breach.accept_explanation(flagged.pk, by=watcher, at=moment(f"{day} 14:00"))

    thread = Statement.objects.filter(breach=flagged).values_list("kind", "text", "reason")
    assert list(thread) == [
        ("explanation", "Quá tải", "overload"),
        ("return", "Ai giữ?", None),
        ("explanation", "Phòng giữ", "late_assignment"),
        ("acceptance", "", None),
    ]
    with pytest.raises(NotNow) as refused:
        breach.explain_breach(
            flagged.pk, reason="overload", text="…", by=head, at=moment(f"{day} 15:00")
        )
    assert refused.value.code == "already_accepted"


def test_a_reason_no_longer_offered_is_refused_but_stays_where_it_was_given(given: City) -> None:
    _dossier, flagged = late(given)
    events = Event.objects.filter(dossier=flagged.dossier_id).count()
    Reason.objects.filter(code="overload").update(is_offered=False)

    with pytest.raises(Invalid) as refused:
        breach.explain_breach(
            flagged.pk,
            reason="overload",
            text="…",
            by=given.acting(Role.UNIT_HEAD),
            at=moment("2026-03-10 09:00"),
        )

    assert refused.value.fields == {"reason": "unknown_reason"}
    nothing_said(flagged, events)


# A late step inside a dossier that is on time


def test_a_late_step_in_an_on_time_dossier_is_the_units_own_matter(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    fire_due(moment("2026-03-06 16:00"))  # appraising took its 3.5 days, the dossier has time

    step = Breach.objects.get(dossier=dossier)

    assert step.of == "step"
    assert (step.agency, step.unit) == (given.commune, given.division)
    assert (step.owes_explanation, step.owes_apology, step.apology_due_at) == (False, False, None)
    assert set(Entry.objects.filter(dossier=dossier).values_list("measure", flat=True)) == {
        "received"
    }
    assert not Message.objects.filter(topic="apology").exists()
