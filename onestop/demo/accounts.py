"""The demo's logins: one per role, with passwords of this home alone.

A password follows from the home's secret key, so that it need not be stored to be told again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings

COMMUNE = "H26.P00004"


@dataclass(frozen=True, slots=True)
class Account:
    """A login of the demo: role and place of the post it holds."""

    username: str
    role: str
    name: str
    title: str
    agency: str
    unit: str = ""

    @property
    def password(self) -> str:
        key = str(settings.SECRET_KEY).encode()
        digest = hmac.new(key, f"demo:{self.username}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:8]).decode().lower().rstrip("=")


def accounts(commune: str) -> list[Account]:
    """One login per role; those of the commune work in `commune`, the others for the city."""
    return [
        Account("clerk", "clerk", "Ngô Thị Thu Hà", "Công chức một cửa", commune, "08"),
        Account("officer", "officer", "Đỗ Minh Khôi", "Chuyên viên", commune, "02"),
        Account("head", "unit_head", "Trần Thị Hương", "Trưởng phòng", commune, "02"),
        Account("approver", "approver", "Lê Văn Ước", "Chủ tịch UBND", commune, "09"),
        Account("archive", "archive_clerk", "Vũ Thị Ngọc", "Văn thư", commune, "01"),
        Account("supervisor", "supervisor", "Phạm Thị Ngưỡng", "Cán bộ kiểm soát TTHC", "H26"),
        Account("publisher", "publisher", "Hoàng Đức Ẩn", "Phó Giám đốc Trung tâm", "H26"),
        Account("inspector", "inspector", "Bùi Quang Ổn", "Thanh tra công vụ", "H26"),
        Account("catalogue", "catalogue_manager", "Đặng Thuỳ Ế", "Cán bộ đầu mối", "H26"),
        Account("administrator", "administrator", "Lý Thị Ỷ", "Quản trị đơn vị", "H26"),
    ]


def lines(commune: str) -> str:
    """What is printed when the demo is ready: role, user, password, a line each."""
    return "".join(
        f"{one.role:<18} {one.username:<14} {one.password}\n" for one in accounts(commune)
    )
