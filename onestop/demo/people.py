"""Made-up people for the demo: names put together at random, numbers of a range never issued."""

from __future__ import annotations

from random import Random

from dossiers.lifecycle.intake import PartyGiven

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô")
MIDDLE = ("Văn", "Thị", "Minh", "Thu", "Quốc", "Ngọc", "Thanh", "Đức", "Mỹ", "Hữu")
GIVEN = (
    "An", "Ánh", "Bình", "Chi", "Dũng", "Giang", "Hằng", "Huệ", "Khánh", "Lan", "Lệ", "Mai",
    "Nga", "Nguyệt", "Oanh", "Phúc", "Quỳnh", "Sửu", "Tâm", "Thuỷ", "Toàn", "Vượng", "Yến", "Ẩn",
)  # fmt: skip
COMPANIES = ("Gốm Bát Tràng", "Dệt Vạn Phúc", "Xây dựng Hồng Hà", "Thực phẩm Sơn Tây")


def name(random: Random) -> str:
    """A person's name."""
    return f"{random.choice(FAMILY)} {random.choice(MIDDLE)} {random.choice(GIVEN)}"


def parties(random: Random, *, number: int) -> list[PartyGiven]:
    """Who a dossier is of, and who hands it in: mostly the same person."""
    identity = f"0019{number:08d}"
    holder = PartyGiven(
        role="holder",
        name=name(random),
        identity=identity,
        phone=f"0904{number % 1_000_000:06d}",
        email=f"nguoi-nop-{number}@example.vn" if random.random() < 0.8 else "",
        address=f"Số {random.randint(1, 200)}, ngõ {random.randint(1, 90)}",
    )
    if random.random() < 0.1:
        company = f"Công ty TNHH {random.choice(COMPANIES)}"
        body = PartyGiven(role="holder", kind="business", name=company, identity=f"01{number:08d}")
        return [body, _handing_in(holder)]
    if random.random() < 0.15:
        return [PartyGiven(role="holder", name=name(random)), _handing_in(holder)]
    return [holder]


def _handing_in(person: PartyGiven) -> PartyGiven:
    return PartyGiven(
        role="submitter",
        name=person.name,
        identity=person.identity,
        phone=person.phone,
        email=person.email,
        address=person.address,
    )
