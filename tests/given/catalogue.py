"""Records of the national catalogue for tests, in the form of its file."""

from typing import Any


def method(channel: str, value: Any, unit: Any, **more: Any) -> dict[str, Any]:
    """What holds for one channel."""
    return {
        "channel": channel,
        "time_text": f"{value} {unit}",
        "value": value,
        "unit": unit,
        "free": True,
        "fee_text": "Miễn phí",
        "fee_amounts_vnd": [],
        "note": "",
    } | more


def record(
    code: str = "1.000001", value: Any = 5, unit: Any = "working_day", **more: Any
) -> dict[str, Any]:
    """One procedure with the same limit at the counter and online."""
    return {
        "code": code,
        "name": f"Cấp giấy phép {code}",
        "field": "Xây dựng",
        "levels": ["commune"],
        "published_by": "Bộ Xây dựng",
        "decision_no": "877/QĐ-BXD",
        "applicants": ["Công dân Việt Nam"],
        "processing": {"value": value, "unit": unit, "consistent": True},
        "methods": [method("direct", value, unit), method("online", value, unit)],
        "papers": [{"name": "Đơn đề nghị", "originals": 1, "copies": 0}],
        "legal_codes": ["61/2018/NĐ-CP"],
        "legal_text": "Nghị định 61/2018/NĐ-CP",
        "results": [{"name": "Giấy phép", "code": "KQ.1"}],
        "requirements": "",
        "steps": "",
        "url": "",
        "source": "test",
    } | more
