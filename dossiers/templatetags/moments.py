"""Filters for messages, which are plain text: days and moments in words, addresses in full."""

from urllib.parse import urljoin

from django import template
from django.conf import settings

from notifications import wording

register = template.Library()

register.filter("full_date", wording.full_date)
register.filter("full_moment", wording.full_moment)
register.filter("money", wording.money)


@register.filter
def absolute(path: str) -> str:
    """The whole address of a path on this site, for letters that are read elsewhere."""
    return urljoin(f"{settings.SITE_URL}/", path)
