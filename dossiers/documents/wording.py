"""Days, hours, counts and names as Vietnamese official papers write them, and text made fit for
the page: what the typeface cannot draw becomes an empty square instead of stopping the form."""

import re
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dossiers.codes import IdentityKind

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
MISSING_GLYPH = "\u25a1"

_WEEKDAYS = ("Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy")
_IDENTITY_WORDS = {
    IdentityKind.CITIZEN_NUMBER: "số định danh",
    IdentityKind.OLD_ID_NUMBER: "số CMND",
    IdentityKind.PASSPORT: "số hộ chiếu",
    IdentityKind.TAX_CODE: "mã số thuế",
}
# What Libertinus Serif draws and names of persons and papers need (measured, a test walks it):
# Latin with its marks, Greek and Cyrillic letters, punctuation, money, common signs.
_DRAWABLE = re.compile(
    "[\n\u0020-\u007e\u00a0-\u02af\u0300-\u036f\u0388-\u038a\u038e-\u03a1\u03a3-\u03ce\u0400-\u045f"
    "\u1e00-\u1eff\u2010-\u2026\u2030-\u2037\u2039-\u203a\u2044\u20ab\u20ac\u2116\u2122"
    "\u2190-\u2193\u2212\u2248\u2260\u2264-\u2265\u25a1]"
)
_LONGEST_WORD = 36


def weekday(day: date) -> str:
    """`thứ Sáu`, `Chủ nhật`."""
    return "Chủ nhật" if day.weekday() == 6 else f"thứ {_WEEKDAYS[day.weekday()]}"


def day_words(day: date) -> str:
    """`thứ Sáu 27/11/2026`."""
    return f"{weekday(day)} {day:%d/%m/%Y}"


def long_day(day: date) -> str:
    """`ngày 03 tháng 02 năm 2026`: days under ten and the first two months with a nought.

    Law: Decree 30/2020/NĐ-CP, Appendix I.
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def hour_words(moment: datetime) -> str:
    """`17 giờ 30 phút`, in Vietnam's time."""
    local = local_moment(moment)
    return f"{local.hour:02d} giờ {local.minute:02d} phút"


def local_moment(moment: datetime) -> datetime:
    """Give the moment in Vietnam's time. Raises: ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment on a paper needs a time zone")
    return moment.astimezone(VIETNAM)


def identity_words(kind: IdentityKind | None, number: str) -> str:
    """`số định danh 001188012345`; the number alone where its kind is not known."""
    words = _IDENTITY_WORDS.get(kind, "giấy tờ số") if kind else "giấy tờ số"
    return f"{words} {number}" if number else ""


def count_words(*, originals: int, certified_copies: int, copies: int, electronic: int) -> str:
    """`01 bản chính, 02 bản sao`: only what there is."""
    counts = [
        (originals, "bản chính"),
        (certified_copies, "bản chứng thực"),
        (copies, "bản sao"),
        (electronic, "bản điện tử"),
    ]
    return ", ".join(f"{count:02d} {kind}" for count, kind in counts if count)


def drawable(text: str) -> str:
    """Give the text in composed letters, without what cannot be drawn or seen; a word longer than
    a line may break anywhere."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    seen = (letter for letter in composed if letter == "\n" or _is_seen(letter))
    drawn = "".join(letter if _DRAWABLE.match(letter) else MISSING_GLYPH for letter in seen)
    return re.sub(rf"\S{{{_LONGEST_WORD},}}", _breakable, drawn.strip())


def _is_seen(letter: str) -> bool:
    # Controls, invisible marks, direction overrides and variation selectors say nothing on paper.
    return unicodedata.category(letter)[0] != "C" and not 0xFE00 <= ord(letter) <= 0xFE0F


def _breakable(word: re.Match[str]) -> str:
    text = word[0]
    parts = [text[start : start + 12] for start in range(0, len(text), 12)]
    return "\u200b".join(parts)
