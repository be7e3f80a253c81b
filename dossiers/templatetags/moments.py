"""Filters for messages, which are plain text: days and moments in words, without markup."""

from django import template

from notifications import wording

register = template.Library()

register.filter("full_date", wording.full_date)
register.filter("full_moment", wording.full_moment)
