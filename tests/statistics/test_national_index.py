"""The national index (Decision 766/QĐ-TTg): published scores come out of their published numbers.

The numbers of H21.17, H21.24 and H21.20 are those of the national portal's page on the quality of
service of Gia Lai, 2026 to 10 October.
"""

import io
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from dossiers.statistics.national_index import UnfitInput, scores

SEEN = {
    "code": "H21.17",
    "groups": {"CKMB": 1, "ONLINE": 6.72, "TTTT": 8.61},
    "TDGQ": {"received": 654, "on_time": 653},
    "CKMB": {
        "publish_on_time": [1, 47],
        "update_on_time": [43, 47],
        "content_full": [47, 47],
        "dossier_sync": [547, 547],
    },
    "MDSH": {
        "electronic_result": [610, 654],
        "digitised": [603, 654],
        "reused": [636, 654],
        "shared_for_reuse": [0, 654],
        "citizen_data_dossiers": [220, 654],
        "citizen_data_procedures": [16, 147],
        "certified_copy": None,
    },
    "MDHL": {
        "satisfied": [653, 654],
        "petitions": 0,
        "petitions_on_time": 0,
        "petitions_satisfied": 0,
    },
}


def score(**changes):
    (found,) = scores({"agencies": [SEEN | changes]})
    return found


def groups(found):
    return {name: str(points) for name, points in found.groups.items()}


def test_a_published_score_comes_out_of_its_numbers():
    found = score()

    assert groups(found) == {
        "CKMB": "11.79", "TDGQ": "19.97", "ONLINE": "6.72", "TTTT": "8.61", "MDSH": "14.18",
        "MDHL": "18.00",
    }  # fmt: skip
    assert (found.total, found.band) == (Decimal("79.27"), "fair")


def test_nothing_received_is_no_progress_and_no_petition_full_marks():
    nothing = {"received": 0, "on_time": 0}
    satisfaction = {"satisfied": [0, 0], "petitions": 0}

    found = score(TDGQ=nothing, MDHL=satisfaction)

    assert (groups(found)["TDGQ"], groups(found)["MDHL"]) == ("0.00", "12.00")


def test_petitions_count_by_their_own_shares():
    answered = {"petitions": 3, "petitions_on_time": 2, "petitions_satisfied": 1}

    found = score(MDHL={"satisfied": [81, 100], **answered})

    points = [str(one.points) for one in found.components["MDHL"]]
    assert points == ["5.40", "4.00", "2.00"]


def test_what_is_not_published_counts_nothing_but_certified_copies():
    found = score(CKMB={"publish_on_time": [1, 1]}, MDSH={})

    assert (groups(found)["CKMB"], groups(found)["MDSH"]) == ("6.00", "2.00")


def test_components_are_rounded_half_up_before_they_are_added():
    # 6 x 1/800 = 0.0075 and 4 x 1/800 = 0.005: 0.01 and 0.01.
    found = score(CKMB={"publish_on_time": [1, 800], "update_on_time": [1, 800]})

    assert groups(found)["CKMB"] == "0.02"


def test_groups_without_numbers_are_taken_as_published_or_left_out():
    bare = {"agencies": [{"code": "H26.1", "groups": {"TTTT": 3, "TDGQ": 15.23}}]}

    (found,) = scores(bare)

    assert (groups(found), found.total) == ({"TDGQ": "15.23", "TTTT": "3.00"}, Decimal("18.23"))


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_no_group_leaves_its_bounds(one, other):
    part, whole = sorted((one, other))
    pair = [part, whole]
    found = score(
        TDGQ={"received": whole, "on_time": part},
        CKMB=dict.fromkeys(SEEN["CKMB"], pair),
        MDSH=dict.fromkeys(SEEN["MDSH"], pair),
        MDHL={"satisfied": pair, "petitions": whole, "petitions_on_time": part,
              "petitions_satisfied": part},
    )  # fmt: skip

    most = {"CKMB": 18, "TDGQ": 20, "MDSH": 22, "MDHL": 18}
    assert all(0 <= found.groups[name] <= points for name, points in most.items())


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"code": ""}, "agencies[0].code"),
        ({"TDGQ": {"received": 5, "on_time": 6}}, "agencies[0].TDGQ.on_time"),
        ({"TDGQ": {"received": 5}}, "agencies[0].TDGQ.on_time"),
        ({"TDGQ": 5}, "agencies[0].TDGQ"),
        ({"CKMB": {"content_full": [1]}}, "agencies[0].CKMB.content_full"),
        ({"CKMB": {"content_full": [-1, 2]}}, "agencies[0].CKMB.content_full"),
        ({"groups": {"TTTT": "many"}}, "agencies[0].groups.TTTT"),
    ],
)
def test_a_number_that_cannot_be_is_named_by_its_place(changes, place):
    with pytest.raises(UnfitInput) as refused:
        score(**changes)

    assert refused.value.place == place


def run(path):
    out = io.StringIO()
    call_command("index", inputs=path, format="json", stdout=out)
    return json.loads(out.getvalue())


def test_the_command_prints_groups_and_totals(tmp_path):
    path = tmp_path / "inputs.json"
    path.write_text(json.dumps({"agencies": [SEEN]}), encoding="utf-8")

    assert run(path) == {
        "agencies": [
            {
                "code": "H21.17",
                "groups": {
                    "CKMB": 11.79, "TDGQ": 19.97, "ONLINE": 6.72, "TTTT": 8.61, "MDSH": 14.18,
                    "MDHL": 18.0,
                },
                "total": 79.27,
            }
        ]
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"agencies": [1]}', "[" * 100_000])
def test_what_cannot_be_read_is_one_line(tmp_path, text):
    path = tmp_path / "inputs.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CommandError) as refused:
        run(path)

    assert (refused.value.returncode, "\n" in str(refused.value)) == (2, False)


@pytest.mark.real_data
def test_all_ten_published_agencies_agree_to_the_hundredth():
    path = Path(os.environ["ONESTOP_REAL_DATA"]) / "statistics" / "gia-lai-2026-index.json"
    published = json.loads(path.read_text(encoding="utf-8"))["agencies"]
    bare = [
        one | {"groups": {name: one["groups"][name] for name in ("ONLINE", "TTTT")}}
        for one in published
    ]

    found = scores({"agencies": bare})

    assert [{name: float(points) for name, points in one.groups.items()} for one in found] == [
        {name: one["groups"][name] for name in found[0].groups} for one in published
    ]
    assert [float(one.total) for one in found] == [one["total"] for one in published]


@pytest.mark.real_data
def test_groups_of_every_province_add_up_to_its_total():
    folder = Path(os.environ["ONESTOP_REAL_DATA"]) / "statistics"
    read = json.loads((folder / "vietnam-2026-index-by-province.json").read_text(encoding="utf-8"))

    found = scores({"agencies": read["provinces"]})

    assert len(found) == 34
    published = {one["code"]: Decimal(str(one["total"])) for one in read["provinces"]}
    assert all(abs(one.total - published[one.code]) <= Decimal("0.01") for one in found)
