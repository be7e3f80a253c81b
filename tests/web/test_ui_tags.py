"""The tags of the design system: what a template gets for what it hands over."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from notifications.wording import NBSP
from onestop.ui.badges import STATUSES, TIME_ICONS
from onestop.ui.context import initials

NOW = datetime(2026, 11, 23, 3, 41, tzinfo=UTC)


def render(source, language="vi", **context):
    with translation.override(language):
        text = Template("{% load ui %}" + source).render(Context({"now": NOW, **context}))
    return text.replace(NBSP, " ")


def left(state, **fields):
    return SimpleNamespace(**{"state": state, "remaining": None, "moment": None, **fields})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (left("ample", remaining=timedelta(hours=29)), "Còn 3 ngày 5 giờ"),
        (left("short", remaining=timedelta(hours=7, minutes=19)), "Còn 7 giờ 19 phút"),
        (left("today", remaining=timedelta(minutes=49)), "Còn 49 phút"),
        (left("late", late_by=timedelta(hours=18)), "Trễ 2 ngày 2 giờ"),
        (left("late", remaining=-timedelta(hours=18)), "Trễ 2 ngày 2 giờ"),
        (left("stopped", remaining=timedelta(hours=32)), "Dừng, còn 4 ngày"),
        (left("stopped", late_by=timedelta(hours=8)), "Dừng, đã trễ 1 ngày"),
        (left("ended_early", remaining=timedelta(hours=8)), "Xong, sớm 1 ngày"),
        (left("ended_on_time"), "Xong, đúng hẹn"),
        (left("ended_late", late_by=timedelta(hours=16)), "Xong, trễ 2 ngày"),
        (left("none"), "Không có hạn"),
    ],
)
def test_time_left_is_said_in_words(value, words):
    assert f"<b>{words}</b>" in render("{% time_left left %}", left=value)


@pytest.mark.parametrize("state", list(TIME_ICONS))
def test_every_state_of_time_has_words_and_a_shape(state):
    text = render("{% time_left left %}", left=left(state))

    assert f"time-left--{state}" in text
    assert "<svg" in text
    assert "<b></b>" not in text


def test_the_moment_stands_beside_the_time_left_with_its_machine_form():
    value = left(
        "today", remaining=timedelta(minutes=49), moment=datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
    )

    text = render("{% time_left left %}", left=value)

    assert '<time datetime="2026-11-23T11:30:00+07:00">đến 11:30</time>' in text
    assert "<time" not in render("{% time_left left moment=False %}", left=value)


def test_nothing_is_drawn_where_there_is_no_clock():
    assert render("{% time_left left %}", left=None) == ""


@pytest.mark.parametrize("status", list(STATUSES))
def test_every_national_status_has_a_badge(status):
    text = render("{% status_badge status %}", status=status)

    assert status not in text
    assert "<svg" in text


def test_the_full_national_name_is_the_accessible_name_of_a_badge():
    text = render("{% status_badge 'supplement_requested' %}")

    assert '<span aria-hidden="true">Yêu cầu bổ sung</span>' in text
    assert '<span class="visually-hidden">Yêu cầu bổ sung giấy tờ</span>' in text


def test_the_serial_of_a_code_is_bold_and_the_unit_can_be_left_out():
    assert render("{% code 'H26.12-261109-0471' %}") == (
        '<code class="nowrap">H26.12-261109-<b>0471</b></code>'
    )
    assert "261109-<b>0471</b>" in render("{% code 'H26.12-261109-0471' short=True %}")
    assert "H26" not in render("{% code 'H26.12-261109-0471' short=True %}")


def test_what_people_wrote_is_escaped():
    text = render("{% code code %}{% mark label 'late' %}", code="<b>", label="<script>")

    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_dates_and_numbers():
    text = render(
        "{% vn_date day %}|{% list_date day %}|{{ n|number }}|{{ zero|count }}|{% share 3 4 %}",
        day=date(2026, 11, 27),
        n=1925,
        zero=0,
    )

    assert text.split("|") == [
        '<time class="nowrap" datetime="2026-11-27">thứ Sáu 27/11/2026</time>',
        '<time class="nowrap" datetime="2026-11-27">thứ Sáu 27/11</time>',
        "1.925",
        "–",
        "75,0% (3 trên 4)",
    ]


def test_a_bar_is_as_long_as_its_share_of_the_highest():
    assert 'class="fill-3" width="25.0"' in render("{% svg_bar 3 12 '3' %}")
    assert 'width="0.0"' in render("{% svg_bar 3 0 %}")


class Complaint(forms.Form):
    """A form of the kinds of fields there are."""

    name = forms.CharField(label="Tên", help_text="Như trên thẻ")
    kind = forms.ChoiceField(label="Loại", choices=[("a", "Một")], widget=forms.RadioSelect)
    note = forms.CharField(label="Thêm", required=False)


def test_a_field_shows_label_hint_error_and_control_in_this_order():
    text = render("{% field form.name %}", form=Complaint({"kind": "a"}))

    places = [text.index(part) for part in ("<label", "Như trên thẻ", "Lỗi:", "<input")]
    assert places == sorted(places)
    assert 'aria-describedby="id_name_helptext id_name_error"' in text
    assert 'aria-invalid="true"' in text


def test_only_optional_fields_are_marked():
    form = Complaint()

    assert "(không bắt buộc)" in render("{% field form.note %}", form=form)
    assert "(không bắt buộc)" not in render("{% field form.name %}", form=form)


def test_radios_are_a_named_group():
    text = render("{% field form.kind %}", form=Complaint())

    assert text.startswith("<fieldset")
    assert "<legend>Loại</legend>" in text


def test_the_summary_counts_what_is_wrong_and_links_to_it():
    text = render("{% error_summary form %}", form=Complaint({}))

    assert "Có 2 chỗ cần sửa" in text
    assert 'href="#id_name"' in text
    assert 'href="#id_kind_0"' in text
    assert (
        render("{% error_summary form %}", form=Complaint({"name": "A", "kind": "a"})).strip() == ""
    )


def test_typed_text_is_kept_when_something_is_wrong():
    text = render("{% field form.name %}", form=Complaint({"name": "Nguyễn Hữu Ẩn"}))

    assert 'value="Nguyễn Hữu Ẩn"' in text


def test_initials_are_of_the_last_two_words():
    assert initials("Đỗ Minh Khôi") == "MK"
    assert initials("Ẩn") == "Ẩ"
    assert initials("") == ""
