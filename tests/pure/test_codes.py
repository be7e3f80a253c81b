"""Codes as people type, print and scan them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers import codes
from dossiers.codes import IdentityKind, UnitCode


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("H26", "H26"),
        ("H26.12", "H26.12"),
        ("h26.12.03", "H26.12.03"),
        ("H21.125", "H21.125"),
        ("000.00.00.H26", "H26"),
        ("000.00.12.H26", "H26.12"),
        ("000.A0.01.H26", "H26.01.A0"),
        ("001.00.12.H26", "H26.12.00.001"),
        (" 000.00.12.h26 ", "H26.12"),
        ("0000012H26", "H26.12"),
        ("H2612", "H26.12"),
    ],
)
def test_both_forms_of_a_unit_code_have_one_canonical_form(text, canonical):
    assert UnitCode.parse(text).canonical == canonical


def test_a_unit_code_is_shown_as_given():
    assert UnitCode.parse("000.00.12.h26").given == "000.00.12.H26"


@pytest.mark.parametrize("text", ["", "26", "Sở Nội vụ", "H26.1", "12.03", "A.B.C", "H2"])
def test_what_is_no_unit_code_is_not_guessed(text):
    assert UnitCode.parse(text) is None


@pytest.mark.parametrize(
    ("unit", "on", "serial", "code"),
    [
        ("H26.12", date(2026, 11, 23), 1, "H26.12-261123-0001"),
        ("000.00.12.H26", date(2024, 10, 29), 1, "000.00.12.H26-241029-0001"),
        ("000.A0.01.H26", date(2021, 2, 12), 9090, "000.A0.01.H26-210212-9090"),
        ("H74", date(2026, 9, 1), 28, "H74-260901-0028"),
        ("H26.12", date(2026, 11, 23), 9999, "H26.12-261123-9999"),
        ("H26.12", date(2026, 11, 23), 10000, "H26.12-261123-10000"),
    ],
)
def test_a_dossier_code_is_unit_day_and_number(unit, on, serial, code):
    assert codes.compose(unit, on, serial) == code


def test_the_pattern_of_a_code_is_data():
    code = codes.compose("H26.12", date(2026, 11, 23), 7, pattern="{unit}/{yyyymmdd}/{serial:5}")

    assert code == "H26.12/20261123/00007"


@pytest.mark.parametrize(
    "pattern",
    ["{unit}-{serial:4}", "{yymmdd}-{serial}", "{unit}-{yymmdd}", "{unit}-{yymmdd}-{serial}{x}"],
)
def test_a_pattern_that_would_repeat_codes_is_refused(pattern):
    with pytest.raises(ValueError, match="pattern"):
        codes.compose("H26.12", date(2026, 11, 23), 7, pattern=pattern)


def test_a_number_begins_at_one():
    with pytest.raises(ValueError, match="begins at 1"):
        codes.compose("H26.12", date(2026, 11, 23), 0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("H26.12-261123-0032", "H26.12-261123-0032"),
        ("h26.12-261123-0032", "H26.12-261123-0032"),
        ("h2612261123 0032", "H26.12-261123-0032"),
        ("H26122611230032", "H26.12-261123-0032"),
        ("h26 12 261123 0032", "H26.12-261123-0032"),
        ("H26.12\u2013261123\u20130032", "H26.12-261123-0032"),
        ("H26.12-\n261123-0032", "H26.12-261123-0032"),
        ("H26.12.03-261123-10032", "H26.12.03-261123-10032"),
        ("h21.125.03-2611230032", "H21.125.03-261123-0032"),
        ("H21125032611230032", "H21.125.03-261123-0032"),
        ("h742609010028", "H74-260901-0028"),
        ("000.00.12.h26-241029-0001", "000.00.12.H26-241029-0001"),
        ("000a001h262102129090", "000.A0.01.H26-210212-9090"),
        (
            "Hồ sơ H26.12-261123-0032 của ông/bà hẹn trả 27/11/2026. Tra cứu: K7M 4QX",
            "H26.12-261123-0032",
        ),
        ("Ma ho so:h26.12-261123-0032,noi nhan 0912000418", "H26.12-261123-0032"),
        ("https://motcua.example/t/H26.12-261123-0032/abc/", "H26.12-261123-0032"),
    ],
)
def test_a_dossier_code_is_found_however_it_is_typed(text, code):
    assert codes.parse(text).text == code


@pytest.mark.parametrize(
    "text",
    ["", "0912000418", "H26.12", "H26.12-261323-0032", "H26.12-260230-0032", "H26.12-261123-0000"]
    + ["XH26.12-261123-0032", "001188012345", "H26.12-261123-003"],
)
def test_what_is_no_dossier_code_is_none(text):
    assert codes.parse(text) is None


UNITS = st.sampled_from(["H26", "H26.12", "H21.125", "H26.12.03", "000.00.12.H26", "000.A0.01.H26"])
DAYS = st.dates(date(2018, 1, 1), date(2040, 12, 31))


@given(unit=UNITS, on=DAYS, serial=st.integers(1, 9_999_999))
def test_a_printed_code_reads_back_as_itself(unit, on, serial):
    code = codes.parse(codes.compose(unit, on, serial).lower())

    assert (code.unit.given, code.received_on, code.serial) == (unit, on, serial)


@given(unit=UNITS, on=DAYS, serial=st.integers(1, 99_999))
def test_the_search_key_is_the_same_with_and_without_dots_and_dashes(unit, on, serial):
    printed = codes.compose(unit, on, serial)
    typed = printed.replace(".", "").replace("-", "").lower()

    assert codes.folded(printed) == codes.folded(typed) == codes.parse(typed).folded


def test_a_look_up_code_has_six_letters_that_cannot_be_confused():
    code = codes.lookup_code(bytes([0, 31, 32, 255, 100, 7]))

    assert code == "A9A9EH"
    assert len(codes.LOOKUP_ALPHABET) == 32
    assert not set("01OI") & set(codes.LOOKUP_ALPHABET)


def test_too_little_chance_makes_no_look_up_code():
    with pytest.raises(ValueError, match="random bytes"):
        codes.lookup_code(b"12345")


@pytest.mark.parametrize(
    ("typed", "code"),
    [("k7m 4qx", "K7M4QX"), (" K7M-4QX", "K7M4QX"), ("K7M4Q", None), ("K7M4Q0", None), ("", None)],
)
def test_a_look_up_code_is_read_as_typed(typed, code):
    assert codes.read_lookup_code(typed) == code


def test_a_tracking_path_carries_the_code_and_a_signature():
    path = codes.tracking_path("H26.12-261123-0032", key=b"first")

    empty, prefix, code, signature, end = path.split("/")

    assert (empty, prefix, code, len(signature), end) == ("", "t", "H26.12-261123-0032", 22, "")
    assert codes.is_tracking_signature(code, signature, keys=[b"second", b"first"])


def test_a_signature_holds_for_its_code_and_its_key_only():
    signature = codes.tracking_signature("H26.12-261123-0032", key=b"first")

    assert not codes.is_tracking_signature("H26.12-261123-0033", signature, keys=[b"first"])
    assert not codes.is_tracking_signature("H26.12-261123-0032", signature, keys=[b"second"])
    assert not codes.is_tracking_signature("H26.12-261123-0032", "", keys=[b"first"])
    assert not codes.is_tracking_signature("H26.12-261123-0032", "ữ", keys=[b"first"])
    assert not codes.is_tracking_signature("H26.12-261123-0032", signature, keys=[])


CARD = "001188012345||Lý Thị Hương Giang|15081988|Nữ|Số 18 Đội Cấn, Ba Đình, Hà Nội|22122021"


def test_a_citizen_card_is_read_with_an_empty_old_number():
    card = codes.read_citizen_card(CARD + "\r\n")

    assert card == codes.CitizenCard(
        number="001188012345",
        old_number="",
        full_name="Lý Thị Hương Giang",
        born_on=date(1988, 8, 15),
        birth_year=1988,
        sex="Nữ",
        residence="Số 18 Đội Cấn, Ba Đình, Hà Nội",
        issued_on=date(2021, 12, 22),
    )


def test_fields_after_the_seventh_of_a_card_are_ignored():
    newer = codes.read_citizen_card(CARD + "||Lý Văn Nam|Trần Thị Hoa|")

    assert newer == codes.read_citizen_card(CARD)


def test_a_birth_date_with_its_year_alone_keeps_the_year():
    card = codes.read_citizen_card("001088012345|012345678|Lê Văn Ba|00001938|Nam|Hà Nội|22122021")

    assert (card.born_on, card.birth_year, card.old_number) == (None, 1938, "012345678")


@pytest.mark.parametrize(
    "scanned",
    ["", "001188012345", CARD.rsplit("|", 1)[0], CARD.replace("001188012345", "00118801234")]
    + ["https://example.org/|a|b|c|d|e|f", CARD.replace("Lý Thị Hương Giang", " ")],
)
def test_what_is_no_citizen_card_is_refused(scanned):
    with pytest.raises(codes.UnreadableCard):
        codes.read_citizen_card(scanned)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("001188012345", IdentityKind.CITIZEN_NUMBER),
        ("001 188 012 345", IdentityKind.CITIZEN_NUMBER),
        ("012345678", IdentityKind.OLD_ID_NUMBER),
        ("0101234567", IdentityKind.TAX_CODE),
        ("0101234567-001", IdentityKind.TAX_CODE),
        ("b1234567", IdentityKind.PASSPORT),
        ("C12345678", IdentityKind.PASSPORT),
        ("12345", None),
        ("PASSPORT", None),
        ("", None),
    ],
)
def test_the_kind_of_an_identity_number_is_told_by_its_form(text, kind):
    assert codes.identity_kind(text) == kind


def test_an_identity_number_is_stored_without_spaces_and_dashes():
    assert codes.identity_number(" b 123-4567 ") == "B1234567"
