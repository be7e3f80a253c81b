"""Which form holds on which day: number, title, template and legal source of each, with the day
from which it holds. A dossier prints the set of its day; a new circular is a new row here."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FormKind(StrEnum):
    """What a form is for, whatever number a circular gives it."""

    RECEIPT = "receipt"
    SUPPLEMENT = "supplement"
    REFUSAL = "refusal"
    APOLOGY = "apology"
    STOP = "stop"
    CONTROL_SLIP = "control_slip"


@dataclass(frozen=True)
class Form:
    """One edition of one form."""

    kind: FormKind
    number: str
    title: str
    template: str
    source: str
    holds_from: date


class NoFormInForce(LookupError):
    """No circular sets this form on this day."""


# The older set is taken from the day it was signed; the day it took effect was not to be had.
_CIRCULAR_2018 = ("Thông tư 01/2018/TT-VPCP", date(2018, 11, 23))
_CIRCULAR_2025 = ("Thông tư 03/2025/TT-VPCP", date(2025, 9, 15))

_ROWS = (
    (_CIRCULAR_2018, FormKind.RECEIPT, "01", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
    (_CIRCULAR_2018, FormKind.SUPPLEMENT, "02", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
    (_CIRCULAR_2018, FormKind.REFUSAL, "03", "Phiếu từ chối tiếp nhận giải quyết hồ sơ"),
    (_CIRCULAR_2018, FormKind.APOLOGY, "04", "Phiếu xin lỗi và hẹn lại ngày trả kết quả"),
    (_CIRCULAR_2018, FormKind.CONTROL_SLIP, "05", "Phiếu kiểm soát quá trình giải quyết hồ sơ"),
    (_CIRCULAR_2025, FormKind.RECEIPT, "01", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
    (_CIRCULAR_2025, FormKind.SUPPLEMENT, "02", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
    (_CIRCULAR_2025, FormKind.REFUSAL, "03", "Phiếu từ chối tiếp nhận, giải quyết hồ sơ"),
    (
        _CIRCULAR_2025,
        FormKind.APOLOGY,
        "04",
        "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết",
    ),
    (_CIRCULAR_2025, FormKind.STOP, "05", "Thông báo dừng giải quyết hồ sơ"),
    (_CIRCULAR_2025, FormKind.CONTROL_SLIP, "06", "Phiếu kiểm soát quá trình giải quyết hồ sơ"),
)

FORMS = tuple(
    Form(kind, number, title, f"{kind}.typ", source, holds_from)
    for (source, holds_from), kind, number, title in _ROWS
)


def in_force(kind: FormKind, on: date) -> Form:
    """Give the edition of a form that holds on a day. Raises: NoFormInForce."""
    editions = [form for form in FORMS if form.kind == kind and form.holds_from <= on]
    if not editions:
        raise NoFormInForce(f"no form {kind} holds on {on}")
    return max(editions, key=lambda form: form.holds_from)
