"""The lists of papers of the national catalogue, put in order: which headings are cases and which
only say what is done with the lines beneath them, and what each line is for."""

import re
from dataclasses import dataclass

from workflows.folding import fold
from workflows.models import PaperItem

_BULLET = re.compile(
    r"^[\s*+•–-]*(?:\(?[0-9a-zđ]{1,3}(?:\.[0-9a-z]{1,3})*[.)]\s*)?[\s*+–-]*", re.IGNORECASE
)
_NOTE = re.compile(r"lưu ý|ghi chú|chú ý", re.IGNORECASE)
_SHOWN = re.compile(r"xuất trình", re.IGNORECASE)
# What is shown beside a copy, or sent instead of being shown, is handed in all the same.
_HANDED_TOO = re.compile(r"bản sao và xuất trình|xuất trình hoặc gửi", re.IGNORECASE)
_CONDITION = re.compile(r"trường hợp|đối với|khi\b|nếu\b|ủy quyền|uỷ quyền", re.IGNORECASE)
_PLAIN_LIST = re.compile(
    r"^(?:các )?(?:giấy tờ (?:phải )?(?:nộp|xuất trình)|thành phần(?:,? số lượng)? hồ sơ"
    r"|hồ sơ (?:bao )?gồm|bao gồm|gồm|số lượng hồ sơ|mẫu đơn|tài liệu\b|hồ sơ khác|hồ sơ$"
    r"|nhóm [0-9]+ gồm|giấy tờ gửi|giấy tờ làm căn cứ|xuất trình)",
    re.IGNORECASE,
)
_ONE_OF = re.compile(r"một trong (?:số )?(?:những|các)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading of the list means: the kind of its lines, the case it names (empty: of all
    cases), and whether one of its lines is enough."""

    kind: PaperItem.Kind
    case: str
    one_of: bool


def read_heading(text: str) -> Heading:
    """Say what the heading `text` means; an empty one asks for papers to hand in, in every case.

    "Papers to show", "papers to hand in" and "notes" are no cases: they say what the lines are.
    """
    plain = " ".join(text.split())
    if not plain:
        return Heading(PaperItem.Kind.HAND_IN, "", one_of=False)
    words = _BULLET.sub("", plain, count=1) or plain
    if _NOTE.search(words) and not _CONDITION.search(words):
        return Heading(PaperItem.Kind.NOTE, "", one_of=False)
    shown = _SHOWN.search(words) and not _HANDED_TOO.search(words)
    kind = PaperItem.Kind.SHOW if shown else PaperItem.Kind.HAND_IN
    says_only_what = kind is PaperItem.Kind.SHOW or _PLAIN_LIST.search(words)
    is_case = bool(_CONDITION.search(words)) or not says_only_what
    return Heading(kind, plain if is_case else "", one_of=bool(_ONE_OF.search(words)))


def case_key(name: str, taken: set[str]) -> str:
    """A short, lasting key for the case `name`, unlike those `taken` (to which it is added)."""
    stem = "-".join(fold(name).split())[:56].strip("-") or "case"
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    taken.add(key)
    return key
