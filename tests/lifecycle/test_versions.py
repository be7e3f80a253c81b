"""Moving dossiers to another version of their workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.utils import translation

from dossiers.errors import Invalid, NotAllowed, NotNow, Refusal
from dossiers.firing import fire_due
from dossiers.lifecycle import ending, progress, undo, versions
from dossiers.models import Breach, ClockRow, Dossier, Event, Stop, Timer
from dossiers.reading import road, story
from dossiers.reading.sentences import of_event
from dossiers.reading.steps import key_now
from dossiers.statistics.verify import differences
from tests.given.city import City, city, moment
from tests.given.definitions import changed, outcome, plain_definition, step
from workflows.actors import STAFF, Actor, held
from workflows.catalogue import definitions
from workflows.editing import add_step, replace_step
from workflows.models import Definition, Post, Role

pytestmark = pytest.mark.django_db

SAME = {"receive": "receive", "appraise": "appraise", "sign": "sign", "deliver": "deliver"}


@pytest.fixture
def given() -> City:
    return city()


def manager(given: City) -> Actor:
    post, _made = Post.objects.get_or_create(
        role=Role.CATALOGUE_MANAGER,
        agency=given.root,
        defaults={"name": "Ế", "title": "", "valid_from": moment("2020-01-01 00:00").date()},
    )
    return Actor(kind=STAFF, posts=(held(post),))


def published(given: City, body: Any) -> Definition:
    return definitions.publish(given.procedure, body, at=moment("2026-03-01 00:00"))


def examined() -> Any:
    """The plain road whose appraisal is called otherwise and followed by a check."""
    body = plain_definition()
    body["steps"][1]["share"] = {"amount": "3", "unit": "working_day"}
    renamed = {**body["steps"][1], "key": "examine", "name": {"vi": "Thẩm tra", "en": "Examine"}}
    body = replace_step(body, "appraise", renamed)
    return add_step(
        body, step("review", "check", "end", role="unit_head", share="4 working_hour"), "examine"
    )


def move(
    given: City,
    dossier: Dossier,
    to: Definition,
    mapping: Mapping[str, str],
    at: str = "2026-03-03 10:00",
    by: Actor | None = None,
    reason: str = "Quyết định 12/QĐ-UBND",
) -> Dossier:
    return versions.move_to_version(
        dossier.pk,
        definition=to.pk,
        mapping=mapping,
        reason=reason,
        by=by or manager(given),
        at=moment(at),
    )


def clocks(dossier: Dossier) -> list[tuple[Any, ...]]:
    rows = ClockRow.objects.filter(dossier=dossier).order_by("pk")
    return list(
        rows.values_list(
            "kind", "state", "limit_at", "promised_at", "remaining", "grounds", "anchor_at"
        )
    )


def timers(dossier: Dossier) -> list[tuple[Any, ...]]:
    rows = Timer.objects.filter(dossier=dossier).order_by("pk")
    return list(rows.values_list("pk", "clock", "kind", "fires_at"))


def agree(at: str) -> bool:
    return [str(line) for line in differences(moment(at))] == []


def test_a_dossier_goes_on_by_the_new_version_with_clock_promise_and_timers_as_they_were(
    given: City,
) -> None:
    dossier = given.receive("2026-03-02 08:10")
    progress.claim(dossier.pk, by=given.acting(Role.OFFICER), at=moment("2026-03-02 09:00"))
    to = published(given, examined())
    before = clocks(dossier), timers(dossier)

    moved = move(given, dossier, to, SAME | {"appraise": "examine"})

    assert Dossier.objects.get(pk=dossier.pk).definition == to
    assert (clocks(dossier), timers(dossier)) == before
    runs = moved.step_runs.exclude(key="receive")
    assert [(run.key, run.state, run.officer, run.outcome) for run in runs] == [
        ("appraise", "done", given.posts["officer"], "moved"),
        ("examine", "working", given.posts["officer"], ""),
    ]
    share = ClockRow.objects.get(dossier=dossier, kind="step")
    assert share.step_run.key == "examine"
    assert agree("2026-03-04 00:00")


def test_the_move_is_recorded_with_both_versions_and_the_mapping(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    to = published(given, examined())

    move(given, dossier, to, SAME | {"appraise": "examine"})

    event = Event.objects.filter(dossier=dossier).latest("n")
    assert (event.kind, event.post.role) == ("moved_to_version", "catalogue_manager")
    assert event.facts == {
        "from_version": 1,
        "to_version": 2,
        "from_definition": dossier.definition_id,
        "to_definition": to.pk,
        "mapping": SAME | {"appraise": "examine"},
        "step": "appraise",
        "ordinal": 2,
        "next": "examine",
    }
    with translation.override("vi"):
        line = of_event(Dossier.objects.get(pk=dossier.pk), event)
    assert "Thẩm tra" in line.detail
    assert "Appraise" in line.detail


def test_a_moved_dossier_is_finished_by_the_new_version(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    move(given, dossier, published(given, examined()), SAME | {"appraise": "examine"})

    given.advance(dossier, Role.OFFICER, "2026-03-03 11:00")
    given.advance(dossier, Role.UNIT_HEAD, "2026-03-03 14:00")
    given.advance(dossier, Role.APPROVER, "2026-03-04 09:00")
    ended = given.conclude(dossier, "2026-03-04 10:00")

    assert ended.status == "concluded"
    assert agree("2026-03-05 00:00")


def test_a_step_that_is_the_same_stays_the_same_passage(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    to = published(given, changed(plain_definition(), "sign", name={"vi": "Ký duyệt"}))

    moved = move(given, dossier, to, SAME)

    assert [run.key for run in moved.step_runs.all()] == ["receive", "appraise"]
    assert moved.definition == to


def test_what_was_stopped_stays_stopped_and_goes_on_with_what_was_left(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.ask_supplement(dossier, "2026-03-02 10:00")
    before = clocks(dossier), timers(dossier), Stop.objects.filter(to_at=None).count()

    move(given, dossier, published(given, examined()), SAME | {"appraise": "examine"})

    after = clocks(dossier), timers(dossier), Stop.objects.filter(to_at=None).count()
    assert after == before
    supplied = given.supply(dossier, "2026-03-04 10:00")
    assert (supplied.status, supplied.definition.version) == ("processing", 2)
    assert agree("2026-03-05 00:00")


def test_nothing_fires_twice(given: City) -> None:
    late, fresh = given.receive("2026-03-02 08:10"), given.receive("2026-03-09 08:10")
    fire_due(moment("2026-03-10 09:00"))
    breaches = set(Breach.objects.values_list("pk", flat=True))
    flagged = Event.objects.filter(kind="breached").count()
    to = published(given, examined())

    moved = versions.move_all(
        [late.pk, fresh.pk],
        definition=to.pk,
        mapping=SAME | {"appraise": "examine"},
        reason="Quyết định",
        by=manager(given),
        at=moment("2026-03-10 09:30"),
    )
    fire_due(moment("2026-03-10 09:40"))

    assert (len(moved.moved), moved.refused) == (2, [])
    assert moved.timers_before == moved.timers_after > 0
    assert moved.timers_changed == 0
    assert set(Breach.objects.values_list("pk", flat=True)) == breaches != set()
    assert Event.objects.filter(kind="breached").count() == flagged
    assert agree("2026-03-10 10:00")


def test_a_result_at_the_counter_waits_there_by_the_new_version(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.handed_to_counter(dossier, "2026-03-04 09:00")
    body = examined()
    body = replace_step(body, "deliver", {**body["steps"][-1], "key": "hand-out"})
    before = clocks(dossier), timers(dossier)

    moved = move(
        given,
        dossier,
        published(given, body),
        SAME | {"appraise": "examine", "deliver": "hand-out"},
        at="2026-03-04 09:30",
    )

    assert (clocks(dossier), timers(dossier)) == before
    assert moved.waits_for_counter
    assert given.conclude(dossier, "2026-03-04 10:00").status == "concluded"
    assert agree("2026-03-05 00:00")


def test_another_role_takes_the_step_up_anew(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    progress.claim(dossier.pk, by=given.acting(Role.OFFICER), at=moment("2026-03-02 09:00"))
    to = published(given, examined())

    moved = move(given, dossier, to, SAME | {"appraise": "review"})

    run = moved.step_runs.last()
    assert run is not None
    assert (run.key, run.role, run.state, run.officer) == ("review", "unit_head", "waiting", None)


@pytest.mark.parametrize(
    ("case", "mapping", "code"),
    [
        ("empty", {}, "mapping_not_total"),
        ("passed left out", {"appraise": "examine"}, "mapping_not_total"),
        ("under way left out", {"receive": "receive"}, "mapping_not_total"),
        ("under way gone", SAME | {"appraise": ""}, "mapping_not_total"),
        ("unknown", SAME | {"appraise": "nowhere"}, "mapping_unknown"),
        ("passed unknown", SAME | {"receive": "no", "appraise": "examine"}, "mapping_unknown"),
        ("to the counter", SAME | {"appraise": "deliver"}, "mapping_delivers"),
        ("back to the start", SAME | {"appraise": "receive"}, "mapping_nobody"),
    ],
)
def test_a_mapping_that_is_not_total_or_does_not_fit_moves_nothing(
    given: City, case: str, mapping: dict[str, str], code: str
) -> None:
    dossier = given.receive("2026-03-02 08:10")
    to = published(given, examined())
    before = clocks(dossier), timers(dossier)

    with pytest.raises(Invalid) as refusal:
        move(given, dossier, to, mapping)

    assert (refusal.value.code, case != "") == (code, True)
    assert "%(" not in refusal.value.sentence
    assert Dossier.objects.get(pk=dossier.pk).definition_id == dossier.definition_id
    assert (clocks(dossier), timers(dossier)) == before
    assert Event.objects.filter(dossier=dossier).count() == 1


def test_a_passed_step_may_have_no_counterpart(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    to = published(given, examined())

    moved = move(given, dossier, to, {"receive": "", "appraise": "examine"})

    assert moved.definition == to


def test_only_the_version_in_force_of_its_own_procedure_is_moved_to(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    old = Definition.objects.get()
    with pytest.raises(Invalid) as itself:
        move(given, dossier, old, SAME)
    published(given, examined())

    with pytest.raises(Invalid) as retired:
        move(given, dossier, old, SAME)

    assert (itself.value.code, retired.value.code) == ("version_already", "no_such_version")


def test_who_may_not_and_what_ended_and_without_a_reason(given: City) -> None:
    dossier, ended = given.receive("2026-03-02 08:10"), given.receive("2026-03-02 08:11")
    ending.withdraw(ended.pk, by=given.acting(Role.CLERK), at=moment("2026-03-02 09:00"))
    to = published(given, examined())
    mapping = SAME | {"appraise": "examine"}

    with pytest.raises(NotAllowed):
        move(given, dossier, to, mapping, by=given.acting(Role.SUPERVISOR))
    with pytest.raises(NotNow):
        move(given, ended, to, mapping)
    with pytest.raises(Invalid) as wordless:
        move(given, dossier, to, mapping, reason=" ")

    assert wordless.value.code == "reason_needed"
    assert Event.objects.filter(kind="moved_to_version").count() == 0


def test_returns_are_counted_on_through_the_mapping(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    for hour in ("10", "14"):
        given.advance(dossier, Role.OFFICER, f"2026-03-03 {hour}:00")
        given.advance(dossier, Role.APPROVER, f"2026-03-03 {hour}:30", "send_back")
    body = plain_definition()
    body = replace_step(body, "sign", {**body["steps"][2], "key": "approve"})
    move(given, dossier, published(given, body), SAME | {"sign": "approve"}, "2026-03-03 16:00")
    given.advance(dossier, Role.OFFICER, "2026-03-03 16:30")

    with pytest.raises(NotNow) as refusal:
        given.advance(dossier, Role.APPROVER, "2026-03-03 16:40", "send_back")
    found = story.find(dossier.handle, given.acting(Role.APPROVER))
    assert found is not None
    offered = story.story(found, moment("2026-03-03 16:40")).outcomes

    assert refusal.value.code == "returns_used_up"
    assert [choice.key for choice in offered] == ["done"]


def test_an_act_before_the_move_is_not_taken_back_one_after_it_is(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-02 10:00")
    to = published(given, changed(plain_definition(), "sign", name={"vi": "Ký duyệt"}))
    move(given, dossier, to, SAME)
    officer, approver = given.acting(Role.OFFICER), given.acting(Role.APPROVER)

    with pytest.raises(Refusal):
        undo.undo(dossier.pk, by=officer, at=moment("2026-03-03 11:00"))
    progress.claim(dossier.pk, by=approver, at=moment("2026-03-03 11:00"))
    undo.undo(dossier.pk, by=approver, at=moment("2026-03-03 11:01"))

    assert Dossier.objects.get(pk=dossier.pk).definition == to
    assert agree("2026-03-04 00:00")


def test_a_batch_refuses_one_and_moves_the_others(given: City) -> None:
    appraised, signed = given.receive("2026-03-02 08:10"), given.receive("2026-03-02 08:11")
    given.advance(signed, Role.OFFICER, "2026-03-02 10:00")
    to = published(given, examined())

    moved = versions.move_all(
        [appraised.pk, signed.pk, 0],
        definition=to.pk,
        mapping={"receive": "receive", "appraise": "examine"},
        reason="Quyết định",
        by=manager(given),
        at=moment("2026-03-03 10:00"),
    )

    assert moved.moved == [appraised.code]
    assert [(code, refusal.code) for code, refusal in moved.refused] == [
        ("0", "not_found"),
        (signed.code, "mapping_not_total"),
    ]


def test_the_preview_tells_where_they_stand_and_what_does_not_fit(given: City) -> None:
    appraised, signed = given.receive("2026-03-02 08:10"), given.receive("2026-03-02 08:11")
    given.advance(signed, Role.OFFICER, "2026-03-02 10:00")
    after = published(given, examined()).graph()
    mapping = versions.suggested(Definition.objects.get(version=1).graph(), after)

    told = versions.preview(
        [appraised.pk, signed.pk], after, mapping, at=moment("2026-03-03 10:00")
    )

    assert mapping == {"receive": "receive", "sign": "sign", "deliver": "deliver"}
    assert (told.dossiers, told.standing) == (2, {"appraise": 1, "sign": 1})
    assert told.passed == {"receive": 2, "appraise": 1}
    assert told.faults == {"appraise": "mapping_not_total"}
    assert told.timers == Timer.objects.filter(fires_at__gte=moment("2026-03-03 10:00")).count()


def test_the_road_and_the_drawing_follow_the_version_that_the_dossier_is_on(given: City) -> None:
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-02 10:00")
    body = examined()
    body = replace_step(
        body, "sign", {**body["steps"][3], "key": "approve", "name": {"vi": "Duyệt"}}
    )
    mapping = {"receive": "receive", "appraise": "examine", "sign": "approve"}
    move(given, dossier, published(given, body), mapping)
    fresh = Dossier.objects.select_related("definition").get(pk=dossier.pk)
    runs = list(fresh.step_runs.select_related("agency", "unit"))

    steps = road.road(fresh, runs, late=False, language="vi")

    assert [(step.name, step.state) for step in steps] == [
        ("Receive", "done"),
        ("Appraise", "done"),
        ("Duyệt", "now"),
        ("Deliver", "next"),
    ]
    assert [key_now(fresh, run.key) for run in runs] == [
        "receive", "examine", "approve", "approve",
    ]  # fmt: skip


def test_an_outcome_and_a_step_of_the_version_left_keep_their_names(given: City) -> None:
    body = plain_definition()
    body["steps"][1]["outcomes"] = [outcome("done", "sign", label={"vi": "Đạt"})]
    first = published(given, body)
    dossier = given.receive("2026-03-02 08:10")
    given.advance(dossier, Role.OFFICER, "2026-03-02 10:00")
    move(
        given,
        dossier,
        published(given, examined()),
        SAME | {"appraise": "examine"},
    )
    fresh = Dossier.objects.get(pk=dossier.pk)

    said = of_event(fresh, Event.objects.get(dossier=dossier, kind="advanced"))

    assert first.version == 2
    assert said.detail.startswith("Appraise: Đạt")
