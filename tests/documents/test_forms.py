"""Printed forms: read back from the PDF as a stranger's program reads them."""

import dataclasses
import io
from datetime import UTC, date, datetime

import pypdf
import pytest

from dossiers.codes import IdentityKind
from dossiers.documents import forms, wording
from dossiers.documents.apology import apology
from dossiers.documents.control_slip import control_slip
from dossiers.documents.papers import (
    AfterSupplement,
    ApologyClosing,
    ApologyPaper,
    ControlSlipPaper,
    Debtor,
    HandOver,
    HandOverResult,
    Office,
    Paper,
    Person,
    Procedure,
    ReceiptPaper,
    RefusalPaper,
    Signature,
    StopPaper,
    SupplementPaper,
)
from dossiers.documents.receipt import receipt
from dossiers.documents.refusal import refusal
from dossiers.documents.stop import stop
from dossiers.documents.supplement import supplement

CODE = "H26.12-261123-0032"
OFFICE = Office(
    superior="Trung tâm Phục vụ hành chính công thành phố Hà Nội",
    name="Chi nhánh số 1",
    place="Hà Nội",
)
GIANG = Person(
    name="Lý Thị Hương Giang",
    identity_kind=IdentityKind.CITIZEN_NUMBER,
    identity_number="001188012345",
    address="số 18 phố Đội Cấn, phường Ba Đình",
    phone="0912 000 418",
)
MARRIAGE = Procedure(
    code="1.004873",
    name="Cấp Giấy xác nhận tình trạng hôn nhân",
    edition_from=date(2026, 7, 1),
    answering_agency="UBND phường Ba Đình",
)
RECEIVED_AT = datetime(2026, 11, 23, 3, 44, tzinfo=UTC)
PROMISED_AT = datetime(2026, 11, 27, 10, 30, tzinfo=UTC)
ISSUED_AT = datetime(2026, 11, 24, 2, 5, tzinfo=UTC)
HEAD = Signature(name="Phạm Quốc Tuấn", title="Chủ tịch")
TWO_PAPERS = (
    Paper(name="Tờ khai", originals=1),
    Paper(name="Trích lục ghi chú ly hôn", certified_copies=1),
)

RECEIPT = ReceiptPaper(
    office=OFFICE,
    code=CODE,
    lookup_code="K7M4QX",
    tracking_url="https://motcua.example/t/H26.12-261123-0032/AbCdEfGhIjKlMnOpQrStUv/",
    applicant=GIANG,
    procedure=MARRIAGE,
    papers=TWO_PAPERS,
    time_limit="03 ngày làm việc",
    received_at=RECEIVED_AT,
    promised_at=PROMISED_AT,
    collect="Trực tiếp tại Chi nhánh số 1",
    clerk="Ngô Thị Thu Hà",
    fee="Không thu",
)
SUPPLEMENT = SupplementPaper(
    office=OFFICE,
    issued_at=ISSUED_AT,
    applicant=GIANG,
    procedure=MARRIAGE,
    wanted=TWO_PAPERS,
    reason="Thành phần hồ sơ chưa đủ.",
    contact="bà Ngô Thị Thu Hà",
    contact_phone="024 3825 0001",
    guide=Signature(name="Ngô Thị Thu Hà"),
    code=CODE,
    until=date(2026, 12, 15),
    afterwards=AfterSupplement.RESTART,
)
REFUSAL = RefusalPaper(
    office=OFFICE,
    issued_at=ISSUED_AT,
    applicant=GIANG,
    procedure=MARRIAGE,
    reason="Không thuộc thẩm quyền.",
    legal_ground="Điều 21 Nghị định số 123/2015/NĐ-CP",
    signature=HEAD,
    code=CODE,
)
APOLOGY = ApologyPaper(
    office=OFFICE,
    issued_at=ISSUED_AT,
    number="31/PXL",
    addressed_to=GIANG,
    code=CODE,
    procedure=MARRIAGE,
    received_at=RECEIVED_AT,
    promised_at=PROMISED_AT,
    reason="Chờ ý kiến của cơ quan khác.",
    foreseen=True,
    new_promise_at=datetime(2026, 12, 3, 10, 30, tzinfo=UTC),
    collect="tại Chi nhánh số 1",
    signature=dataclasses.replace(HEAD, signed_at=ISSUED_AT),
)
STOP = StopPaper(
    office=OFFICE,
    issued_at=ISSUED_AT,
    number="7/TB-UBND",
    applicant=GIANG,
    code=CODE,
    procedure=MARRIAGE,
    received_at=RECEIVED_AT,
    asked_at=ISSUED_AT,
    reason="Không còn nhu cầu",
    returned_papers=TWO_PAPERS,
    signature=HEAD,
)
CONTROL_SLIP = ControlSlipPaper(
    office=OFFICE,
    printed_at=ISSUED_AT,
    code=CODE,
    procedure=MARRIAGE,
    received_at=RECEIVED_AT,
    promised_at=PROMISED_AT,
    cooperating=("Sở Tư pháp",),
    hand_overs=(
        HandOver(giver="Chi nhánh số 1", taker="Phòng Tư pháp", at=ISSUED_AT),
        HandOver(giver="Phòng Tư pháp", taker="Lãnh đạo", at=ISSUED_AT, result=HandOverResult.LATE),
    ),
)
EVERY_FORM = [
    pytest.param(receipt, RECEIPT, "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", id="receipt"),
    pytest.param(
        supplement, SUPPLEMENT, "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ", id="supplement"
    ),
    pytest.param(refusal, REFUSAL, "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ", id="refusal"),
    pytest.param(
        apology, APOLOGY, "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT", id="apology"
    ),
    pytest.param(stop, STOP, "Dừng giải quyết hồ sơ theo yêu cầu của người nộp", id="stop"),
    pytest.param(
        control_slip, CONTROL_SLIP, "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ", id="control_slip"
    ),
]


def read(document: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(document))


def text_of(document: bytes) -> str:
    pages = " ".join(page.extract_text() for page in read(document).pages)
    return " ".join(pages.replace("\u200b", "").split())


@pytest.mark.parametrize(("print_form", "paper", "title"), EVERY_FORM)
def test_every_form_is_an_accessible_pdf_with_its_title_and_code(print_form, paper, title):
    document = print_form(paper)

    reader = read(document)
    catalogue = reader.root_object
    metadata = catalogue["/Metadata"].get_data().decode()

    assert document.startswith(b"%PDF-1.7")
    assert (catalogue["/Lang"], catalogue["/MarkInfo"]["/Marked"]) == ("vi-VN", True)
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert reader.metadata.title.endswith(CODE)
    assert title in text_of(document)
    assert CODE in text_of(document)


@pytest.mark.parametrize(("print_form", "paper", "title"), EVERY_FORM)
def test_the_same_paper_gives_the_same_bytes(print_form, paper, title):
    assert print_form(paper) == print_form(paper)


@pytest.mark.parametrize(("print_form", "paper", "title"), EVERY_FORM)
def test_only_the_forms_own_typeface_is_embedded(print_form, paper, title):
    document = read(print_form(paper))

    names = {
        font.get_object()["/BaseFont"].split("+")[1].split("-")[0]
        for page in document.pages
        for font in page["/Resources"]["/Font"].values()
    }

    assert names == {"LibertinusSerif"}


def test_a_receipt_for_few_papers_is_two_copies_on_one_sheet():
    document = receipt(RECEIPT)

    text = text_of(document)

    assert len(read(document).pages) == 1
    assert text.count(CODE) == 2
    assert "Liên giao người nộp" in text
    assert "Liên lưu tại quầy" in text
    assert "cắt theo đường này" in text


def test_a_receipt_says_who_what_and_when_back():
    text = text_of(receipt(RECEIPT))

    for words in (
        "Lý Thị Hương Giang, số định danh 001188012345",
        "0912 000 418; số 18 phố Đội Cấn, phường Ba Đình",
        "Cấp Giấy xác nhận tình trạng hôn nhân",
        "bản hiệu lực từ 01/07/2026",
        "UBND phường Ba Đình",
        "Tờ khai, 01 bản chính",
        "Trích lục ghi chú ly hôn, 01 bản chứng thực",
        "03 ngày làm việc",
        "10 giờ 44 phút, thứ Hai 23/11/2026",
        "thứ Sáu 27/11/2026",
        "trước 17 giờ 30 phút",
        "K7M 4QX",
        "Hà Nội, ngày 23 tháng 11 năm 2026",
        "Mẫu số 01, Thông tư 03/2025/TT-VPCP",
    ):
        assert words in text


def test_a_receipt_for_many_papers_is_two_copies_with_pages_of_their_own():
    many = tuple(Paper(name=f"Bản vẽ phần thứ {place}", originals=1) for place in range(1, 61))

    document = receipt(dataclasses.replace(RECEIPT, papers=many))

    pages = [page.extract_text() for page in read(document).pages]
    assert len(pages) % 2 == 0
    assert "Liên giao người nộp · Trang 1/" in " ".join(pages[0].split())
    assert "Liên giao người nộp · Trang 2/" in " ".join(pages[1].split())
    assert "Liên lưu tại quầy · Trang 1/" in " ".join(pages[len(pages) // 2].split())
    assert text_of(document).count("Bản vẽ phần thứ 60") == 2
    assert "cắt theo đường này" not in text_of(document)


def test_what_nobody_filled_is_left_to_be_written_by_hand():
    bare = dataclasses.replace(
        RECEIPT,
        applicant=Person(name=""),
        papers=(),
        promised_at=None,
        time_limit="",
        collect="",
        clerk="",
        tracking_url="",
        lookup_code="",
        fee="",
    )

    document = receipt(bare)

    assert len(read(document).pages) == 1
    assert text_of(document).count("Không quy định thời hạn") == 2
    assert "None" not in text_of(document)
    assert "Phí, lệ phí" not in text_of(document)


def test_a_receipt_of_a_demo_city_says_so():
    trial = dataclasses.replace(RECEIPT, office=dataclasses.replace(OFFICE, trial=True))

    assert text_of(receipt(trial)).count("BẢN CHẠY THỬ – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ") == 2
    assert "BẢN CHẠY THỬ" not in text_of(receipt(RECEIPT))


LETTERS = (
    "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ"
    "ÀẢÃÁẠĂẰẲẴẮẶÂẦẨẪẤẬĐÈẺẼÉẸÊỀỂỄẾỆÌỈĨÍỊÒỎÕÓỌÔỒỔỖỐỘƠỜỞỠỚỢÙỦŨÚỤƯỪỬỮỨỰỲỶỸÝỴ"
)


def test_every_vietnamese_letter_is_drawn():
    syllables = " ".join(LETTERS[start : start + 8] for start in range(0, len(LETTERS), 8))
    named = dataclasses.replace(RECEIPT, clerk="", papers=(Paper(name=syllables + " 40.000 ₫"),))

    text = text_of(receipt(named))

    assert len(LETTERS) == 134
    assert set(LETTERS + "₫") <= set(text)
    assert "□" not in text


def test_what_the_typeface_is_said_to_draw_it_draws():
    drawable = [chr(point) for point in range(0x20, 0x2600) if wording.drawable(chr(point))]
    known = [letter for letter in drawable if wording.drawable(letter) != "□"]
    lines = " ".join("a" + letter for letter in known)

    document = receipt(dataclasses.replace(RECEIPT, papers=(Paper(name=lines),)))

    # A letter that cannot be drawn would have stopped the form: PDF/UA forbids it.
    assert document.startswith(b"%PDF")
    assert len(known) > 1000


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ('#eval("1+1") #panic("x")', '#eval("1+1") #panic("x")'),
        (']; #import "/etc/passwd"', ']; #import "/etc/passwd"'),
        ("*đậm* _nghiêng_ $x^2$ = `mã` // hết", "*đậm* _nghiêng_ $x^2$ = `mã` // hết"),
        ("@nhãn <nhãn> \\ \\u{41}", "@nhãn <nhãn> \\ \\u{41}"),
        ('O\'Brien "Đạt" \\" {"a": 1}', 'O\'Brien "Đạt" \\" {"a": 1}'),
        ("Nguyễn 😀 An", "Nguyễn □ An"),
        ("王小明", "□□□"),
        ("An\u202e\u200b\x00\x07 Bình", "An Bình"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("Lê\tVăn\r\nBa", "Lê Văn Ba"),
    ],
)
def test_hostile_text_is_printed_as_it_stands(written, printed):
    paper = dataclasses.replace(RECEIPT, clerk="", papers=(Paper(name=written),))

    assert printed in text_of(receipt(paper))


def test_a_word_longer_than_the_line_is_broken_not_cut():
    word = "ngườinộphồsơ" * 40

    text = text_of(receipt(dataclasses.replace(RECEIPT, papers=(Paper(name=word),))))

    assert text.replace(" ", "").count(word) == 2


def test_hostile_text_survives_on_every_form():
    hostile = '#panic() ]"\\ 😀 ' + "x" * 300

    for case in EVERY_FORM:
        print_form, paper, _ = case.values
        names = {
            field.name: hostile
            for field in dataclasses.fields(paper)
            if field.type in (str, "str") and field.name not in {"tracking_url", "code"}
        }

        assert CODE in text_of(print_form(dataclasses.replace(paper, **names)))


def test_a_guidance_slip_has_no_code_and_says_that_no_dossier_exists():
    slip = dataclasses.replace(SUPPLEMENT, code="", until=None, afterwards=AfterSupplement.NONE)

    text = text_of(supplement(slip))

    assert "hồ sơ chưa được tiếp nhận" in text
    assert CODE not in text
    assert "Thời hạn nộp bổ sung" not in text


@pytest.mark.parametrize(
    ("afterwards", "words"),
    [
        (AfterSupplement.RESTART, "thời hạn được tính lại từ đầu"),
        (AfterSupplement.RESUME, "thời hạn được tính tiếp phần còn lại"),
    ],
)
def test_a_supplement_slip_says_what_the_limit_does_afterwards(afterwards, words):
    text = text_of(supplement(dataclasses.replace(SUPPLEMENT, afterwards=afterwards)))

    assert words in text
    assert "đến hết thứ Ba 15/12/2026" in text


def test_an_apology_names_the_missed_day_the_reason_and_the_new_day():
    text = text_of(apology(APOLOGY))

    assert "Số: 31/PXL" in text
    assert "Thời gian hẹn trả kết quả giải quyết hồ sơ: 17 giờ 30 phút, thứ Sáu 27/11/2026" in text
    assert "Chúng tôi thấy trước rằng sẽ không trả được kết quả" in text
    assert "Lý do: Chờ ý kiến của cơ quan khác." in text
    assert "17 giờ 30 phút, thứ Năm 03/12/2026" in text
    assert "Đã ký trên hệ thống 09 giờ 05 phút, thứ Ba 24/11/2026" in text
    assert "DỰ THẢO" not in text


def test_an_apology_for_a_result_that_is_there_invites_to_collect_it():
    letter = dataclasses.replace(
        APOLOGY, foreseen=False, new_promise_at=None, closing=ApologyClosing.READY
    )

    text = text_of(apology(letter))

    assert "Nay kết quả đã có" in text
    assert "Mời ông/bà đến nhận kết quả tại Chi nhánh số 1" in text
    assert "hẹn trả kết quả lần này" not in text


@pytest.mark.parametrize(
    ("closing", "words"),
    [
        (ApologyClosing.ENDED, "Nay việc giải quyết hồ sơ đã dừng"),
        (ApologyClosing.RETURNED, "đã trả kết quả cho ông/bà chậm hơn thời gian đã hẹn"),
    ],
)
def test_an_apology_for_a_dossier_that_ended_promises_nothing(closing, words):
    letter = dataclasses.replace(APOLOGY, foreseen=False, new_promise_at=None, closing=closing)

    text = text_of(apology(letter))

    assert words in text
    assert "VĂN BẢN XIN LỖI" in text
    assert "GIA HẠN" not in text
    assert "Mời ông/bà" not in text
    assert "hẹn trả kết quả lần này" not in text


def test_one_letter_names_every_agency_that_owes_with_its_working_time():
    debtors = (
        Debtor(name="Sở Xây dựng", used="3 ngày", over="1 ngày"),
        Debtor(name="UBND phường Ba Đình", used="2 ngày 4 giờ"),
    )

    text = text_of(apology(dataclasses.replace(APOLOGY, debtors=debtors)))

    assert (
        "Sự chậm trễ thuộc trách nhiệm của: Sở Xây dựng (đã dùng 3 ngày làm việc, quá phần thời"
        " gian được giao 1 ngày); UBND phường Ba Đình (đã dùng 2 ngày 4 giờ làm việc)."
    ) in text


def test_a_letter_that_was_annulled_says_so_on_its_face():
    text = text_of(apology(dataclasses.replace(APOLOGY, annulled=True)))

    assert "ĐÃ THU HỒI" in text


def test_an_unsigned_apology_is_a_draft():
    text = text_of(apology(dataclasses.replace(APOLOGY, signature=HEAD)))

    assert "DỰ THẢO – CHƯA KÝ" in text


def test_a_control_slip_has_a_row_for_every_hand_over():
    text = text_of(control_slip(CONTROL_SLIP))

    assert "Chi nhánh số 1 Phòng Tư pháp 09 giờ 05 phút thứ Ba 24/11/2026" in text
    assert "Quá hạn" in text


@pytest.mark.parametrize(
    ("kind", "on", "number", "source"),
    [
        (forms.FormKind.APOLOGY, date(2025, 9, 14), "04", "Thông tư 01/2018/TT-VPCP"),
        (forms.FormKind.APOLOGY, date(2025, 9, 15), "04", "Thông tư 03/2025/TT-VPCP"),
        (forms.FormKind.CONTROL_SLIP, date(2025, 9, 14), "05", "Thông tư 01/2018/TT-VPCP"),
        (forms.FormKind.CONTROL_SLIP, date(2026, 11, 23), "06", "Thông tư 03/2025/TT-VPCP"),
    ],
)
def test_a_dossier_prints_the_form_of_its_day(kind, on, number, source):
    form = forms.in_force(kind, on)

    assert (form.number, form.source) == (number, source)


def test_a_form_that_no_circular_sets_is_not_made_up():
    with pytest.raises(forms.NoFormInForce):
        forms.in_force(forms.FormKind.STOP, date(2025, 9, 14))


def test_an_old_receipt_names_its_own_circular():
    old = dataclasses.replace(RECEIPT, received_at=datetime(2024, 10, 29, 1, 0, tzinfo=UTC))

    assert "Mẫu số 01, Thông tư 01/2018/TT-VPCP" in text_of(receipt(old))


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 2, 3), "ngày 03 tháng 02 năm 2026"),
        (date(2026, 3, 13), "ngày 13 tháng 3 năm 2026"),
        (date(2026, 11, 9), "ngày 09 tháng 11 năm 2026"),
    ],
)
def test_days_under_ten_and_the_first_two_months_have_a_nought(day, words):
    assert wording.long_day(day) == words


def test_a_day_is_said_with_its_weekday():
    days = [wording.day_words(date(2026, 11, day)) for day in range(22, 29)]

    assert [day.rsplit(" ", 1)[0] for day in days] == [
        "Chủ nhật",
        "thứ Hai",
        "thứ Ba",
        "thứ Tư",
        "thứ Năm",
        "thứ Sáu",
        "thứ Bảy",
    ]


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        receipt(dataclasses.replace(RECEIPT, received_at=datetime(2026, 11, 23, 10, 44)))  # noqa: DTZ001
