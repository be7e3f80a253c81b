"""What the frames of every page need, put into each template's context.

The contract with whoever knows the organisation: a middleware or view may set `request.workplace`,
an object with `agency_name`, `title` (the person's post, in words), `spaces`: a list of (key,
label, url, count) with count None where nothing is counted, and optionally `search_url`. Without
it the bar shows what is known: the person, or nobody.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

THEME_COOKIE = "onestop_theme"
THEMES = ("light", "dark")
# The second key of "G …" for each space of the bar.
SPACE_KEYS = {"desk": "d", "counter": "q", "board": "b", "sign": "k", "figures": "s"}


@dataclass(frozen=True)
class Space:
    """One entry of the bar; `current` says that the page lies in it."""

    key: str
    label: str
    url: str
    count: int | None
    shortcut: str
    current: bool


def frame(request: HttpRequest) -> dict[str, object]:
    """Theme, trial mode, the moment of the request, and the bar's person, agency and spaces."""
    workplace = getattr(request, "workplace", None)
    user = getattr(request, "user", None)
    name = getattr(user, "full_name", "") or (user.get_username() if user else "")
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "theme": theme if theme in THEMES else "",
        "trial_mode": getattr(settings, "TRIAL_MODE", False),
        "now": timezone.now(),  # noqa: TID251 (the edge: once a request)
        "city_name": getattr(settings, "CITY_NAME", ""),
        "centre_name": getattr(settings, "CENTRE_NAME", ""),
        "bar": {
            "agency_name": getattr(workplace, "agency_name", ""),
            "person": name,
            "initials": initials(name),
            "title": getattr(workplace, "title", ""),
            "search_url": getattr(workplace, "search_url", ""),
            "spaces": _spaces(getattr(workplace, "spaces", ()), request.path),
        },
    }


def initials(name: str) -> str:
    """The first letters of the last two words of a name: "Đỗ Minh Khôi", "MK"."""
    return "".join(word[0] for word in name.split()[-2:]).upper()


def _spaces(entries: object, path: str) -> list[Space]:
    rows = [tuple(entry) for entry in entries]  # type: ignore[attr-defined]
    within = [url for _key, _label, url, _count in rows if path.startswith(url)]
    current = max(within, key=len, default=None)
    return [
        Space(key, label, url, count, SPACE_KEYS.get(key, ""), url == current)
        for key, label, url, count in rows
    ]
