"""Dates, working time, numbers and money in words, in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from notifications import wording


def plain(text):
    """`text` with ordinary spaces, for reading."""
    return text.replace(wording.NBSP, " ")


@pytest.fixture(autouse=True)
def _vietnamese():
    with translation.override("vi"):
        yield


def test_a_date_is_said_with_its_weekday_as_one_piece():
    friday = date(2026, 11, 27)

    assert plain(wording.full_date(friday)) == "thứ Sáu 27/11/2026"
    assert " " not in wording.full_date(friday)


def test_every_weekday_has_its_vietnamese_name():
    week = [plain(wording.weekday(date(2026, 11, day))) for day in range(23, 30)]

    assert week == ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"]


def test_a_moment_is_said_in_local_time():
    evening_in_utc = datetime(2026, 11, 17, 17, 30, tzinfo=UTC)

    assert plain(wording.full_moment(evening_in_utc)) == "thứ Tư 18/11/2026, 00:30"


def test_the_year_is_left_out_only_within_the_current_year():
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)

    assert plain(wording.date_in(date(2026, 12, 7), now)) == "thứ Hai 07/12"
    assert plain(wording.date_in(date(2027, 1, 4), now)) == "thứ Hai 04/01/2027"
    assert plain(wording.date_in(date(2026, 12, 7), None)) == "thứ Hai 07/12/2026"


def test_an_end_today_is_said_by_its_hour_alone():
    now = datetime(2026, 11, 23, 3, 41, tzinfo=UTC)

    assert plain(wording.until(datetime(2026, 11, 23, 4, 30, tzinfo=UTC), now)) == "đến 11:30"
    assert (
        plain(wording.until(datetime(2026, 11, 25, 7, 20, tzinfo=UTC), now))
        == "đến 14:20 thứ Tư 25/11"
    )


@pytest.mark.parametrize(
    ("amount", "vietnamese", "english"),
    [
        (timedelta(hours=29), "3 ngày 5 giờ", "3 days 5 hours"),
        (timedelta(hours=32), "4 ngày", "4 days"),
        (timedelta(hours=8), "1 ngày", "1 day"),
        (timedelta(hours=8, minutes=59), "1 ngày", "1 day"),
        (timedelta(hours=7, minutes=59, seconds=59), "7 giờ 59 phút", "7 hours 59 minutes"),
        (timedelta(hours=7, minutes=19), "7 giờ 19 phút", "7 hours 19 minutes"),
        (timedelta(hours=5), "5 giờ", "5 hours"),
        (timedelta(minutes=49), "49 phút", "49 minutes"),
        (timedelta(minutes=1), "1 phút", "1 minute"),
        (timedelta(seconds=59), "dưới một phút", "less than a minute"),
        (timedelta(0), "dưới một phút", "less than a minute"),
        (-timedelta(hours=18), "2 ngày 2 giờ", "2 days 2 hours"),
        (timedelta(hours=8 * 1200), "1.200 ngày", "1,200 days"),
    ],
)
def test_working_time_is_said_in_days_and_hours_or_hours_and_minutes(amount, vietnamese, english):
    assert plain(wording.duration(amount)) == vietnamese
    with translation.override("en"):
        assert plain(wording.duration(amount)) == english


def test_citizens_are_told_whole_working_days():
    assert plain(wording.working_days(timedelta(hours=23))) == "2 ngày làm việc"
    assert plain(wording.working_days(timedelta(hours=3))) == "3 giờ"


@pytest.mark.parametrize(
    ("value", "places", "said"),
    [
        (1925, 0, "1.925"),
        (1234567, 0, "1.234.567"),
        (3.9, 1, "3,9"),
        (0.25, 1, "0,3"),
        (-3, 0, "−3"),
        (0, 0, "0"),
    ],
)
def test_a_number_has_dots_between_thousands_and_a_decimal_comma(value, places, said):
    assert wording.number(value, places) == said


def test_a_change_carries_its_sign():
    assert [wording.signed(value) for value in (6, 0, -3)] == ["+6", "0", "−3"]


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (1925, 60139, "3,2%"),
        (1, 1, "100%"),
        (0, 5, "0%"),
        (0, 0, "–"),
        (9999, 10000, "99,9%"),
        (1, 10000, "dưới 0,1%"),
        (1, 8, "12,5%"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(part, whole, said):
    assert wording.percentage(part, whole) == said


def test_a_share_stands_with_its_two_numbers():
    assert wording.share(1925, 60139) == "3,2% (1.925 trên 60.139)"


def test_money_is_whole_dong():
    assert plain(wording.money(40000)) == "40.000 ₫"


def test_a_heading_keeps_two_syllable_words_together():
    assert wording.glue("Hồ sơ xây dựng") == f"Hồ{wording.NBSP}sơ xây{wording.NBSP}dựng"


def test_english_reads_in_english():
    with translation.override("en"):
        assert plain(wording.full_date(date(2026, 11, 27))) == "Fri 27 Nov 2026"
        assert wording.number(1925) == "1,925"
        assert plain(wording.month_of(date(2026, 10, 1))) == "Oct 2026"
