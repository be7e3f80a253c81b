"""The channels (kênh) a dossier can come in by: three built in, others as an import meets them."""

from collections.abc import Iterable

from workflows.models import Channel

BUILT_IN = (
    # code, name, English name, national code (domain: channels)
    ("counter", "Trực tiếp", "At the counter", 1),
    ("online", "Trực tuyến", "Online", 2),
    ("post", "Bưu chính công ích", "By public post", 3),
)


def ensure_channels(more: Iterable[str] = ()) -> dict[str, Channel]:
    """Put in the built-in channels and those of the codes `more` where they are missing; give all
    channels by code. Safe to call again and at once."""
    rows = [
        Channel(code=code, name=name, name_en=english, national_code=national, position=national)
        for code, name, english, national in BUILT_IN
    ]
    rows += [
        Channel(code=code, name="Khác" if code == "other" else code) for code in sorted(set(more))
    ]
    Channel.objects.bulk_create(rows, ignore_conflicts=True)
    return {channel.code: channel for channel in Channel.objects.all()}
