"""The drawing of a definition: accessible, nothing over anything, no text that runs as markup."""

import re
from xml.etree import ElementTree

import pytest
from django.utils import translation

from tests.given.definitions import changed, plain_definition
from workflows.catalogue import shipped
from workflows.drawing import Passage, State, draw, picture_of
from workflows.graph import Step
from workflows.parsing import parse

SVG = "{http://www.w3.org/2000/svg}"


def lane(step: Step) -> str:
    return step.role


def drawn(data, **more):
    with translation.override("en"):
        picture = picture_of(parse(data), title="Quy trình", language="en", lane=lane, **more)
        return picture, ElementTree.fromstring(draw(picture))  # noqa: S314 -- our own text


def test_a_drawing_says_in_words_what_it_shows():
    picture, svg = drawn(plain_definition())

    assert svg.get("role") == "img"
    named = {one.get("id"): one.text for one in svg if one.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [named[name] for name in svg.get("aria-labelledby").split()] == [
        "Quy trình",
        picture.description,
    ]
    assert picture.description.startswith("1. Receive, clerk, 4")


def test_each_lane_is_drawn_once_and_each_step_in_it():
    _picture, svg = drawn(plain_definition())

    lanes = [
        "".join(text.itertext())
        for text in svg.iter(f"{SVG}text")
        if text.get("class") == "lane-name"
    ]
    assert lanes == ["clerk", "officer", "approver"]
    assert len([one for one in svg.iter(f"{SVG}g") if one.get("class") == "step"]) == 4


def test_a_running_dossier_shows_where_it_stands_and_the_time_used():
    passages = {
        "receive": Passage(State.DONE, "20 minutes"),
        "appraise": Passage(State.LATE, "4 days"),
    }

    picture, svg = drawn(plain_definition(), passages=passages)

    classes = [
        one.get("class") for one in svg.iter(f"{SVG}g") if "step" in (one.get("class") or "")
    ]
    assert classes == ["step is-done", "step is-late", "step is-next", "step is-next"]
    with translation.override("en"):
        assert picture.boxes[1].words == "Appraise, officer, 4 days / 3.5 working days, late"


def test_names_are_text_and_never_markup():
    _picture, svg = drawn(
        changed(plain_definition(), "sign", name={"vi": "<script>x</script> & co"})
    )

    assert [one.tag for one in svg.iter() if "script" in one.tag] == []


@pytest.mark.parametrize(
    "entry", shipped.read_json("definitions.json"), ids=lambda entry: entry["procedure"]
)
def test_no_box_lies_on_another_and_no_line_runs_over_a_box(entry):
    _picture, svg = drawn(entry["definition"])
    boxes = [
        tuple(int(one.find(f"{SVG}rect").get(name)) for name in ("x", "y", "width", "height"))
        for one in svg.iter(f"{SVG}g")
        if "step" in (one.get("class") or "")
    ]

    assert len({box[:2] for box in boxes}) == len(boxes)
    for path in svg.iter(f"{SVG}path"):
        if "way" in (path.get("class") or ""):
            points = [tuple(map(int, pair)) for pair in re.findall(r"(\d+) (\d+)", path.get("d"))]
            for start, end in zip(points, points[1:], strict=False):
                assert not any(crosses(start, end, box) for box in boxes), (start, end)


def crosses(start, end, box):
    """Whether a level or upright stretch runs through the inside of a box."""
    left, top, width, height = box
    low_x, high_x = sorted((start[0], end[0]))
    low_y, high_y = sorted((start[1], end[1]))
    return low_x < left + width and high_x > left and low_y < top + height and high_y > top
