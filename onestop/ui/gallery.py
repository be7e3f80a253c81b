"""What the gallery of components shows: made-up people and numbers at real length."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from onestop.ui.badges import STATUSES
from onestop.ui.icons import ICONS

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_NOW = datetime(2026, 11, 23, 10, 41, tzinfo=_ZONE)


@dataclass(frozen=True)
class TimeLeft:
    """What the tag `time_left` reads."""

    state: str
    remaining: timedelta | None = None
    moment: datetime | None = None
    late_by: timedelta | None = None


@dataclass(frozen=True)
class Row:
    """A dossier in the table of the gallery."""

    code: str
    procedure: str
    holder: str
    step: str
    promised_on: date
    left: TimeLeft
    mark: str = ""


class SampleForm(forms.Form):
    """A form with something to put right."""

    asked = forms.ChoiceField(
        label=_("What were you asked for?"),
        choices=[
            ("paper", _("Another paper that is not on the list")),
            ("visit", _("Coming once more")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you were asked for")},
    )
    happened_on = forms.DateField(
        label=_("On which day did it happen?"),
        help_text=_("Example: 23/11/2026"),
        input_formats=["%d/%m/%Y"],
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _("Write the day as day/month/year")},
    )
    story = forms.CharField(
        label=_("Tell it in short"),
        help_text=_("Nobody's name or paper number is needed."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    channel = forms.ChoiceField(
        label=_("How shall we tell you?"),
        choices=[("sms", _("Text message")), ("email", _("E-mail")), ("none", _("Not at all"))],
        widget=forms.RadioSelect,
    )
    phone = forms.CharField(
        label=_("Telephone"),
        min_length=10,
        widget=forms.TextInput(attrs={"type": "tel"}),
        error_messages={"min_length": _("A telephone number has 10 digits")},
    )
    agreed = forms.BooleanField(label=_("I have read how lateness is counted"), required=False)


def gallery() -> dict[str, object]:
    """The context of the gallery page."""
    form = SampleForm(
        {
            "happened_on": "25/13/2026",
            "channel": "sms",
            "phone": "091200041",
            "story": "Cán bộ yêu cầu tôi về lấy giấy xác nhận của tổ dân phố.",
        }
    )
    return {
        "now": _NOW,
        "form": form,
        "times": _times(),
        "statuses": list(STATUSES),
        "icons": list(ICONS),
        "late_rows": _late_rows(),
        "week_rows": _week_rows(),
        "days": _days(),
        "agencies": [
            ("Sở Xây dựng", 412, 14, 5),
            ("Sở Nông nghiệp và Môi trường", 1138, 11, 2),
            ("UBND phường Văn Miếu - Quốc Tử Giám", 286, 6, 0),
        ],
        "ageing": [("1 ngày trở xuống", 231), ("2–5 ngày", 318), ("trên 30 ngày", 42)],
        "ranking": [
            (1, "Sở Xây dựng", 171, 2140, 70, 20, 80, "3"),
            (2, "Sở Quy hoạch - Kiến trúc", 16, 412, 24, 36, 37, "1"),
        ],
    }


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=_ZONE)


def _work(days: int = 0, hours: int = 0, minutes: int = 0) -> timedelta:
    return timedelta(hours=8 * days + hours, minutes=minutes)


def _times() -> list[TimeLeft]:
    return [
        TimeLeft("ample", _work(3, 5), _at(27, 17, 30)),
        TimeLeft("short", _work(0, 7, 19), _at(25, 10)),
        TimeLeft("today", _work(0, 0, 49), _at(23, 11, 30)),
        TimeLeft("late", None, _at(18, 17, 30), _work(2, 2)),
        TimeLeft("stopped", _work(4)),
        TimeLeft("ended_early", _work(1)),
        TimeLeft("ended_on_time"),
        TimeLeft("ended_late", None, None, _work(2)),
        TimeLeft("none"),
    ]


def _late_rows() -> list[Row]:
    return [
        Row(
            "H26.12-261104-0218",
            "Cấp phép xây dựng mới nhà ở riêng lẻ",
            "Vũ Đình Toàn",
            "Thẩm định",
            date(2026, 11, 19),
            TimeLeft("late", None, _at(18, 17, 30), _work(2, 2)),
            "Nợ thư xin lỗi",
        ),
        Row(
            "H26.12-261112-0377",
            "Đăng ký thay đổi nội dung hộ kinh doanh, cấp đổi giấy chứng nhận hộ kinh doanh",
            "Công ty TNHH Gốm sứ Bát Tràng Thịnh Vượng",
            "Soạn kết quả",
            date(2026, 11, 25),
            TimeLeft("late", None, _at(20, 17, 30), _work(0, 2, 41)),
        ),
    ]


def _week_rows() -> list[Row]:
    return [
        Row(
            "H26.12-261109-0471",
            "Cấp phép xây dựng mới nhà ở riêng lẻ",
            "Phan Thị Mỹ Lệ",
            "Thẩm định",
            date(2026, 12, 2),
            TimeLeft("ample", _work(1, 2), _at(25, 14, 20)),
        ),
        Row(
            "H26.12-261116-0401",
            "Cấp phép xây dựng sửa chữa, cải tạo",
            "Nguyễn Hữu Ẩn",
            "Thẩm định",
            date(2026, 12, 7),
            TimeLeft("ample", _work(3, 5), _at(27, 17, 30)),
        ),
    ]


def _days() -> list[tuple[str, str, str, str, str]]:
    """Class, number inside, day, weekday, flag."""
    return [
        ("is-before", "", "09", "T2", "nhận 09/11"),
        ("is-before", "", "10", "T3", ""),
        ("is-before", "", "11", "T4", ""),
        ("is-stopped", "", "12", "T5", "dừng: chờ bổ sung"),
        ("is-stopped", "", "13", "T6", ""),
        ("is-off", "", "14", "T7", ""),
        ("is-off", "", "15", "CN", ""),
        ("is-stopped", "", "16", "T2", ""),
        ("is-stopped", "", "17", "T3", ""),
        ("is-run", "1", "18", "T4", "tính lại từ 18/11"),
        ("is-run", "2", "19", "T5", ""),
        ("is-run", "3", "20", "T6", ""),
        ("is-off", "", "21", "T7", ""),
        ("is-off", "", "22", "CN", ""),
        ("is-now", "4", "23", "T2", ""),
        ("is-off", "nghỉ", "24", "T3", ""),
        ("", "5", "25", "T4", ""),
        ("", "6", "26", "T5", ""),
        ("", "7", "27", "T6", "hạn 27/11, 17:30"),
    ]
