"""Filters of the pages of workflow definitions: `{% load definitions %}`."""

from fractions import Fraction

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def hours_number(hours: Fraction) -> str:
    """Nominal working hours as the reader writes them, at most two places."""
    exact = f"{float(hours):.2f}".rstrip("0").rstrip(".")
    return number_format(exact, use_l10n=True)
