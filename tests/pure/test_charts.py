"""Charts drawn as SVG: read back as XML, as a browser and a screen reader meet them."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers import charts
from dossiers.charts import Bar, Caption, Point, Ranked, Taken

CAPTION = Caption(
    "Tồn quá hạn đã bao lâu", "318 hồ sơ quá hạn 2–5 ngày", "Nguồn: OneStop, chốt 31/10/2026."
)
AGES = [Bar("1 ngày trở xuống", 231), Bar("2–5 ngày", 318), Bar("trên 30 ngày", 42)]
DEPARTMENTS = [
    Ranked("Sở Xây dựng", 171, 2140),
    Ranked("Sở Quy hoạch - Kiến trúc", 16, 412),
    Ranked("Sở Văn hóa và Thể thao", 2, 806),
]
MONTHS = [Point(f"{month}/2026", value) for month, value in enumerate((0.049, 0.046, 0.032), 1)]
STEPS = [
    Taken("Thẩm định", 9, 15, 7),
    Taken("Ký duyệt", 1, 2.5, 2),
    Taken("Lấy ý kiến", 4, 8, None),
]


def number(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def percent(value: float) -> str:
    return f"{value * 100:.1f}%".replace(".", ",")


def read(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 (our own drawing)


def of_class(svg: str, kind: str) -> list[ElementTree.Element]:
    return [part for part in read(svg).iter() if part.get("class") == kind]


def words(svg: str) -> list[str]:
    return [part.text or "" for part in read(svg).iter() if part.tag == "text"]


EVERY_CHART = {
    "bars": lambda width: charts.bars(AGES, caption=CAPTION, written=number, width=width),
    "ageing": lambda width: charts.ageing(AGES, caption=CAPTION, written=number, width=width),
    "ranking": lambda width: charts.ranking(
        DEPARTMENTS, common=0.032, caption=CAPTION, written=percent, width=width
    ),
    "trend": lambda width: charts.trend(MONTHS, caption=CAPTION, written=percent, width=width),
    "time_taken": lambda width: charts.time_taken(
        STEPS, caption=CAPTION, written=number, width=width
    ),
}


@pytest.mark.parametrize("draw", EVERY_CHART.values(), ids=EVERY_CHART)
@pytest.mark.parametrize(("width", "size"), [(520, "chart--wide"), (300, "chart--narrow")])
def test_every_chart_is_a_picture_with_words(draw, width, size):
    picture = read(draw(width))

    assert picture.get("role") == "img"
    assert picture.get("aria-label") == CAPTION.title
    assert [picture[0].tag, picture[0].text] == ["title", CAPTION.title]
    assert [picture[1].tag, picture[1].text] == ["desc", CAPTION.description]
    assert picture.get("class") == f"chart {size}"
    assert picture.get("viewBox").split()[2] == str(width)
    assert "OneStop" in " ".join(words(draw(width)))


@pytest.mark.parametrize("draw", EVERY_CHART.values(), ids=EVERY_CHART)
def test_colours_come_from_the_style_sheet_only(draw):
    svg = draw(520)

    assert not re.search(r"(fill|stroke|style)=", svg)
    assert "#" not in svg


@pytest.mark.parametrize("draw", EVERY_CHART.values(), ids=EVERY_CHART)
@pytest.mark.parametrize("width", [520, 300])
def test_nothing_is_drawn_outside_the_picture(draw, width):
    picture = read(draw(width))
    height = float(picture.get("viewBox").split()[3])

    for part in picture.iter("rect"):
        left, wide = float(part.get("x")), float(part.get("width"))
        assert left + 1.5 >= 0
        assert left + wide <= width
    for part in picture.iter("text"):
        assert 0 <= float(part.get("x")) <= width
        assert 9 <= float(part.get("y")) <= height


def test_a_page_gets_both_sizes():
    svg = charts.both(EVERY_CHART["bars"])

    assert svg.count("<svg") == 2
    assert svg.index("chart--wide") < svg.index("chart--narrow")


def test_bars_begin_at_zero_and_are_as_long_as_their_numbers():
    svg = charts.bars(AGES, caption=CAPTION, written=number)

    lengths = [float(bar.get("width")) for bar in of_class(svg, "fill-1")]
    starts = {bar.get("x") for bar in of_class(svg, "fill-1")}

    assert len(starts) == 1
    assert lengths[0] / lengths[1] == pytest.approx(231 / 318, abs=0.002)
    assert lengths[2] / lengths[1] == pytest.approx(42 / 318, abs=0.002)


def test_every_bar_has_its_label_and_its_value_written():
    text = words(charts.bars(AGES, caption=CAPTION, written=number))

    assert text[:6] == ["1 ngày trở xuống", "231", "2–5 ngày", "318", "trên 30 ngày", "42"]


def test_ageing_is_in_the_colour_of_lateness():
    svg = charts.ageing(AGES, caption=CAPTION, written=number)

    assert len(of_class(svg, "fill-3")) == 3
    assert of_class(svg, "fill-1") == []


def test_a_unit_is_marked_late_only_if_its_whole_interval_is_above_the_common_share():
    svg = charts.ranking(DEPARTMENTS, common=0.032, caption=CAPTION, written=percent)

    # 171/2140 lies above 3.2 % with its interval; 16/412 = 3.9 % does not.
    assert len(of_class(svg, "fill-3")) == 1
    assert len(of_class(svg, "fill-1")) == 2
    assert len(of_class(svg, "fill-2")) == 3


def test_a_ranked_share_stands_with_its_two_numbers():
    text = words(charts.ranking(DEPARTMENTS, common=0.032, caption=CAPTION, written=percent))

    assert {"8,0% (171/2140)", "3,9% (16/412)", "0,2% (2/806)"} <= set(text)


def test_a_unit_that_resolved_nothing_has_no_share():
    idle = [*DEPARTMENTS, Ranked("Sở Dân tộc và Tôn giáo", 0, 0)]

    svg = charts.ranking(idle, common=0.032, caption=CAPTION, written=percent)

    assert len(of_class(svg, "fill-2")) == 3
    assert "–" in words(svg)
    assert "100,0%" not in words(svg)


def test_names_too_long_to_stand_beside_stand_above_their_bar_whole():
    long_names = [Bar("UBND phường Văn Miếu - Quốc Tử Giám, bộ phận tiếp nhận và trả kết quả", 3)]

    svg = charts.bars(long_names, caption=CAPTION, written=number, width=300)

    label = " ".join(words(svg)).split(" 3 ")[0]
    assert label == long_names[0].label
    assert of_class(svg, "fill-1")[0].get("x") == "0"


def test_a_trend_writes_its_last_value_and_its_last_month():
    text = words(charts.trend(MONTHS, caption=CAPTION, written=percent))

    assert {"3,2%", "3/2026", "0,0%"} <= set(text)


def test_a_month_without_a_number_breaks_the_line():
    values = [0.05, 0.04, None, 0.03, None, 0.02, 0.03]
    points = [Point(f"{month}/2026", value) for month, value in enumerate(values, 1)]

    svg = charts.trend(points, caption=CAPTION, written=percent)

    runs = [line.get("points").split() for line in of_class(svg, "line stroke-1")]
    assert [len(run) for run in runs] == [2, 1, 2]
    # The month alone and the last month have a mark.
    assert svg.count("<circle") == 2


def test_a_step_over_its_share_is_in_the_colour_of_lateness():
    svg = charts.time_taken(STEPS, caption=CAPTION, written=number)

    assert len(of_class(svg, "fill-3")) == 1
    assert len(of_class(svg, "fill-1")) == 2
    # Whisker and its end for each step, and a stroke where a share was granted.
    assert len(of_class(svg, "share")) == 2 * 3 + 2


@pytest.mark.parametrize(
    "svg",
    [
        charts.bars([], caption=CAPTION, written=number),
        charts.bars([Bar("không", 0)], caption=CAPTION, written=number),
        charts.ranking([], common=0, caption=CAPTION, written=percent),
        charts.trend([], caption=CAPTION, written=percent),
        charts.trend([Point("1/2026", None)], caption=CAPTION, written=percent),
        charts.trend([Point("1/2026", 0)], caption=CAPTION, written=percent),
        charts.time_taken([], caption=CAPTION, written=number),
    ],
)
def test_a_chart_of_nothing_is_still_a_picture(svg):
    assert read(svg).get("role") == "img"
    assert "nan" not in svg


def test_text_is_escaped():
    hostile = '<script>alert("1")</script> & "x"'

    svg = charts.bars([Bar(hostile, 1)], caption=Caption(hostile, hostile), written=number)

    assert "<script" not in svg
    assert read(svg).get("aria-label") == hostile


def test_the_interval_of_a_share_is_wilsons():
    low, high = charts.likely_share(8, 10)

    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert charts.likely_share(0, 0) == (0.0, 1.0)


@given(whole=st.integers(1, 100_000), part=st.integers(0, 100_000))
def test_a_share_lies_in_its_interval(whole, part):
    part = min(part, whole)

    low, high = charts.likely_share(part, whole)

    assert 0 <= low <= part / whole + 1e-12
    assert part / whole - 1e-12 <= high <= 1


@given(values=st.lists(st.floats(0, 1e7), min_size=1, max_size=30))
def test_a_longer_bar_is_never_drawn_shorter(values):
    items = [Bar(str(place), value) for place, value in enumerate(sorted(values))]

    svg = charts.bars(items, caption=CAPTION, written=number)

    lengths = [float(bar.get("width")) for bar in of_class(svg, "fill-1")]
    assert all(shorter <= longer for shorter, longer in pairwise(lengths))
