"""Folding for search, and the Vietnamese order of names."""

import pytest

from workflows.folding import fold, person_sort_key, sort_key


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Cấp Giấy xác nhận tình trạng hôn nhân", "cap giay xac nhan tinh trang hon nhan"),
        ("ĐĂNG KÝ KHAI SINH", "dang ky khai sinh"),
        ("UBND phường Văn Miếu - Quốc Tử Giám", "ubnd phuong van mieu quoc tu giam"),
        ("Nguye\u0302\u0303n Thị Ươm", "nguyen thi uom"),
        ("  1.004873 (cấp xã)\n", "1 004873 cap xa"),
        ("", ""),
    ],
)
def test_text_is_folded_as_people_type_it(text, folded):
    assert fold(text) == folded


def test_every_accented_letter_of_the_alphabet_folds_to_its_plain_one():
    letters = {
        "a": "àảãáạăằẳẵắặâầẩẫấậ",
        "d": "đ",
        "e": "èẻẽéẹêềểễếệ",
        "i": "ìỉĩíị",
        "o": "òỏõóọôồổỗốộơờởỡớợ",
        "u": "ùủũúụưừửữứự",
        "y": "ỳỷỹýỵ",
    }

    folded = {plain: fold(accented + accented.upper()) for plain, accented in letters.items()}

    assert folded == {plain: plain * len(marked) * 2 for plain, marked in letters.items()}


@pytest.mark.parametrize(
    "ordered",
    [
        ["ma", "mà", "mả", "mã", "má", "mạ", "man", "măn", "mân", "mb"],
        ["az", "ă", "â", "b", "d", "dz", "đ", "e", "ê", "o", "oz", "ô", "ơ", "u", "ư", "v"],
        ["Ba Đình", "Ba Vì", "Bà Rịa", "Bạch Mai", "Bát Tràng", "Bồ Đề"],
        ["Chi nhánh số 2", "Chi nhánh số 10", "Chi nhánh số 10A", "Chi nhánh Tây Hồ"],
        ["Phường Hà Đông", "Phường Hai Bà Trưng", "Phường Hoàn Kiếm", "Phường Hồng Hà"],
    ],
    ids=["tones before longer words", "letters", "syllable by syllable", "numbers", "communes"],
)
def test_names_stand_in_the_order_of_vietnamese_dictionaries(ordered):
    shuffled = sorted(ordered)[::-1]

    assert sorted(shuffled, key=sort_key) == ordered


def test_the_place_of_the_tone_and_the_case_make_no_difference():
    assert sort_key("Hoà Bình") == sort_key("hòa BÌNH")


def test_persons_are_ordered_by_given_name_then_family_name():
    names = ["Trần Văn Ân", "Nguyễn Văn An", "Lý Thị Hương Giang", "Nguyễn Thị Ánh", "Lê Thị An"]

    assert sorted(names, key=person_sort_key) == [
        "Lê Thị An",
        "Nguyễn Văn An",
        "Nguyễn Thị Ánh",
        "Trần Văn Ân",
        "Lý Thị Hương Giang",
    ]


def test_a_sort_key_is_plain_ascii_for_vietnamese_names():
    assert sort_key("Đặng Thị Ngọc Ửng").isascii()
    assert person_sort_key("") == ""
