"""The codes people read, type and scan: identification codes of units, dossier codes, look-up
codes, the signed tracking link of a QR, the citizen card's QR, identity numbers. Only their form
is known here; whether a code exists is for the database, and no clock is read."""

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from itertools import takewhile
from typing import Self

from workflows.folding import fold

DEFAULT_PATTERN = "{unit}-{yymmdd}-{serial:4}"
LOOKUP_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LOOKUP_LENGTH = 6

_TOP_LEVEL = re.compile(r"[A-Z][0-9]{2}")
_GROUP = re.compile(r"[0-9A-Z]{2,4}")
_GLUED_MIRROR = re.compile(r"([0-9A-Z]{3})([0-9A-Z]{2})([0-9A-Z]{2})([A-Z][0-9]{2})")
# How a code written without dots is cut after its first level, by what is left.
_GLUED_GROUPS = {0: (), 2: (2,), 3: (3,), 4: (2, 2), 5: (3, 2), 6: (2, 2, 2)}

_GAP = r"[\s.\-\u2010-\u2015\u2212_/]{0,3}"
_DOT = r"[\s.]{0,2}"
_MIRROR_UNIT = rf"[0-9A-Z]{{3}}{_DOT}[0-9A-Z]{{2}}{_DOT}[0-9A-Z]{{2,3}}{_DOT}[A-Z][0-9]{{2}}"
_UNIT = rf"[A-Z][0-9]{{2}}(?:{_DOT}[0-9A-Z]{{2,4}}){{0,3}}?"
_DAY = r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
# Four digits are tried first: without dots and dashes a wider number cannot be told from a longer
# unit code. The search key is the same whichever way it is cut.
_DOSSIER_CODES = [
    re.compile(
        rf"(?<![^\W_])(?P<unit>{_MIRROR_UNIT}|{_UNIT}){_GAP}(?P<day>{_DAY}){_GAP}"
        rf"(?P<serial>[0-9]{{{width}}})(?![^\W_])"
    )
    for width in (4, 5, 6, 7)
]


@dataclass(frozen=True)
class UnitCode:
    """An identification code (mã định danh) of an agency or unit, highest level first."""

    levels: tuple[str, ...]
    given: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read `H26.12` or the older mirror form `000.00.12.H26`; None if it is neither.

        Law: Decision 20/2020/QĐ-TTg; before it QCVN 102:2016.
        """
        given = text.strip().upper()
        groups = [group for group in re.split(r"[\s.]+", given) if group]
        if len(groups) == 1:
            groups = _glued_groups(groups[0])
        if not groups or not all(_GROUP.fullmatch(group) for group in groups):
            return None
        if _TOP_LEVEL.fullmatch(groups[0]):
            levels = groups
        elif _TOP_LEVEL.fullmatch(groups[-1]):
            levels = _without_empty_levels(groups[::-1])
        else:
            return None
        return cls(tuple(levels), given) if len(levels) <= 4 else None

    @property
    def canonical(self) -> str:
        """The one stored form, `H26.12`."""
        return ".".join(self.levels)

    def __str__(self) -> str:
        return self.canonical


@dataclass(frozen=True)
class DossierCode:
    """A dossier's code read from text: receiving unit, day of reception, number of that day."""

    unit: UnitCode
    received_on: date
    serial: int

    @property
    def text(self) -> str:
        """The code as printed, in the form of unit code in which it was given."""
        return compose(self.unit.given, self.received_on, self.serial)

    @property
    def folded(self) -> str:
        """The key to search by."""
        return folded(self.text)

    def __str__(self) -> str:
        return self.text


def compose(unit_code: str, on: date, serial: int, pattern: str = DEFAULT_PATTERN) -> str:
    """Write the code of the `serial`-th dossier that `unit_code` received `on` that day.

    A pattern holds `{unit}`, `{yymmdd}` or `{yyyymmdd}`, and `{serial:N}` with N digits at least:
    a number that needs more takes more. Raises: ValueError for a pattern that would repeat codes.
    Law: Circular 01/2018/TT-VPCP art. 19.
    """
    if serial < 1:
        raise ValueError(f"a serial number begins at 1, not {serial}")
    unit = unit_code.strip().upper()
    if not unit:
        raise ValueError("a dossier code begins with the code of the receiving unit")
    values = {"unit": unit, "yymmdd": f"{on:%y%m%d}", "yyyymmdd": f"{on:%Y%m%d}"}
    used: set[str] = set()

    def written(match: re.Match[str]) -> str:
        name, width = match["name"], match["width"]
        used.add("day" if name.startswith("yy") else name)
        return str(serial).zfill(int(width or 1)) if name == "serial" else values[name]

    code = re.sub(
        r"\{(?P<name>unit|yymmdd|yyyymmdd|serial)(?::(?P<width>[0-9]{1,2}))?\}", written, pattern
    )
    if used != {"unit", "day", "serial"} or "{" in code:
        raise ValueError(f"the pattern {pattern!r} must hold unit, day and serial, nothing else")
    return code


def parse(text: str) -> DossierCode | None:
    """Find the first dossier code in what someone typed or pasted, in lower case, without dots or
    dashes, with a message around it; None if there is none."""
    for pattern in _DOSSIER_CODES:
        for match in pattern.finditer(text.upper()):
            unit, day = _unit_in_code(match["unit"]), _day(match["day"], "%y%m%d")
            if unit and day and int(match["serial"]):
                return DossierCode(unit, day, int(match["serial"]))
    return None


def folded(code: str) -> str:
    """Give the search key of a code of any form: upper case, letters and digits only."""
    return fold(code).replace(" ", "").upper()


def lookup_code(random_bytes: bytes) -> str:
    """Make a look-up code (mã tra cứu) of six letters that cannot be confused from six random
    bytes or more: 30 bits."""
    if len(random_bytes) < LOOKUP_LENGTH:
        raise ValueError(f"a look-up code needs {LOOKUP_LENGTH} random bytes")
    return "".join(LOOKUP_ALPHABET[byte % 32] for byte in random_bytes[:LOOKUP_LENGTH])


def read_lookup_code(text: str) -> str | None:
    """Read a look-up code as typed, in lower case or with a space; None if it cannot be one."""
    code = folded(text)
    is_one = len(code) == LOOKUP_LENGTH and set(code) <= set(LOOKUP_ALPHABET)
    return code if is_one else None


def tracking_signature(code: str, *, key: bytes) -> str:
    """Sign a dossier code for its tracking link: 128 bits of HMAC-SHA-256 in 22 letters."""
    digest = hmac.new(key, b"onestop.tracking.1:" + folded(code).encode(), sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def tracking_path(code: str, *, key: bytes, prefix: str = "/t/") -> str:
    """Write the signed path that a receipt's QR leads to: who holds the paper needs no secret."""
    return f"{prefix}{code}/{tracking_signature(code, key=key)}/"


def is_tracking_signature(code: str, signature: str, *, keys: Iterable[bytes]) -> bool:
    """Tell whether one of `keys` (the present one, and older ones of printed receipts) signed the
    code; takes the same time whatever is wrong."""
    given = signature.encode()
    checks = [
        hmac.compare_digest(tracking_signature(code, key=key).encode(), given) for key in keys
    ]
    return any(checks)


class UnreadableCard(ValueError):
    """What was scanned is not a citizen card's QR."""


@dataclass(frozen=True)
class CitizenCard:
    """What the QR of a citizen card says. A birth date that the card gives without day or month
    has only its year."""

    number: str
    old_number: str
    full_name: str
    born_on: date | None
    birth_year: int | None
    sex: str
    residence: str
    issued_on: date | None


def read_citizen_card(scanned: str) -> CitizenCard:
    """Read the seven fields of a citizen card's QR (the form of 2021); what follows is ignored.

    Raises: UnreadableCard.
    """
    fields = [field.strip() for field in scanned.strip().split("|")]
    if len(fields) < 7:
        raise UnreadableCard("a citizen card has seven fields")
    number, old_number, full_name, birth, sex, residence, issued = fields[:7]
    if identity_kind(number) != IdentityKind.CITIZEN_NUMBER or not full_name:
        raise UnreadableCard("a citizen card begins with twelve digits and has a name")
    year = birth[-4:]
    return CitizenCard(
        number=number,
        old_number=old_number,
        full_name=" ".join(full_name.split()),
        born_on=_day(birth, "%d%m%Y"),
        birth_year=int(year) if re.fullmatch(r"[0-9]{4}", year) else None,
        sex=sex,
        residence=residence,
        issued_on=_day(issued, "%d%m%Y"),
    )


class IdentityKind(StrEnum):
    """What a number on an identity paper is."""

    CITIZEN_NUMBER = "citizen_number"
    OLD_ID_NUMBER = "old_id_number"
    PASSPORT = "passport"
    TAX_CODE = "tax_code"


_IDENTITY_FORMS = {
    IdentityKind.CITIZEN_NUMBER: re.compile(r"[0-9]{12}"),
    IdentityKind.OLD_ID_NUMBER: re.compile(r"[0-9]{9}"),
    IdentityKind.TAX_CODE: re.compile(r"[0-9]{10}(?:[0-9]{3})?"),
    IdentityKind.PASSPORT: re.compile(r"(?=[0-9]*[A-Z])(?=[A-Z]*[0-9])[0-9A-Z]{6,9}"),
}


def identity_number(text: str) -> str:
    """Give an identity number as stored: upper case, letters and digits only."""
    return folded(text)


def identity_kind(text: str) -> IdentityKind | None:
    """Tell from its form what an identity number is: citizen number (12 digits), old ID (9), tax
    code (10 or 13), passport (letters and digits, 6 to 9); None if it is none of them."""
    number = identity_number(text)
    return next((kind for kind, form in _IDENTITY_FORMS.items() if form.fullmatch(number)), None)


def _without_empty_levels(levels: list[str]) -> list[str]:
    empty = sum(1 for _ in takewhile(lambda group: not group.strip("0"), reversed(levels)))
    return levels[: len(levels) - empty]


def _glued_groups(code: str) -> list[str]:
    if mirror := _GLUED_MIRROR.fullmatch(code):
        return list(mirror.groups())
    widths = _GLUED_GROUPS.get(len(code) - 3)
    if widths is None:
        return []
    ends = [3]
    for width in widths:
        ends.append(ends[-1] + width)
    return [code[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _unit_in_code(text: str) -> UnitCode | None:
    """Give the unit code with its dots put back, in the form it had."""
    dotted = re.sub(r"[\s.]+", ".", text)
    if "." not in dotted:
        dotted = ".".join(_glued_groups(dotted))
    return UnitCode.parse(dotted)


def _day(digits: str, form: str) -> date | None:
    try:
        return datetime.strptime(digits, form).date()  # noqa: DTZ007 (a date, no moment)
    except ValueError:
        return None
