"""The operator's door to the managed list of reasons: words, order, and what is offered no more."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dossiers.models import Reason


@admin.register(Reason)
class Reasons(admin.ModelAdmin):
    """A reason once given stays: it is no longer offered, never deleted, its code never changed."""

    list_display = ("position", "code", "name", "name_en", "is_offered")
    list_display_links = ("code",)
    list_editable = ("is_offered",)
    ordering = ("position",)

    def get_readonly_fields(self, request: HttpRequest, obj: Reason | None = None) -> Any:
        """The code is what explanations and letters point at."""
        return () if obj is None else ("code",)

    def has_delete_permission(self, request: HttpRequest, obj: Reason | None = None) -> bool:
        """Explanations and letters name it."""
        return False
